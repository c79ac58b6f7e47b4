"""Bringing files: upload, look at what was understood, commit; the list of imports."""

from __future__ import annotations

from datetime import date

import pandas as pd
import streamlit as st

from shopplan.i18n import Style
from shopplan.ingest import FORMATS, Parsed, columns_of, read, sample_csv
from shopplan.terms import ShopplanError
from shopplan.ui import state
from shopplan.ui.cards import table
from shopplan.ui.words import escaped, known, said, t
from shopplan.workspace import Shop

TYPES = ("csv", "txt", "gz", "xlsx")


def upload(shop: Shop, key: str) -> None:
    """Uploader, preview and commit; a file that cannot be used says what to do and changes nothing."""
    uploaded = st.file_uploader(
        t("files.drop"), type=TYPES, accept_multiple_files=True, key=f"upload-{key}", help=t("files.drop.help")
    )
    for i, file in enumerate(uploaded or []):
        try:
            with st.spinner(t("files.reading")):
                parsed = _read(file.getvalue(), file.name)
        except ShopplanError as error:
            _refused(file.name, error)
            continue
        _preview(parsed)
        if st.button(t("files.commit", file=escaped(file.name)), type="primary", key=f"commit-{key}-{i}"):
            _commit(shop, parsed)


@st.cache_data(max_entries=4, show_spinner=False)
def _read(content: bytes, name: str) -> Parsed:
    return read(content, name)


def _commit(shop: Shop, parsed: Parsed) -> None:
    try:
        with st.spinner(t("files.storing")):
            receipt = shop.commit(parsed, state.who())
    except ShopplanError as error:
        _refused(parsed.receipt.file, error)
        return
    if receipt.already_imported:
        st.info(t("files.already"))
        return
    st.toast(t("files.stored", rows=f"{receipt.rows_kept:,}"))
    st.rerun()


def _refused(name: str, error: ShopplanError) -> None:
    st.error(t("files.refused", file=escaped(name)))
    rows = [(p.where or name, p.message) for p in getattr(error, "problems", [])]
    rows = rows or [(error.where, error.message)]
    table([t("files.where"), t("files.why")], [(said(where), said(why)) for where, why in rows])
    if error.hint:
        st.text(said(error.hint))


def _preview(parsed: Parsed) -> None:
    """What was understood, before anything is stored."""
    r = parsed.receipt
    st.text(
        t("files.understood", file=r.file, format=known("format", r.format), encoding=r.encoding, line=r.header_line)
    )
    style = Style(state.prefs().lang, str(r.currency))
    sums = {known("sum", k): f"{v:,}" for k, v in r.sums.items()}
    facts = {
        t("files.read"): f"{r.rows_read:,}",
        t("files.kept"): f"{r.rows_kept:,}",
        t("files.span"): " – ".join(style.date(date.fromisoformat(d)) for d in (r.date_from, r.date_to) if d),
        t("settings.currency"): str(r.currency),
        **sums,
    }
    table([t("word.name"), t("word.value")], list(facts.items()), numbers=(1,))
    if r.rows_left_out:
        left = [(known("reason", x.reason), f"{x.count:,}", f"{x.sum:,}") for x in r.rows_left_out]
        table([t("files.why"), t("word.rows"), t("word.amount")], left, numbers=(1, 2), caption=t("files.left_out"))
    for problem in r.problems:
        st.text(said(str(problem)))


def imports(shop: Shop, style: Style) -> None:
    """The imports, newest first, each removable as a whole."""
    rows = shop.facts.batches()
    if rows.empty:
        st.write(t("files.none"))
        return
    columns = (rows[name] for name in ("file", "format", "rows_kept", "date_from", "date_to", "currency"))
    shown = [
        (
            file,
            known("format", kind),
            f"{kept:,}",
            *(style.date(d) if d == d and d else "" for d in span),
            currency or "",
        )
        for file, kind, kept, *span, currency in zip(*columns, strict=True)
    ]
    head = ("word.file", "word.kind", "word.rows", "word.from", "word.to", "settings.currency")
    table([t(h) for h in head], shown, numbers=(2,))
    with st.popover(t("files.remove")):
        st.write(t("files.remove.about"))
        ids = dict(zip(rows["batch_id"], rows["file"], strict=True))
        chosen = st.selectbox(t("files.which"), list(ids), format_func=lambda i: f"{i}: {ids[i]}", key="import-which")
        if st.button(t("action.remove"), type="primary", key="remove-import"):
            shop.remove_import(int(chosen), state.who())
            st.rerun()


def expected() -> None:
    """The columns that files may hold, and an example of each kind."""
    lang = state.prefs().lang
    formats = [(format_, columns) for format_ in FORMATS if (columns := columns_of(format_.id))]
    with st.expander(t("data.columns")):
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
                    key=f"sample-{format_.id}",
                )  # fmt: skip
