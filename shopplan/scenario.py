"""A scenario is a value: what differs from the defaults, and nothing else.

Frozen, hashable and small (a few hundred bytes for a few levers, about 3 kB for all), so it is the cache key, the share
link and the saved row at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from shopplan.terms import HORIZON_DEFAULT, HORIZON_MAX, HORIZON_MIN, LEVERS, Said, ShopplanError, split_key

DEFAULT_TEMPLATE = "000"
_ITEM = re.compile(r"[\w\-]{1,40}")
_NEXT = re.compile(r"\.(?=[A-Za-z_])")
MAX_CHANGES = 200
OVERRULED = {
    "budget_share": ("budget", "budget_growth", "budget_season", "budget_event"),
    "markup": ("margin",),
}
"""Lever -> levers that do nothing while it is above zero."""


@dataclass(frozen=True, slots=True)
class LeverChange:
    """One difference between two scenarios; ``None`` stands for the default."""

    key: str
    before: float | None
    after: float | None


@dataclass(frozen=True, slots=True)
class Scenario:
    """What the user decided.

    Attributes
    ----------
    template : str
        Id of the source plan whose defaults stand where the shop's data say nothing.
    values : tuple of (key, value)
        Levers that differ from their default, sorted by key; units as in ``terms.LEVERS``.
    locks : tuple of str
        Keys of shares that do not give way while another moves, sorted.
    horizon : int
        Planned months, 3 to 60.
    """

    template: str = DEFAULT_TEMPLATE
    values: tuple[tuple[str, float], ...] = ()
    locks: tuple[str, ...] = ()
    horizon: int = HORIZON_DEFAULT

    def get(self, key: str) -> float | None:
        """Value of a lever, or None where it stands at its default."""
        return dict(self.values).get(key)

    def with_values(self, changes: Mapping[str, float | None]) -> Scenario:
        """A copy with levers set; ``None`` puts a lever back to its default. Values are clamped to fixed ranges."""
        merged: dict[str, float] = dict(self.values)
        for key, value in changes.items():
            lever, _ = split_key(key)
            if value is None:
                merged.pop(key, None)
            else:
                merged[key] = float(value) if lever.relative else min(max(float(value), lever.low), lever.high)
        return replace(self, values=tuple(sorted(merged.items())))

    def with_lock(self, key: str, locked: bool) -> Scenario:
        """A copy with one share locked or free."""
        kept = set(self.locks) - {key}
        return replace(self, locks=tuple(sorted(kept | {key} if locked else kept)))


def give_way(shares: Mapping[str, float], key: str, value: float, locked: Iterable[str] = ()) -> dict[str, float]:
    """Set one share; the others give way in proportion, locked ones stay, the total stays 1.

    Parameters
    ----------
    shares : mapping of key to fraction
        Present shares; they total 1.
    key : str
        The share that moves. It moves even when it is itself locked.
    value : float
        Wanted share, 0 to 1; limited to what the locked shares leave.
    locked : iterable of str

    Returns
    -------
    dict
        Same keys and order, total 1 to the last digit that floats hold.
    """
    fixed = {k for k in locked if k in shares and k != key}
    free = [k for k in shares if k != key and k not in fixed]
    room = max(0.0, 1.0 - sum(shares[k] for k in fixed))
    if not free:
        value = room
    value = min(max(value, 0.0), room)
    rest, weight = room - value, sum(shares[k] for k in free)
    out = dict(shares)
    out[key] = value
    for k in free:
        out[k] = rest * (shares[k] / weight if weight > 0 else 1 / len(free))
    return out


def diff(before: Scenario, after: Scenario) -> tuple[LeverChange, ...]:
    """Levers whose value differs, sorted by key."""
    a, b = dict(before.values), dict(after.values)
    return tuple(LeverChange(k, a.get(k), b.get(k)) for k in sorted(a.keys() | b.keys()) if a.get(k) != b.get(k))


def apply(scenario: Scenario, changes: Iterable[LeverChange]) -> Scenario:
    """The scenario after the changes; ``apply(a, diff(a, b)).values == b.values``."""
    return scenario.with_values({c.key: c.after for c in changes})


def to_dict(scenario: Scenario) -> dict[str, object]:
    """Plain data for JSON."""
    return {
        "template": scenario.template,
        "values": dict(scenario.values),
        "locks": list(scenario.locks),
        "horizon": scenario.horizon,
    }


def from_dict(data: Mapping[str, object]) -> Scenario:
    """Inverse of `to_dict`; unknown levers and bad numbers raise `ShopplanError`."""
    values = data.get("values", {})
    locks = data.get("locks", [])
    if not isinstance(values, Mapping) or not isinstance(locks, list):
        raise ShopplanError("a scenario holds `values` as an object and `locks` as a list")
    base = Scenario(str(data.get("template", DEFAULT_TEMPLATE)), horizon=_horizon(data.get("horizon", HORIZON_DEFAULT)))
    base = base.with_values({str(k): _number(str(k), v) for k, v in values.items()})
    for key in locks:
        split_key(str(key))
        base = base.with_lock(str(key), True)
    return base


def to_link(scenario: Scenario) -> str:
    """Compact text for the URL parameter ``s``, for example ``t000.h24.price=-0.03.lock=split:live``."""
    parts = [f"t{scenario.template}", f"h{scenario.horizon}"]
    parts += [f"{key}={_short(value)}" for key, value in scenario.values]
    parts += [f"lock={key}" for key in scenario.locks]
    return ".".join(parts)


class Linked(NamedTuple):
    """What a link says.

    Attributes
    ----------
    scenario : Scenario
    dropped : tuple of str
        The parts that were not understood, as they stood.
    limited : tuple of (key, value)
        What was asked for outside the fixed range of a lever, or of ``horizon``.
    """

    scenario: Scenario
    dropped: tuple[str, ...] = ()
    limited: tuple[tuple[str, float], ...] = ()


def from_link(text: str) -> Linked:
    """Read a link; what cannot be used is dropped, what is out of range limited, and both are returned."""
    template, horizon = DEFAULT_TEMPLATE, HORIZON_DEFAULT
    values: dict[str, float] = {}
    locks: list[str] = []
    dropped: list[str] = []
    months: float = horizon
    for i, part in enumerate(_NEXT.split(text) if text else ()):
        key, equals, raw = part.partition("=")
        try:
            if not equals and i == 0 and re.fullmatch(r"t\w{1,20}", part):
                template = part[1:]
            elif not equals and re.fullmatch(r"h\d{1,3}", part):
                months, horizon = float(part[1:]), _horizon(part[1:])
            elif key == "lock":
                lever, item = split_key(raw)
                if not (lever.shares and _ITEM.fullmatch(item)) or len(locks) >= MAX_CHANGES:
                    raise ShopplanError("only shares can be locked", raw)
                locks.append(raw)
            else:
                _, item = split_key(key)
                if (item and not _ITEM.fullmatch(item)) or len(values) >= MAX_CHANGES:
                    raise ShopplanError("this part of the link cannot be used", part)
                values[key] = _number(key, raw)
        except ShopplanError:
            dropped.append(part)
    scenario = Scenario(template, horizon=horizon).with_values(values)
    for lock in locks:
        scenario = scenario.with_lock(lock, True)
    limited = [pair for pair in sorted(values.items()) if scenario.get(pair[0]) != pair[1]]
    limited += [("horizon", months)] * (months != horizon)
    return Linked(scenario, tuple(dropped), tuple(limited))


def family(key: str, keys: Iterable[str]) -> list[str]:
    """The keys that belong to the same family as ``key`` (all members of one split)."""
    lever_id = key.partition(":")[0]
    return [k for k in keys if k.partition(":")[0] == lever_id and LEVERS[lever_id].per]


def _horizon(value: object) -> int:
    months = int(_number("horizon", value))
    return min(max(months, HORIZON_MIN), HORIZON_MAX)


def _number(where: str, value: object) -> float:
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise ShopplanError(Said("{value!r} is not a number", value=value), where) from None
    if number != number or number in (float("inf"), float("-inf")):
        raise ShopplanError("the value must be finite", where)
    return number


def _short(value: float) -> str:
    return repr(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)
