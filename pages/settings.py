"""Settings: language, numbers, months, template, changes."""

from shopplan.ui import settings
from shopplan.ui.live import plain

plain("settings", settings.form, settings.changes)
