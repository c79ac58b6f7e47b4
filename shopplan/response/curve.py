"""The response curve of one channel, anchored on what the shop knows: its spend and its return there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from shopplan.response.transform import Array, hill
from shopplan.terms import ShopplanError

CurveSource = Literal["entered", "platform", "template", "blended", "fitted"]


def anchor(reference_spend: ArrayLike, roas: ArrayLike, bend: ArrayLike) -> tuple[Array, Array]:
    """Ceiling and half-saturation of the Michaelis-Menten curve through a known point.

    ``v * x / (k + x)`` has the local elasticity ``k / (k + x)``; asking for elasticity ``bend`` and return ``roas``
    at the reference spend gives ``k = x0 * bend / (1 - bend)`` and ``v = roas * (k + x0)``. The arguments broadcast.

    Returns
    -------
    tuple of array
        ``(vmax, kappa)``: highest sales a month, and the monthly spend that brings half of them.
    """
    spend, bend = np.asarray(reference_spend, dtype=float), np.asarray(bend, dtype=float)
    kappa = spend * bend / (1.0 - bend)
    return np.asarray(roas, dtype=float) * (kappa + spend), kappa


@dataclass(frozen=True, slots=True)
class Curve:
    """Sales a month that a channel's spend brings, beyond what would have come anyway.

    Attributes
    ----------
    channel : str
    reference_spend : float
        Spend a month at which ``roas`` and ``bend`` hold; 0 where nothing is spent, and the curve then is flat zero.
    roas : float
        Incremental first-order sales over spend at the reference, later carry-over included, repeat orders not.
    bend : float
        Local elasticity at the reference, in (0, 1): of 1 % more spend, ``bend`` % more sales. Lower is more bent.
    carryover : float
        Share of the effect kept from one month to the next, in [0, 1).
    roas_sd, bend_sd : float
        How unsure they are: standard deviation of log ``roas`` and of logit ``bend``.
    source : {"entered", "platform", "template", "blended", "fitted"}
        Typed by the user, claimed by the platform and cut down, taken from a source plan or benchmark, or fitted to
        the shop's own sales and spend; "blended" where the data say little and the value from before still weighs.
    note : str
        Source id of the value (``"000 #26"``) or a key that says more.
    """

    channel: str
    reference_spend: float
    roas: float
    bend: float
    carryover: float
    roas_sd: float
    bend_sd: float
    source: CurveSource
    note: str = ""

    def __post_init__(self) -> None:
        limits = (
            ("the response curve needs a reference spend of zero or more", self.reference_spend >= 0),
            ("the response curve needs a ROAS of zero or more", self.roas >= 0),
            ("the response curve needs a bend between 0 and 1", 0 < self.bend < 1),
            ("the response curve needs a carry-over of at least 0 and below 1", 0 <= self.carryover < 1),
        )
        for message, holds in limits:
            if not holds:
                raise ShopplanError(message, self.channel)

    def parameters(self) -> tuple[float, float]:
        """``(vmax, kappa)`` in money a month; see `anchor`."""
        vmax, kappa = anchor(self.reference_spend, self.roas, self.bend)
        return float(vmax), float(kappa)

    def sales(self, spend: ArrayLike) -> Array:
        """Incremental sales a month at a (felt) spend a month; zero at zero, rising, below ``vmax``."""
        vmax, kappa = self.parameters()
        return vmax * hill(spend, kappa) if kappa > 0 else np.zeros(np.shape(spend))

    def marginal_roas(self, spend: ArrayLike) -> Array:
        """Sales that the next unit of money brings: the slope ``v * k / (k + x)**2``."""
        vmax, kappa = self.parameters()
        felt = np.asarray(spend, dtype=float)
        return vmax * kappa / np.square(kappa + felt) if kappa > 0 else np.zeros(felt.shape)


def draw(curves: Sequence[Curve], normals: Array) -> tuple[Array, Array]:
    """Draws of ROAS and bend around each curve's values.

    ROAS is log-normal with the curve's value as its mean, so that the mean of many draws is the curve itself;
    bend is logit-normal around its value.

    Parameters
    ----------
    curves : sequence of Curve
    normals : array (draws, curves, 2)
        Standard normal numbers: the caller owns the seed, so that the same numbers serve every scenario.

    Returns
    -------
    tuple of array (draws, curves)
        ``(roas, bend)``, ready for `anchor`.
    """
    roas, bend, roas_sd, bend_sd = (
        np.array([getattr(curve, name) for curve in curves]) for name in ("roas", "bend", "roas_sd", "bend_sd")
    )
    roas_draws = roas * np.exp(roas_sd * normals[..., 0] - roas_sd**2 / 2)
    logit = np.log(bend / (1.0 - bend)) + bend_sd * normals[..., 1]
    return roas_draws, 1.0 / (1.0 + np.exp(-logit))
