"""Data quality: what is odd or missing, one sentence each, with the click that mends it."""

from __future__ import annotations

from datetime import date
from html import escape
from typing import Any

import streamlit as st

from shopplan.i18n import Style, has
from shopplan.store.channels import channel
from shopplan.store.quality import Finding, Held, findings
from shopplan.ui import state
from shopplan.ui.imports import sections
from shopplan.ui.words import known, t
from shopplan.workspace import Shop

_SECTION = {"receipt": "imports"}
"""Where a fix has not the name of its section."""


def found(shop: Shop) -> tuple[Finding, ...]:
    """What the rules find in the facts of now."""
    return _found(shop.version(), date.today(), shop)


@st.cache_data(max_entries=8, show_spinner=False)
def _found(version: str, today: date, _shop: Shop) -> tuple[Finding, ...]:
    imports = _shop.facts.batches()
    if imports.empty:
        return ()
    stated = [_shop.facts.receipt(int(batch)).channels for batch in imports["batch_id"]]
    imports["channels"] = [tuple(channel(name).id for name in names) for names in stated]
    view = _shop.view()
    unrated = tuple(one.currency for one in _shop.unconverted())
    sales, spend = _shop.facts.daily_sales(view), _shop.facts.daily_spend(view)
    typed = {channel for channel, entry in _shop.entered().channels.items() if entry.spend}
    rows = findings(Held(sales, spend, imports, _shop.channels(), today, unrated))
    return tuple(one for one in rows if one.code != "no_spend" or not (typed and (spend.empty or one.target in typed)))


def listed(shop: Shop, rows: tuple[Finding, ...]) -> None:
    """The findings, or that there are none."""
    if not rows:
        st.write(t("quality.none"))
        return
    names = {str(row["id"]): str(row["name"]) for row in shop.channels().to_dict("records")}
    style = Style(state.prefs().lang, shop.currency(), state.prefs().numbers)
    for i, one in enumerate(rows):
        with st.container(horizontal=True, vertical_alignment="center", key=f"finding-{i}"):
            told = sentence(one, names, style)
            st.html(f'<p class="finding">{escape(told)}</p>')
            if st.button(t(f"quality.fix.{one.fix}"), key=f"fix-{i}"):
                sections.go(_SECTION.get(one.fix, one.fix), told if one.fix == "bring" else one.target)
                st.rerun()


_MONTHS = ("gap_months", "gap_spend")
"""Findings whose days are whole months."""


def sentence(one: Finding, names: dict[str, str], style: Style) -> str:
    """A finding in words."""
    shown = {name: _word(one.code, name, value, names, style) for name, value in one.values.items()}
    alone, key = f"quality.{one.code}.one", f"quality.{one.code}"
    told = t(alone if one.values.get("first") == one.values.get("last") and has(style.lang, alone) else key, **shown)
    return t("quality.more", told=told, count=one.more) if one.more else told


def _word(code: str, name: str, value: Any, names: dict[str, str], style: Style) -> str:
    """A value of a finding as its reader knows it."""
    if name == "channel":
        return known("channel", value, names.get(value, value))
    if isinstance(value, date):
        return style.month(value) if code in _MONTHS else style.date(value)
    if name == "times":
        return f"{value:.1f}"
    if name == "share":
        return f"{value:.0%}"
    return style.value("days", value) if name in ("age", "days") else str(value)
