"""The models: each takes a series in logs, the season's length and a horizon, and gives the path ahead."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np

from shopplan.forecast.series import Array

LONG_SEASON = 24
"""Longer seasons than this are taken off by STL, not estimated as states."""
DAMPING = 0.98
ROOM = np.log(3.0)
"""A forecast stays within a third of the lowest and three times the highest value seen."""
OUTLIER = 4.0
ALPHAS = np.linspace(0.05, 0.95, 19)


@dataclass(frozen=True, eq=False)
class Path:
    """Forecast in logs, and the name of the model that made it."""

    z: Array
    model: str


def best_path(z: Array, m: int, h: int) -> Path:
    """The path by the rules for short and long history.

    Below one season only the level is known. With one season growth and season cannot be told apart: half of last
    season, half the level. Up to two seasons: last season with half of its growth. Up to three: four fifths of the
    combined models, one fifth last season. From then on the combined models.
    """
    n = len(z)
    if n < m:
        path = Path(level(z, h), "level")
    elif n == m:
        path = Path((last_season(z, m, h) + level(z, h)) / 2, "last_season+level")
    elif n <= 2 * m:
        path = Path(last_season(z, m, h), "last_season")
    else:
        path = combined(clean(z, m), m, h)
        if n < 3 * m:
            name = path.model.removesuffix("+last_season") + "+last_season"
            path = Path(0.8 * path.z + 0.2 * last_season(z, m, h), name)
    seen = z[-3 * m :]
    return Path(np.clip(path.z, seen.min() - ROOM, seen.max() + ROOM), path.model)


def level(z: Array, h: int) -> Array:
    """Flat at the recent level: exponential smoothing that halves the weight of each older period."""
    weight = 0.5 ** np.arange(len(z))[::-1]
    return np.full(h, np.average(z, weights=weight))


def last_season(z: Array, m: int, h: int) -> Array:
    """The same period a season ago, times half of the median growth; later seasons add half of what is left."""
    growth = float(np.median((z[m:] - z[:-m])[-m:])) if len(z) > m else 0.0
    ahead = np.arange(h)
    return z[-m:][ahead % m] + growth * (1 - 0.5 ** (ahead // m + 1))


def combined(z: Array, m: int, h: int) -> Path:
    """Mean of damped exponential smoothing and Theta in logs; Theta alone where the first cannot be fitted."""
    season = seasonal(z, m)
    second = theta(z - season, h) + ahead_of(season, m, h)
    try:
        first = ets(z, m, h) if m <= LONG_SEASON else ets(z - season, 0, h) + ahead_of(season, m, h)
    except (ValueError, ArithmeticError, np.linalg.LinAlgError):
        return Path(second, "theta")
    if not np.isfinite(first).all():
        return Path(second, "theta")
    if m > LONG_SEASON:
        return Path((first + second + 2 * last_season(z, m, h)) / 4, "ets+theta+last_season")
    return Path((first + second) / 2, "ets+theta")


def ahead_of(season: Array, m: int, h: int) -> Array:
    """The last cycle of a seasonal component, repeated."""
    return season[-m:][np.arange(h) % m]


def ets(z: Array, m: int, h: int) -> Array:
    """Additive exponential smoothing with damped trend, and season where ``m`` is above 0."""
    from statsmodels.tools.sm_exceptions import ConvergenceWarning
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    season = {"seasonal": "add", "seasonal_periods": m} if m else {}
    with warnings.catch_warnings():
        # a search that stops early still gives a usable path; it is one of two members and is back-tested
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.simplefilter("ignore", RuntimeWarning)
        model = ETSModel(z, error="add", trend="add", damped_trend=True, initialization_method="heuristic", **season)
        return np.asarray(model.fit(disp=False).forecast(h), dtype=float)


def theta(z: Array, h: int) -> Array:
    """Simple exponential smoothing plus half of the linear trend, damped (Assimakopoulos and Nikolopoulos, 2000)."""
    state = np.full(len(ALPHAS), z[: min(len(z), 4)].mean())
    error = np.zeros(len(ALPHAS))
    for value in z:
        miss = value - state
        error += miss**2
        state = state + ALPHAS * miss
    slope = np.polyfit(np.arange(len(z)), z, 1)[0]
    best = int(np.argmin(error))
    catch_up = slope / 2 * (1 - (1 - ALPHAS[best]) ** len(z)) / ALPHAS[best]
    return state[best] + catch_up + slope / 2 * (np.cumsum(DAMPING ** np.arange(h)) - 1)


def seasonal(z: Array, m: int) -> Array:
    """Seasonal component by STL; needs two full seasons."""
    return _stl(z, m, robust=False)[0]


def clean(z: Array, m: int) -> Array:
    """Pull values that stand apart from trend and season back to the edge: mis-keyed orders, lone bulk sales."""
    season, trend = _stl(z, m, robust=True)
    rest = z - season - trend
    edge = max(OUTLIER * 1.4826 * float(np.median(np.abs(rest))), 0.1)
    return season + trend + np.clip(rest, -edge, edge)


def _stl(z: Array, m: int, robust: bool) -> tuple[Array, Array]:
    from statsmodels.tsa.seasonal import STL

    fit = STL(z, period=m, seasonal=13, robust=robust).fit(inner_iter=2, outer_iter=3 if robust else 0)
    return np.asarray(fit.seasonal), np.asarray(fit.trend)
