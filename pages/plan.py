"""Plan: the live board."""

from shopplan.ui import cards
from shopplan.ui.live import Live, page


@page("plan")
def body(plan: Live) -> None:
    cards.chart(plan, "net_sales")
    cards.row(plan, "gross_margin", "cash")
    cards.chart(plan, "milestones")
    cards.row(plan, "phases", "headcount")
