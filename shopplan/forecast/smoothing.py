"""Exponential smoothing under many smoothing constants at once, and Theta; all additive, on logs."""

from __future__ import annotations

from itertools import product

import numpy as np

from shopplan.forecast.series import Array

ALPHAS = (0.03, 0.08, 0.15, 0.25, 0.4, 0.6, 0.85)
BETAS = (0.0, 0.001, 0.01, 0.05)
"""Smoothing of the trend as a part of the level's; 0 is the model without a trend."""
GAMMAS = (0.02, 0.08, 0.2, 0.4)
"""Smoothing of the season as a part of what the level leaves."""
DAMPINGS = (0.97, 0.995)
THETA_ALPHAS = np.linspace(0.05, 0.95, 19)
THETA_DAMPING = 0.98


def grid(m: int) -> Array:
    """(K, 5) constants alpha, beta, gamma, phi and the number of parameters behind them."""
    rows = [
        (alpha, alpha * beta, (1 - alpha) * gamma, phi, 2 + (beta > 0) + m * (m > 1))
        for alpha, beta, gamma in product(ALPHAS, BETAS, GAMMAS if m > 1 else (0.0,))
        for phi in (DAMPINGS if beta else (0.0,))
    ]
    return np.array(rows)


def start(z: Array, m: int) -> tuple[float, float, Array]:
    """Level, trend and season before the first value, from the first two seasons (or what there is)."""
    first = z[: max(2 * m, 8)]
    t = np.arange(len(first))
    if m <= 1:
        slope, level = np.polyfit(t, first, 1) if len(first) > 2 else (0.0, first[0])
        return float(level - slope), float(slope), np.zeros(1)
    slope = float((first[m:].mean() - first[: len(first) - m].mean()) / m) if len(first) > m else 0.0
    flat = first - slope * t
    season = np.array([flat[k::m].mean() for k in range(m)])
    return float(season.mean()) - slope, slope, season - season.mean()


def ets(z: Array, m: int, origins: list[int], h: int) -> Array:
    """(origins, h) forecasts, the constants weighted by AICc over the history up to each origin.

    Hyndman and others, *Forecasting with Exponential Smoothing* (2008), models ANN to AAdA.
    """
    alpha, beta, gamma, phi, parameters = grid(m).T
    level0, slope0, season0 = start(z, m)
    count, width = len(alpha), max(m, 1)
    level, slope = np.full(count, level0 + slope0 * (beta == 0)), np.where(beta > 0, slope0, 0.0)
    season = np.tile(season0, (count, 1))
    squares = np.zeros(count)
    out = np.full((len(origins), h), np.nan)
    for t in range(len(z) + 1):
        if t in origins:
            spare = np.maximum(t - parameters - 1, 1.0)
            aicc = t * np.log(squares / max(t, 1) + 1e-12) + 2 * parameters * t / spare
            weights = np.exp((aicc.min() - aicc) / 2)
            weights /= weights.sum()
            steps = np.cumsum(phi[:, None] ** np.arange(1, h + 1), axis=1)
            ahead = season[:, (t + np.arange(h)) % width]
            out[origins.index(t)] = weights @ (level[:, None] + steps * slope[:, None] + ahead)
        if t < len(z):
            k = t % width
            miss = z[t] - level - phi * slope - season[:, k]
            squares += miss**2
            level = level + phi * slope + alpha * miss
            slope = phi * slope + beta * miss
            season[:, k] += gamma * miss
    return out


def theta(z: Array, h: int) -> Array:
    """Simple exponential smoothing plus half of the linear trend, damped (Assimakopoulos and Nikolopoulos, 2000)."""
    state = np.full(len(THETA_ALPHAS), z[: min(len(z), 4)].mean())
    error = np.zeros(len(THETA_ALPHAS))
    for value in z:
        miss = value - state
        error += miss**2
        state = state + THETA_ALPHAS * miss
    slope = np.polyfit(np.arange(len(z)), z, 1)[0]
    best = int(np.argmin(error))
    catch_up = slope / 2 * (1 - (1 - THETA_ALPHAS[best]) ** len(z)) / THETA_ALPHAS[best]
    return state[best] + catch_up + slope / 2 * (np.cumsum(THETA_DAMPING ** np.arange(h)) - 1)


def split(z: Array, m: int, robust: bool, periodic: bool = False) -> tuple[Array, Array]:
    """Season and trend by STL (Cleveland and others, 1990); needs two full seasons."""
    from statsmodels.tsa.seasonal import STL

    width = 10 * (len(z) // 2) + 11 if periodic else 13
    fit = STL(z, period=m, seasonal=width, robust=robust).fit(inner_iter=2, outer_iter=3 if robust else 0)
    return np.asarray(fit.seasonal), np.asarray(fit.trend)


def repeated(season: Array, m: int, h: int) -> Array:
    """The last cycle of a seasonal component, repeated."""
    return season[-m:][np.arange(h) % m]
