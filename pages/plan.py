"""Plan: the live board."""

from shopplan.ui.live import page

page("plan", "net_sales", ("gross_margin", "cash"), "milestones", ("phases", "headcount"))
