"""Currencies: the one that all figures are in, and what the others are worth in it."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from shopplan.i18n import Style
from shopplan.store.view import Rate, Rates
from shopplan.typed import RATES
from shopplan.ui import state
from shopplan.ui.cards import table
from shopplan.ui.imports import sections
from shopplan.ui.imports.saving import save
from shopplan.ui.words import said, t
from shopplan.workspace import CURRENCIES, Shop


def editor(shop: Shop) -> None:
    """Reported currency, rates as they stand with the missing ones first, and one more to add."""
    _reported(shop)
    rates = shop.rates()
    version = shop.work.setting_version(RATES)
    typed = shop.entered().foreign
    named = (*shop.currencies(), shop.currency(), *(one.currency for one in typed))
    needed = [code for code in dict.fromkeys(named) if code != rates.base]
    if not needed and not rates.rows:
        st.write(t("rates.one", currency=shop.currency()))
        return
    style = Style(state.prefs().lang, shop.currency(), state.prefs().numbers)
    missing = shop.unconverted()
    rows = [
        (one.currency, t("rates.missing"), f"{one.month_from} – {one.month_to}", _lost(style, one.net, one.spend))
        for one in missing
    ]
    rows += [
        (one.currency, t("rates.missing"), t("rates.typed"), _lost(style, 0.0, one.amount))
        for one in typed
        if one.what != "sales_last_month"
    ]
    rows += [
        (rate.currency, f"{rate.value:g} {rates.base}", rate.since or t("rates.always"), "") for rate in rates.rows
    ]
    head = [t("settings.currency"), t("rates.rate"), t("rates.since"), t("rates.left_out")]
    if rows:
        table(head, rows)
    wanted = sections.target("rates") or next(
        iter((*(one.currency for one in missing), *(one.currency for one in typed))), ""
    )
    _add(shop, rates, version, needed, wanted)
    _remove(shop, rates, version)


def _reported(shop: Shop) -> None:
    stored = shop.currencies()
    if not stored:
        return
    now = shop.currency()
    codes = list(dict.fromkeys((now, *stored, *CURRENCIES)))
    chosen = st.selectbox(t("rates.reported"), codes, 0, help=t("rates.reported.help"), key=f"reported-{now}")
    if chosen != now:
        shop.set_currency(chosen, state.who())
        st.rerun()


def _lost(style: Style, net: float, spend: float) -> str:
    """Money in no figure for want of a rate; a currency's own amounts, so without its sign."""
    parts = [(t("sum.net"), net), (t("sum.spend"), spend)]
    return said(", ").join(f"{name} {style.count(value)}" for name, value in parts if value)


def _add(shop: Shop, rates: Rates, version: int, needed: list[str], wanted: str) -> None:
    codes = list(dict.fromkeys((*needed, *(rate.currency for rate in rates.rows))))
    with st.form(f"rate-{version}-{wanted}", border=False):
        left, middle, right = st.columns(3)
        code = left.selectbox(t("settings.currency"), codes, codes.index(wanted) if wanted in codes else 0)
        value = middle.number_input(
            t("rates.worth", base=rates.base), min_value=0.0, value=None, step=0.01, format="%.6f"
        )
        since = right.text_input(t("rates.since"), placeholder="2026-01", help=t("rates.since.help")).strip()
        if not st.form_submit_button(t("rates.set"), type="primary"):
            return
    rest = tuple(rate for rate in rates.rows if (rate.currency, rate.since) != (code, since))
    save(lambda: _put(shop, rates, (*rest, Rate(str(code), value or 0.0, since)), version))


def _remove(shop: Shop, rates: Rates, version: int) -> None:
    if not rates.rows:
        return
    with st.popover(t("rates.remove")):
        labels = [f"{rate.currency} {rate.value:g} {rate.since}".strip() for rate in rates.rows]
        place = st.selectbox(t("rates.rate"), range(len(labels)), format_func=lambda i: labels[i], key="rate-which")
        if st.button(t("action.remove"), type="primary", key="remove-rate"):
            rest = tuple(rate for i, rate in enumerate(rates.rows) if i != place)
            save(lambda: _put(shop, rates, rest, version))


def _put(shop: Shop, rates: Rates, rows: tuple[Rate, ...], version: int) -> None:
    shop.set_rates(replace(rates, rows=rows), state.who(), version)
