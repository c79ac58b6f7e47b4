"""Own promotions and times without stock, to be changed on the Growth page."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from shopplan.plan.occasions import KINDS, PROMOTION, STOCK_OUT, Occasion
from shopplan.terms import ShopplanError
from shopplan.ui import state, words
from shopplan.ui.words import t

if TYPE_CHECKING:
    from shopplan.workspace import Shop

COLUMNS = ("name", "kind", "start", "end")


def desk(shop: Shop, start: date) -> None:
    """A table to change, add to and save; forecasts, which begin at ``start``, and curves follow."""
    with st.expander(t("occasions")):
        st.write(t("occasions.about"))
        kept = shop.occasions()
        ahead = [f"{o.name} {o.end}" for o in kept if o.kind == STOCK_OUT and o.end >= start.isoformat()]
        if ahead:
            st.caption(words.escaped(t("occasions.ahead", names=", ".join(ahead))))
        frame = pd.DataFrame([(o.name, o.kind, o.start, o.end) for o in kept], columns=list(COLUMNS), dtype="str")
        edited = st.data_editor(
            frame, num_rows="dynamic", hide_index=True, column_config=_columns(), placeholder=t("data.typed.empty"),
            key=f"occasions-{shop.version()}",
        )  # fmt: skip
        if st.button(t("action.save"), type="primary", key="save-occasions"):
            try:
                shop.set_occasions(read_rows(edited), state.who())
            except ShopplanError as error:
                st.error(words.refused(error))
                return
            shop.learning.refresh()
            st.rerun()


def _columns() -> dict[str, Any]:
    """What the columns hold; none is required, since rows that lack a value would vanish instead of being refused."""
    c = st.column_config
    day: dict[str, Any] = {"help": t("curves.test.day"), "validate": r"^\d{4}-\d{2}-\d{2}$"}
    return {
        "name": c.TextColumn(t("occasions.name"), help=t("occasions.name.help")),
        "kind": c.SelectboxColumn(
            t("occasions.kind"), options=KINDS, format_func=lambda k: t(f"occasions.{k}"), default=PROMOTION
        ),
        "start": c.TextColumn(t("curves.test.start"), **day),
        "end": c.TextColumn(t("curves.test.end"), **day),
    }  # fmt: skip


def read_rows(edited: pd.DataFrame) -> tuple[Occasion, ...]:
    """The rows of the table; one in which nothing was filled in is none, one half filled in is refused by its check."""
    rows = edited[edited[["name", "start", "end"]].notna().any(axis=1)].fillna({"kind": PROMOTION}).fillna("")
    return tuple(Occasion(*(str(row[c]).strip() for c in COLUMNS)) for row in rows.to_dict("records"))
