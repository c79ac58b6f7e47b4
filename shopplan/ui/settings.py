"""The settings page: how things are shown, how many months are planned, which source plan fills the gaps, and what
was changed by whom."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import streamlit as st

from shopplan.forecast.events import EVERYWHERE
from shopplan.i18n import LANGUAGES, NUMBERS, Style
from shopplan.plan.templates import names
from shopplan.store.work import AuditRow
from shopplan.terms import HORIZON_MAX, HORIZON_MIN
from shopplan.typed import CURRENCY, EVENTS, PREFS
from shopplan.ui import state
from shopplan.ui.cards import section, table
from shopplan.ui.words import known, t
from shopplan.workspace import CURRENCIES, Shop

CHANGES = 50


def form(shop: Shop) -> None:
    """Draw the settings; each takes effect at once."""
    now = state.prefs()
    left, right = st.columns(2, gap="large")
    with left:
        section(t("settings.look"))
        lang = st.selectbox(
            t("settings.language"),
            LANGUAGES,
            LANGUAGES.index(now.lang),
            format_func=lambda x: t(f"settings.language.{x}"),
        )
        styles = ("", *NUMBERS)
        numbers = st.selectbox(
            t("settings.numbers"),
            styles,
            styles.index(now.numbers),
            format_func=lambda x: t(f"settings.numbers.{x or 'auto'}"),
        )
        if (lang, numbers) != (now.lang, now.numbers):
            state.set_prefs(replace(now, lang=lang, numbers=numbers))
            shop.work.set_setting(PREFS, {"lang": lang, "numbers": numbers}, who=state.who())
            st.rerun()
        _currency(shop)
        _events(shop)
    with right:
        section(t("settings.scope"))
        scenario = state.scenario()
        months = st.number_input(
            t("settings.months"), HORIZON_MIN, HORIZON_MAX, scenario.horizon, help=t("settings.months.help")
        )
        template = st.selectbox(
            t("settings.template"), names(), names().index(scenario.template), format_func=lambda x: t(f"template.{x}"),
            help=t("settings.template.help"),
        )  # fmt: skip
        state.put(replace(scenario, horizon=int(months), template=template))


def _currency(shop: Shop) -> None:
    if shop.currencies():
        st.selectbox(t("settings.currency"), (shop.currency(),), disabled=True, help=t("settings.currency.from_data"))
        return
    chosen = st.selectbox(t("settings.currency"), CURRENCIES, CURRENCIES.index(shop.currency()))
    if chosen != shop.currency():
        shop.work.set_setting(CURRENCY, chosen, who=state.who())
        st.rerun()


def _events(shop: Shop) -> None:
    """Whose shop events forecasts, budgets and curves know."""
    known = ("", "CN", "US", EVERYWHERE)
    now = str(shop.work.get_setting(EVENTS) or "")
    chosen = st.selectbox(
        t("settings.events"), known, known.index(now) if now in known else 0, help=t("settings.events.help"),
        format_func=lambda x: t(f"settings.events.{x or 'auto'}"),
    )  # fmt: skip
    if chosen != now:
        shop.set_events(chosen, state.who())
        st.rerun()


def changes(shop: Shop) -> None:
    """The newest rows of the audit log; the command line prints them all."""
    rows = shop.work.audit(CHANGES)
    section(t("settings.changes"))
    if not rows:
        st.caption(t("settings.changes.none"))
        return
    style = Style(state.prefs().lang, shop.currency(), state.prefs().numbers)
    head = [t(f"settings.changes.{column}") for column in ("when", "who", "what", "about")]
    body = [
        (style.moment(datetime.fromisoformat(row.at)), row.who or "–", known("audit", row.action), _about(row))
        for row in rows
    ]
    table(head, body)


def _about(row: AuditRow) -> str:
    """What was changed, settings by their names in words."""
    return known("setting", row.about.partition(":")[0], row.about) if row.action == "setting.save" else row.about
