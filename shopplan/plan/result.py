"""What a plan comes to: metrics by month with their spread, and the odds of its milestones."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd

from shopplan.plan.baseline import Array, Baseline
from shopplan.plan.levers import Values
from shopplan.scenario import Scenario
from shopplan.terms import BAND, METRICS, Metric, Target

ROLLING = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True, slots=True)
class Note:
    """Something the plan wants said: a code of the catalogue (``note.<code>``) and its numbers."""

    code: str
    values: tuple[tuple[str, float | str], ...] = ()


@dataclass(frozen=True, slots=True)
class Milestone:
    """How a target stands in a plan.

    Attributes
    ----------
    target : Target
    odds : float
        Share of draws that meet it by its month; on the mean path alone, 1 or 0.
    month : int or None
        Median month (1 = first) of first meeting it over all draws, None when half of them never do.
    value : float
        Mean-path value in the due month's window, in the metric's unit.
    """

    target: Target
    odds: float
    month: int | None
    value: float


@dataclass(frozen=True, eq=False)
class PlanResult:
    """Result of `plan.run`.

    Attributes
    ----------
    flows : mapping of metric to (T, N)
        Column 0 is the mean-parameter path, the others are draws.
    channels : mapping of metric to (T, C)
        Mean-path ``orders``, ``organic_orders``, ``paid_orders``, ``repeat_orders``, ``net_sales``, ``acquisition``.
    heads, needed : (R, T)
        Mean-path heads by role, and those that the work of the role needs.
    """

    scenario: Scenario
    baseline: Baseline
    values: Values
    months: pd.DatetimeIndex
    flows: dict[str, Array]
    channels: dict[str, Array]
    heads: Array
    needed: Array
    notes: tuple[Note, ...] = field(default=())
    _milestones: dict[Target, Milestone] = field(default_factory=dict, repr=False, init=False)

    @property
    def draws(self) -> int:
        """Number of draws behind bands and odds; 0 for the mean path alone."""
        return self.flows["orders"].shape[1] - 1

    def path(self, metric: str) -> Array:
        """(T,) mean-parameter path of a metric."""
        return self._all(METRICS[metric])[:, 0]

    def band(self, metric: str) -> tuple[Array, Array]:
        """(T,) P10 and P90 over the draws; the path itself, twice, without draws."""
        if not self.draws:
            return self.path(metric), self.path(metric)
        low, high = _quantiles(self._all(METRICS[metric])[:, 1:], BAND)
        return low, high

    def total(self, metric: str, months: int | None = None) -> float:
        """One number for the horizon, or its first months, on the mean path: sum, closing balance, peak, or ratio."""
        m = METRICS[metric]
        if m.total == "ratio":
            return float(_evaluate(m, lambda name: np.array([self.total(name, months)]))[0])
        path = self.path(metric)[:months]
        return float({"sum": path.sum(), "last": path[-1], "max": path.max()}[m.total])

    @cached_property
    def cash_low(self) -> tuple[float, int]:
        """Lowest month-end cash on the mean path and its month index."""
        path = self.path("cash")
        return float(path.min()), int(path.argmin())

    def cash_odds(self) -> float:
        """Share of draws in which cash never falls below the reserve."""
        cash = self.flows["cash"][:, 1:] if self.draws else self.flows["cash"]
        return float((cash.min(axis=0) >= self.values["cash_reserve"]).mean())

    def first_below_reserve(self) -> int | None:
        """Month index in which the mean path first falls below the minimum reserve."""
        below = np.flatnonzero(self.path("cash") < self.values["cash_reserve"])
        return int(below[0]) if len(below) else None

    def milestone(self, target: Target) -> Milestone:
        """Odds, median month and value of one target, kept once computed; see `Milestone`."""
        if target not in self._milestones:
            self._milestones[target] = self._measure(target)
        return self._milestones[target]

    def _measure(self, target: Target) -> Milestone:
        series = self._windowed(target)
        metric = METRICS[target.metric]
        reached = series <= target.threshold if metric.better == "down" else series >= target.threshold
        ever = np.maximum.accumulate(reached, axis=0)
        due = min(target.due, len(series)) - 1
        columns = slice(1, None) if self.draws else slice(None)
        odds = float(ever[due, columns].mean()) if target.due <= len(series) else float("nan")
        first = np.where(ever[-1, columns], ever[:, columns].argmax(axis=0) + 1.0, np.inf)
        median = float(np.quantile(first, 0.5, method="higher"))
        return Milestone(target, odds, int(median) if np.isfinite(median) else None, float(series[due, 0]))

    def milestones(self, targets: tuple[Target, ...] | None = None) -> tuple[Milestone, ...]:
        """Targets in order of their due month; those of the baseline when none are given."""
        wanted = self.baseline.targets if targets is None else targets
        return tuple(self.milestone(t) for t in sorted(wanted, key=lambda t: (t.due, t.id)))

    def within(self, metric: str, window: str, due: int) -> float:
        """Mean-path value of a metric in a target's window that ends ``due`` months on; NaN where it is not known."""
        mean = replace(self, flows={name: flow[:, :1] for name, flow in self.flows.items()})
        return float(mean._rolled(METRICS[metric], window)[min(due, len(self.months)) - 1, 0])

    def _all(self, metric: Metric) -> Array:
        """(T, N) of any metric; ratios are computed from their parts."""
        if metric.id in self.flows:
            return self.flows[metric.id]
        return _evaluate(metric, lambda name: self._all(METRICS[name]))

    def _windowed(self, target: Target) -> Array:
        """(T, N) value of a target's metric in its window ending each month; flows of the past fill the start."""
        metric = METRICS[target.metric]
        if metric.total == "ratio":
            parts: dict[str, Array] = {}
            return _evaluate(metric, lambda name: parts.setdefault(name, self._rolled(METRICS[name], target.window)))
        return self._rolled(metric, target.window)

    def _rolled(self, metric: Metric, window: str) -> Array:
        flow = self._all(metric)
        if metric.total in ("last", "max"):
            return flow
        if metric.total == "ratio":
            return _evaluate(metric, lambda name: self._rolled(METRICS[name], window))
        if window == "total":
            return np.cumsum(flow, axis=0)
        length = ROLLING[window]
        past = _history(self.baseline.history, metric.id, length - 1)
        joined = np.concatenate([np.broadcast_to(past[:, None], (len(past), flow.shape[1])), flow])
        sums = np.cumsum(np.concatenate([np.zeros((1, flow.shape[1])), joined]), axis=0)
        rolled = sums[length:] - sums[:-length]
        missing = len(flow) - len(rolled)
        return np.concatenate([np.full((missing, flow.shape[1]), np.nan), rolled])


def _history(history: pd.DataFrame, metric: str, months: int) -> Array:
    """The last known months of a metric before the plan, as many as there are without a gap."""
    if months == 0 or metric not in history:
        return np.zeros(0)
    tail = history[metric].to_numpy(float)[-months:]
    unknown = np.flatnonzero(np.isnan(tail))
    return tail[unknown[-1] + 1 :] if len(unknown) else tail


def _evaluate(metric: Metric, value) -> Array:  # type: ignore[no-untyped-def]
    """A ratio of two metrics; where the divisor is 0 there is no ratio (NaN)."""
    above, below = (value(name.strip()) for name in metric.formula.split("/"))
    return np.divide(above, below, out=np.full(np.shape(above), np.nan), where=below != 0)


def _quantiles(values: Array, levels: tuple[float, float]) -> list[Array]:
    """Quantiles over the last axis by partition; linear interpolation as in numpy's default."""
    n = values.shape[-1]
    spots = [level * (n - 1) for level in levels]
    ranks = sorted({int(s) for s in spots} | {min(int(s) + 1, n - 1) for s in spots})
    ordered = np.partition(values, ranks, axis=-1)
    return [ordered[..., int(s)] * (1 - s % 1) + ordered[..., min(int(s) + 1, n - 1)] * (s % 1) for s in spots]
