"""Growth & mix: where growth comes from."""

from shopplan.ui import cards, forecasts
from shopplan.ui.live import Live, page, shop
from shopplan.ui.state import scenario


@page("growth")
def body(plan: Live) -> None:
    cards.chart(plan, "net_sales")
    cards.row(plan, "channel_sales", "channel_mix")
    cards.row(plan, "gross_margin", "season")


forecasts.report(shop(), scenario().template)
