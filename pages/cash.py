"""Cash & stock: whether the cash lasts."""

from shopplan.ui import cards
from shopplan.ui.live import Live, page


@page("cash")
def body(plan: Live) -> None:
    cards.chart(plan, "cash")
    cards.row(plan, "cash_bridge", "stock")
