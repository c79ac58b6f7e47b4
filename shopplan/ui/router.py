"""What every page starts with: session, address, navigation, and the look that the theme cannot say."""

from __future__ import annotations

from dataclasses import replace
from math import isclose
from pathlib import Path
from typing import Any

import streamlit as st

from shopplan.i18n import Style, refusal, text
from shopplan.plan import Baseline, resolve
from shopplan.plan.templates import names
from shopplan.scenario import DEFAULT_TEMPLATE, Linked, Scenario
from shopplan.terms import ShopplanError, split_key
from shopplan.typed import PREFS
from shopplan.ui import state
from shopplan.ui.live import shop
from shopplan.ui.scenarios import opened
from shopplan.ui.words import escaped, lever, t

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent
PAGES = ("plan", "budget", "growth", "milestones", "resources", "cash", "data", "settings")
HOME = PAGES[0]
Change = tuple[str, float, float]
"""Key of a lever or ``horizon``, what a link asks for, what it can be."""


def run() -> None:
    """Set up the session once, then draw the page that the address names."""
    notices: tuple[str, ...] = ()
    if not state.started():
        try:
            notices = _start()
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
    if notices:
        st.warning("\n\n".join(map(escaped, notices)))
    if told := state.told():
        st.toast(told)
    current.run()


def _page(name: str, path: str, **options: Any) -> Any:
    """A page; the home page stands twice, since the default page answers at the root only."""
    return st.Page(ROOT / "pages" / f"{name}.py", title=t(f"page.{name}"), url_path=path, **options)


def _start() -> tuple[str, ...]:
    """Read the address: ``s`` is a scenario, ``id`` a saved one, ``lang`` the language; what is to be said of it."""
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
    wanted: Scenario = against.scenario
    changed: list[Change] = []
    if "s" in query:
        linked = state.read_link(query["s"])
        known, unknown = _known(linked.scenario)
        wanted, changed = _fitting(known, linked, against.scenario)
        dropped += linked.dropped + unknown
    state.start(wanted, against, state.Prefs(lang, stored.get("numbers", "")))
    notices = [t("state.link_dropped", parts=", ".join(dropped))] * bool(dropped)
    return (*notices, *_limited(wanted.template, changed))


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
    baseline = _baseline(linked.template)
    if baseline is None:
        return linked, dropped
    levers = baseline.defaults
    values = tuple(pair for pair in linked.values if pair[0] in levers)
    locks = tuple(key for key in linked.locks if key in levers)
    dropped += tuple(key for key, _ in linked.values if key not in levers)
    dropped += tuple(f"lock={key}" for key in linked.locks if key not in levers)
    return replace(linked, values=values, locks=locks), dropped


def _baseline(template: str) -> Baseline | None:
    """What the levers of this shop are measured against; none where it has no plan, and the pages say why."""
    try:
        return shop().baseline(template) if shop().ready else None
    except ShopplanError:
        return None


def _fitting(known: Scenario, linked: Linked, saved: Scenario) -> tuple[Scenario, list[Change]]:
    """A link's scenario as this shop can have it, and what was asked for otherwise, beside what the saved one has."""
    asked = dict(known.values)
    asked |= {key: value for key, value in linked.limited if key in asked}
    baseline = _baseline(known.template)
    taken = dict(known.values) if baseline is None else resolve(known, baseline).by_key
    changed = [(key, value, taken[key]) for key, value in asked.items()
               if not isclose(value, taken[key], rel_tol=1e-9, abs_tol=1e-9) and saved.get(key) != value]  # fmt: skip
    fitting = known.with_values({key: value for key, _, value in changed})
    months = [(key, value, float(known.horizon)) for key, value in linked.limited if key == "horizon"]
    return fitting, changed + months


def _limited(template: str, changed: list[Change]) -> list[str]:
    """What a link asked for and what it is now, in words."""
    baseline, prefs = _baseline(template), state.prefs()
    style = Style(prefs.lang, baseline.currency if baseline else shop().currency(), prefs.numbers)
    parts = []
    for key, asked, taken in changed:
        if key == "horizon":
            label, unit = t("word.horizon"), "count"
        else:
            label, unit = lever(key, baseline) if baseline else key, split_key(key)[0].unit
        values = {"asked": style.value(unit, asked, full=True), "taken": style.value(unit, taken, full=True)}
        parts.append(t("state.link_limit", label=label, **values))
    return [t("state.link_limited", parts="; ".join(parts))] * bool(parts)


run()
