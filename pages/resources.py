"""Resources: who and what the plan takes."""

from shopplan.ui import tables
from shopplan.ui.live import page

page("resources", "phases", "headcount", tables.phase_table)
