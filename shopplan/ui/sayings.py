"""What a chart says, in one sentence of the plan's own numbers; it stands above the chart as its title."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from shopplan.charts import CHARTS
from shopplan.ui import curve
from shopplan.ui.frames import ON_TRACK
from shopplan.ui.words import channel, t

if TYPE_CHECKING:
    from shopplan.ui.live import Live

YEAR = 12


def of(live: Live, name: str) -> str:
    """The sentence of a chart, or its plain title where it has none."""
    say = _SAYINGS.get(name)
    return say(live) if say else t(CHARTS[name].title)


def _net_sales(live: Live) -> str:
    """The first year against the last one where history has it, in months that both have."""
    months = min(YEAR, len(live.result.months))
    ahead = float(live.result.path("net_sales")[:months].sum())
    past = live.baseline.history["net_sales"].to_numpy(float)[-months:]
    fields = {"amount": live.style.money(ahead), "months": months}
    if len(past) < months or not past.sum() > 0:
        return t("say.net_sales", **fields)
    change = ahead / float(past.sum()) - 1
    shown = live.style.percent(abs(change))
    if shown == live.style.percent(0.0):
        return t("say.net_sales.same", **fields)
    return t("say.net_sales.up" if change > 0 else "say.net_sales.down", change=shown, **fields)


def _gross_margin(live: Live) -> str:
    total = live.result.total
    return t(
        "say.gross_margin",
        rate=live.style.percent(total("gross_margin_rate")),
        amount=live.style.money(total("gross_margin")),
        contribution=live.style.money(total("contribution")),
    )


def _cash(live: Live) -> str:
    low, at = live.result.cash_low
    first = live.result.first_below_reserve()
    fields = {"low": live.style.money(low), "month": live.style.month(live.result.months[at])}
    if first is None:
        return t("say.cash.holds", **fields)
    since = live.style.month(live.result.months[first])
    return t("say.cash.runs_out" if low < 0 else "say.cash.below", since=since, **fields)


def _milestones(live: Live) -> str:
    odds = [m.odds for m in live.result.milestones(live.targets) if m.target.due <= len(live.result.months)]
    good = sum(x >= ON_TRACK for x in odds)
    if not odds:
        return t("kpi.no_milestone")
    if good in (0, len(odds)):
        return t("say.milestones.all" if good else "say.milestones.none", count=len(odds))
    return t("say.milestones", good=good, count=len(odds))


def _headcount(live: Live) -> str:
    """A month is short when any role has fewer heads than its work needs."""
    short = np.flatnonzero((live.result.needed > live.result.heads + 1e-9).any(axis=0))
    peak = live.style.value("people", live.result.total("headcount"))
    if not len(short):
        return t("say.headcount.enough", peak=peak)
    first = live.style.month(live.result.months[short[0]])
    return t("say.headcount.short", peak=peak, short=len(short), months=len(live.result.months), month=first)


def _spend(live: Live) -> str:
    total = live.result.total
    share = live.style.percent(total("marketing_share"))
    return t("say.spend", amount=live.style.money(total("marketing")), months=len(live.result.months), share=share)


def _curves(live: Live) -> str:
    """The channel where the next money brings most at the means of the first planned year, and whether that pays."""
    found = curve.most_wanted(live)
    if not found:
        return t(CHARTS["curves"].title)
    best, sales, margin = found
    shown = {"more": curve.MORE, "sales": sales, "margin": margin}
    said = t(
        "say.curves" if margin >= curve.MORE else "say.curves.loss",
        channel=channel(best),
        **{name: live.style.money(x, full=name == "more") for name, x in shown.items()},
    )
    return t("say.curves.assumed", said=said) if curve.assumed(live, best) else said


def _curve(live: Live) -> str:
    """What the next money brings in the channel that is looked at."""
    one = curve.chosen(live)
    return t("say.curve", channel=channel(one), **curve.next_bit(live, one))


def _cash_bridge(live: Live) -> str:
    opening, closing = live.result.values["opening_cash"], float(live.result.path("cash")[-1])
    fields = {"opening": live.style.money(opening), "closing": live.style.money(closing)}
    return t("say.cash_bridge.up" if closing >= opening else "say.cash_bridge.down", **fields)


def _stock(live: Live) -> str:
    lost = live.result.path("lost_orders")
    if lost.max() < 0.5:
        return t("say.stock.enough")
    first = live.style.month(live.result.months[int(np.argmax(lost >= 0.5))])
    return t("say.stock.lost", orders=live.style.count(float(lost.sum())), month=first)


_SAYINGS: dict[str, Callable[[Live], str]] = {
    "net_sales": _net_sales,
    "gross_margin": _gross_margin,
    "cash": _cash,
    "milestones": _milestones,
    "headcount": _headcount,
    "spend": _spend,
    "curves": _curves,
    "curve": _curve,
    "cash_bridge": _cash_bridge,
    "stock": _stock,
}
