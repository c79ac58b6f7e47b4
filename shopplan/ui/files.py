"""Bringing files: upload, look at what was understood, commit; the list of imports."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from shopplan.i18n import Style
from shopplan.ingest import FORMATS, Parsed, columns_of, read, sample_csv
from shopplan.terms import ShopplanError
from shopplan.ui import state
from shopplan.ui.words import known, t
from shopplan.workspace import Shop

TYPES = ("csv", "txt", "gz", "xlsx")


def upload(shop: Shop, key: str) -> None:
    """Uploader, preview and commit; a file that cannot be used says what to do and changes nothing."""
    uploaded = st.file_uploader(t("files.drop"), type=TYPES, accept_multiple_files=True, key=f"upload-{key}")
    for i, file in enumerate(uploaded or []):
        try:
            parsed = _read(file.getvalue(), file.name)
        except ShopplanError as error:
            _refused(file.name, error)
            continue
        _preview(parsed)
        if st.button(t("files.commit", file=file.name), type="primary", key=f"commit-{key}-{i}"):
            _commit(shop, parsed)


@st.cache_data(max_entries=4, show_spinner=True)
def _read(content: bytes, name: str) -> Parsed:
    return read(content, name)


def _commit(shop: Shop, parsed: Parsed) -> None:
    try:
        with st.spinner(t("files.storing")):
            receipt = shop.commit(parsed)
    except ShopplanError as error:
        _refused(parsed.receipt.file, error)
        return
    if receipt.already_imported:
        st.info(t("files.already"))
        return
    st.toast(t("files.stored", rows=f"{receipt.rows_kept:,}"))
    st.rerun()


def _refused(name: str, error: ShopplanError) -> None:
    st.error(t("files.refused", file=_plain(name)))
    rows = [
        {t("files.where"): str(p).partition(": ")[0], t("files.why"): p.message} for p in getattr(error, "problems", [])
    ]
    st.dataframe(
        pd.DataFrame(rows or [{t("files.where"): error.where, t("files.why"): error.message}]), hide_index=True
    )
    if error.hint:
        st.text(error.hint)


def _preview(parsed: Parsed) -> None:
    """What was understood, before anything is stored."""
    r = parsed.receipt
    st.text(
        t("files.understood", file=r.file, format=known("format", r.format), encoding=r.encoding, line=r.header_line)
    )
    sums = {known("sum", k): str(v) for k, v in r.sums.items()}
    facts = {
        t("files.read"): f"{r.rows_read:,}",
        t("files.kept"): f"{r.rows_kept:,}",
        t("files.span"): f"{r.date_from} – {r.date_to}",
        t("settings.currency"): r.currency,
        **sums,
    }
    st.dataframe(pd.DataFrame(facts.items(), columns=[t("word.name"), t("word.value")]), hide_index=True)
    if r.rows_left_out:
        left = [(known("reason", x.reason), x.count, str(x.sum)) for x in r.rows_left_out]
        st.text(t("files.left_out"))
        st.dataframe(pd.DataFrame(left, columns=[t("files.why"), t("word.rows"), t("word.amount")]), hide_index=True)
    for problem in r.problems:
        st.text(str(problem))


def imports(shop: Shop, style: Style) -> None:
    """The imports, newest first, each removable as a whole."""
    rows = shop.facts.batches()
    if rows.empty:
        st.write(t("files.none"))
        return
    shown = pd.DataFrame(
        {
            t("word.file"): rows["file"],
            t("word.kind"): [known("format", f) for f in rows["format"]],
            t("word.rows"): [f"{n:,}" for n in rows["rows_kept"]],
            t("word.from"): [style.date(d) if d == d and d else "" for d in rows["date_from"]],
            t("word.to"): [style.date(d) if d == d and d else "" for d in rows["date_to"]],
            t("settings.currency"): rows["currency"],
        }
    )
    st.dataframe(shown, hide_index=True, key="imports")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        ids = dict(zip(rows["batch_id"], rows["file"], strict=True))
        chosen = st.selectbox(t("files.which"), list(ids), format_func=lambda i: f"{i}: {ids[i]}", key="import-which")
        if st.button(t("files.remove"), key="remove-import"):
            shop.facts.remove_batch(int(chosen))
            st.rerun()


def expected() -> None:
    """The columns that files may hold, and an example of each kind."""
    lang = state.prefs().lang
    for format_ in FORMATS:
        columns = columns_of(format_.id)
        if not columns:
            continue
        with st.expander(known("format", format_.id)):
            needed = {id_ for group in format_.needs for id_ in group}
            table = [
                (own[0], ", ".join(own[1:]), ", ".join(c.examples), known("number", "on" if c.id in needed else "off"))
                for c in columns
                for own in [(c.zh if lang == "zh" else c.en).split("|")]
            ]
            names = [t("word.name"), t("files.synonyms"), t("files.example"), t("files.required")]
            st.dataframe(pd.DataFrame(table, columns=names), hide_index=True, key=f"columns-{format_.id}")
            st.download_button(
                t("files.sample"),
                sample_csv(format_.id, lang),
                f"{format_.id}.csv",
                "text/csv",
                key=f"sample-{format_.id}",
            )


def _plain(text: str) -> str:
    """A file name in a message, without meaning to markdown."""
    return "".join(" " if sign in "`*_[]()<>#!|~$:\\" else sign for sign in text)
