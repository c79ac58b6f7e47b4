"""How a file is read: what its columns mean, its currency, its days; guessed, shown, and changed by the reader."""

from __future__ import annotations

import streamlit as st

from shopplan.ingest import KINDS, Look, Mapping, Options, Receipt, Shape, assumed, guess, likely_kind, meanings
from shopplan.ingest.money import CURRENCIES
from shopplan.terms import ShopplanError
from shopplan.ui.words import escaped, known, t

EXAMPLES = 2
"""Cells shown beside a column."""
USUAL = ("CNY", "USD", "EUR", "GBP", "JPY", "HKD")
"""Currencies that stand first."""
FEW = 9
"""So many columns are shown at once."""
SURE, LIKELY = 0.85, 0.6
"""Confidence from which a guess is called sure, or likely."""


def sure(confidence: float) -> str:
    """A confidence in words."""
    return t(
        "imports.sure.high" if confidence >= SURE else f"imports.sure.{'medium' if confidence >= LIKELY else 'low'}"
    )


def needs_mapping(look: Look) -> bool:
    """Whether a table is not known, or lacks a needed column."""
    return look.shape is not None and (look.shape.match is None or bool(look.shape.match.missing))


def needs_days(look: Look) -> bool:
    """Whether a report of spend does not say its days."""
    if look.parsed is not None or look.shape is None or look.shape.match is None:
        return False
    return look.shape.match.format.kind == "spend" and "date" not in look.shape.meanings()


def choices(look: Look, uid: str) -> tuple[Options, Mapping | None]:
    """What the reader says about a file: options for reading it again, and the mapping if there is one to keep."""
    options: Options = {}
    if needs_days(look):
        options = _days(uid)
    if look.shape is None:
        return options, None
    if not needs_mapping(look) and not st.toggle(t("imports.remap"), key=f"remap-{uid}", help=t("imports.remap.help")):
        return options, None
    mapping = _mapping(look.shape, uid)
    return {**options, "mapping": mapping}, mapping


def _days(uid: str) -> Options:
    """First and last day of a report that names none."""
    st.write(t("imports.days.about"))
    left, right = st.columns(2)
    first = left.text_input(t("imports.days.first"), key=f"first-{uid}", placeholder="2026-01-01")
    last = right.text_input(t("imports.days.last"), key=f"last-{uid}", placeholder="2026-01-31")
    return {"period": (first.strip(), last.strip())} if first.strip() and last.strip() else {}


def _mapping(shape: Shape, uid: str) -> Mapping:
    """Selectors for the kind, each column, and what no column says."""
    kinds = st.columns(2)
    likely = likely_kind(shape.header, shape.rows)
    called = {kind: t(f"imports.kind.{kind}") for kind in KINDS}
    kind = kinds[0].selectbox(
        t("imports.kind"), KINDS, KINDS.index(likely), format_func=called.__getitem__, key=f"kind-{uid}"
    )
    read = shape.meanings()
    guessed = guess(shape.header, shape.rows, kind)
    offered = ("", *meanings(kind))
    begin = [
        (own, 1.0) if own in offered and own else (meaning, confidence)
        for own, (_, meaning, confidence) in zip(read, guessed, strict=True)
    ]
    order = sorted(range(len(shape.header)), key=lambda place: (not begin[place][0], place))
    found = [place for place in order if begin[place][0] or len(order) <= FEW]
    chosen: dict[int, str] = {}
    chosen |= _selectors(shape, uid, kind, found, begin, offered)
    rest = [place for place in order if place not in found and shape.header[place]]
    if rest:
        with st.expander(t("imports.other_columns", count=len(rest)), expanded=not found):
            chosen |= _selectors(shape, uid, kind, rest, begin, offered)
    columns = {shape.header[place]: meaning for place, meaning in chosen.items() if meaning}
    return Mapping(kind, columns, shape.header, *_said(set(columns.values()), uid))


def _selectors(
    shape: Shape, uid: str, kind: str, places: list[int], begin: list[tuple[str, float]], offered: tuple[str, ...]
) -> dict[int, str]:
    """A selector a column, its first cells and the confidence of the guess below."""
    chosen = {}
    called = {meaning: known("meaning", meaning) if meaning else t("imports.not_read") for meaning in offered}
    for i, place in enumerate(places):
        if i % 3 == 0:
            row = st.columns(3)
        meaning, confidence = begin[place]
        with row[i % 3]:
            chosen[place] = st.selectbox(
                escaped(shape.header[place]), offered, offered.index(meaning), key=f"map-{uid}-{kind}-{place}",
                format_func=called.__getitem__,
            )  # fmt: skip
            cells = ", ".join(cell for cell in shape.shown(place, EXAMPLES) if cell)
            told = t("imports.guess", sure=sure(confidence)) if meaning else ""
            st.caption(escaped(" · ".join(part for part in (told, cells[:60]) if part)) or "–")
    return chosen


def _said(read: set[str], uid: str) -> tuple[str, str, bool | None]:
    """Currency and channel where no column says them, and the order of day and month."""
    left, middle, right = st.columns(3)
    currency = channel = ""
    if "currency" not in read:
        codes = ("", *USUAL, *sorted(set(CURRENCIES) - set(USUAL)))
        called = {code: code or t("imports.from_file") for code in codes}
        currency = left.selectbox(t("settings.currency"), codes, format_func=called.__getitem__, key=f"currency-{uid}")
    if "channel" not in read:
        channel = middle.text_input(t("word.channel"), key=f"channel-{uid}", placeholder="online").strip()
    orders = {None: t("imports.order.auto"), True: t("imports.order.day"), False: t("imports.order.month")}
    first = right.selectbox(t("imports.order"), list(orders), format_func=orders.__getitem__, key=f"order-{uid}")
    return currency, channel, first


def currency(shape: Shape | None, receipt: Receipt, uid: str) -> None:
    """The currency of a file that names none, to be put right; a mapping says it elsewhere."""
    match = shape.match if shape else None
    if match is None or match.format.currency or f"currency-{uid}" in st.session_state:
        return
    if not (assumed(receipt.problems) or f"in-{uid}" in st.session_state):
        return
    codes = list(dict.fromkeys((*USUAL, *sorted(CURRENCIES), receipt.currency)))
    st.selectbox(t("imports.currency"), codes, codes.index(receipt.currency), key=f"in-{uid}", width=260)


def picked(uid: str, first: str) -> Options:
    """The currency that was picked for a file, where it is another than it was ``first`` taken for."""
    code = first if f"currency-{uid}" in st.session_state else st.session_state.get(f"in-{uid}", first)
    return {"currency": str(code)} if code != first else {}


def from_file(content: bytes) -> Mapping | ShopplanError:
    """A mapping out of the small file that keeps it."""
    try:
        return Mapping.from_json(content.decode("utf-8", "replace"))
    except ShopplanError as error:
        return error
