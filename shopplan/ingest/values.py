"""Cells to numbers: marks are decided once per column, from all its values."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from shopplan.ingest.money import CURRENCIES, LIMIT, MICRO
from shopplan.terms import Said

EMPTY = frozenset({"", "-", "--", "—", "na", "n/a", "nan", "null", "none"})
_SIGNS = {
    "¥": "CNY", "元": "CNY", "rmb": "CNY", "€": "EUR", "£": "GBP", "$": "USD", "us$": "USD", "₹": "INR",
    "₩": "KRW", "円": "JPY", "r$": "BRL", "hk$": "HKD", "nt$": "TWD", "a$": "AUD", "ca$": "CAD", "s$": "SGD",
    "zł": "PLN", "₫": "VND", "฿": "THB", "₱": "PHP", "₺": "TRY", "₽": "RUB",
}  # fmt: skip
_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹٫٬", "01234567890123456789.,")
_PLAIN = r"-?\d+(\.\d+)?"
_GAPS = r"[' \u00a0\u202f]"
_POINT_GROUPS = r"-?[1-9]\d{0,2}(\.\d{3})+"
_COMMA_GROUPS = r"-?(?:[1-9]\d{0,2}(?:,\d{3})+|[1-9]\d?(?:,\d{2})+,\d{3})"  # the second as in India: 1,00,000
_DECIMAL_POINT = r"^-?[^,]*\.\d*$|,\d{3}\.\d*$"
_DECIMAL_COMMA = r"^-?[^.]*,\d*$|\.\d{3},\d*$"
_NUMBER = re.compile(r"\d+(?:[.,' \u00a0\u202f]\d+)*|[.,]\d+")
_TOO_LARGE = Said("the number is too large")
_NO_NUMBER = "{value!r} is not a number"
_BELOW = "{value!r} is below zero, and a count cannot be"
_AS_POINT = "{value!r} is read with a decimal point, not as thousands"
_AS_THOUSANDS = "{value!r} is read as thousands, not with a decimal comma"


@dataclass
class Read:
    """Values of a column, and what is to be said about it.

    Attributes
    ----------
    values : array
        int64 millionths or datetime64[us].
    empty : array of bool
    bad : dict
        Position -> what is wrong with the cell.
    notes : list of Said
    currency : str
        From signs in the cells; several are separated by a blank.
    mark : str
        The decimal mark, where the column shows one.
    day_first : bool or None
        How 3/4/2026 is read; None where no date is written so.
    """

    values: npt.NDArray[np.generic]
    empty: npt.NDArray[np.bool_]
    bad: dict[int, Said] = field(default_factory=dict)
    notes: list[Said] = field(default_factory=list)
    currency: str = ""
    mark: str = ""
    day_first: bool | None = None


def numbers(cells: pd.Series, hint: str = "", whole: bool = False) -> Read:
    """Numbers as whole millionths, whatever the decimal and thousands marks, signs and brackets.

    ``hint`` is the decimal mark of the rest of the file, for a column that does not show its own; a ``whole``
    column holds counts, whose marks can only be thousands and which cannot be below zero.
    """
    codes, uniques = pd.factorize(cells)
    texts = pd.Series(uniques, dtype="str")
    empty = is_empty(texts)
    out = Read(np.zeros(0), empty[codes])
    known = texts.str.fullmatch(_PLAIN).to_numpy(dtype=bool) & ~empty
    problem, plain = None, texts
    if not ((known | empty).all() and _as_it_is(texts[known], out, hint, whole)):
        plain, problem = _one_mark(texts, empty, out, hint, whole)
        known = plain.str.fullmatch(_PLAIN).to_numpy(dtype=bool) & ~empty
    value = pd.to_numeric(plain.where(known)).to_numpy("float64")
    large = known & (np.abs(value) >= LIMIT)
    below = known & (value < 0) & whole
    known &= ~(large | below)
    micro = np.rint(np.where(known, value, 0) * MICRO).astype("int64")
    for i in np.flatnonzero(known & (np.abs(value) > 4e9)):  # a double no longer holds the millionths
        micro[i] = int(Decimal(plain[i]).scaleb(6))
    out.values = micro[codes]
    wrong = ~known & ~empty

    def why(i: int) -> Said:
        if large[i]:
            return _TOO_LARGE
        return Said(_BELOW, value=texts[i][:40]) if below[i] else problem or Said(_NO_NUMBER, value=texts[i][:40])

    out.bad = places(codes, wrong, why)
    return out


def is_empty(texts: pd.Series) -> npt.NDArray[np.bool_]:
    """Which cells say that there is no value."""
    plain = pc.ascii_lower(pc.utf8_trim_whitespace(pa.array(texts.array)))
    return pc.is_in(plain, pa.array(sorted(EMPTY), plain.type)).to_numpy(zero_copy_only=False)


def places(codes: npt.NDArray[np.int64], wrong: npt.NDArray[np.bool_], said: Callable[[int], Said]) -> dict[int, Said]:
    """Positions of the wrong values, with their message."""
    if not wrong.any():
        return {}
    return {int(i): said(codes[i]) for i in np.flatnonzero(wrong[codes])[:1000]}


def ascii_text(text: str) -> str:
    """Text with full-width and Arabic digits and marks as ASCII."""
    return unicodedata.normalize("NFKC", text).translate(_DIGITS)


def _unsigned(texts: pd.Series) -> tuple[pd.Series, str]:
    """Numbers with a plain leading minus and no currency signs, and the currencies that were seen."""
    found: set[str] = set()
    out = []
    for raw in texts:
        text = ascii_text(raw).replace("\u2212", "-").strip().strip("'")
        core = _NUMBER.search(text)
        if core is None:
            out.append(raw)
            continue
        around = (text[: core.start()] + text[core.end() :]).replace(" ", "").casefold()
        minus = around.count("-") == 1 or (around.startswith("(") and around.endswith(")"))
        sign = around.strip("()").replace("-", "").replace("+", "")
        currency = _SIGNS.get(sign) or (sign.upper() if sign.upper() in CURRENCIES else "")
        if sign and not currency:
            out.append(raw)
            continue
        found |= {currency} - {""}
        out.append(("-" if minus else "") + core.group())
    return pd.Series(out, index=texts.index, dtype="str"), " ".join(sorted(found))


def _as_it_is(texts: pd.Series, out: Read, hint: str, whole: bool) -> bool:
    """Whether plain numbers mean what they say: a point in them is a decimal one."""
    points = texts.str.contains(".", regex=False)
    groups = texts[points].str.fullmatch(_POINT_GROUPS)
    if groups.any() and (whole or hint == ","):
        return False
    out.mark = "." if not groups.all() else ""
    if not out.mark and not hint:
        out.notes += [Said(_AS_POINT, value=value) for value in texts[points][:1]]
    return True


def _one_mark(
    raw: pd.Series, empty: npt.NDArray[np.bool_], out: Read, hint: str, whole: bool
) -> tuple[pd.Series, Said | None]:
    """Numbers with a decimal point and no thousands marks, or the reason why the column cannot be read."""
    texts, out.currency = _unsigned(raw)
    if whole:
        groups = texts.str.fullmatch(f"(?:{_POINT_GROUPS}|{_COMMA_GROUPS})")
        texts = texts.where(~groups, texts.str.replace(r"[.,]", "", regex=True))
    if texts.str.contains(_GAPS, regex=True).any():
        texts = texts.str.replace(_GAPS, "", regex=True)
    body = texts[~empty]
    points, commas = body.str.fullmatch(_POINT_GROUPS), body.str.fullmatch(_COMMA_GROUPS)
    point = body.str.contains(_DECIMAL_POINT, regex=True) & ~points
    comma = body.str.contains(_DECIMAL_COMMA, regex=True) & ~commas
    if point.any() and comma.any():
        one, other = body[point].iloc[0], body[comma].iloc[0]
        return texts, Said("the column has two decimal marks ({one!r} and {other!r})", one=one, other=other)
    decimal_comma = bool(comma.any() or (not point.any() and body[points].str.count(r"\.").gt(1).any()))
    out.mark = "," if decimal_comma else "." if point.any() else ""
    if not out.mark:
        decimal_comma = hint == ","
    if not out.mark and not hint:
        out.notes += [Said(_AS_POINT, value=value) for value in body[points][:1]]
        out.notes += [Said(_AS_THOUSANDS, value=value) for value in body[commas][:1]]
    drop, mark = (".", ",") if decimal_comma else (",", ".")
    plain = texts.str.replace(drop, "", regex=False).str.replace(mark, ".", regex=False)
    bare = plain.str.startswith((".", "-."))
    return plain.mask(bare, plain[bare].str.replace(".", "0.", n=1, regex=False)) if bare.any() else plain, None
