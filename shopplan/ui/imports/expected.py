"""The columns that the shop's own tables may hold, and a sample of each kind."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from shopplan.ingest import FORMATS, columns_of, sample_csv
from shopplan.ui import state
from shopplan.ui.words import known, said, t


def columns() -> None:
    """What is recognised without asking, and what an own table may hold."""
    lang = state.prefs().lang
    formats = [(format_, columns) for format_ in FORMATS if (columns := columns_of(format_.id))]
    with st.expander(t("data.columns")):
        exports = dict.fromkeys(known("format", format_.id) for format_ in FORMATS if format_.channel)
        st.write(t("imports.exports", names=said(", ").join(exports)))
        st.write(t("data.columns.about"))
        tabs = st.tabs([known("format", format_.id) for format_, _ in formats])
        for tab, (format_, columns) in zip(tabs, formats, strict=True):
            needed = {id_ for group in format_.groups for id_ in group}
            rows = [
                (own[0], t("word.yes") if c.id in needed else "", ", ".join(own[1:]), ", ".join(c.examples))
                for c in columns
                for own in [(c.zh if lang == "zh" else c.en).split("|")]
            ]
            with tab:
                names = [t("word.name"), t("files.required"), t("files.synonyms"), t("files.example")]
                st.dataframe(pd.DataFrame(rows, columns=names), hide_index=True, key=f"columns-{format_.id}")
                st.download_button(
                    t("files.sample"), sample_csv(format_.id, lang), f"{format_.id}.csv", "text/csv",
                    key=f"sample-{format_.id}", on_click="ignore",
                )  # fmt: skip
