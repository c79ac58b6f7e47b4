"""Cash & stock: whether the cash lasts."""

from shopplan.ui.live import page

page("cash", "cash", ("cash_bridge", "stock"))
