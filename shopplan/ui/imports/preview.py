"""What was understood of a file, before anything is stored."""

from __future__ import annotations

from html import escape

import streamlit as st

from shopplan.i18n import Style, capital
from shopplan.ingest import ImportRefused, Look, Match, Receipt, Shape
from shopplan.terms import ShopplanError
from shopplan.ui.cards import table
from shopplan.ui.imports import account
from shopplan.ui.imports.columns import EXAMPLES, sure
from shopplan.ui.words import escaped, known, said, t

ROWS = 5
EVIDENCE = 6


def head(look: Look) -> None:
    """The file, what it is and how sure that is."""
    st.html(f'<h3 class="file-name">{escape(look.name)}</h3>')
    if look.shape is None or look.shape.match is None or look.refusal is not None:
        return
    match = look.shape.match
    confidence = getattr(getattr(look.parsed, "receipt", None), "confidence", match.confidence)
    named = known("format", match.format.id)
    told = t("imports.recognised", format=named, kind=known("kind", match.format.kind), sure=sure(confidence))
    st.html(f'<p class="lead">{escape(told)}</p>')


def body(receipt: Receipt, style: Style) -> None:
    """What storing it does: facts and sums, changes, what is left out, what is odd."""
    left, right = st.columns(2, gap="large")
    with left:
        _shown(account.facts(receipt, style), account.changes(receipt), account.replaced(receipt))
    with right:
        _shown(account.sums(receipt), account.left_out(receipt), account.statuses(receipt))
    _shown(account.notes(receipt))


def _shown(*tables: account.Table) -> None:
    for one in tables:
        if one.rows:
            table(*one)


def missing(match: Match) -> None:
    """Columns that a table still needs."""
    comma = said(", ")
    wanted = [" / ".join(known("meaning", id_) for id_ in group) for group in match.missing]
    st.info(t("imports.missing", columns=comma.join(wanted)))


def large(first: Receipt, shape: Shape | None, style: Style, again: bool) -> None:
    """A file that is not read to its end yet, or not as it is read now beside what is stored now: its first rows."""
    st.info(t("imports.outdated" if again else "imports.large"))
    rows = [(t("imports.first_days"), account.span(first.date_from, first.date_to, style))] if first.date_from else []
    if first.currency:
        rows.append((t("settings.currency"), first.currency.replace(",", ", ")))
    if shape is not None:
        read = [name for name, meaning in zip(shape.header, shape.meanings(), strict=True) if meaning]
        rows.append((t("imports.columns", read=len(read), count=len(shape.header)), said(", ").join(read)))
    _shown(account.Table([t("word.name"), t("word.value")], rows), account.notes(first))


def refused(name: str, error: ShopplanError, tried: bool = False) -> None:
    """Why a file cannot be stored, or was not when it was ``tried``, with row and column, and what to do."""
    st.error(t("files.refused" if tried else "imports.cannot", file=escaped(name)))
    rows = [(p.where or name, p.message) for p in error.problems] if isinstance(error, ImportRefused) else []
    rows = rows or [(error.where, error.message)]
    table([t("files.where"), t("files.why")], [(said(where), capital(said(why))) for where, why in rows])
    if error.hint:
        st.text(capital(said(error.hint)))


def how(shape: Shape) -> None:
    """How the file is written, which headers told what it is, and what each column means."""
    comma = said(", ")
    facts = [(t("imports.encoding"), shape.encoding or "XLSX")]
    if shape.delimiter:
        facts.append((t("imports.delimiter"), t(f"imports.delimiter.{_DELIMITERS[shape.delimiter]}")))
    facts.append((t("imports.header_line"), str(shape.header_line)))
    if shape.match is not None:
        facts.insert(0, (t("imports.told_by"), comma.join(shape.evidence()[:EVIDENCE])))
    table([t("word.name"), t("word.value")], facts)
    meant = [(place, meaning) for place, meaning in enumerate(shape.meanings()) if meaning]
    rows = [
        (shape.header[place], known("meaning", meaning), comma.join(x for x in shape.shown(place, EXAMPLES) if x))
        for place, meaning in meant
    ]
    head = [t("imports.column"), t("imports.meaning"), t("files.example")]
    table(head, rows, caption=t("imports.columns", read=len(meant), count=len(shape.header)))
    if meant and shape.rows:
        shown = [shape.shown(place, ROWS) for place, _ in meant]
        table([shape.header[place] for place, _ in meant], list(zip(*shown, strict=True)), caption=t("imports.first"))


_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
