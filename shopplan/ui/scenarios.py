"""The bar above a live page: undo, redo, reset, save, open, share; and the dialogs behind it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from html import escape
from typing import Literal
from urllib.parse import urlencode

import streamlit as st

from shopplan.i18n import Style
from shopplan.scenario import Scenario
from shopplan.store.work import Conflict, Saved
from shopplan.terms import ShopplanError
from shopplan.ui import state
from shopplan.ui.words import escaped, refused, t
from shopplan.workspace import Shop

NAME_ROOM = 60
"""A copy's name keeps so much of the original's, so that it stays within what the store takes."""
WHICH = "open-which"
"""Key of the choice in the list of scenarios."""


def bar(shop: Shop) -> None:
    """Draw the bar; what would do nothing now is disabled."""
    saved, now = state.opened(), state.standing()
    name = f"<b>{escape(saved.name or t('scenario.default'))}</b>"
    shown = t("word.of_item", label=t("word.scenario"), item=name)
    mark = f'<span class="scenario-changed">{t("scenario.changed")}</span>' if now.changed else ""
    months = {state.scenario().horizon, saved.scenario.horizon}
    if len(months) > 1:
        mark += f'<span class="scenario-compared">{t("scenario.compared", months=min(months))}</span>'
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="scenario-bar"):
        st.html(f'<span class="scenario-name">{shown}</span>{mark}', width="content")
        st.button(t("action.undo"), on_click=state.undo, shortcut="Ctrl+Z", key="undo", disabled=not now.undo)
        st.button(t("action.redo"), on_click=state.redo, shortcut="Ctrl+Y", key="redo", disabled=not now.redo)
        st.button(t("action.reset"), on_click=_reset, help=t("scenario.reset.help"), key="reset",
                  disabled=not now.changed)  # fmt: skip
        about = t("scenario.save.help", name=escaped(saved.name)) if saved.id else t("scenario.save.default")
        kind: Literal["primary", "secondary"] = "primary" if now.changed else "secondary"
        if st.button(t("action.save"), type=kind, shortcut="Ctrl+S", key="save", help=about,
                     disabled=bool(saved.id) and not now.changed, on_click=_save, args=(shop,)):  # fmt: skip
            if not saved.id:
                save_as(shop)
            elif now.changed:  # still: somebody saved in between
                conflict(shop)
        if st.button(t("action.save_as"), key="save-as"):
            save_as(shop)
        if st.button(t("action.open"), key="open"):
            open_one(shop)
        if st.button(t("action.share"), key="share"):
            share()
        st.toggle(t("action.show_table"), value=state.prefs().tables, key="tables", on_change=_tables)


def _reset() -> None:
    state.put(state.opened().scenario)


def _tables() -> None:
    state.set_prefs(replace(state.prefs(), tables=bool(st.session_state["tables"])))


def _save(shop: Shop) -> None:
    """Save over the saved scenario before the page is drawn; one without an id needs a name first."""
    saved = state.opened()
    if not saved.id:
        return
    with suppress(Conflict):
        row = shop.work.save_scenario(saved.id, state.scenario(), saved.name, saved.version, state.who())
        state.mark_saved(opened(row))
        st.toast(t("state.saved_as", name=escaped(row.name)))


def opened(row: Saved) -> state.Opened:
    """A stored scenario as the session remembers it."""
    return state.Opened(row.scenario, row.id, row.name, row.version)


def _titled(key: str, body):  # type: ignore[no-untyped-def]
    """A dialog whose title is in the session's language; the decorator alone would fix it at import."""
    return st.dialog(t(key))(body)


def save_as(shop: Shop) -> None:
    """Ask for a name and save a new scenario."""

    def body() -> None:
        with st.form("save-as", border=False):
            name = st.text_input(t("word.name"), max_chars=80)
            if st.form_submit_button(t("action.save"), type="primary"):
                try:
                    row = shop.work.save_scenario(None, state.scenario(), name, who=state.who())
                except ShopplanError as error:
                    st.error(refused(error))
                    return
                state.mark_saved(opened(row))
                st.rerun()

    _titled("action.save_as", body)()


def conflict(shop: Shop) -> None:
    """Somebody saved in between: open theirs, or keep both."""

    def body() -> None:
        st.write(t("state.conflict"))
        saved = state.opened()
        with st.container(horizontal=True):
            both = st.button(t("conflict.both"), type="primary")
            theirs = st.button(t("conflict.theirs"))
        try:
            if both:
                name = t("conflict.copy", name=saved.name[:NAME_ROOM])
                state.mark_saved(opened(shop.work.save_scenario(None, state.scenario(), name, who=state.who())))
            elif theirs:
                state.open_saved(opened(shop.work.load(saved.id)))
        except ShopplanError as error:
            st.error(refused(error))
            return
        if both or theirs:
            st.rerun()

    _titled("conflict.title", body)()


def open_one(shop: Shop) -> None:
    """List the saved scenarios: open, rename, duplicate, delete."""

    def body() -> None:
        rows = shop.work.scenarios()
        if rows:
            _pick(shop, rows)
        else:
            st.write(t("scenario.none"))
        if st.button(t("scenario.open_default"), type="tertiary", key="open-default"):
            state.open_saved(state.Opened(Scenario()))
            st.rerun()

    _titled("action.open", body)()


def _pick(shop: Shop, rows: Sequence[Saved]) -> None:
    """Choose a stored scenario, and what to do with it."""
    chosen = st.selectbox(t("word.scenario"), rows, format_func=lambda row: row.name, key=WHICH)
    name = st.text_input(t("word.name"), chosen.name, max_chars=80, key=f"name-{chosen.id}-{chosen.version}")
    style = Style(state.prefs().lang, shop.currency())
    when = style.moment(datetime.fromisoformat(chosen.updated))
    st.caption(t("scenario.saved_at", when=when, version=chosen.version))
    with st.container(horizontal=True):
        if st.button(t("action.open"), type="primary", key="open-it"):
            state.open_saved(opened(chosen))
            st.rerun()
        _work(shop, chosen, name)


def _work(shop: Shop, chosen: Saved, name: str) -> None:
    """Rename, duplicate and delete a stored scenario."""
    try:
        if st.button(t("action.rename"), key="rename-it"):
            row = shop.work.rename(chosen.id, name, chosen.version, state.who())
            if (state.opened().id, state.opened().version) == (chosen.id, chosen.version):
                state.mark_saved(opened(row))
            st.rerun()
        st.button(t("action.duplicate"), key="duplicate-it", on_click=_duplicate, args=(shop, chosen))
        with st.popover(t("action.delete")):
            st.text(t("scenario.delete.about", name=chosen.name))
            if st.button(t("scenario.delete.go"), type="primary", key="delete-it"):
                shop.work.delete(chosen.id, chosen.version, state.who())
                if state.opened().id == chosen.id:
                    state.mark_saved(state.Opened(Scenario()))
                st.rerun()
    except ShopplanError as error:
        st.error(refused(error))


def _duplicate(shop: Shop, chosen: Saved) -> None:
    """Make a copy before the list is drawn, so that it is chosen there, and say so."""
    try:
        copy = shop.work.duplicate(chosen.id, t("conflict.copy", name=chosen.name[:NAME_ROOM]), state.who())
    except ShopplanError as error:  # deleted meanwhile: the list is drawn without it
        st.toast(refused(error))
        return
    st.session_state[WHICH] = copy
    st.toast(t("scenario.copied", name=escaped(copy.name)))


def share() -> None:
    """The address that reproduces the scenario on the page it was copied from; its reader's language is his own."""

    def body() -> None:
        base = (st.context.url or "").partition("?")[0]
        st.write(t("share.about"))
        st.code(f"{base}?{urlencode(state.address(), safe=':=~')}", language=None, wrap_lines=True)

    _titled("action.share", body)()
