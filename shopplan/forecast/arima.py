"""Models on logs: the airline model, under many moving-average constants at once, and an autoregression."""

from __future__ import annotations

import warnings
from itertools import product

import numpy as np

from shopplan.forecast.series import Array

THETAS = (-0.2, 0.0, 0.2, 0.4, 0.6, 0.8, 0.95)
SEASONAL_THETAS = (0.0, 0.3, 0.5, 0.7, 0.85, 0.95)


def airline(z: Array, m: int, origins: list[int], h: int) -> Array:
    """(origins, h) forecasts, the constants weighted by their likelihood over the history up to each origin.

    Box and Jenkins, *Time Series Analysis* (1970), chapter 9; conditional on no shocks before the first difference.
    """
    small, large = np.array(list(product(THETAS, SEASONAL_THETAS))).T
    n, first = len(z), m + 1
    shocks = np.zeros((n + h, len(small)))
    squares = np.zeros(len(small))
    out = np.full((len(origins), h), np.nan)
    for t in range(first, n + 1):
        if t in origins:
            count = t - first
            weights = np.exp(-count / 2 * np.log((squares + 1e-12) / (squares.min() + 1e-12)))
            out[origins.index(t)] = _ahead(z[:t], m, shocks, (small, large), h) @ (weights / weights.sum())
        if t < n:
            change = z[t] - z[t - 1] - z[t - m] + z[t - m - 1]
            shocks[t] = change + _memory(shocks, t, m, small, large)
            squares += shocks[t] ** 2
    return out


def _memory(shocks: Array, t: int, m: int, small: Array, large: Array) -> Array:
    """(K,) what the shocks before ``t`` take off its change."""
    before = shocks[t - m - 1] if t > m else 0.0
    return small * shocks[t - 1] + large * shocks[t - m] - small * large * before


def _ahead(z: Array, m: int, shocks: Array, constants: tuple[Array, Array], h: int) -> Array:
    """(h, K) forecasts: later shocks are expected to be none."""
    t = len(z)
    known = np.vstack([shocks[:t], np.zeros((h, shocks.shape[1]))])
    path = np.vstack([np.repeat(z[:, None], shocks.shape[1], axis=1), np.zeros((h, shocks.shape[1]))])
    for s in range(t, t + h):
        path[s] = path[s - 1] + path[s - m] - path[s - m - 1] - _memory(known, s, m, *constants)
    return path[t:]


def autoregression(z: Array, m: int, h: int) -> Array:
    """(h,) forecasts that return to the mean of each place in the season, by how the last two seasons stood to it."""
    from statsmodels.tsa.ar_model import AutoReg

    with warnings.catch_warnings():
        # days that were all filled in may leave the lags dependent; the smallest solution is meant
        warnings.simplefilter("ignore")
        fit = AutoReg(z, 2 * m if len(z) >= 8 * m else 1, trend="c", seasonal=True, period=m).fit()
    return np.asarray(fit.predict(len(z), len(z) + h - 1))
