"""The sections of the Data page, of which one is open; a finding opens the one that mends it, filled in."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from shopplan.ui import state
from shopplan.ui.words import t

SECTIONS = ("checks", "imports", "channels", "rates", "typed", "mappings", "assumptions")
_CHOSEN = "data-section"


def choose(counts: dict[str, int]) -> str:
    """The section that is open; ``counts`` stand behind the names."""
    names = {section: t(f"data.section.{section}") for section in SECTIONS}
    names |= {section: f"{names[section]} ({count})" for section, count in counts.items() if count}
    if wanted := state.imports().section:
        st.session_state[_CHOSEN] = wanted
        state.set_imports(replace(state.imports(), section=""))
    return str(
        st.segmented_control(
            t("data.sections"), SECTIONS, default=None if _CHOSEN in st.session_state else SECTIONS[0], required=True,
            format_func=names.__getitem__, key=_CHOSEN, label_visibility="collapsed",
        )
        or SECTIONS[0]
    )  # fmt: skip


def go(section: str, target: str = "") -> None:
    """Open a section at the next run, with what it is to begin with; ``bring`` is the uploader, open at all times."""
    opened = section if section in SECTIONS else ""
    state.set_imports(replace(state.imports(), section=opened, target=(section, target)))


def target(section: str) -> str:
    """What a section begins with; empty where the reader came by himself."""
    where, what = state.imports().target
    return what if where == section else ""
