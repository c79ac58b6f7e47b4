"""Response of demand to marketing spend: carry-over, saturation and the curves of each channel."""

from shopplan.response.curve import Curve, anchor, draw
from shopplan.response.priors import PRIORS, Entry, Prior, anchored_curves
from shopplan.response.transform import adstock, carryover_from_half_life, half_life, hill, monthly_carryover

__all__ = [
    "PRIORS",
    "Curve",
    "Entry",
    "Prior",
    "adstock",
    "anchor",
    "anchored_curves",
    "carryover_from_half_life",
    "draw",
    "half_life",
    "hill",
    "monthly_carryover",
]
