"""Checks of a fit: each with its threshold, so that a page can say what is wrong and what would mend it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from shopplan.response.beliefs import units_differ
from shopplan.response.fit import Fit, base_columns
from shopplan.response.posterior import LOG_ROAS
from shopplan.response.reading import PRIOR_SHARE, Reading, points_per_parameter
from shopplan.response.transform import Array

LIMITS: dict[str, float] = {
    "negative_base": 0.05,
    "implausible_roas": 10.0,
    "prior_dominated": PRIOR_SHARE,
    "collinear_spend": 10.0,
    "season_in_spend": 0.6,
    "residual_memory": 0.3,
    "few_points": 3.0,
    "few_spend_periods": 26.0,
    "late_start": 0.25,
    "paused": 8.0,
    "units_differ": 0.5,
    "odd_periods": 0.0,
    "odd_spend": 5.0,
}
"""Threshold of every check, in the unit of its value: share of periods whose base is below zero; incremental ROAS;
width after over width before the data; variance inflation; share of spend's variance that trend, season, events and
controls explain; correlation of one period's residual with the next; periods per parameter and weeks with spend
(both too few below the limit); share of the history before the first spend; weeks since the last; 1 where spend is not
in the unit of sales; periods whose sales fit nothing and are not believed; highest spend of a period over the highest
but one."""
LOW_IS_BAD = ("few_points", "few_spend_periods")


@dataclass(frozen=True, slots=True)
class Check:
    """One check of a fit; ``channel`` is empty where it is about the whole."""

    code: str
    channel: str
    value: float
    limit: float
    passed: bool


def checks(fit: Fit, read: dict[str, Reading]) -> tuple[Check, ...]:
    """All checks of a fit, those that failed first."""
    found = [_check(*values) for values in (*_of_whole(fit), *_of_channels(fit, read))]
    return tuple(sorted(found, key=lambda c: c.passed))


def _check(code: str, channel: str, value: float) -> Check:
    limit = LIMITS[code]
    return Check(code, channel, value, limit, value >= limit if code in LOW_IS_BAD else value <= limit)


def _of_whole(fit: Fit) -> Iterator[tuple[str, str, float]]:
    base = fit.base(fit.history).mean(axis=0)
    yield "negative_base", "", float((base < 0).mean())
    residual = fit.history.sales - fit.expected(fit.history).mean(axis=0)
    residual = residual - residual.mean()
    yield "residual_memory", "", float(abs(residual[1:] @ residual[:-1]) / max(float(residual @ residual), 1e-300))
    yield "few_points", "", points_per_parameter(fit)
    yield "units_differ", "", float(units_differ(fit.history))
    yield "odd_periods", "", float(len(fit.odd))


def _of_channels(fit: Fit, read: dict[str, Reading]) -> Iterator[tuple[str, str, float]]:
    spend = fit.media.spend
    inflation = _inflation(spend)
    shaped = _explained(spend, base_columns(fit.history, fit.history, fit.events, fit.odd).columns)
    for i, channel in enumerate(fit.used):
        yield "collinear_spend", channel, float(inflation[i])
        yield "season_in_spend", channel, float(shaped[i])
        highest = np.sort(spend[spend[:, i] > 0, i])[-2:]
        yield "odd_spend", channel, float(highest[-1] / highest[0])
        active = np.flatnonzero(spend[:, i] > 0)
        yield "few_spend_periods", channel, len(active) * fit.media.weeks
        yield "late_start", channel, float(active[0] / len(spend))
        yield "paused", channel, float(len(spend) - 1 - active[-1]) * fit.media.weeks
        yield "prior_dominated", channel, float(fit.theta[:, i, LOG_ROAS].std() / fit.prior_sd[i])
        if not units_differ(fit.history):
            yield "implausible_roas", channel, read[channel].roas.value


def _explained(paths: Array, columns: Array) -> Array:
    """Share of the variance of paths (periods, n) that columns explain, adjusted for their number."""
    centred = paths - paths.mean(axis=0)
    left = paths - columns @ np.linalg.lstsq(columns, paths, rcond=None)[0]
    lost = (len(paths) - 1) / max(len(paths) - columns.shape[1], 1)
    total = np.maximum(np.square(centred).sum(axis=0), 1e-300)
    return np.clip(1.0 - lost * np.square(left).sum(axis=0) / total, 0.0, 1.0)


def _inflation(spend: Array) -> Array:
    """Variance inflation of each channel by the others: ``1 / (1 - R2)``."""
    ones = np.ones((len(spend), 1))
    explained = [
        _explained(spend[:, [i]], np.hstack([ones, np.delete(spend, i, axis=1)]))[0] for i in range(spend.shape[1])
    ]
    return 1.0 / np.maximum(1.0 - np.array(explained), 1e-9)
