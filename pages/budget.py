"""Budget: how much to spend, when and where."""

from shopplan.ui import cards, tables
from shopplan.ui.live import Live, page


@page("budget")
def body(plan: Live) -> None:
    cards.row(plan, "spend", "orders_by_source")
    cards.chart(plan, "curves")
    tables.channels(plan)
