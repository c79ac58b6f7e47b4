"""Growth & mix: where growth comes from."""

from shopplan.ui import cards, tables
from shopplan.ui.live import Live, page


@page("growth")
def body(plan: Live) -> None:
    cards.chart(plan, "net_sales")
    cards.row(plan, "channel_sales", "channel_mix")
    cards.row(plan, "gross_margin", "season")
    tables.models(plan)
