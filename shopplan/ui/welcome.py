"""The first screen: try the demo shop, bring a file, or start from three numbers."""

from __future__ import annotations

from datetime import date, timedelta

import streamlit as st

from shopplan.terms import ShopplanError
from shopplan.ui import state
from shopplan.ui.cards import section
from shopplan.ui.imports import upload
from shopplan.ui.words import refused, t
from shopplan.workspace import CURRENCIES, Shop


def choices(shop: Shop, demo: bool = True) -> None:
    """Three ways in, one click each; ``demo`` is left out where the demo shop is open, or files without sales are."""
    lead = "welcome.lead" if demo else "data.demo_makes_way"
    if demo and not shop.facts.batches().empty:
        demo, lead = False, "welcome.no_sales"
    st.html(f'<p class="lead">{t(lead)}</p>')
    columns = st.columns(3 if demo else 2, gap="medium", border=True)
    if demo:
        with columns[0]:
            _demo(shop)
    with columns[-2]:
        section(t("welcome.file"))
        st.write(t("welcome.file.about"))
        upload.bring(shop, "welcome")
    with columns[-1]:
        _numbers(shop)


def own_shop(shop: Shop) -> None:
    """The way from the demo shop to one's own."""
    st.html(f'<span class="demo-note">{t("state.demo")}</span>', width="content")
    if st.button(t("welcome.own"), key="own-shop"):
        st.dialog(t("welcome.own"), width="large")(lambda: choices(shop, demo=False))()


def _demo(shop: Shop) -> None:
    section(t("welcome.demo"))
    st.write(t("welcome.demo.about"))
    if st.button(t("welcome.demo.go"), type="primary", key="start-demo"):
        with st.spinner(t("word.loading")):
            shop.load_demo(state.who())
        st.rerun()


def _numbers(shop: Shop) -> None:
    section(t("welcome.numbers"))
    st.write(t("welcome.numbers.about"))
    numbers(shop, t("welcome.numbers.go"))


def numbers(shop: Shop, go: str) -> None:
    """The three numbers to type, begun with those of now; ``go`` is the word of its button."""
    now = shop.entered()
    with st.form("three-numbers", border=False):
        currency = st.selectbox(t("settings.currency"), CURRENCIES, index=CURRENCIES.index(shop.currency()))
        sales = st.number_input(t("welcome.sales"), 0.0, None, now.sales_last_month, 1000.0, "%.0f")
        marketing = st.number_input(t("welcome.marketing"), 0.0, None, now.marketing_month, 100.0, "%.0f")
        percent = None if now.gross_margin is None else round(min(max(100 * now.gross_margin, 1.0), 99.0), 6)
        margin = st.number_input(t("welcome.margin"), 1.0, 99.0, percent, 1.0, "%.0f")
        go_on = st.form_submit_button(go, type="primary")
        refusal = st.empty()  # in its place at every run, so that an old one is gone at once
        if go_on:
            try:
                last_month = date.today().replace(day=1) - timedelta(days=1)
                shop.enter_numbers(
                    sales or 0.0, marketing or 0.0, (margin or 0.0) / 100, last_month, currency, state.who()
                )
            except ShopplanError as error:
                refusal.error(refused(error))
                return
            st.rerun()
