"""One row a chart: what draws it, what its frame holds, how high it is and what its legend says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from shopplan.charts import demand, money, work
from shopplan.charts.look import Drawn, Look
from shopplan.charts.theme import CATEGORIES

ColumnUnit = Literal["money", "fraction", "count", "ratio", "days", "people", "month", "text", "color", "flag", "rank"]
"""``month`` is a first-of-month datetime, ``text`` is shown as it is, ``color`` is a hex colour, ``flag`` a boolean,
``rank`` the position in a stack from the bottom."""

Sign = Literal[
    "line", "dashed", "dotted", "fine", "band", "square", "dot", "diamond", "ring", "tick", "cross", "down", "up"
]
Legend = tuple[tuple[Sign, str, str], ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a chart's frame; ``may_miss`` where rows may be empty (NaN, NaT or None)."""

    unit: ColumnUnit
    meaning: str
    may_miss: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart of the product.

    Attributes
    ----------
    id : str
    build : callable
        Look -> Altair chart without data.
    columns : dict of str to Column
        What the frame must hold, no more and no less.
    height : int
        Pixels of the plot; of one row of it where ``by_row``.
    by_row : bool
        The chart has a row for each name in the data and grows with them.
    legend : tuple of (sign, ink or colour, word key)
        Entries that do not depend on data.
    """

    id: str
    build: Callable[[Look], Drawn]
    columns: dict[str, Column]
    height: int = 200
    by_row: bool = False
    legend: Legend = ()

    @property
    def title(self) -> str:
        """Catalogue key of the title."""
        return f"chart.{self.id}"

    @property
    def alt(self) -> str:
        """Catalogue key of the text alternative."""
        return f"chart.{self.id}.alt"


def _money(meaning: str, may_miss: bool = False) -> Column:
    return Column("money", meaning, may_miss)


_MONTH = {"month": Column("month", "first day of the month")}
_SAVED = {"saved": _money("mean of the saved scenario", True)}
_BAND = {"lo": _money("P10", True), "hi": _money("P90", True)}
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
            "history": _money("actual net sales", True),
            "mean": _money("plan's mean; the last month of history holds its actual here too, to join the lines", True),
            **_BAND,
            **_SAVED,
            "target": _money(
                "threshold of a target, in the month it is due; none where it lies far above the plan", True
            ),
            "target_at": _money("height of the target's label, apart from that of its neighbours", True),
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
            "gross_margin": _money("gross margin"),
            "contribution": _money("contribution margin"),
            **_SAVED,
            "rate": Column("fraction", "gross margin / net sales"),
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
            "odds": Column("fraction", "share of draws that reach it in time"),
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
            "share": Column("fraction", "share of the phase's resources"),
            "amount": _money("amount in the phase"),
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
            "heads": Column("people", "people in the role"),
            "required": Column("people", "people the work of the role needs"),
        },
        legend=(("dashed", "text", "required"),),
    ),
    Chart(
        "cash",
        money.cash,
        {
            **_MONTH,
            "cash": _money("cash at the end of the month"),
            **_BAND,
            **_SAVED,
            "reserve": _money("reserve the shop keeps", True),
            "low": _money("cash, in the month of the lowest point only", True),
            "low_label": Column("text", "lowest point as text, in that month only", True),
        },
        legend=(
            ("line", "accent", "cash"),
            ("band", "accent", "band"),
            ("fine", "muted", "saved"),
            ("dashed", "bad", "reserve"),
            ("up", "bad", "low"),
        ),
    ),
    Chart(
        "orders_by_source",
        demand.orders_by_source,
        {
            **_STACKED,
            "orders": Column("count", "orders from the source"),
        },
    ),
    Chart("channel_sales", demand.channel_sales, {**_STACKED, "value": _money("net sales of the channel")}),
    Chart(
        "channel_mix",
        demand.channel_mix,
        {
            **_STACKED,
            "share": Column("fraction", "share of the channel; a month's shares sum to 1"),
            "target_share": Column("fraction", "share the plan aims at", True),
        },
        legend=(("dashed", "muted", "target_share"),),
    ),
    Chart("spend", demand.spend, {**_STACKED, "spend": _money("spend of the channel or budget line")}),
    Chart(
        "curves",
        demand.curves,
        {
            "channel": Column("text", "id of the channel"),
            **_LABEL,
            "color": Column("color", "the channel's own colour"),
            "spend": _money("spend a month, a grid of some 20 points and the two marked ones"),
            "sales": _money("incremental net sales a month at that spend"),
            **_BAND,
            "label_at": _money("height of the channel's name, in its last row only", True),
            "present": Column("flag", "this row is where the channel stands now"),
            "plan": Column("flag", "this row is where the plan puts it"),
        },
        height=240,
        legend=(("dot", "muted", "present"), ("ring", "muted", "plan"), ("band", "muted", "band")),
    ),
    Chart(
        "cash_bridge",
        money.cash_bridge,
        {
            **_LABEL,
            "start": _money("balance before the step; 0 for a total"),
            "end": _money("balance after the step"),
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
            "stock": _money("stock at cost at the end of the month"),
            "days_of_cover": Column("days", "days of sales the stock lasts"),
            "lost_orders": Column("count", "orders lost for want of stock"),
        },
        legend=(("band", "accent", "stock"), ("dashed", "text", "days_of_cover"), ("down", "bad", "lost_orders")),
    ),
    Chart(
        "season",
        demand.season,
        {"label": Column("text", "month of the year as shown"), "index": Column("ratio", "1 is an average month")},
        height=180,
    ),
    Chart(
        "history_quality",
        work.history_quality,
        {
            **_MONTH,
            **_LABEL,
            "channel": Column("text", "id of the channel"),
            "value": _money("net sales, or spend, that the data hold", True),
        },
        height=26,
        by_row=True,
        legend=(("square", "accent", "held"), ("cross", "bad", "gap")),
    ),
)
CHARTS: dict[str, Chart] = {chart.id: chart for chart in _ROWS}
