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


Row = str | tuple[str, ...] | Callable[[Live], None]
"""A row of a page: a chart, charts side by side, or anything else that a function draws."""


def page(name: str, *rows: Row) -> None:
    """Draw a page whose rows are its live fragment; title and question come from the catalogue."""
    _head(name)
    if not shop().ready:
        welcome.choices(shop())
        return
    scenarios.bar(shop())
    try:
        baseline = shop().baseline(state.scenario().template)
        against = shop().baseline(state.opened().scenario.template)
    except ShopplanError as error:
        cards.problem(error)
        return
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
        _draw(live, rows)

    board()
    settle()


def _head(name: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="page-head"):
        cards.title(name, age.line(shop()))
        if shop().facts.is_demo():
            welcome.own_shop(shop())
    progress.line()


def _follow(drawn: state.Standing) -> None:
    """Draw the page anew where its bar, which no move of a lever redraws, does not offer what can be done by now.

    Not while a thumb is held. A lever that is moved back by hand leaves the bar as it is, but for its word of changes
    (`cards.findings`): drawing the page anew at every step about the saved value would cost as much as the plan.
    """
    now = state.standing()
    missing = (now.changed and not drawn.changed) or (now.undo and not drawn.undo) or now.redo != drawn.redo
    if state.history().held is None and missing:
        st.rerun()


def _draw(live: Live, rows: tuple[Row, ...]) -> None:
    """All is made before any of it is sent, so that the browser gets it at once and draws the page anew less often.

    The panel comes last although it stands first: with it the browser learns that everything before is drawn.
    """
    names = [name for row in rows if not callable(row) for name in _charts(row)]
    charts = {name: cards.chart(live, name) for name in names}
    findings, panel = cards.findings(live), levers.groups(live)
    kpi.strip(live)
    left, right = st.columns([27, 73], gap="medium")
    with right:
        st.html(findings)
        for row in rows:
            _place(live, row, charts)
    if not live.moving:
        state.sync_address()
    with left:
        levers.panel(live, panel)


def _charts(row: str | tuple[str, ...]) -> tuple[str, ...]:
    return (row,) if isinstance(row, str) else row


def _place(live: Live, row: Row, charts: dict[str, cards.Chart]) -> None:
    """Draw a row; charts side by side stand one below the other on a narrow window."""
    if callable(row):
        row(live)
    elif isinstance(row, str):
        cards.place(charts[row], live.style, live.dark)
    else:
        for column, name in zip(st.columns(len(row), gap="medium"), row, strict=True):
            with column:
                cards.place(charts[name], live.style, live.dark)


def plain(name: str, *parts: Callable[[Shop], None]) -> None:
    """Draw a page without levers."""
    cards.title(name, age.line(shop()))
    progress.line()
    for part in parts:
        part(shop())
    state.sync_address()
