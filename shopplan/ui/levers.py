"""Lever panels: which levers a page shows, how they look, and what a move does to the scenario."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shopplan.plan.levers import items, limits
from shopplan.scenario import Scenario, give_way
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


def panel(live: Live) -> None:
    """Draw the page's panel; the last thing its fragment draws."""
    groups = []
    for i, (group, ids) in enumerate(PANELS[live.page]):
        views = tuple(view(live, key) for lever in ids for key in _keys(live, LEVERS[lever]))
        if views:
            groups.append(LeverGroup(group, words.t(f"group.{group}"), views, i < OPEN, _total(live, ids)))
    lever_panel(
        f"lever:{live.page}",
        groups,
        words=PanelWords(*(words.t(f"panel.{word}", label="{label}") for word in ("about", "reset", "lock", "value"))),
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
    """The scenario with one lever moved; shares of the same family give way, locked ones stay."""
    lever, _ = split_key(key)
    if not lever.shares:
        return scenario.with_values({key: value})
    family = _family(live, key)
    shares = give_way({k: live.result.values[k] for k in family}, key, value, scenario.locks)
    return scenario.with_values(shares)


def view(live: Live, key: str) -> LeverView:
    """One lever as the panel shows it."""
    lever, item = split_key(key)
    span, default = limits(key, live.baseline), live.baseline.defaults[key]
    value = live.result.values[key]
    scale, decimals = _scale(lever, span.step)
    kind = lever.unit if lever.unit in ("switch", "month") else "number"
    label = words.member(key, live.baseline) if lever.shares else words.lever(key, live.baseline)
    return LeverView(
        key=key,
        label=words.t("word.share_of", item=label) if lever.shares and lever.id == "mix" else label,
        value=value,
        low=span.low,
        high=span.high,
        step=span.step,
        default=default.value,
        kind=kind,  # type: ignore[arg-type]
        scale=scale,
        decimals=decimals,
        prefix=live.style.sign if lever.unit == "money" else "",
        suffix=words.t(f"unit.{lever.unit}.short") if lever.unit not in ("money", "switch", "month", "ratio") else "",
        options=tuple(live.style.month_short(m) for m in _months(live, int(span.high) + 1))
        if lever.unit == "month"
        else (),
        help=words.t(f"lever.{lever.id}.help"),
        source=_source(live, key),
        lockable=lever.shares,
        locked=key in live.result.scenario.locks,
        changed=abs(value - default.value) > 1e-9,
    )


def _source(live: Live, key: str) -> str:
    default = live.baseline.defaults[key]
    shown = words.unit_value(live.style, split_key(key)[0].unit, default.value, _months(live, 37))
    return words.t("lever.default", value=shown, source=words.source(default))


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


def _months(live: Live, count: int) -> tuple:  # type: ignore[type-arg]
    return tuple(live.baseline.months(count).date)
