"""Data: what the plan knows about the shop, and how it comes to know more."""

from shopplan.ui import data
from shopplan.ui.live import plain

plain("data", data.page)
