"""Carry-over (adstock) and saturation: pure functions over numpy arrays."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
Places = NDArray[np.intp]

WEEKS_PER_MONTH = 52 / 12


def adstock(spend: ArrayLike, carryover: ArrayLike, carry_in: ArrayLike | None = None) -> Array:
    """Spend as it is felt: geometric carry-over along the first axis, normalised so that no money is made or lost.

    ``a[t] = carryover * a[t-1] + (1 - carryover) * spend[t]``, so the weights ``(1 - c) * c**lag`` add up to one.

    Parameters
    ----------
    spend : array (periods, ...)
        Money per period.
    carryover : array
        Share kept from one period to the next, in [0, 1); broadcasts against one period of ``spend``. Draws may
        come in front: spend (periods, channels) with carry-over (draws, channels) gives (periods, draws, channels).
    carry_in : array, optional
        The adstock of the period before the first; nothing is carried in by default.

    Returns
    -------
    array (periods, ...)
    """
    spend = np.asarray(spend, dtype=float)
    keep = np.asarray(carryover, dtype=float)
    state = np.zeros(()) if carry_in is None else np.asarray(carry_in, dtype=float)
    shape = np.broadcast_shapes(spend.shape[1:], keep.shape, state.shape)
    felt = np.empty((spend.shape[0], *shape))
    fresh = 1.0 - keep
    for t in range(spend.shape[0]):
        felt[t] = keep * state + fresh * spend[t]
        state = felt[t]
    return felt


def hill(x: ArrayLike, kappa: ArrayLike, slope: ArrayLike = 1.0) -> Array:
    """Hill saturation ``x**s / (kappa**s + x**s)``: 0 at zero, one half at ``kappa``, never above 1.

    With ``slope`` 1 it is the Michaelis-Menten curve. ``kappa`` is above zero and in the unit of ``x``; both and
    ``slope`` broadcast against ``x``.
    """
    ratio = np.asarray(x, dtype=float) / np.asarray(kappa, dtype=float)
    raised = np.power(ratio, slope)
    return np.asarray(raised / (1.0 + raised))


def saturation(ratio: Array, power: Array) -> Array:
    """Concave saturation ``u / (1 + u**p)**(1/p)`` for ``p`` of 1 (Michaelis-Menten) or 2 (close to tanh).

    It rises from 0 with slope 1 to 1 and its elasticity is ``1 / (1 + u**p)``; ``ratio`` is spend over its scale.
    """
    square = power > 1.5
    grown = 1.0 + np.where(square, ratio * ratio, ratio)
    return np.asarray(ratio / np.where(square, np.sqrt(grown), grown))


def saturation_slope(ratio: Array, power: Array) -> Array:
    """Derivative of `saturation`: ``(1 + u**p)**-(1 + 1/p)``."""
    square = power > 1.5
    grown = 1.0 + np.where(square, ratio * ratio, ratio)
    return np.asarray(1.0 / (grown * np.where(square, np.sqrt(grown), grown)))


def monthly_carryover(weekly: float) -> float:
    """Weekly carry-over as a monthly one: ``weekly ** (52 / 12)``."""
    return float(weekly**WEEKS_PER_MONTH)
