"""What a session remembers: the scenario, its history, the saved scenario it is compared with, preferences, imports.

These are the only keys of ours in Streamlit's session state beside those of the lever panels.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import streamlit as st

from shopplan.i18n import LANGUAGES
from shopplan.scenario import Linked, Scenario, from_link, to_link

UNDO_DEPTH = 100


@dataclass(frozen=True, slots=True)
class Prefs:
    """How this session shows things; empty ``numbers`` is the custom of the language."""

    lang: str
    numbers: str = ""
    tables: bool = False


@dataclass(frozen=True, slots=True)
class History:
    """Earlier and undone scenarios; ``held`` is the scenario from before the thumb that is now down."""

    undo: tuple[Scenario, ...] = ()
    redo: tuple[Scenario, ...] = ()
    held: Scenario | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """The saved scenario that the session works on; without an id it is the shop's default plan."""

    scenario: Scenario
    id: str = ""
    name: str = ""
    version: int = 0


@dataclass(frozen=True, slots=True)
class Imports:
    """Files that this session brings.

    Attributes
    ----------
    round : int
        Counts its uploaders, of which a new one is empty.
    job : Job or None
        At work now.
    outcomes : tuple of Outcome
        What came of the last import.
    tried : mapping
        What trials found, by file and reading.
    seen : tuple
        Ids of the uploads that were looked at, and hashes of the files found in them.
    section : str
        To be opened next.
    target : tuple of str
        A section and what it begins with.
    """

    round: int = 0
    job: Any = None
    outcomes: tuple[Any, ...] = ()
    tried: Mapping[str, Any] = field(default_factory=dict)
    seen: tuple[tuple[str, ...], frozenset[str]] = ((), frozenset())
    section: str = ""
    target: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class Standing:
    """What can be done with the working scenario: whether it differs from the saved one, and which ways lead on."""

    changed: bool
    undo: bool
    redo: bool


def scenario() -> Scenario:
    """The working scenario."""
    return st.session_state["scenario"]


def history() -> History:
    """Undo and redo."""
    return st.session_state["history"]


def opened() -> Opened:
    """The saved scenario that figures are compared with."""
    return st.session_state["compare"]


def standing() -> Standing:
    """Where the working scenario stands."""
    past = history()
    return Standing(scenario() != opened().scenario, bool(past.undo), bool(past.redo))


def prefs() -> Prefs:
    """Language and number style."""
    return st.session_state["prefs"]


def imports() -> Imports:
    """Files on their way in."""
    return st.session_state.get("imports", Imports())


def set_imports(now: Imports) -> None:
    """Change what this session brings."""
    st.session_state["imports"] = now


def tell(words: str) -> None:
    """Something to say once the page is drawn anew; what is said before that would be lost."""
    st.session_state["told"] = words


def told() -> str:
    """What is to be said now."""
    return str(st.session_state.pop("told", ""))


def who() -> str:
    """Who acts, for the change log: there are no accounts, so it is the address of the browser's machine."""
    return st.context.ip_address or "127.0.0.1"


def started() -> bool:
    """Whether this session has been set up."""
    return "scenario" in st.session_state


def start(wanted: Scenario, against: Opened, preferences: Prefs) -> None:
    """Set up a session."""
    st.session_state.update(scenario=wanted, history=History(), compare=against, prefs=preferences)


def put(wanted: Scenario, moving: bool = False) -> None:
    """Change the working scenario; a whole drag is one step of the history."""
    past, now = history(), scenario()
    held = past.held if past.held is not None else now
    if moving:
        st.session_state["history"] = replace(past, held=held)
    elif wanted != held:
        st.session_state["history"] = History((*past.undo, held)[-UNDO_DEPTH:])
    else:
        st.session_state["history"] = replace(past, held=None)
    st.session_state["scenario"] = wanted


def undo() -> None:
    """Go one step back, if there is one."""
    past = history()
    if past.undo:
        st.session_state["history"] = History(past.undo[:-1], (*past.redo, scenario()))
        st.session_state["scenario"] = past.undo[-1]


def redo() -> None:
    """Go one undone step forward, if there is one."""
    past = history()
    if past.redo:
        st.session_state["history"] = History((*past.undo, scenario()), past.redo[:-1])
        st.session_state["scenario"] = past.redo[-1]


def open_saved(saved: Opened) -> None:
    """Work on a saved scenario; the way back stays in the history."""
    st.session_state["compare"] = saved
    put(saved.scenario)


def mark_saved(saved: Opened) -> None:
    """The working scenario is now what is saved."""
    st.session_state["compare"] = saved


def set_prefs(preferences: Prefs) -> None:
    """Change how this session shows things."""
    st.session_state["prefs"] = preferences


def language(query: str | None, stored: str | None, browser: str | None) -> str:
    """Language of a new session: asked for in the address, kept in the settings, or the browser's."""
    for wish in (query, stored, (browser or "").split("-")[0]):
        if wish in LANGUAGES:
            return str(wish)
    return LANGUAGES[0]


def address() -> dict[str, str]:
    """What reproduces the scenario on any page, beside the saved one that it is compared with."""
    saved = {"id": f"{opened().id}~{opened().version}"} if opened().id else {}
    return {"s": to_link(scenario()), **saved}


def sync_address() -> None:
    """Keep the address such that a reload shows the same, in the same language."""
    wanted = {**address(), "lang": prefs().lang}
    if st.query_params.to_dict() != wanted:
        st.query_params.from_dict(wanted)


def read_link(text: str) -> Linked:
    """Scenario of the address and what had to be left out of it, or limited."""
    return from_link(text)
