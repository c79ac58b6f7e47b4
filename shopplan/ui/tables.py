"""Small tables of live pages: milestones, channels, resources by phase, forecast models."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from shopplan.plan.tables import PHASE_PARTS, phase_spans, phases, planned_curve
from shopplan.terms import METRICS
from shopplan.ui import curve, words
from shopplan.ui.cards import table
from shopplan.ui.words import t

if TYPE_CHECKING:
    from shopplan.ui.live import Live


def milestones(live: Live) -> None:
    """Every milestone: threshold, due month, expected value, odds, expected month, source."""
    rows = []
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
                live.style.value(unit, m.value),
                t("milestone.beyond") if beyond else live.style.odds(m.odds),
                expected,
                words.row(m.target.source),
            )
        )
    head = ("word.milestone", "word.metric", "word.threshold", "word.due", "milestone.value", "word.odds",
            "word.expected", "word.source")  # fmt: skip
    table([t(h) for h in head], rows, numbers=(2, 4, 5))


def channels(live: Live) -> None:
    """Every paid channel: planned spend, what it brings, its return, the next money's, how sure, the source."""
    rows = []
    for c in curve.paid(live):
        spend = curve.planned_spend(live, c)
        sales = float(live.result.channels["paid_sales"][: curve.YEAR, live.baseline.channels.index(c)].mean())
        bit = curve.next_bit(live, c)
        rows.append(
            (
                words.channel(c),
                live.style.money(spend),
                live.style.money(sales),
                live.style.ratio(sales / spend if spend else float("nan")),
                live.style.ratio(float(np.asarray(planned_curve(live.result, c.id).marginal_roas(spend)))),
                t("word.with_span", **bit),
                curve.confidence(live, c),
                t(f"curve.source.{live.baseline.curves[c.id].source}"),
            )
        )
    head = [t(h) for h in ("word.channel", "budget.spend_month", "budget.sales_month", "metric.roas", "budget.mroas")]
    head += [t("budget.next", more=live.style.money(curve.MORE, full=True)), t("word.confidence"), t("word.source")]
    table(head, rows, numbers=range(1, 6), caption=t("budget.about"))


def phase_table(live: Live) -> None:
    """Amounts by phase, with the share that the source plan names beside the plan's own."""
    amounts = phases(live.result)
    named = {p.id: dict(p.reference) for p in live.baseline.phases}
    rows = []
    for phase, start, end in phase_spans(live.result):
        own = amounts[amounts["phase"] == phase].set_index("part")
        first, last = (live.style.month_short(live.result.months[i]) for i in (start, end - 1))
        cells = [_amount(live, own, part, named[phase]) for part in PHASE_PARTS]
        rows.append((words.known("phase", phase), f"{first} – {last}", *cells))
    table(
        [t("word.phase"), t("word.months"), *(t(f"chart.word.{part}") for part in PHASE_PARTS)],
        rows,
        numbers=range(2, 6),
    )


def _amount(live: Live, own, part: str, reference: dict[str, float]) -> str:  # type: ignore[no-untyped-def]
    amount, share = live.style.money(own.at[part, "amount"]), live.style.percent(own.at[part, "share"])
    shown = t("word.with_share", amount=amount, share=share)
    if part in reference:
        return t("resources.reference", amount=shown, share=live.style.percent(reference[part]))
    return shown
