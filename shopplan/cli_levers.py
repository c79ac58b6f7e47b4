"""Levers on the command line: ``--set price=-3%`` read, held against the shop, and listed."""

from __future__ import annotations

import argparse
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from shopplan.cli_shared import Misused
from shopplan.scenario import OVERRULED, family
from shopplan.terms import LEVERS, Lever

if TYPE_CHECKING:
    from shopplan.plan import Baseline

Setting = tuple[str, float, bool]
"""Lever, value, and whether it was given in percent."""

_SETTING = re.compile(r"(?P<key>[^=]+)=(?P<number>[^=%]+)(?P<percent>%?)")
_PERCENT = ("fraction", "per_year", "ratio")
"""Units of levers that may be given in percent."""
ROUNDING = 0.005
"""Shares that are typed add up to 100 % as far as people round them."""


def setting(text: str) -> Setting:
    """``price=-3%`` -> ("price", -0.03, True)."""
    match = _SETTING.fullmatch(text)
    try:
        value = float(match["number"]) if match else math.nan
    except ValueError:
        value = math.nan
    if not match or not math.isfinite(value):
        raise argparse.ArgumentTypeError(f"lever=number is wanted, for example price=-3%, not {text!r}")
    percent = bool(match["percent"])
    return match["key"], value / 100 if percent else value, percent


def chosen(settings: Sequence[Setting], baseline: Baseline) -> dict[str, float]:
    """The levers that were set, by key.

    Raises
    ------
    Misused
        When what was asked for is not what the plan would do.
    """
    for key, times in Counter(key for key, _, _ in settings).items():
        if times > 1:
            raise Misused(f"{key} is set {times} times; set it once")
    for key, value, percent in settings:
        _check(key, value, percent, baseline)
    values = {key: value for key, value, _ in settings}
    _check_overruled(values, baseline)
    for lever in LEVERS.values():
        if lever.shares:
            _check_shares(lever, values, baseline)
    return values


def _check(key: str, value: float, percent: bool, baseline: Baseline) -> None:
    """One lever: there, in its unit, within its range."""
    from shopplan.plan import limits

    if key not in baseline.defaults:
        raise Misused(f"this shop has no lever {key}; --levers lists them")
    unit = LEVERS[key.partition(":")[0]].unit
    if percent and unit not in _PERCENT:
        more = ", or a share of sales as budget_share" if key == "budget" else ""
        raise Misused(f"{key} is in {unit}, so it takes no %; give a number{more}")
    span = limits(key, baseline)
    if not span.low - 1e-9 <= value <= span.high + 1e-9:
        raise Misused(f"{key}={value:g} is out of its range, {span.low:,.6g} to {span.high:,.6g}")
    if unit == "switch" and value not in (0, 1):
        raise Misused(f"{key} is a switch: 1 is on, 0 is off")
    if unit == "month" and value != int(value):
        raise Misused(f"{key} is the number of a month, 0 the first; give a whole number")


def _check_overruled(values: Mapping[str, float], baseline: Baseline) -> None:
    """No lever is set that does nothing because of another one."""
    for winner, losers in OVERRULED.items():
        idle = [key for key in losers if key in values]
        if idle and values.get(winner, baseline.defaults[winner].value) > 0:
            raise Misused(f"{idle[0]} does nothing while {winner} is above zero; set one of them, {winner}=0 is off")


def _check_shares(lever: Lever, values: Mapping[str, float], baseline: Baseline) -> None:
    """Shares fit into 100 %, and fill it where no other member is left to give way."""
    given = family(lever.id, values)
    total, everyone = sum(values[key] for key in given), len(given) == len(family(lever.id, baseline.defaults))
    if given and (total > 1 + ROUNDING or (everyone and total < 1 - ROUNDING)):
        wanted = "all of them make 100 %" if everyone else "they make 100 % at most, and the others take the rest"
        raise Misused(f"the shares {', '.join(given)} make {total:.1%} together; {wanted}")


def listing(baseline: Baseline) -> str:
    """A line a lever of the shop: default, range, unit, where the default comes from."""
    from shopplan.plan import limits

    lines = []
    for key, default in baseline.defaults.items():
        span, unit = limits(key, baseline), LEVERS[key.partition(":")[0]].unit
        lines.append(f"{key:34} {default.value:>14,.4g}  {span.low:,.4g} to {span.high:,.4g} {unit}, {default.source}")
    return "\n".join(lines)
