"""Saving what a form holds: done, or said why not."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from shopplan.store.work import Conflict
from shopplan.terms import ShopplanError
from shopplan.ui import state
from shopplan.ui.words import refused, t


def save(put: Callable[[], object], told: str = "") -> None:
    """Store what a form holds, draw the page anew and say so; a conflict or a refusal stands below the form."""
    try:
        put()
    except Conflict:
        st.error(t("imports.conflict"))
        return
    except ShopplanError as error:
        st.error(refused(error))
        return
    state.tell(told or t("state.saved"))
    st.rerun()
