"""What every page starts with: session, address, navigation, and the look that the theme cannot say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import streamlit as st

from shopplan.i18n import refusal, text
from shopplan.plan.templates import names
from shopplan.scenario import DEFAULT_TEMPLATE, Scenario
from shopplan.terms import ShopplanError
from shopplan.ui import state
from shopplan.ui.live import shop
from shopplan.ui.scenarios import opened
from shopplan.ui.words import escaped, t
from shopplan.workspace import PREFS

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent
PAGES = ("plan", "budget", "growth", "milestones", "resources", "cash", "data", "settings")
HOME = PAGES[0]


def run() -> None:
    """Set up the session once, then draw the page that the address names."""
    dropped: tuple[str, ...] = ()
    if not state.started():
        try:
            dropped = _start()
        except ShopplanError as error:  # the store cannot be opened: there is nothing to show but why
            lang = state.language(st.query_params.get("lang"), None, st.context.locale)
            st.error(text(lang, "app.no_store"))
            st.text(refusal(lang, error))
            st.stop()
    st.set_page_config(page_title=t("app.name"), page_icon=str(HERE / "icon.svg"), layout="wide")
    st.html(HERE / "app.css")
    st.html(f'<style>:root {{ --word-upload: "{t("action.upload")}"; }}</style>')
    pages = [_page(name, name) for name in PAGES[1:]]
    pages = [_page(HOME, "home", default=True), *pages, _page(HOME, HOME, visibility="hidden")]
    current = st.navigation(pages, position="top")
    if dropped:
        st.warning(t("state.link_dropped", parts=escaped(", ".join(dropped))))
    if told := state.told():
        st.toast(told)
    current.run()


def _page(name: str, path: str, **options: Any) -> Any:
    """A page; the home page stands twice, since the default page answers at the root only."""
    return st.Page(ROOT / "pages" / f"{name}.py", title=t(f"page.{name}"), url_path=path, **options)


def _start() -> tuple[str, ...]:
    """Read the address: ``s`` is a scenario, ``id`` a saved one, ``lang`` the language."""
    query = st.query_params.to_dict()
    stored = shop().work.get_setting(PREFS) or {}
    lang = state.language(query.get("lang"), stored.get("lang"), st.context.locale)
    against = state.Opened(Scenario())
    dropped: tuple[str, ...] = ()
    if "id" in query:
        try:
            against = _opened(query["id"])
        except ShopplanError:
            dropped = (f"id={query['id']}",)
    wanted = against.scenario
    if "s" in query:
        linked, left_out = state.read_link(query["s"])
        wanted, unknown = _known(linked)
        dropped += left_out + unknown
    state.start(wanted, against, state.Prefs(lang, stored.get("numbers", "")))
    return dropped


def _opened(address: str) -> state.Opened:
    """A saved scenario by ``id~version``: what was saved since stays newer, so that saving over it is a conflict."""
    id_, _, version = address.partition("~")
    found = opened(shop().work.load(id_))
    return replace(found, version=int(version)) if version.isdigit() else found


def _known(linked: Scenario) -> tuple[Scenario, tuple[str, ...]]:
    """The scenario of a link without the templates, channels and roles that this shop does not have, and those."""
    dropped: tuple[str, ...] = ()
    if linked.template not in names():
        dropped = (f"t{linked.template}",)
        linked = replace(linked, template=DEFAULT_TEMPLATE)
    try:
        levers = shop().baseline(linked.template).defaults if shop().ready else None
    except ShopplanError:  # the pages say what is in the way
        levers = None
    if levers is None:
        return linked, dropped
    values = tuple(pair for pair in linked.values if pair[0] in levers)
    locks = tuple(key for key in linked.locks if key in levers)
    dropped += tuple(key for key, _ in linked.values if key not in levers)
    dropped += tuple(f"lock={key}" for key in linked.locks if key not in levers)
    return replace(linked, values=values, locks=locks), dropped


run()
