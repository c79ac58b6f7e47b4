"""Small tables of live pages: milestones, channels, resources by phase, forecast models."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from shopplan.plan.tables import phase_spans, phases, planned_curve, stated
from shopplan.terms import METRICS, RESOURCES
from shopplan.ui import curve, explain, words
from shopplan.ui.cards import Cell, table
from shopplan.ui.words import t

if TYPE_CHECKING:
    from shopplan.ui.live import Live


def milestones(live: Live) -> None:
    """Every milestone: threshold, due month, expected value, odds, expected month, source."""
    rows: list[tuple[Cell, ...]] = []
    months = live.result.months
    for m in live.result.milestones(live.targets):
        unit = METRICS[m.target.metric].unit
        beyond = m.target.due > len(months)
        due = live.style.month(live.baseline.months(m.target.due)[-1])
        expected = t("word.not_reached") if m.month is None else live.style.month(months[m.month - 1])
        rows.append(
            (
                words.target(m.target),
                t("word.metric_window", metric=t(f"metric.{m.target.metric}"), window=t(f"window.{m.target.window}")),
                live.style.value(unit, m.target.threshold),
                due,
                (live.style.value(unit, stated(m.target.metric, m.value)), explain.milestone(live, m)),
                t("milestone.beyond") if beyond else (live.style.odds(m.odds), explain.odds(live, m)),
                expected,
                words.row(m.target.source),
            )
        )
    head = (("word.milestone",), ("word.metric",), ("word.threshold", "threshold"), ("word.due",),
            ("milestone.value", "value_due"), ("word.odds", "odds"), ("word.expected",), ("word.source",))  # fmt: skip
    table([words.headed(*h) for h in head], rows, numbers=(2, 4, 5))


def channels(live: Live) -> None:
    """Every paid channel: planned spend, what it brings, its return, the next money's, how sure, the source."""
    rows: list[tuple[Cell, ...]] = []
    for c in curve.paid(live):
        spend = curve.planned_spend(live, c)
        sales = float(live.result.channels["paid_sales"][: curve.YEAR, live.baseline.channels.index(c)].mean())
        bit = curve.next_bit(live, c)
        about = explain.channel(live, c)
        rows.append(
            (
                words.channel(c),
                (live.style.money(spend), about[0]),
                (live.style.money(sales), about[1]),
                (live.style.ratio(sales / spend if spend else float("nan")), about[2]),
                live.style.ratio(float(np.asarray(planned_curve(live.result, c.id).marginal_roas(spend)))),
                (t("word.with_span", **bit), explain.next_bit(live, spend)),
                curve.confidence(live, c),
                t(f"curve.source.{live.baseline.curves[c.id].source}"),
            )
        )
    named = (("word.channel",), ("budget.spend_month", "channel_spend"), ("budget.sales_month", "channel_paid"),
             ("metric.roas", "roas"), ("budget.mroas", "mroas"))  # fmt: skip
    head = [words.headed(*h) for h in named]
    head += [(t("budget.next", more=live.style.money(curve.MORE, full=True)), words.how("next_bit"))]
    table([*head, t("word.confidence"), t("word.source")], rows, numbers=range(1, 6), caption=t("budget.about"))


def phase_table(live: Live) -> None:
    """Amounts by phase, with the share that the source plan names beside the plan's own."""
    amounts = {(p, part): (x, share) for p, part, x, share in phases(live.result).itertuples(index=False)}
    named = {p.id: dict(p.reference) for p in live.baseline.phases}
    rows: list[tuple[Cell, ...]] = []
    for phase, start, end in phase_spans(live.result):
        first, last = (live.style.month_short(live.result.months[i]) for i in (start, end - 1))
        cells = [
            (
                _amount(live, *amounts[phase, part], named[phase].get(part)),
                explain.resources(live, part, slice(start, end), *amounts[phase, part]),
            )
            for part in RESOURCES
        ]
        rows.append((words.known("phase", phase), f"{first} – {last}", *cells))
    head = [t("word.phase"), t("column.month"), *(words.headed(f"chart.word.{part}", "resource") for part in RESOURCES)]
    table(head, rows, numbers=range(2, 6))


def _amount(live: Live, amount: float, share: float, reference: float | None) -> str:
    shown = t("word.with_share", amount=live.style.money(amount), share=live.style.percent(share))
    if reference is None:
        return shown
    return t("resources.reference", amount=shown, share=live.style.percent(reference))
