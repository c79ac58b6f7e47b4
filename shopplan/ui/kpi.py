"""The strip of eight figures on top of every live page, each against the saved scenario."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from shopplan.i18n import MISSING, steps
from shopplan.plan.tables import stated
from shopplan.terms import METRICS, Unit
from shopplan.ui import words
from shopplan.ui.components.kpi_strip import Tile, kpi_strip
from shopplan.ui.words import t

if TYPE_CHECKING:
    from shopplan.ui.live import Live

TILES = ("net_sales", "gross_margin", "contribution", "marketing_share", "cac")
Tone = Literal["good", "bad", "neutral"]


def strip(live: Live) -> None:
    """The eight figures on top of every live page, each against the saved scenario."""
    tiles = [_metric_tile(live, m) for m in TILES]
    tiles += [_cash_tile(live), _odds_tile(live), _heads_tile(live)]
    first, last = live.result.months[0], live.result.months[-1]
    label = t("kpi.about", months=len(live.result.months), first=live.style.month(first), last=live.style.month(last))
    kpi_strip("kpi", tiles, label=label)


def _metric_tile(live: Live, metric: str) -> Tile:
    row, value = METRICS[metric], stated(metric, live.result.total(metric))
    parts = tuple((t(f"metric.{p}"), _shown(live, METRICS[p].unit, live.result.total(p))) for _, p in steps(metric))
    delta, tone = _delta(live, row.unit, _change(live, metric), row.better)
    return Tile(
        metric,
        words.known("kpi.label", metric, t(f"metric.{metric}")),
        _shown(live, row.unit, value),
        delta,
        tone,
        t("kpi.months", months=len(live.result.months)) if metric == TILES[0] else "",
        formula=words.formula(metric),
        parts=parts,
    )


def _change(live: Live, metric: str) -> float:
    """Difference from the saved scenario over the months that both plan."""
    months = min(len(live.result.months), len(live.saved.months))
    now, before = (stated(metric, r.total(metric, months)) for r in (live.result, live.saved))
    return now - before


def _cash_tile(live: Live) -> Tile:
    low, at = live.result.cash_low
    delta, tone = _delta(live, "money", low - live.saved.cash_low[0], "up")
    first = live.result.first_below_reserve()
    below = t("word.never") if first is None else live.style.month(live.result.months[first])
    parts = (
        (t("lever.opening_cash"), live.style.money(live.result.values["opening_cash"])),
        (t("lever.cash_reserve"), live.style.money(live.result.values["cash_reserve"])),
        (t("kpi.below_reserve"), below),
        (t("kpi.cash_odds"), live.style.odds(live.result.cash_odds())),
    )
    return Tile(
        "cash_low", t("word.cash_low"), live.style.money(low), delta, tone,
        live.style.month_short(live.result.months[at]), t("kpi.cash_low.help"), parts,
    )  # fmt: skip


def _odds_tile(live: Live) -> Tile:
    ahead = [m for m in live.result.milestones(live.targets) if m.target.due <= len(live.result.months)]
    if not ahead:
        return Tile("odds", t("word.next_milestone"), live.style.odds(None), formula=t("kpi.no_milestone"))
    now = ahead[0]
    before = live.saved.milestone(now.target).odds
    delta, tone = _delta(live, "fraction", (round(100 * now.odds) - round(100 * before)) / 100, "up")
    parts = tuple((words.target(m.target), live.style.odds(m.odds)) for m in ahead)
    due = t("kpi.due", month=live.style.month_short(live.result.months[now.target.due - 1]))
    return Tile(
        "odds", t("word.next_milestone"), live.style.odds(now.odds), delta, tone, due,
        t("kpi.odds.help", draws=live.result.draws), parts,
    )  # fmt: skip


def _heads_tile(live: Live) -> Tile:
    peak = live.result.total("headcount")
    delta, tone = _delta(live, "people", _change(live, "headcount"), "")
    at = int(live.result.path("headcount").argmax())
    parts = tuple(
        (words.known("role", role.id), live.style.value("people", float(heads[at])))
        for role, heads in zip(live.baseline.roles, live.result.heads, strict=True)
    )
    return Tile(
        "headcount", t("word.peak_headcount"), live.style.value("people", peak), delta, tone,
        live.style.month_short(live.result.months[at]), t("metric.headcount.help"), parts,
    )  # fmt: skip


def _shown(live: Live, unit: Unit, value: float) -> str:
    return live.style.value(unit, value)


def _delta(live: Live, unit: Unit, change: float, better: str) -> tuple[str, Tone]:
    """The change as text and whether the shop wants it."""
    shown = live.style.delta(unit, change)
    if not better or shown in (t("number.same"), MISSING):
        return shown, "neutral"
    return shown, "good" if (change > 0) == (better == "up") else "bad"
