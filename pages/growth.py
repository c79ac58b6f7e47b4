"""Growth & mix: where growth comes from."""

from shopplan.ui import forecasts
from shopplan.ui.live import page, shop
from shopplan.ui.state import scenario

page("growth", "net_sales", ("channel_sales", "channel_mix"), ("gross_margin", "season"))
forecasts.report(shop(), scenario().template)
