"""The settings page: how things are shown, how many months are planned, which source plan fills the gaps."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from shopplan.i18n import LANGUAGES, NUMBERS
from shopplan.plan.templates import names
from shopplan.terms import HORIZON_MAX, HORIZON_MIN
from shopplan.ui import state
from shopplan.ui.cards import section
from shopplan.ui.words import t
from shopplan.workspace import CURRENCIES, CURRENCY, PREFS, Shop


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
