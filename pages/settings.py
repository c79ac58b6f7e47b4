"""Settings: language, numbers, months, template, changes."""

from shopplan.ui import settings
from shopplan.ui.live import Shop, plain


@plain("settings")
def body(shop: Shop) -> None:
    settings.form(shop)
    settings.changes(shop)
