"""The error model: how wrong forecasts were from earlier dates, for draws and for totals."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import t as student

from shopplan.forecast.kin import studies
from shopplan.forecast.series import Array, Freq
from shopplan.forecast.spans import width
from shopplan.forecast.study import Study

UNKNOWN_SD = 0.35
"""Log-scale error of a series that sells nothing, should it ever sell."""
UNKNOWN_MEMORY = 0.8
CROSS, PRIOR_WEIGHT = 0.3, 20.0
FREEDOM_A_SEASON, LEAST_FREEDOM, MOST_FREEDOM = 3, 6, 30
"""Degrees of freedom of the errors: the fewer seasons are known, the less sure is their size."""
NARROWER = 0.97
"""Tuned on the training years of Australian retail and on the demo shop's family."""


@dataclass(frozen=True, eq=False)
class ErrorModel:
    """Forecast errors on the log scale, for draws: Student's t, with one unknown size for all series and steps.

    Attributes
    ----------
    ids : tuple of str
        Series, in the order of the frame.
    sd : array (series, h)
        Standard deviation by step ahead, were its size known.
    memory : array (h, h)
        Correlation between the steps of a series: a wrong level lasts, a wrong trend grows, noise comes and goes.
    cross : float
        Correlation between two series at the same step.
    freedom : float
        Degrees of freedom.
    idle : array (series,)
        Share of the periods in which a series, by itself and by chance, sells nothing.
    weights : tuple
        Of every series: shares of its model's members in the mean, in the order of the model's name.
    """

    ids: tuple[str, ...]
    sd: Array
    memory: Array
    cross: float
    freedom: float
    idle: Array
    weights: tuple[tuple[float, ...], ...] = ()


def error_model(
    frame: pd.DataFrame,
    h: int,
    freq: Freq | None = None,
    events: pd.DataFrame | None = None,
    X: pd.DataFrame | None = None,
) -> ErrorModel:
    """The error model of a shop's channels, from the same back-tests that the intervals are made of.

    Parameters
    ----------
    frame : DataFrame
        ``unique_id, ds, y``.
    h : int
        Steps ahead.
    freq, events, X
        As `forecast` takes them.
    """
    return errors_of(studies(frame, h, freq, events, X, kin=True), h)


def errors_of(studies: list[Study], h: int) -> ErrorModel:
    """The error model of series that have been studied; its width is that of their back-tested total."""
    live = [one for one in studies if not one.series.state]
    tested = _tested_together(live)
    cross = _cross(tested)
    wide = NARROWER * width([one.spans for one in tested], cross)
    return ErrorModel(
        tuple(one.series.id for one in studies),
        np.array([np.full(h, UNKNOWN_SD) if one.series.state else wide * one.sd for one in studies]),
        _memory(live, h),
        cross,
        float(np.mean([freedom(one) for one in live])) if live else LEAST_FREEDOM,
        np.array([one.series.idle for one in studies]),
        tuple(one.weights for one in studies),
    )


def freedom(one: Study) -> float:
    """Degrees of freedom of the errors of a series."""
    return float(np.clip(FREEDOM_A_SEASON * len(one.series.z) / one.season, LEAST_FREEDOM, MOST_FREEDOM))


def tails(idle: Array | float, percent: float) -> tuple[Array, Array]:
    """Chances, among the periods that sell, below the ends of an interval of all periods; not above 0: it begins at 0.

    ``idle`` is the share of those that sell nothing, ``percent`` what the interval holds.
    """
    tail, sells = 0.5 - percent / 200, np.maximum(1 - np.asarray(idle, dtype=float), 1e-9)
    return 1 - (1 - tail) / sells, 1 - tail / sells


def sum_band(
    middle: Array, sd: Array, idle: Array, cross: float, freedom: float, percent: float
) -> tuple[Array, Array]:
    """Ends of the interval of the sum of several series, at every step for itself.

    Errors are log-normal about the middles; their sum is taken as log-normal again (Fenton, 1960) where any of them
    sells.

    Parameters
    ----------
    middle : array (steps, series)
        Not below 0; with the periods that sell nothing.
    sd : array (steps, series)
        Standard deviations of the errors in logs.
    idle : array (series,)
        As of `ErrorModel`, below 1.
    cross, freedom : float
        As of `ErrorModel`.
    percent : float
        What the interval holds.

    Returns
    -------
    tuple of array (steps,)
        0 where no series has anything to sell.
    """
    mean = middle * np.exp(sd**2 / 2)
    moments, own = np.exp(covariances(sd, cross)), np.arange(len(idle))
    moments[:, own, own] /= 1 - idle
    none = np.where(mean > 0, idle, 1.0).prod(axis=1)
    total = mean.sum(axis=1) / np.maximum(1 - none, 1e-9)
    square = np.einsum("ti,tij,tj->t", mean, moments, mean) / np.maximum(1 - none, 1e-9)
    some = total > 0
    spread = np.sqrt(np.log(np.maximum(square[some] / total[some] ** 2, 1.0)))
    low, high = np.zeros((2, len(total)))
    for end, chance in zip((low, high), tails(none[some], percent), strict=True):
        reach = student.ppf(np.maximum(chance, 1e-9), freedom)
        end[some] = np.where(chance > 0, total[some] * np.exp(reach * spread - spread**2 / 2), 0.0)
    return low, high


def covariances(sd: Array, cross: float) -> Array:
    """(steps, series, series) covariance of errors with these standard deviations (steps, series)."""
    out = cross * sd[:, :, None] * sd[:, None, :]
    own = np.arange(sd.shape[1])
    out[:, own, own] = sd**2
    return np.asarray(out, dtype=float)


def _size(one: Study) -> float:
    """What errors of a series weigh in values."""
    return float(np.abs(one.series.back(one.path)) @ one.sd)


def _memory(live: list[Study], h: int) -> Array:
    """(h, h) correlation of the steps, the series weighted by what their errors add to the total's variance."""
    weight = np.array([_size(one) ** 2 for one in live])
    if not weight.sum() > 0:
        return UNKNOWN_MEMORY ** np.abs(np.subtract.outer(np.arange(h), np.arange(h)))
    return np.average([one.correlation for one in live], axis=0, weights=weight)


def _tested_together(live: list[Study]) -> list[Study]:
    """The series that were forecast from the same dates, of all such groups the one that weighs most."""
    groups: dict[object, list[Study]] = defaultdict(list)
    for one in live:
        groups[one.series.ds[-1], one.spans.ago].append(one)
    return max(groups.values(), key=lambda group: sum(map(_size, group)), default=[])


def _cross(tested: list[Study]) -> float:
    """Mean correlation of the errors of any two series that were forecast from the same dates."""
    if len(tested) < 2:
        return CROSS
    table = np.array([one.scores.ravel() for one in tested])
    table = table[:, ~np.isnan(table).any(axis=0)]
    pairs = np.triu_indices(len(table), 1)
    products = (table[pairs[0]] * table[pairs[1]]).sum()
    size = np.sqrt((table[pairs[0]] ** 2).sum() * (table[pairs[1]] ** 2).sum())
    return float(np.clip((products + PRIOR_WEIGHT * CROSS) / (size + PRIOR_WEIGHT), 0.0, 0.95))
