"""Saving what a form holds: done, or said why not."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from shopplan.store.work import Conflict
from shopplan.terms import ShopplanError
from shopplan.ui.words import escaped, said, t


def save(put: Callable[[], object]) -> None:
    """Store what a form holds and draw the page anew; a conflict with somebody else, or a refusal, stands below it."""
    try:
        put()
    except Conflict:
        st.error(t("imports.conflict"))
        return
    except ShopplanError as error:
        st.error(escaped(said(error.whole)))
        return
    st.rerun()
