"""How old the data behind a page are."""

from __future__ import annotations

from datetime import date

import pandas as pd

from shopplan.i18n import Style
from shopplan.ui import state
from shopplan.ui.words import t
from shopplan.workspace import Shop


def line(shop: Shop) -> str:
    """The newest day of sales, or of what else there is, and its age; empty where nothing is known."""
    rows = shop.facts.batches()
    if rows.empty:
        return t("data.none") if shop.ready else ""
    dated = rows.assign(day=pd.to_datetime(rows["date_to"])).dropna(subset="day")
    days = dated.loc[dated["kind"] == "sales", "day"]
    days = dated["day"] if days.empty else days
    if days.empty:
        return ""
    style = Style(state.prefs().lang, shop.currency(), state.prefs().numbers)
    newest = days.max().date()
    return t("data.age", day=style.date(newest), age=style.value("days", max(0, (date.today() - newest).days)))
