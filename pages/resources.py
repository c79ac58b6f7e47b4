"""Resources: who and what the plan takes."""

from shopplan.ui import cards, tables
from shopplan.ui.live import Live, page


@page("resources")
def body(plan: Live) -> None:
    cards.chart(plan, "phases")
    cards.chart(plan, "headcount")
    tables.phase_table(plan)
