"""Response of demand to marketing spend: carry-over, saturation, curves by channel, their fit and their use."""

from shopplan.response.allocate import Allocation, Returns, allocate
from shopplan.response.beliefs import Beliefs, Experiment, tested_spend
from shopplan.response.bridge import behind, correlation, curves_from_fit
from shopplan.response.curve import Curve, anchor, draw
from shopplan.response.fit import Fit, fit, fit_history
from shopplan.response.health import Check, checks
from shopplan.response.history import History, read_history
from shopplan.response.priors import PRIORS, Entry, Prior, anchored_curves
from shopplan.response.reading import Reading, Span, confidence, present_returns, readings
from shopplan.response.transform import adstock, hill, monthly_carryover

__all__ = [
    "PRIORS",
    "Allocation",
    "Beliefs",
    "Check",
    "Curve",
    "Entry",
    "Experiment",
    "Fit",
    "History",
    "Prior",
    "Reading",
    "Returns",
    "Span",
    "adstock",
    "allocate",
    "anchor",
    "anchored_curves",
    "behind",
    "checks",
    "confidence",
    "correlation",
    "curves_from_fit",
    "draw",
    "fit",
    "fit_history",
    "hill",
    "monthly_carryover",
    "present_returns",
    "read_history",
    "readings",
    "tested_spend",
]
