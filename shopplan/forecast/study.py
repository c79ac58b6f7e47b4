"""All that is learned about one series: its path ahead, how wrong that will be, and what was odd in its history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from shopplan.forecast.combine import NOTHING, Belief, Combined, combine
from shopplan.forecast.regressors import influences, month_length
from shopplan.forecast.screen import Oddity, screen
from shopplan.forecast.series import SEASON, SPANS, STEP, Array, Freq, Series
from shopplan.forecast.spans import Spans, back_tested

PRIOR_ORIGINS = 4.0
"""The structural model's own bands count as much as so many back-tests."""
LEAST_SD, MOST_SD = 0.01, 1.0
LEAST_SCALE, MOST_SCALE = 0.8, 2.5
LEAST_ERRORS, MOST_NOISE = 20, 2.0
MOST_LIFT = 0.15
"""Of months."""
SHORT = "short_history"
"""Part of the model's name where less than one season is known."""


@dataclass(frozen=True, eq=False)
class Study:
    """One series studied.

    Attributes
    ----------
    series : Series
    season : int
        Its length in periods.
    ahead : DatetimeIndex
        The periods forecast.
    path, sd : array (h,)
        Forecast on the series' scale and the standard deviation of its error, from the back-tests.
    noise : array
        Errors, on the series' scale, of the size of what comes and goes; of months only what they add in the mean.
    correlation : array (h, h)
        Of the errors of the steps.
    scores : array (origins, steps)
        Back-tested errors in standard deviations, NaN beyond the end of the history.
    spans : Spans
        Back-tested totals.
    model : str
    weights : tuple of float
        Shares of the model's members in the mean, in the order of its name.
    oddities : tuple of Oddity
    evidence : array
        What the history says of how far the level moves; see `structural.Filtered`.
    squares : mapping
        How the model's members did in the back-tests; see `combine.Combined`.
    failed : tuple of str
        Members that could not be fitted.
    """

    series: Series
    season: int
    ahead: pd.DatetimeIndex
    path: Array
    sd: Array
    noise: Array
    correlation: Array
    scores: Array
    spans: Spans
    model: str
    weights: tuple[float, ...]
    oddities: tuple[Oddity, ...]
    evidence: Array
    squares: Mapping[str, float]
    failed: tuple[str, ...] = ()

    @property
    def expected(self) -> Array:
        """(h,) means of what comes, by smearing (Duan, 1983); ``path`` is the middle of it.

        Noise averages out in a total, so its mean counts; a wrong level stays, and the total is best near the median.
        """
        mean = np.mean(self.series.back(self.path[:, None] + self.noise), axis=1)
        return np.maximum((1 - self.series.idle) * mean, self.series.least)


def study(
    series: Series,
    h: int,
    freq: Freq,
    events: pd.DataFrame | None,
    known: pd.DataFrame | None,
    belief: Belief = NOTHING,
) -> Study:
    """Screen, forecast and back-test one series; ``belief`` is what other series of its shop say."""
    n, m = len(series.z), SEASON[freq]
    ahead = pd.date_range(series.ds[-1], periods=h + 1, freq=STEP[freq])[1:]
    if series.state:
        return _ended(series, m, ahead)
    periods = pd.date_range(series.ds[0], periods=n + max(h, n, m), freq=STEP[freq])
    offset = month_length(periods, freq, n)
    causes = influences(series, periods, h, freq, events, known)
    screened = screen(series.z - offset[:n], series.known, m, causes)
    found = combine(screened.z, screened.known, m, h, causes, belief)
    scale = _scale(found.scores)
    cov = found.covs[-1, :h, :h]
    own = np.sqrt(np.diag(cov))
    sd = np.clip(scale * own, LEAST_SD, MOST_SD)
    model = found.model if n >= m else f"{found.model}+{SHORT}"
    return Study(
        series,
        m,
        ahead,
        found.path + offset[n : n + h],
        sd,
        _noise(found, m, series.floor),
        cov / np.outer(own, own),
        found.scores / scale,
        back_tested(found, series, screened.z, scale, SPANS[freq]),
        model,
        found.weights,
        screened.oddities,
        found.evidence,
        found.squares,
        found.failed,
    )


def _ended(series: Series, m: int, ahead: pd.DatetimeIndex) -> Study:
    """Of a series that sells nothing, or no more."""
    h, still, state = len(ahead), np.zeros(1), series.state
    nothing, none, untested = np.zeros(h), np.empty((0, 1)), Spans((), (), np.empty((0, 0)), np.empty((0, 0)))
    return Study(
        series, m, ahead, nothing, nothing, still, np.eye(h), none, untested, state, (), (), np.zeros(0), {}
    )  # fmt: skip


def _scale(scores: Array) -> float:
    """How much wider than the structural model's own bands the back-tested errors are."""
    tested = scores[(~np.isnan(scores)).any(axis=1)] if scores.size else scores
    squares = [float(np.nanmean(row**2)) for row in tested]
    mean = (PRIOR_ORIGINS + sum(squares)) / (PRIOR_ORIGINS + len(squares))
    return float(np.clip(np.sqrt(mean), LEAST_SCALE, MOST_SCALE))


def _noise(found: Combined, m: int, floor: float) -> Array:
    """Back-tested errors of the size of what two neighbouring periods of the next season do not share."""
    known = found.scores[~np.isnan(found.scores)]
    if len(known) < LEAST_ERRORS or (m == SEASON["M"] and floor > 0):
        return np.zeros(1)
    cov = found.covs[-1]
    known = known * np.sqrt(max(float(np.median(np.diag(cov)[: m - 1] - np.diag(cov, 1)[: m - 1])), 0.0))
    if m != SEASON["M"]:
        return np.clip(known - known.mean(), -MOST_NOISE, MOST_NOISE)
    # months have few errors, whose mean strays by chance
    lift = np.log(np.mean(np.exp(np.clip(known - np.median(known), -MOST_NOISE, MOST_NOISE))))
    return np.array([np.clip(lift, 0.0, MOST_LIFT)])
