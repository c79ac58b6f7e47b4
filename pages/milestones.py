"""Milestones: when each is reached, and how likely."""

from shopplan.ui import cards, tables, targets
from shopplan.ui.live import Live, page


@page("milestones")
def body(plan: Live) -> None:
    cards.chart(plan, "milestones")
    tables.milestones(plan)
    cards.chart(plan, "net_sales")


targets.editor()
