"""A live page: header, toolbar, and one fragment that holds the levers and everything they move."""

from __future__ import annotations

import gc
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import streamlit as st

from shopplan import plan
from shopplan.i18n import Style
from shopplan.plan import Baseline, PlanResult
from shopplan.scenario import Scenario
from shopplan.terms import DRAWS_DEFAULT, ShopplanError, Target
from shopplan.ui import cards, kpi, levers, scenarios, state, welcome
from shopplan.ui.imports import age, progress
from shopplan.workspace import Shop


@dataclass(frozen=True, eq=False)
class Live:
    """What the body of a page draws: the working plan beside the saved one.

    ``moving`` is true while a thumb is held.
    """

    page: str
    shop: Shop
    baseline: Baseline
    result: PlanResult
    saved: PlanResult
    targets: tuple[Target, ...]
    style: Style
    dark: bool
    moving: bool


@st.cache_resource(show_spinner=False)
def shop() -> Shop:
    """The one shop of this process."""
    return Shop.open()


@st.cache_resource(show_spinner=False)
def settle() -> bool:
    """Put everything loaded so far out of the garbage collector's sight: a full collection costs a drag its frames."""
    gc.collect()
    gc.freeze()
    return True


@lru_cache(maxsize=16)
def compute(scenario: Scenario, baseline: Baseline) -> PlanResult:
    """The plan of a scenario; kept for a while, since undo and comparison come back to it."""
    return plan.run(scenario, baseline, DRAWS_DEFAULT)


def page(name: str) -> Callable[[Callable[[Live], None]], Callable[[Live], None]]:
    """Draw a page whose body runs as its live fragment; title and question come from the catalogue."""

    def draw(body: Callable[[Live], None]) -> Callable[[Live], None]:
        _head(name)
        if not shop().ready:
            welcome.choices(shop())
            return body
        scenarios.bar(shop())
        try:
            baseline = shop().baseline(state.scenario().template)
            against = shop().baseline(state.opened().scenario.template)
        except ShopplanError as error:
            cards.problem(error)
            return body
        shop().learning.refresh()
        targets = shop().targets(baseline)
        dark, drawn = st.context.theme.type == "dark", state.standing()

        @st.fragment
        def board() -> None:
            _follow(drawn)
            live = Live(
                name,
                shop(),
                baseline,
                compute(state.scenario(), baseline),
                compute(state.opened().scenario, against),
                targets,
                Style(state.prefs().lang, baseline.currency, state.prefs().numbers),
                dark,
                state.history().held is not None,
            )
            _draw(live, body)

        board()
        settle()
        return body

    return draw


def _head(name: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="page-head"):
        cards.title(name, age.line(shop()))
        if shop().facts.is_demo():
            welcome.own_shop(shop())
    progress.line()


def _follow(drawn: state.Standing) -> None:
    """Draw the page anew where its bar, which no move of a lever redraws, does not offer what can be done by now.

    Not while a thumb is held. A lever that is moved back by hand leaves the bar as it is: drawing the page anew at
    every step of an arrow key about the saved value would cost as much as the plan.
    """
    now = state.standing()
    missing = (now.changed and not drawn.changed) or (now.undo and not drawn.undo) or now.redo != drawn.redo
    if state.history().held is None and missing:
        st.rerun()


def _draw(live: Live, body: Callable[[Live], None]) -> None:
    """The panel comes last although it stands first: with it the browser learns that everything before is drawn."""
    kpi.strip(live)
    left, right = st.columns([27, 73], gap="medium")
    with right:
        cards.findings(live)
        body(live)
    if not live.moving:
        state.sync_address()
    with left:
        levers.panel(live)


def plain(name: str) -> Callable[[Callable[[Shop], None]], Callable[[Shop], None]]:
    """Draw a page without levers."""

    def draw(body: Callable[[Shop], None]) -> Callable[[Shop], None]:
        cards.title(name, age.line(shop()))
        progress.line()
        body(shop())
        state.sync_address()
        return body

    return draw
