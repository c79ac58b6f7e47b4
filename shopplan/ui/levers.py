"""Lever panels: which levers a page shows, how they look, and what a move does to the scenario."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from shopplan.i18n import Style
from shopplan.plan import Baseline
from shopplan.plan.levers import items, limits
from shopplan.scenario import OVERRULED, Scenario, give_way
from shopplan.terms import LEVERS, Lever, lever_key, split_key
from shopplan.ui import state, words
from shopplan.ui.components.lever_panel import (
    LeverGroup,
    LeverView,
    Lock,
    Move,
    PanelEvent,
    PanelWords,
    Reset,
    lever_panel,
)

if TYPE_CHECKING:
    from shopplan.ui.live import Live

Group = tuple[str, tuple[str, ...]]

PANELS: dict[str, tuple[Group, ...]] = {
    "plan": (
        ("budget", ("budget", "split")),
        ("growth", ("growth", "conversion", "price", "margin", "repeat_rate")),
        ("mix", ("mix", "mix_months")),
        ("cash", ("opening_cash", "dso", "stock_cover")),
        ("people", ("headcount", "automation")),
    ),
    "budget": (
        ("budget", ("budget", "budget_share", "budget_growth", "budget_season", "budget_event")),
        ("split", ("split",)),
        ("lines", ("line_content", "line_technology", "line_experiments", "line_cooperation", "line_reserve")),
        ("response", ("click_inflation", "roas", "bend", "carryover")),
    ),
    "growth": (
        ("growth", ("growth", "channel_growth", "traffic", "conversion")),
        ("mix", ("mix", "mix_start", "mix_months")),
        ("price", ("price", "discount", "aov", "elasticity")),
        ("customers", ("repeat_rate", "repeat_start", "return_rate", "return_delay", "return_recovery")),
        ("margin", ("margin", "markup", "cost_inflation")),
        ("costs", ("fulfilment_cost", "platform_fee", "payment_fee")),
    ),
    "milestones": (
        ("growth", ("growth", "conversion", "price", "repeat_rate")),
        ("budget", ("budget", "split")),
        ("margin", ("margin", "discount", "return_rate")),
        ("initiatives", ("initiative", "initiative_uplift", "initiative_start", "initiative_ramp",
                         "initiative_cost", "initiative_chance")),
    ),
    "resources": (
        ("people", ("headcount", "hire_month", "hire_to_need", "automation", "productivity")),
        ("pay", ("pay", "pay_load", "pay_growth")),
        ("costs", ("fixed_cost", "technology_cost")),
        ("initiatives", ("initiative", "initiative_start", "initiative_cost")),
    ),
    "cash": (
        ("cash", ("opening_cash", "cash_reserve", "dso", "dpo", "ad_prepay")),
        ("stock", ("stock_cover", "lead_time")),
        ("capex", ("capex", "capex_start", "capex_months", "capex_life")),
        ("budget", ("budget",)),
        ("growth", ("growth", "margin")),
    ),
}  # fmt: skip
"""Page -> groups of levers; the first two groups start open."""
OPEN = 2
WORDS = ("about", "reset", "lock", "value", "most", "stuck", "range")
"""Words of the panel itself."""
_BLANKS = {name: f"{{{name}}}" for name in ("label", "value", "low", "high")}
"""What the panel fills in by itself."""
SUFFIXED = ("fraction", "per_year", "days", "months", "people")
"""Units whose short word stands behind the number."""


def groups(live: Live) -> list[LeverGroup]:
    """The groups of the page's panel."""
    shown = []
    for i, (group, ids) in enumerate(PANELS[live.page]):
        views = tuple(view(live, key) for lever in ids for key in _keys(live, LEVERS[lever]))
        if views:
            shown.append(LeverGroup(group, words.t(f"group.{group}"), views, i < OPEN, _total(live, ids)))
    return shown


def panel(live: Live, shown: list[LeverGroup]) -> None:
    """Draw the page's panel; the last thing its fragment draws."""
    lever_panel(
        f"lever:{live.page}",
        shown,
        words=PanelWords(*(words.t(f"panel.{word}", **_BLANKS) for word in WORDS)),
        on_event=lambda event: handle(live, event),
        locale=state.prefs().lang,
    )


def handle(live: Live, event: PanelEvent) -> None:
    """Carry out what the user did on the panel."""
    now = state.scenario()
    match event:
        case Move(key, value, moving):
            state.put(moved(live, now, key, value), moving)
        case Lock(key, locked):
            state.put(now.with_lock(key, locked))
        case Reset(key):
            family = _family(live, key) if split_key(key)[0].shares else [key]
            state.put(now.with_values(dict.fromkeys(family)))


def moved(live: Live, scenario: Scenario, key: str, value: float) -> Scenario:
    """The scenario with one lever moved; shares of the same family give way, locked ones stay.

    A lever that is moved back to its default is as one that was never moved.
    """
    lever, _ = split_key(key)
    if not lever.shares:
        return scenario.with_values({key: None if _is_default(live, key, value) else value})
    family = _family(live, key)
    shares = give_way({k: live.result.values[k] for k in family}, key, value, scenario.locks)
    return scenario.with_values(shares)


def view(live: Live, key: str) -> LeverView:
    """One lever as the panel shows it."""
    still = _still(live.baseline, live.style, key)
    value = live.result.values[key]
    locked = key in live.result.scenario.locks
    least, most = _room(live, key) if still.lockable else (None, None)
    idle = any(live.result.values[other] > 0 and key in keys for other, keys in OVERRULED.items())
    return replace(
        still, value=value, locked=locked, changed=not _is_default(live, key, value), disabled=idle,
        least=least, most=most,
    )  # fmt: skip


def _is_default(live: Live, key: str, value: float) -> bool:
    return abs(value - live.baseline.defaults[key].value) <= 1e-9


def _room(live: Live, key: str) -> tuple[float | None, float]:
    """What the locked shares of a family leave for one of its members; no choice where none of the others is free."""
    others = [k for k in _family(live, key) if k != key]
    held = [live.result.values[k] for k in others if k in live.result.scenario.locks]
    room = max(1.0 - sum(held), 0.0)
    return (room if len(held) == len(others) else None), room


@lru_cache(maxsize=4096)
def _still(baseline: Baseline, style: Style, key: str) -> LeverView:
    """What does not move with the lever: words, range and source."""
    lever, _ = split_key(key)
    span, default = limits(key, baseline), baseline.defaults[key]
    scale, decimals = _scale(lever, span.step)
    label = words.member(key, baseline) if lever.shares else words.lever(key, baseline)
    months = tuple(baseline.months(37).date) if lever.unit == "month" else ()
    shown = words.unit_value(style, lever.unit, default.value, months)
    return LeverView(
        key=key,
        label=words.t("word.share_of", item=label) if lever.id == "mix" else label,
        value=default.value,
        low=span.low,
        high=span.high,
        step=span.step,
        default=default.value,
        kind=lever.unit if lever.unit in ("switch", "month") else "number",
        scale=scale,
        decimals=decimals,
        prefix=style.sign if lever.unit == "money" else "",
        suffix=words.t(f"unit.{lever.unit}.short") if lever.unit in SUFFIXED else "",
        options=tuple(style.month_short(m) for m in months[: int(span.high) + 1]),
        help=words.t(f"lever.{lever.id}.help"),
        source=words.t("lever.default", value=shown, source=words.source(default)),
        lockable=lever.shares,
    )


def _keys(live: Live, lever: Lever) -> list[str]:
    return [lever_key(lever.id, item) for item in items(lever, live.baseline)]


def _family(live: Live, key: str) -> list[str]:
    return _keys(live, split_key(key)[0])


def _total(live: Live, ids: tuple[str, ...]) -> str:
    """Total of the shares in a group, as a note at its heading."""
    for lever in ids:
        if LEVERS[lever].shares:
            total = sum(live.result.values[k] for k in _keys(live, LEVERS[lever]))
            return words.t("word.total_is", value=live.style.percent(total))
    return ""


def _scale(lever: Lever, step: float) -> tuple[float, int]:
    if lever.unit in ("fraction", "per_year"):
        return 100.0, 2 if step < 0.001 else 1
    return 1.0, 2 if lever.unit == "ratio" or (lever.unit == "money" and step < 1) else 0
