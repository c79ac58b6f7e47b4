"""The error model: how wrong forecasts were from earlier dates, for draws and for totals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from shopplan.forecast.series import Array, Freq, guess_freq, regular
from shopplan.forecast.study import Study, study

UNKNOWN_SD = 0.35
"""Log-scale error of a series that sells nothing, should it ever sell."""
AUTOCORR, PRIOR_ORIGINS = 0.8, 24
CROSS, PRIOR_WEIGHT = 0.3, 20.0
TRIALS = np.linspace(0.0, 0.98, 50)


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
    weights : tuple
        Of every series: shares of its model's members in the mean, in the order of the model's name.
    """

    ids: tuple[str, ...]
    sd: Array
    autocorr: float
    cross: float
    weights: tuple[tuple[float, ...], ...] = ()


def error_model(
    frame: pd.DataFrame,
    h: int,
    freq: Freq | None = None,
    events: pd.DataFrame | None = None,
    X: pd.DataFrame | None = None,
) -> ErrorModel:
    """The error model of a long frame's series, from the same back-tests that the intervals are made of.

    Parameters
    ----------
    frame : DataFrame
        ``unique_id, ds, y``.
    h : int
        Steps ahead.
    freq, events, X
        As `forecast` takes them.
    """
    freq = freq or guess_freq(frame)
    return errors_of([study(series, h, freq, events, X) for series in regular(frame, freq)], h)


def errors_of(studies: list[Study], h: int) -> ErrorModel:
    """The error model of series that have been studied."""
    ids = tuple(one.series.id for one in studies)
    sd = np.array([np.full(h, UNKNOWN_SD) if one.series.state else one.sd for one in studies])
    live = [one for one in studies if not one.series.state]
    rhos = [autocorrelation(one) for one in live]
    weights = tuple(one.weights for one in studies)
    return ErrorModel(ids, sd, float(np.mean(rhos)) if rhos else AUTOCORR, _cross(live), weights)


def autocorrelation(one: Study) -> float:
    """Correlation of neighbouring steps that makes sums over the horizon vary as they did in the back-tests.

    The correlation of neighbours itself would be too low: a wrong level lasts, while single months come and go. The
    structural model's own correlation stands for as many origins as ``PRIOR_ORIGINS``.
    """
    believed = _fitting([(float(one.correlation.sum()), np.ones(len(one.sd)))])
    seen = []
    for row in one.scores:
        path = row[~np.isnan(row)]
        if len(path) > 1:
            seen.append((float(path.sum() ** 2), np.abs(path)))
    return float((PRIOR_ORIGINS * believed + len(seen) * _fitting(seen)) / (PRIOR_ORIGINS + len(seen)))


def _fitting(sums: list[tuple[float, Array]]) -> float:
    """The trial correlation whose squared sums of errors of these sizes come nearest."""
    if not sums or all(len(size) < 2 for _, size in sums):
        return AUTOCORR
    expected = np.zeros(len(TRIALS))
    for _, size in sums:
        lag = np.arange(1, len(size))
        expected += (size**2).sum() * (1 + 2 * ((1 - lag / len(size)) * TRIALS[:, None] ** lag).sum(axis=1))
    return float(TRIALS[np.argmin(np.abs(expected - sum(total for total, _ in sums)))])


def _cross(live: list[Study]) -> float:
    """Mean correlation of the errors of any two series that were forecast from the same dates."""
    shape = max((one.scores.shape for one in live), key=lambda s: s[0] * s[1], default=(0, 0))
    alike = [one.scores.ravel() for one in live if one.scores.shape == shape]
    if len(alike) < 2 or len({one.series.ds[-1] for one in live}) > 1:
        return CROSS
    table = np.array(alike)
    table = table[:, ~np.isnan(table).any(axis=0)]
    pairs = np.triu_indices(len(table), 1)
    products = (table[pairs[0]] * table[pairs[1]]).sum()
    size = np.sqrt((table[pairs[0]] ** 2).sum() * (table[pairs[1]] ** 2).sum())
    return float(np.clip((products + PRIOR_WEIGHT * CROSS) / (size + PRIOR_WEIGHT), 0.0, 0.95))
