"""Lever values of one scenario on one baseline: defaults filled in, ranges applied, shares made whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from shopplan.plan.baseline import Baseline
from shopplan.scenario import Scenario
from shopplan.terms import LEVERS, Lever, lever_key, split_key


@dataclass(frozen=True, slots=True)
class Range:
    """Limits and step of a lever in its unit, for this shop."""

    low: float
    high: float
    step: float


def items(lever: Lever, baseline: Baseline) -> tuple[str, ...]:
    """Members of a lever's family; one empty string for a lever with a single value."""
    match lever.per:
        case "channel":
            return tuple(c.id for c in baseline.channels)
        case "paid_channel":
            return tuple(c.id for c in baseline.channels if c.paid)
        case "role":
            return tuple(r.id for r in baseline.roles)
        case "initiative":
            return tuple(i.id for i in baseline.initiatives)
        case _:
            return ("",)


def keys(baseline: Baseline) -> Iterator[str]:
    """Every lever key that this shop has, in the order of the registry."""
    for lever in LEVERS.values():
        for item in items(lever, baseline):
            yield lever_key(lever.id, item)


def limits(key: str, baseline: Baseline) -> Range:
    """Range of a lever, its default included; relative ones are multiples of it, or of its scale where it is 0."""
    lever, _ = split_key(key)
    default = baseline.defaults[key]
    if not lever.relative:
        return Range(min(lever.low, default.value), max(lever.high, default.value), lever.step)
    unit = abs(default.scale) or abs(default.value) or 1.0
    step = max(_round_step(lever.step * unit), 1.0 if lever.unit == "people" else 0.0)
    return Range(lever.low * unit, round(lever.high * unit / step) * step, step)


def _round_step(step: float) -> float:
    """The nearest 1, 2 or 5 times a power of ten, so that money moves in round steps."""
    power = 10.0 ** np.floor(np.log10(step))
    return float(power * min((1, 2, 5, 10), key=lambda k: abs(k * power - step)))


@dataclass(frozen=True, slots=True)
class Values:
    """Resolved lever values; what the model reads."""

    baseline: Baseline
    by_key: dict[str, float]
    dropped: tuple[str, ...]

    def __getitem__(self, key: str) -> float:
        return self.by_key[key]

    def family(self, lever_id: str) -> np.ndarray:
        """Values of a family in the order of its members; (C,), (R,) or (I,).

        A paid-channel family runs over all channels, with 0 for channels that cannot be paid for.
        """
        lever = LEVERS[lever_id]
        if lever.per == "paid_channel":
            members = tuple(c.id for c in self.baseline.channels)
        else:
            members = items(lever, self.baseline)
        return np.array([self.by_key.get(f"{lever_id}:{m}", 0.0) for m in members])

    def changed(self, lever_id: str) -> bool:
        """Whether any value of the lever differs from its default."""
        lever = LEVERS[lever_id]
        return any(
            self.by_key[k] != self.baseline.defaults[k].value
            for k in (lever_key(lever_id, m) for m in items(lever, self.baseline))
        )


def resolve(scenario: Scenario, baseline: Baseline) -> Values:
    """Defaults overlaid with the scenario.

    Values outside this shop's range are clamped, a switch is on from one half; keys of channels, roles or initiatives
    that the shop does not have are dropped and named in ``dropped``; every family of shares is scaled to total 1.
    """
    values = {key: d.value for key, d in baseline.defaults.items()}
    dropped = []
    for key, value in scenario.values:
        if key not in values:
            dropped.append(key)
            continue
        span = limits(key, baseline)
        values[key] = min(max(value, span.low), span.high)
        if split_key(key)[0].unit == "switch":
            values[key] = float(round(values[key]))
    for lever in LEVERS.values():
        if lever.shares:
            _make_whole(values, [lever_key(lever.id, m) for m in items(lever, baseline)], scenario)
    return Values(baseline, values, tuple(dropped))


def _make_whole(values: dict[str, float], members: list[str], scenario: Scenario) -> None:
    """Scale shares to total 1: those that the scenario sets or locks stand while they fit, the others give way."""
    total = sum(values[k] for k in members)
    if not members or abs(total - 1) < 1e-12:
        return
    locked = [k for k in members if k in scenario.locks]
    wanted = [k for k in members if k in locked or scenario.get(k) is not None]
    if len(wanted) < len(members) and sum(values[k] for k in wanted) <= 1:
        locked = wanted
    free = [k for k in members if k not in locked]
    held, rest = sum(values[k] for k in locked), sum(values[k] for k in free)
    if free and held <= 1:
        for k in free:
            values[k] = (1 - held) * (values[k] / rest if rest > 0 else 1 / len(free))
    else:
        for k in members:
            values[k] = values[k] / total if total > 0 else 1 / len(members)
