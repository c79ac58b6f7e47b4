"""The first screen: try the demo shop, bring a file, or start from three numbers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import streamlit as st

from shopplan.i18n import amount, percent, written
from shopplan.terms import ShopplanError
from shopplan.ui import state
from shopplan.ui.cards import section
from shopplan.ui.imports import upload
from shopplan.ui.words import refused, t
from shopplan.workspace import CURRENCIES, Shop

MARGINS = (1, 99)
"""Percent that a gross margin may be; 0.41 is a share, and no margin of a shop."""


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
    """The three numbers to type, begun with those of now; ``go`` is the word of its button.

    They are fields of text, since one of numbers drops what it cannot read (of 30万 it keeps 30) and says nothing.
    """
    now = shop.entered()
    percents = None if now.gross_margin is None else 100 * now.gross_margin
    with st.form("three-numbers", border=False):
        currency = st.selectbox(t("settings.currency"), CURRENCIES, index=CURRENCIES.index(shop.currency()))
        example = t("welcome.amount")
        sales = st.text_input(t("welcome.sales"), written(now.sales_last_month), placeholder=example)
        marketing = st.text_input(t("welcome.marketing"), written(now.marketing_month), placeholder=example)
        margin = st.text_input(t("welcome.margin"), written(percents, "%", 6), placeholder=t("welcome.percent"))
        go_on = st.form_submit_button(go, type="primary")
        refusal = st.empty()  # in its place at every run, so that an old one is gone at once
        if go_on:
            if wrong := _enter(shop, currency, sales, marketing, margin):
                refusal.error("\n\n".join(map(refused, wrong)))
            else:
                st.rerun()


def _enter(shop: Shop, currency: str, sales: str, marketing: str, margin: str) -> list[ShopplanError]:
    """Take the three numbers as they were typed; what is wrong with each where one cannot be."""
    wrong: list[ShopplanError] = []

    def read(reader: Callable[[], float]) -> float:
        try:
            return reader()
        except ShopplanError as error:
            wrong.append(error)
            return 0.0

    sold = read(lambda: amount(sales, currency, t("welcome.sales")))
    spent = read(lambda: amount(marketing, currency, t("welcome.marketing")))
    kept = read(lambda: percent(margin, *MARGINS, t("welcome.margin")))
    last_month = date.today().replace(day=1) - timedelta(days=1)
    if not wrong:
        try:
            shop.enter_numbers(sold, spent, kept, last_month, currency, state.who())
        except ShopplanError as error:
            wrong.append(error)
    return wrong
