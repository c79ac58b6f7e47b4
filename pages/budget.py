"""Budget: how much to spend, when and where."""

from shopplan.ui import curves, tables
from shopplan.ui.live import page, shop
from shopplan.ui.state import scenario

page("budget", curves.news, ("spend", "orders_by_source"), "curves", tables.channels, curves.channel)
curves.desk(shop(), scenario().template)
