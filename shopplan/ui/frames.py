"""What charts draw: each function gives the columns that `charts.CHARTS` asks for, words included.

Columns are arrays and lists that go to the browser as one Arrow table: a data frame on the way costs more than
the model itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa

from shopplan.charts import SOURCES, channel_color
from shopplan.charts.theme import CATEGORIES
from shopplan.i18n import resource, steps
from shopplan.plan import Milestone, PlanResult
from shopplan.plan.budget import LINES
from shopplan.plan.tables import bridge, curve_points, phase_spans, phases, present_spend
from shopplan.terms import DAYS_PER_MONTH, RESOURCES
from shopplan.ui import words
from shopplan.ui.curve import Columns, one_curve
from shopplan.ui.labels import names_at, with_targets
from shopplan.ui.words import t

if TYPE_CHECKING:
    from shopplan.ui.live import Live

HISTORY_MONTHS = 24
ON_TRACK, AT_RISK = 0.7, 0.3
"""Odds from which a milestone counts as on track, or still within reach."""


def net_sales(live: Live) -> Columns:
    """History and plan on one time line, joined at the last month of history."""
    past = live.baseline.history.tail(HISTORY_MONTHS)
    months = live.result.months
    low, high = live.result.band("net_sales")
    k, n = len(past), len(months)
    gap, late = np.full(k, np.nan), np.full(n, np.nan)
    actual = past["net_sales"].to_numpy(float)
    joined = gap.copy()
    joined[-1:] = actual[-1:]
    parts = {
        p: np.concatenate([past[p].to_numpy(float) if p in past else gap, live.result.path(p)])
        for _, p in steps("net_sales")
    }
    columns = parts | {
        "month": np.concatenate([past["month"].to_numpy("datetime64[us]"), months.to_numpy("datetime64[us]")]),
        "history": np.concatenate([actual, late]),
        "mean": np.concatenate([joined, live.result.path("net_sales")]),
        "lo": np.concatenate([joined, low]),
        "hi": np.concatenate([joined, high]),
        "saved": np.concatenate([gap, _saved(live, "net_sales")]),
    }
    return with_targets(live, columns, k)


def gross_margin(live: Live) -> Columns:
    """Gross margin, contribution and the margin rate."""
    r = live.result
    return _parts(r, "gross_margin", "contribution", "gross_margin_rate") | {
        "month": r.months,
        "gross_margin": r.path("gross_margin"),
        "contribution": r.path("contribution"),
        "saved": _saved(live, "gross_margin"),
        "rate": r.path("gross_margin_rate"),
    }


def milestones(live: Live) -> Columns:
    """Milestones within the horizon."""
    rows = []
    months = live.result.months
    for m in live.result.milestones(live.targets):
        if m.target.due > len(months):
            continue
        expected = None if m.month is None else months[m.month - 1]
        odds = live.style.odds(m.odds)
        told = t("milestone.odds_never", odds=odds)
        if expected is not None:
            told = t("milestone.odds_and_date", odds=odds, month=live.style.month_short(expected))
        met = round(m.odds * live.result.draws)
        rows.append((words.target(m.target), months[m.target.due - 1], expected, m.odds, met, told, state(m)))
    columns: Columns = _columns(rows, ("name", "due", "expected", "odds", "in_time", "odds_text", "state"))
    columns["draws"] = [live.result.draws] * len(rows)
    return columns | {k: np.array(columns[k], dtype="datetime64[us]") for k in ("due", "expected")}


def state(m: Milestone) -> str:
    """How a milestone stands, by its odds."""
    if m.odds >= 0.995:
        return "met"
    return "on_track" if m.odds >= ON_TRACK else "at_risk" if m.odds >= AT_RISK else "off_track"


def resources(live: Live) -> Columns:
    """Resources by phase."""
    table = phases(live.result)
    return {
        "phase": [words.known("phase", p) for p in table["phase"]],
        "category": list(table["part"]),
        "label": [t(f"chart.word.{p}") for p in table["part"]],
        "share": table["share"],
        "amount": table["amount"],
        "rank": [list(CATEGORIES).index(p) for p in table["part"]],
    } | _made_of(live.result, table)


def _made_of(r: PlanResult, table: pd.DataFrame) -> Columns:
    """What each kind of resources is made of in each phase; nothing in the rows of other kinds, nor where it is 0."""
    starts, kinds = [start for _, start, _ in phase_spans(r)], table["part"].to_numpy()
    columns = {}
    for kind in RESOURCES:
        for _, metric in resource(kind):
            amounts = np.repeat(np.add.reduceat(r.path(metric), starts), len(RESOURCES))
            columns[metric] = np.where((kinds == kind) & (amounts != 0), amounts, np.nan)
    return columns


def headcount(live: Live) -> Columns:
    """Heads and need by role."""
    r = live.result
    names = [words.known("role", role.id) for role in live.baseline.roles]
    columns = _stack(r.months, names, r.heads.T, "heads")
    columns["role"] = np.repeat([role.id for role in live.baseline.roles], len(r.months))
    columns["required"] = r.needed.ravel()
    follows = np.array([[bool(role.orders_per_head)] for role in live.baseline.roles])
    columns["orders"] = np.where(follows, r.path("orders"), np.nan).ravel()
    return columns


def cash(live: Live) -> Columns:
    """Cash with its band, reserve and lowest point."""
    r = live.result
    low, high = r.band("cash")
    amount, at = r.cash_low
    point = np.where(np.arange(len(r.months)) == at, amount, np.nan)
    label = np.full(len(r.months), None, dtype=object)
    label[at] = live.style.money(amount)
    return _parts(r, "net_cash_flow") | {
        "month": r.months,
        "cash": r.path("cash"),
        "cash_before": np.concatenate([[r.values["opening_cash"]], r.path("cash")[:-1]]),
        "lo": low,
        "hi": high,
        "saved": _saved(live, "cash"),
        "reserve": np.full(len(r.months), r.values["cash_reserve"]),
        "low": point,
        "low_label": label,
    }


def orders_by_source(live: Live) -> Columns:
    """Organic, paid and repeat orders."""
    r = live.result
    paths = np.stack([r.path(f"{source}_orders") for source in SOURCES], axis=1)
    names = [t(f"word.{source}") for source in SOURCES]
    return _stack(r.months, names, paths, "orders", list(SOURCES.values()))


def channel_sales(live: Live) -> Columns:
    """Net sales by channel."""
    columns = _stack(live.result.months, _channels(live), live.result.channels["net_sales"], "value")
    return columns | {"orders": live.result.channels["orders"].T.ravel()}


def channel_mix(live: Live) -> Columns:
    """Shares of the organic new orders by channel, and those that the plan aims at."""
    orders = live.result.channels["organic_orders"]
    whole = orders.sum(axis=1, keepdims=True)
    shares = np.divide(orders, whole, out=np.zeros_like(orders), where=whole > 0)
    columns = _stack(live.result.months, _channels(live), shares, "share")
    target = np.repeat(live.result.values.family("mix"), len(live.result.months))
    return columns | {"organic_orders": orders.T.ravel(), "target_share": target}


def spend(live: Live) -> Columns:
    """Acquisition by channel and the ring-fenced lines that hold money."""
    r = live.result
    paid = [i for i, c in enumerate(live.baseline.channels) if c.paid]
    lines = [m for m in LINES if r.path(m).any()]
    table = np.column_stack([r.channels["acquisition"][:, paid], *(r.path(m) for m in lines)])
    names = [_channels(live)[i] for i in paid] + [t(f"metric.{m}") for m in lines]
    colors = [channel_color(i) for i in paid] + [_LINE_COLORS[list(LINES).index(m)] for m in lines]
    return _stack(r.months, names, table, "spend", colors)


_LINE_COLORS = ("#8c96a1", "#727d89", "#a3adb7", "#5f6a76", "#b4bcc5")


def curves(live: Live) -> Columns:
    """Response curves of the paid channels, with present and planned spend marked."""
    parts: list[Columns] = []
    for i, c in enumerate(live.baseline.channels):
        if not c.paid:
            continue
        marks = (live.baseline.curves[c.id].reference_spend, float(live.result.channels["acquisition"][:12, i].mean()))
        own = curve_points(live.result, c.id, marks)
        own |= {"present": own["spend"] == present_spend(live.baseline, c.id), "plan": own["spend"] == marks[1]}
        names = {"channel": c.id, "label": words.channel(c), "color": channel_color(i)}
        parts.append(own | {k: np.repeat(name, len(own["spend"])) for k, name in names.items()})
    return {k: np.concatenate([part[k] for part in parts]) for k in parts[0]} | {"label_at": names_at(parts)}


def cash_bridge(live: Live) -> Columns:
    """From opening to closing cash."""
    flow, rows, level = bridge(live.result), [], 0.0
    for i, (name, amount) in enumerate(flow):
        total = i in (0, len(flow) - 1)
        start = 0.0 if total else level
        level = amount if total else level + amount
        kind = "total" if total else "up" if amount >= 0 else "down"
        label, about = words.known("metric", name, t("lever.opening_cash")), words.how(name)
        if i == len(flow) - 1:
            label, about = t("word.closing_cash"), words.how("closing_cash")
        rows.append((label, start, level, kind, about))
    return _columns(rows, ("label", "start", "end", "kind", "about"))


def stock(live: Live) -> Columns:
    """Stock, how long it lasts, and orders lost for want of it."""
    r = live.result
    goods = r.path("cogs")
    days = np.divide(r.path("stock"), goods, out=np.zeros_like(goods), where=goods > 0) * DAYS_PER_MONTH
    return {
        "month": r.months,
        "stock": r.path("stock"),
        "days_of_cover": days,
        "lost_orders": r.path("lost_orders"),
    }


def season(live: Live) -> Columns:
    """Season index of the twelve months of the year, January first."""
    index = np.roll(live.baseline.season[:12], live.baseline.start.month - 1)
    return {"label": [t(f"month.{m + 1}") for m in range(12)], "index": index}


def _parts(r: PlanResult, *metrics: str) -> Columns:
    """Mean paths of what the formulas of metrics join."""
    return {part: r.path(part) for metric in metrics for _, part in steps(metric)}


def _saved(live: Live, metric: str) -> np.ndarray:
    """Mean path of the saved scenario over the working one's months; NaN beyond its horizon."""
    n = len(live.result.months)
    path = live.saved.path(metric)[:n]
    return np.concatenate([path, np.full(n - len(path), np.nan)])


def _channels(live: Live) -> list[str]:
    return [words.channel(c) for c in live.baseline.channels]


def _stack(
    months: pd.DatetimeIndex, names: list[str], table: np.ndarray, value: str, colors: Iterable[str] | None = None
) -> Columns:
    """Long columns of a (T, K) table: month, label, color, rank and the value."""
    shades = list(colors) if colors is not None else [channel_color(i) for i in range(len(names))]
    n = len(months)
    return {
        "month": np.tile(months.to_numpy(), len(names)),
        "label": np.repeat(names, n),
        "color": np.repeat(shades, n),
        "rank": np.repeat(np.arange(len(names)), n),
        value: table.T.ravel(),
    }


def _columns(rows: list[tuple[Any, ...]], names: tuple[str, ...]) -> Columns:
    """Rows as columns."""
    return {name: [row[i] for row in rows] for i, name in enumerate(names)}


def arrow(columns: Columns) -> pa.Table:
    """The columns as Streamlit takes them; what is not known (NaN, NaT, None) is null."""
    return pa.table({name: pa.array(values, from_pandas=True) for name, values in columns.items()})


FRAMES: dict[str, Callable[[Any], Columns]] = {
    "net_sales": net_sales,
    "gross_margin": gross_margin,
    "milestones": milestones,
    "phases": resources,
    "headcount": headcount,
    "cash": cash,
    "orders_by_source": orders_by_source,
    "channel_sales": channel_sales,
    "channel_mix": channel_mix,
    "spend": spend,
    "curves": curves,
    "curve": one_curve,
    "cash_bridge": cash_bridge,
    "stock": stock,
    "season": season,
}
"""Chart -> its columns on a live page."""
