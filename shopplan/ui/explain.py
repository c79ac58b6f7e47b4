"""What stands behind a number of a page: its formula with the value of each part, in one line a number."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from shopplan.i18n import ADDED, Style, resource, steps
from shopplan.plan import Milestone, Note
from shopplan.plan.tables import bridge, margin_of_sales, stated
from shopplan.terms import METRICS
from shopplan.ui import curve, words
from shopplan.ui.frames import ON_TRACK
from shopplan.ui.words import t

if TYPE_CHECKING:
    from shopplan.plan import Channel
    from shopplan.ui.live import Live

Part = tuple[str, str, str]
"""Sign, name and value of a part."""
YEAR = 12


def joined(name: str, value: str, *parts: Part) -> str:
    """``Net sales ¥1.2M = Gross sales ¥1.5M − Discounts ¥0.2M − Returns ¥0.1M``."""
    return " ".join((name, value, *(piece for part in parts for piece in part)))


def valued(style: Style, metric: str, value: Callable[[str], float]) -> str:
    """The line of a metric whose parts have values; its definition where it has no formula."""
    if not steps(metric):
        return words.how(metric)
    parts = [(sign, p) for sign, p in steps(metric) if sign not in ADDED or value(p)]
    return joined(*_named(style, metric, value), *((sign, *_named(style, p, value)) for sign, p in parts))


def _named(style: Style, metric: str, value: Callable[[str], float]) -> tuple[str, str]:
    return t(f"metric.{metric}"), style.value(METRICS[metric].unit, stated(metric, value(metric)))


def totals(live: Live, *metrics: str, months: int | None = None) -> list[str]:
    """Lines of metrics over the horizon, or over its first months."""
    return [valued(live.style, metric, lambda part: live.result.total(part, months)) for metric in metrics]


# --- headings of charts ---
def net_sales(live: Live) -> list[str]:
    """Net sales of the first year, and how they compare."""
    months = min(YEAR, len(live.result.months))
    before = float(live.baseline.history["net_sales"].to_numpy(float)[-months:].sum())
    lines = totals(live, "net_sales", months=months)
    if before > 0:
        now = live.style.money(live.result.total("net_sales", months))
        lines.append(t("explain.change", now=now, before=live.style.money(before), months=months))
    return lines


def cash_low(live: Live) -> list[str]:
    """The lowest cash: what there was and what has flowed until then."""
    low, at = live.result.cash_low
    opening, month = live.result.values["opening_cash"], live.style.month(live.result.months[at])
    show = live.style.money
    flow = ("+", t("explain.flow_until", month=month), show(low - opening))
    return [joined(t("word.cash_low"), show(low), ("=", t("lever.opening_cash"), show(opening)), flow)]


def milestones(live: Live) -> list[str]:
    """How odds come about, then those of each milestone."""
    share, draws = live.style.odds(ON_TRACK), live.result.draws
    ahead = [m for m in live.result.milestones(live.targets) if m.target.due <= len(live.result.months)]
    return [t("explain.odds", draws=draws, share=share), *(odds(live, m) for m in ahead)]


def odds(live: Live, m: Milestone) -> str:
    """Odds of a milestone as the futures that were counted."""
    draws, show = live.result.draws, live.style.count
    counted = ("=", t("chart.word.in_time"), show(round(m.odds * draws), full=True))
    line = (live.style.odds(m.odds), *counted, "÷", t("chart.word.draws"), show(draws, full=True))
    return t("word.of_item", label=words.target(m.target), item=" ".join(line))


def headcount(live: Live) -> list[str]:
    """The peak by role, and when people are too few."""
    at, show = int(live.result.path("headcount").argmax()), live.style.value
    parts = [
        ("+" if i else "=", words.known("role", role.id), show("people", float(heads[at])))
        for i, (role, heads) in enumerate(zip(live.baseline.roles, live.result.heads, strict=True))
    ]
    peak = joined(t("word.peak_headcount"), show("people", live.result.total("headcount")), *parts)
    return [peak, t("explain.short")]


def curves(live: Live) -> list[str]:
    """What the next money brings where it brings most."""
    found = curve.most_wanted(live)
    return [next_bit(live, curve.planned_spend(live, found[0]))] if found else []


def gross_margin(live: Live) -> list[str]:
    """The margin of the plan, and why it is not that of the lever."""
    lines = totals(live, "gross_margin_rate", "gross_margin", "contribution")
    rate = live.style.percent(live.result.values["margin"])
    return [*lines, t("explain.margin_lever", rate=rate, lever=t("lever.margin"))]


def one_curve(live: Live) -> list[str]:
    """What the next bit of money brings in the channel that is looked at."""
    return [next_bit(live, curve.planned_spend(live, curve.chosen(live)))]


def next_bit(live: Live, spend: float) -> str:
    """How the margin of the next bit of money comes about."""
    more, rate = live.style.money(curve.MORE, full=True), live.style.percent(margin_of_sales(live.result))
    return t("explain.next", spend=live.style.money(spend), more=more, rate=rate)


def cash_bridge(live: Live) -> list[str]:
    """Opening cash, all flows, closing cash."""
    (_, opening), *flows, (_, closing) = bridge(live.result)
    parts = [("+" if x > 0 else "−", t(f"metric.{name}"), live.style.money(abs(x))) for name, x in flows if x]
    start = ("=", t("lever.opening_cash"), live.style.money(opening))
    return [joined(t("word.closing_cash"), live.style.money(closing), start, *parts)]


def stock(live: Live) -> list[str]:
    """Orders lost as a share of those served."""
    return [words.how("lost_orders"), lost_share(live)]


def lost_share(live: Live) -> str:
    """Lost orders against all orders."""
    lost, served = live.result.total("lost_orders"), live.result.total("orders")
    share = live.style.percent(lost / served if served else float("nan"))
    return joined(t("chart.word.share"), share, ("=", t("metric.lost_orders"), live.style.count(lost)),
                  ("÷", t("metric.orders"), live.style.count(served)))  # fmt: skip


_HEADS: dict[str, Callable[[Live], list[str]]] = {
    "net_sales": net_sales,
    "gross_margin": gross_margin,
    "cash": cash_low,
    "milestones": milestones,
    "headcount": headcount,
    "spend": lambda live: totals(live, "marketing", "marketing_share"),
    "curves": curves,
    "curve": one_curve,
    "cash_bridge": cash_bridge,
    "stock": stock,
}


def of(live: Live, chart: str) -> str:
    """What stands behind the numbers in the heading of a chart; empty where there are none."""
    say = _HEADS.get(chart)
    return "\n".join(say(live)) if say else ""


# --- findings ---
def note(live: Live, row: Note) -> str:
    """What stands behind the numbers of a finding; empty for one without."""
    match row.code:
        case "under_capacity":
            return utilisation(live)
        case "cash_below_reserve":
            return cash_low(live)[0]
        case "stock_out":
            return lost_share(live)
        case _:
            return words.how(row.code)


def utilisation(live: Live) -> str:
    """The highest load of a role: the people it needs against those it has."""
    needed, heads = live.result.needed, live.result.heads
    load = needed / np.maximum(heads, 1e-9)
    at = np.unravel_index(load.argmax(), load.shape)
    shown = [live.style.value("people", float(x[at])) for x in (needed, heads)]
    return joined(t("metric.utilisation"), live.style.percent(float(load.max())),
                  ("=", t("metric.required_headcount"), shown[0]), ("÷", t("metric.headcount"), shown[1]))  # fmt: skip


# --- cells of tables ---
def milestone(live: Live, m: Milestone) -> str:
    """The value of a milestone's metric in its window when it is due."""
    known = {p: live.result.within(p, m.target.window, m.target.due) for _, p in steps(m.target.metric)}
    if not known or not all(np.isfinite(x) for x in known.values()):
        return words.how(m.target.metric)
    return valued(live.style, m.target.metric, {**known, m.target.metric: m.value}.__getitem__)


def channel(live: Live, c: Channel) -> tuple[str, str, str]:
    """Planned spend, the sales it brings and the return of a channel, as monthly means of the first year."""
    r, at, show = live.result, live.baseline.channels.index(c), live.style.value
    spend, sales, orders = (
        float(r.channels[x][:YEAR, at].mean()) for x in ("acquisition", "paid_sales", "paid_orders")
    )
    whole, share = float(r.path("acquisition")[:YEAR].mean()), r.values[f"split:{c.id}"]
    shown, sold = show("money", spend), show("money", sales)
    an_order = sales / orders if orders else float("nan")
    return (
        joined(t("budget.spend_month"), shown, ("=", t("metric.acquisition"), show("money", whole)),
               ("×", t("lever.split"), show("fraction", share))),
        joined(t("budget.sales_month"), sold, ("=", t("metric.paid_orders"), show("count", orders)),
               ("×", t("chart.word.sales_an_order"), show("money", an_order))),
        joined(t("metric.roas"), show("ratio", sales / spend if spend else float("nan")),
               ("=", t("budget.sales_month"), sold), ("÷", t("budget.spend_month"), shown)),
    )  # fmt: skip


def resources(live: Live, kind: str, span: slice, amount: float, share: float) -> str:
    """A kind of resources in a phase: what makes it up, then its share."""
    sums = ((sign, m, float(live.result.path(m)[span].sum())) for sign, m in resource(kind))
    parts = [("+" if i else "=", t(f"metric.{m}"), live.style.money(x))
             for i, (_, m, x) in enumerate((s, m, x) for s, m, x in sums if x)]  # fmt: skip
    name, shown = t(f"chart.word.{kind}"), live.style.money(amount)
    whole = live.style.money(amount / share if share else float("nan"))
    of_all = joined(t("chart.word.share"), live.style.percent(share), ("=", name, shown),
                    ("÷", t("chart.word.all_resources"), whole))  # fmt: skip
    return "\n".join((joined(name, shown, *parts), of_all))
