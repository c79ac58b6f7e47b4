"""One row a chart: what draws it, what its frame holds, how high it is and what its legend says."""

from __future__ import annotations

from collections.abc import Iterable

from shopplan.charts import demand, money, work
from shopplan.charts.chart import Chart, Column, Legend
from shopplan.charts.theme import CATEGORIES
from shopplan.i18n import resource, steps
from shopplan.terms import METRICS, RESOURCES


def _money(meaning: str, how: str, may_miss: bool = False) -> Column:
    return Column("money", meaning, may_miss, how)


def _parts(parts: Iterable[tuple[str, str]], empty: bool = False) -> dict[str, Column]:
    """Columns of what a formula joins; the tooltip takes them apart."""
    return {part: Column(METRICS[part].unit, "part of the number it explains", empty, part) for _, part in parts}


_MONTH = {"month": Column("month", "first day of the month")}
_SAVED = {"saved": _money("mean of the saved scenario", "saved", True)}
_BAND = {"lo": _money("P10", "band", True), "hi": _money("P90", "band", True)}
_LABEL = {"label": Column("text", "name as shown")}
_STACKED = {
    **_MONTH,
    **_LABEL,
    "color": Column("color", "the channel's or role's own colour"),
    "rank": Column("rank", "position in the stack, 0 at the bottom"),
}

_LINES: Legend = (
    ("line", "text", "history"),
    ("line", "accent", "plan"),
    ("band", "accent", "band"),
    ("fine", "muted", "saved"),
)

_ROWS = (
    Chart(
        "net_sales",
        money.net_sales,
        {
            **_MONTH,
            "history": _money("actual net sales", "net_sales", True),
            "mean": _money("plan's mean; in the last month of history the actual, to join them", "net_sales", True),
            **_parts(steps("net_sales"), empty=True),
            **_BAND,
            **_SAVED,
            "target": _money("threshold of a target, when it is due, unless far above the plan", "target", True),
            "target_at": _money("height of the target's label, apart from that of its neighbours", "target", True),
            "target_below": Column("flag", "this label stands below its height instead of above"),
            "today": Column("fraction", "part of the months that is past", False, "target"),
            "target_label": Column("text", "name and threshold of that target", True),
        },
        height=240,
        legend=(*_LINES, ("diamond", "text", "target")),
    ),
    Chart(
        "gross_margin",
        money.gross_margin,
        {
            **_MONTH,
            **_parts((*steps("gross_margin"), *steps("contribution"), *steps("gross_margin_rate"))),
            "gross_margin": _money("gross margin", "gross_margin"),
            "contribution": _money("contribution margin", "contribution"),
            **_SAVED,
            "rate": Column("fraction", "gross margin / net sales", False, "gross_margin_rate"),
        },
        legend=(
            ("square", "accent", "gross_margin"),
            ("line", "text", "contribution"),
            ("dotted", "good", "rate"),
            ("fine", "muted", "saved"),
        ),
    ),
    Chart(
        "milestones",
        work.milestones,
        {
            "name": Column("text", "name of the milestone; unique"),
            "due": Column("month", "month it is due"),
            "expected": Column(
                "month", "median month it is reached; none where half of the draws never reach it", True
            ),
            "odds": Column("fraction", "share of draws that reach it in time", False, "odds"),
            "in_time": Column("count", "draws that reach it in time", False, "odds"),
            "draws": Column("count", "all draws", False, "odds"),
            "odds_text": Column("text", "odds and expected month as text"),
            "state": Column("text", "met, on_track, at_risk or off_track"),
        },
        height=46,
        by_row=True,
        legend=(
            ("tick", "text", "due"),
            ("dot", "good", "on_track"),
            ("up", "accent", "at_risk"),
            ("square", "bad", "off_track"),
            ("diamond", "good", "met"),
        ),
    ),
    Chart(
        "phases",
        work.phases,
        {
            "phase": Column("text", "name of the phase; unique"),
            "category": Column("text", "people, marketing, technology or other"),
            **_LABEL,
            "share": Column("fraction", "share of the phase's resources", False, "resource_share"),
            "amount": _money("amount in the phase", "resource"),
            **_parts((part for kind in RESOURCES for part in resource(kind)), empty=True),
            "rank": Column("rank", "position from the left"),
        },
        height=50,
        by_row=True,
        legend=tuple(("square", color, key) for key, color in CATEGORIES.items()),
    ),
    Chart(
        "headcount",
        work.headcount,
        {
            **_STACKED,
            "role": Column("text", "id of the role"),
            "heads": Column("people", "people in the role", False, "headcount"),
            "required": Column("people", "people the work of the role needs", False, "required_headcount"),
            "orders": Column("count", "all orders, for a role that follows them", True, "orders"),
        },
        legend=(("dashed", "text", "required"),),
    ),
    Chart(
        "cash",
        money.cash,
        {
            **_MONTH,
            "cash": _money("cash at the end of the month", "cash"),
            "cash_before": _money("cash a month earlier", "cash"),
            **_parts(steps("net_cash_flow")),
            **_BAND,
            **_SAVED,
            "reserve": _money("reserve the shop keeps", "reserve", True),
            "low": _money("cash, in the month of the lowest point only", "cash", True),
            "low_label": Column("text", "lowest point as text, in that month only", True),
        },
        legend=(
            ("line", "accent", "cash"),
            ("band", "accent", "band"),
            ("fine", "muted", "saved"),
            ("dashed", "bad", "reserve"),
            ("dot", "bad", "low"),
        ),
    ),
    Chart(
        "orders_by_source",
        demand.orders_by_source,
        {
            **_STACKED,
            "orders": Column("count", "orders from the source", False, "orders_of_source"),
        },
    ),
    Chart(
        "channel_sales",
        demand.channel_sales,
        {
            **_STACKED,
            "value": _money("net sales of the channel", "channel_sales"),
            "orders": Column("count", "orders of the channel", False, "orders"),
        },
    ),
    Chart(
        "channel_mix",
        demand.channel_mix,
        {
            **_STACKED,
            "share": Column("fraction", "share of the channel; a month's shares sum to 1", False, "channel_share"),
            "organic_orders": Column("count", "organic new orders of the channel", False, "organic_orders"),
            "target_share": Column("fraction", "share the plan aims at", True, "target_share"),
        },
        legend=(("dashed", "muted", "target_share"),),
    ),
    Chart("spend", demand.spend, {**_STACKED, "spend": _money("spend of the channel or budget line", "channel_spend")}),
    Chart(
        "curves",
        demand.curves,
        {
            "channel": Column("text", "id of the channel"),
            **_LABEL,
            "color": Column("color", "the channel's own colour"),
            "spend": _money("spend a month, a grid of some 20 points and the two marked ones", "curve_spend"),
            "sales": _money("incremental net sales a month at that spend", "curve"),
            **_BAND,
            "label_at": _money("height of the channel's name, in its last row only", "curve", True),
            "present": Column("flag", "this row is where the channel stands now"),
            "plan": Column("flag", "this row is where the plan puts it"),
        },
        height=240,
        legend=(("dot", "muted", "present"), ("ring", "muted", "plan"), ("band", "muted", "band")),
    ),
    Chart(
        "curve",
        demand.curve,
        {
            "spend": _money("spend a month: some 20 points, the two marked ones, and past months", "curve_spend"),
            "sales": _money("sales of first orders a month at that spend; none in the rows of months", "curve", True),
            **_BAND,
            "present": Column("flag", "this row is where the channel stands now"),
            "plan": Column("flag", "this row is where the plan puts it"),
            "seen": _money(
                "what the fit credits to the channel in a month, with what it leaves unexplained", "seen", True
            ),
            "seen_in": Column("text", "name of that month", True),
        },
        height=220,
        legend=(
            ("line", "accent", "curve"),
            ("band", "accent", "band"),
            ("dot", "text", "present"),
            ("ring", "text", "plan"),
            ("cross", "muted", "seen"),
        ),
    ),
    Chart(
        "forecast",
        money.forecast,
        {
            **_MONTH,
            "history": _money("actual net sales", "history", True),
            "mean": _money("forecast; in the last month of history its actual, to join the lines", "forecast", True),
            **_BAND,
            "before": _money("forecast that was or would have been made earlier; rows of their own", "before", True),
            "made": Column("text", "when that one was made", True),
            "event": Column("text", "shop events of the month", True),
        },
        height=240,
        legend=(
            ("line", "text", "history"),
            ("line", "accent", "forecast"),
            ("band", "accent", "band"),
            ("dashed", "bad", "before"),
            ("down", "muted", "event"),
        ),
    ),
    Chart(
        "cash_bridge",
        money.cash_bridge,
        {
            **_LABEL,
            "start": _money("balance before the step; 0 for a total", "cash_step"),
            "end": _money("balance after the step", "cash_step"),
            "about": Column("text", "what the step is"),
            "kind": Column("text", "total, up or down"),
        },
        height=26,
        by_row=True,
        legend=(("square", "muted", "total"), ("square", "good", "up"), ("square", "bad", "down")),
    ),
    Chart(
        "stock",
        work.stock,
        {
            **_MONTH,
            "stock": _money("stock at cost at the end of the month", "stock"),
            "days_of_cover": Column("days", "days of sales the stock lasts", False, "days_of_cover"),
            "lost_orders": Column("count", "orders lost for want of stock", False, "lost_orders"),
        },
        legend=(("band", "accent", "stock"), ("dashed", "text", "days_of_cover"), ("down", "bad", "lost_orders")),
    ),
    Chart(
        "season",
        demand.season,
        {
            "label": Column("text", "month of the year as shown"),
            "index": Column("ratio", "1 is an average month", False, "season"),
        },
        height=180,
    ),
    Chart(
        "history_quality",
        work.history_quality,
        {
            **_MONTH,
            **_LABEL,
            "channel": Column("text", "id of the channel"),
            "value": _money("net sales, or spend, that the data hold", "data", True),
        },
        height=26,
        by_row=True,
        legend=(("square", "accent", "held"), ("cross", "bad", "gap")),
    ),
)
CHARTS: dict[str, Chart] = {chart.id: chart for chart in _ROWS}
