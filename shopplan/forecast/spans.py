"""Totals over spans of time from earlier dates: how wrong they were, and how wrong the model said they would be.

Errors of single periods average out in a total, wrong levels and growth do not, so points alone do not tell how wide
the band of a total must be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from shopplan.forecast.combine import Combined
from shopplan.forecast.series import Array, Series

PRIOR_TESTS = 4.0
"""The model's own bands of totals count as much as so many back-tests that do not overlap."""
LEAST_WIDTH, MOST_WIDTH = 0.6, 2.5


@dataclass(frozen=True, eq=False)
class Spans:
    """Back-tested totals of one series.

    Attributes
    ----------
    ago : tuple of int
        How many periods before the end they were forecast, the earliest first.
    length : tuple of int
        Periods added up.
    missed, sd : array (origins, lengths)
        Error in values, and its standard deviation as the model had it; NaN beyond the end of the history.
    """

    ago: tuple[int, ...]
    length: tuple[int, ...]
    missed: Array
    sd: Array


def back_tested(found: Combined, series: Series, z: Array, scale: float, length: Sequence[int]) -> Spans:
    """Totals that were forecast from earlier dates; ``z`` (n,) are the values that came, without oddities."""
    n, origins = len(z), found.origins[:-1]
    # what a small error of the model's scale is in values
    slope = np.hypot(series.back(z), 2 * series.floor)
    missed, sd = np.full((2, len(origins), len(length)), np.nan)
    for i, o in enumerate(origins):
        off = found.scores[i] * np.sqrt(np.diag(found.covs[i]))[: found.scores.shape[1]]
        for j, k in enumerate(length):
            if o + k <= n:
                weight = slope[o : o + k]
                missed[i, j] = weight @ off[:k]
                sd[i, j] = scale * np.sqrt(weight @ found.covs[i, :k, :k] @ weight)
    return Spans(tuple(n - o for o in origins), tuple(length), missed, sd)


def width(together: Sequence[Spans], cross: float) -> float:
    """How many times as wide as the model has it the total of these series must be, of one or of a shop.

    Back-tests of long spans overlap; they count as many as fit side by side. ``cross`` is the correlation between two
    series at the same step.
    """
    if not together or not together[0].ago:
        return 1.0
    missed = np.sum([one.missed for one in together], axis=0)
    sds = np.array([one.sd for one in together])
    squares = missed**2 / ((1 - cross) * (sds**2).sum(axis=0) + cross * sds.sum(axis=0) ** 2)
    seen, count, length = PRIOR_TESTS, PRIOR_TESTS, together[0].length
    for column, k in zip(squares.T, length, strict=True):
        tests = column[~np.isnan(column)]
        if len(tests):
            apart = min(len(tests), together[0].ago[0] / k) / len(length)
            seen, count = seen + apart * float(tests.mean()), count + apart
    return float(np.clip(np.sqrt(seen / count), LEAST_WIDTH, MOST_WIDTH))
