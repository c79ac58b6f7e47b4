"""Budget: how much to spend, when and where."""

from shopplan.ui import cards, curves, tables
from shopplan.ui.live import Live, page, shop
from shopplan.ui.state import scenario


@page("budget")
def body(plan: Live) -> None:
    curves.news(plan)
    cards.row(plan, "spend", "orders_by_source")
    cards.chart(plan, "curves")
    tables.channels(plan)
    curves.channel(plan)


curves.desk(shop(), scenario().template)
