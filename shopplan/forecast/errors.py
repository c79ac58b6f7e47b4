"""How wrong forecasts were: back-tests from earlier dates, and the error model made from them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from shopplan.forecast.models import best_path
from shopplan.forecast.series import SEASON, Array, Freq, Series, guess_freq, regular

ORIGINS = 6
GROWTH, GROWTH_WEIGHT = 0.3, 8.0
"""Errors grow with the step ahead to this power until the back-tests say otherwise; weight in observations."""
AUTOCORR, PRIOR_ORIGINS = 0.8, 3
CROSS, PRIOR_WEIGHT = 0.3, 20.0
LEAST_SD, MOST_SD = 0.02, 1.0
UNKNOWN_SD = 0.35
"""Log-scale error of one step when there are fewer than three points."""
ONE_YEAR_SD, ONE_YEAR_GROWTH = 0.2, 0.15
"""With one season and no second one to test on: last year's month missed by 19 % on the UCI online shop."""


@dataclass(frozen=True, eq=False)
class ErrorModel:
    """Forecast errors on the log scale, for draws.

    Attributes
    ----------
    ids : tuple of str
        Series, in the order of the frame.
    sd : array (series, h)
        Standard deviation by step ahead.
    autocorr : float
        Correlation of one step's error with the next one's.
    cross : float
        Correlation between two series at the same step.
    """

    ids: tuple[str, ...]
    sd: Array
    autocorr: float
    cross: float


@dataclass(frozen=True, eq=False)
class Backtest:
    """Errors (origins, steps) of one series in logs, NaN beyond its end; one row an origin, the latest first."""

    errors: Array
    one_step: float
    growth: float

    @property
    def origins(self) -> int:
        return len(self.errors)

    def sd(self, h: int) -> Array:
        """Standard deviation by step ahead."""
        return np.clip(self.one_step * np.arange(1, h + 1) ** self.growth, LEAST_SD, MOST_SD)


def backtest(z: Array, m: int) -> Backtest:
    """Forecast again from up to six earlier dates of the last third and measure the errors.

    The error of one step is the root mean square of all errors, each brought to one step by the growth with the
    horizon, and mixed with the ordinary change of the series where there are few origins.
    """
    n = len(z)
    if m <= n < m + 4:
        return Backtest(np.full((0, 1), np.nan), ONE_YEAR_SD, ONE_YEAR_GROWTH)
    origins = earlier_dates(n, m)
    longest = max((n - origin for origin in origins), default=1)
    errors = np.full((len(origins), longest), np.nan)
    for row, origin in enumerate(origins):
        ahead = n - origin
        errors[row, :ahead] = z[origin:] - best_path(z[:origin], m, ahead).z
    growth = _growth(errors)
    scaled = errors / np.arange(1, longest + 1) ** growth
    usual = _usual_change(z, m)
    count = len(origins)
    total = (count * float(np.nanmean(scaled**2)) if count else 0.0) + usual**2
    return Backtest(errors, float(np.sqrt(total / (count + 1))), growth)


def earlier_dates(n: int, m: int) -> list[int]:
    """Lengths of history to forecast from, the latest first: spread over the last third, with at least a season."""
    first = max(2 * n // 3, m + 1 if n > m + 3 else 3)
    if first > n - 1:
        return []
    spread = np.linspace(n - 1, first, min(ORIGINS, n - first))
    return sorted({round(x) for x in spread}, reverse=True)


def _growth(errors: Array) -> float:
    known = ~np.isnan(errors)
    steps = np.flatnonzero(known.sum(axis=0) >= 2)
    if len(steps) < 3:
        return GROWTH
    size = np.log(np.sqrt(np.nanmean(errors[:, steps] ** 2, axis=0)) + 1e-6)
    slope = float(np.polyfit(np.log(steps + 1), size, 1)[0])
    weight = len(steps)
    return float(np.clip((weight * slope + GROWTH_WEIGHT * GROWTH) / (weight + GROWTH_WEIGHT), 0.05, 0.5))


def _usual_change(z: Array, m: int) -> float:
    """Ordinary change from period to period; from season to season, less its mean, where that is known."""
    if len(z) < 3:
        return UNKNOWN_SD
    if len(z) >= m + 3:
        return max(float(np.std(z[m:] - z[:-m])), LEAST_SD)
    return max(float(np.sqrt(np.mean(np.diff(z) ** 2))), UNKNOWN_SD / 2)


def error_model(frame: pd.DataFrame, h: int, freq: Freq | None = None) -> ErrorModel:
    """The error model of a long frame's series, from the same back-tests that the intervals are made of.

    Parameters
    ----------
    frame : DataFrame
        ``unique_id, ds, y``.
    h : int
        Steps ahead.
    """
    freq = freq or guess_freq(frame)
    series = regular(frame, freq)
    tests = [backtest(one.z, SEASON[freq]) for one in series]
    sd = np.array([[UNKNOWN_SD] * h if one.state else test.sd(h) for one, test in zip(series, tests, strict=True)])
    live = [test for one, test in zip(series, tests, strict=True) if not one.state and test.origins]
    scores = [test.errors / test.sd(test.errors.shape[1]) for test in live]
    return ErrorModel(tuple(one.id for one in series), sd, _autocorr(scores), _cross(series, scores))


def _autocorr(scores: list[Array]) -> float:
    """Correlation of neighbouring steps that makes sums over the horizon vary as they did in the back-tests.

    The correlation of neighbours itself would be too low: a wrong level lasts, while single months come and go.
    """
    trials = np.linspace(0.0, 0.95, 39)
    seen, expected = 0.0, np.zeros(len(trials))
    for score in scores:
        for row in score:
            path = row[~np.isnan(row)]
            lag = np.arange(1, len(path))
            seen += path.sum() ** 2
            expected += (path**2).sum() * (1 + 2 * ((1 - lag / len(path)) * trials[:, None] ** lag).sum(axis=1))
    origins = max((len(score) for score in scores), default=0)
    found = float(trials[np.argmin(np.abs(expected - seen))])
    return (origins * found + PRIOR_ORIGINS * AUTOCORR) / (origins + PRIOR_ORIGINS)


def _cross(series: list[Series], scores: list[Array]) -> float:
    """Mean correlation of the errors of any two series that were forecast from the same dates."""
    shape = max((score.shape for score in scores), key=lambda s: s[0] * s[1], default=(0, 0))
    alike = [score.ravel() for score in scores if score.shape == shape]
    if len(alike) < 2 or len({one.ds[-1] for one in series}) > 1:
        return CROSS
    table = np.array(alike)
    table = table[:, ~np.isnan(table).any(axis=0)]
    pairs = np.triu_indices(len(table), 1)
    products = (table[pairs[0]] * table[pairs[1]]).sum()
    size = np.sqrt((table[pairs[0]] ** 2).sum() * (table[pairs[1]] ** 2).sum())
    return float(np.clip((products + PRIOR_WEIGHT * CROSS) / (size + PRIOR_WEIGHT), 0.0, 0.95))
