"""Marketing budget by month, line and channel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shopplan.plan.baseline import Array, Baseline
from shopplan.plan.levers import Values

LINES = {
    "content": "line_content",
    "martech": "line_technology",
    "experiments": "line_experiments",
    "cooperation": "line_cooperation",
    "reserve_fund": "line_reserve",
}
"""Ring-fenced lines of the budget: metric and the lever that holds its share."""
LINES_MOST = 0.9
"""All ring-fenced lines together take at most this share of the budget."""


@dataclass(frozen=True, eq=False)
class Spend:
    """Marketing money of a plan.

    Attributes
    ----------
    total : (T,)
    lines : mapping of metric to (T,)
    channels : (T, C)
        Acquisition spend; with the lines it adds up to ``total``.
    """

    total: Array
    lines: dict[str, Array]
    channels: Array


def phasing(season: Array, event: Array, strength: float, uplift: float) -> Array:
    """(M,) multipliers with mean 1 over the first year: season to a power, times one plus the uplift in events."""
    shape = season**strength * (1 + uplift * event)
    return shape / shape[:12].mean()


def amount(v: Values, months: int) -> Array:
    """(T,) budget when it is an amount: a mean month of the first year, phased, growing from month to month."""
    b = v.baseline
    path = phasing(b.season, b.event, v["budget_season"], v["budget_event"])[:months]
    return v["budget"] * path * (1 + v["budget_growth"]) ** (np.arange(months) / 12)


def allocate(v: Values, total: Array) -> Spend:
    """Divide a budget (T,): ring-fenced lines first, the rest to the channels by their split."""
    shares = {metric: v[lever] for metric, lever in LINES.items()}
    scale = min(1.0, LINES_MOST / max(sum(shares.values()), 1e-12))
    lines = {metric: total * share * scale for metric, share in shares.items()}
    rest = total * (1 - sum(shares.values()) * scale)
    return Spend(total, lines, rest[:, None] * v.family("split")[None, :])


def reference(b: Baseline, values: dict[str, float], split: Array) -> Array:
    """(M, C) acquisition spend at the defaults: the spend that the forecast presumes."""
    path = phasing(b.season, b.event, values["budget_season"], values["budget_event"])[: len(b.orders)]
    lines = min(sum(values[lever] for lever in LINES.values()), LINES_MOST)
    return values["budget"] * (1 - lines) * path[:, None] * split[None, :]
