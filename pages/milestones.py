"""Milestones: when each is reached, and how likely."""

from shopplan.ui import tables, targets
from shopplan.ui.live import page

page("milestones", "milestones", tables.milestones, "net_sales")
targets.editor()
