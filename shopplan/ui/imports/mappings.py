"""Remembered mappings: what the columns of the shop's own tables mean, to look at, take along, bring and forget."""

from __future__ import annotations

import streamlit as st

from shopplan.terms import ShopplanError
from shopplan.ui import state
from shopplan.ui.cards import table
from shopplan.ui.imports import columns
from shopplan.ui.words import escaped, known, said, t
from shopplan.workspace import Shop


def listed(shop: Shop) -> None:
    """The remembered mappings, and a file of one to bring."""
    st.write(t("mappings.about"))
    kept = shop.work.mappings()
    if kept:
        comma = said(", ")
        rows = [
            (
                comma.join(m.header),
                t(f"imports.kind.{m.kind}"),
                comma.join(known("meaning", x) for x in m.columns.values()),
            )
            for m in kept.values()
        ]
        table([t("mappings.header"), t("word.kind"), t("imports.meaning")], rows)
        called = {id_: escaped(comma.join(m.header)[:60]) for id_, m in kept.items()}
        ids = list(kept)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            chosen = st.selectbox(t("mappings.which"), ids, format_func=called.__getitem__, key="mapping")
            st.download_button(
                t("imports.mapping.save"), kept[chosen].to_json(), "mapping.json", "application/json",
                key="mapping-save", on_click="ignore",
            )  # fmt: skip
            if st.button(t("mappings.forget"), key="mapping-forget"):
                shop.work.forget_mapping(chosen, state.who())
                st.rerun()
    _bring(shop, len(kept))


def _bring(shop: Shop, round: int) -> None:
    brought = st.file_uploader(t("mappings.bring"), "json", key=f"mapping-file-{round}")
    if brought is None:
        return
    mapping = columns.from_file(brought.getvalue())
    if isinstance(mapping, ShopplanError):
        st.error(escaped(said(mapping.whole)))
    elif mapping.fingerprint not in shop.work.mappings():
        shop.work.remember_mapping(mapping, state.who())
        st.rerun()
    else:
        st.info(t("mappings.known"))
