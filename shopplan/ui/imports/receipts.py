"""Receipts: of what was just imported, and of every import; to print, to keep, and to undo."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

import pandas as pd
import streamlit as st

from shopplan.i18n import Style
from shopplan.ingest import Receipt, receipt_csv
from shopplan.store.pace import Cancelled
from shopplan.terms import ShopplanError
from shopplan.ui import state
from shopplan.ui.cards import table
from shopplan.ui.imports import account, jobs, preview, sections
from shopplan.ui.imports.jobs import Outcome
from shopplan.ui.words import escaped, known, t
from shopplan.workspace import Shop

SHOWN = 12
"""Imports that the list shows at first."""


def _style(currency: str) -> Style:
    return Style(state.prefs().lang, currency, state.prefs().numbers)


def outcomes(done: Sequence[Outcome]) -> None:
    """What came of the last import, until the reader closes it."""
    stored = [one.receipt for one in done if one.receipt and not one.receipt.already_imported]
    if stored:
        rows = sum(receipt.rows_kept for receipt in stored)
        st.success(t("imports.done", files=len(stored), rows=f"{rows:,}"))
    for one in done:
        if isinstance(one.error, Cancelled):
            st.info(t("imports.stopped", file=escaped(one.name)))
        elif one.error is not None:
            preview.refused(one.name, one.error, tried=True)
        elif one.receipt is not None:
            _stored(one.receipt)
    if done and st.button(t("action.close"), key="close-outcomes"):
        state.set_imports(replace(state.imports(), outcomes=()))
        st.rerun()


def _stored(receipt: Receipt) -> None:
    """A receipt to open; a file that changed nothing is said so."""
    if receipt.already_imported:
        st.info(f"{escaped(receipt.file)}: {t('files.already')}")
        return
    with st.expander(t("imports.receipt_of", file=escaped(receipt.file))):
        preview.body(receipt, _style(receipt.currency))


def duplicate(batch: int) -> None:
    """A file that is stored already, and the way to its receipt."""
    st.info(t("imports.duplicate", number=batch))
    if st.button(t("imports.open"), key=f"open-{batch}"):
        sections.go("imports", str(batch))
        st.rerun()


def listed(shop: Shop) -> None:
    """All imports, newest first, and the receipt of the one that is chosen."""
    rows = shop.facts.batches()
    if rows.empty:
        st.write(t("files.none"))
        return
    every = len(rows) <= SHOWN or st.toggle(t("imports.every", count=len(rows)), key="imports-every")
    _list(rows if every else rows.head(SHOWN), _style(shop.currency()))
    ids = [int(i) for i in rows["batch_id"]]
    names = dict(zip(ids, rows["file"], strict=True))
    wanted = sections.target("imports")
    chosen = st.selectbox(
        t("imports.open"), ids, ids.index(int(wanted)) if wanted.isdigit() and int(wanted) in ids else None,
        format_func=lambda i: f"{i}: {names[i]}", key=f"receipt-{wanted}", placeholder=t("imports.choose"),
    )  # fmt: skip
    if chosen is not None:
        made = rows.loc[rows["batch_id"] == chosen, "imported_at"].iloc[0]
        _receipt(shop, chosen, made)


def _list(rows: pd.DataFrame, style: Style) -> None:
    shown = [
        (
            str(row["file"]),
            known("format", row["format"]),
            f"{row['rows_kept']:,}",
            *(style.date(row[day]) if row[day] == row[day] and row[day] else "" for day in ("date_from", "date_to")),
            str(row["currency"] or "").replace(",", ", "),
            str(row["batch_id"]),
        )
        for row in rows.to_dict("records")
    ]
    head = ("word.file", "word.kind", "word.rows", "word.from", "word.to", "settings.currency", "imports.number")
    table([t(h) for h in head], shown, numbers=(2, 6))


def _receipt(shop: Shop, batch: int, made: Any) -> None:
    """One receipt with its downloads and its undo."""
    receipt = shop.facts.receipt(batch)
    style = _style(receipt.currency)
    at = style.moment(pd.Timestamp(made).tz_localize("UTC").to_pydatetime())
    st.caption(escaped(f"{t('imports.imported_at', time=at)} · SHA-256 {receipt.sha256[:16]}…"))
    preview.body(receipt, style)
    stem = PurePosixPath(receipt.file).stem[:60] or "receipt"
    plain = json.dumps(receipt.to_dict(), ensure_ascii=False, indent=1)
    files = (
        ("imports.print", account.page(receipt, style, at), "html", "text/html"),
        ("imports.json", plain, "json", "application/json"),
        ("imports.csv", "\ufeff" + receipt_csv(receipt), "csv", "text/csv"),
    )
    with st.container(horizontal=True, key="receipt-actions"):
        for label, content, ending, mime in files:
            st.download_button(
                t(label), content, f"{stem}.receipt.{ending}", mime, key=f"{label}-{batch}", on_click="ignore"
            )
        _undo(shop, batch, receipt)


def _undo(shop: Shop, batch: int, receipt: Receipt) -> None:
    with st.popover(t("imports.undo")):
        st.write(t("files.remove.about"))
        for part in receipt.replaced:
            what = known("change", part.what)
            st.write(escaped(t("imports.restores", count=f"{part.count:,}", what=what, file=part.file)))
        if jobs.busy():  # the page would stand still until that is through
            st.write(t("imports.undo.waits"))
        elif st.button(t("imports.undo.go", file=escaped(receipt.file)), type="primary", key=f"undo-{batch}"):
            try:
                shop.remove_import(batch, state.who())
            except ShopplanError as error:
                preview.refused(receipt.file, error)
                return
            state.set_imports(replace(state.imports(), outcomes=()))
            sections.go("imports")
            st.rerun()
