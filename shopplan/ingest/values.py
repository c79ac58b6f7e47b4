"""Cells to numbers and dates: marks and orders are decided once per column, from all its values."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np
import numpy.typing as npt
import pandas as pd

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
_ISO = r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?)?"
_TIME = (
    r"(?:[T ,]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*([AaPp]\.?[Mm]\.?)?"
    r"\s*(?:Z|[A-Z]{2,5}|(?:UTC|GMT)?[+-]\d{1,2}(?::?\d{2})?)?)?"
)
_YEAR_FIRST = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?" + _TIME)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})" + _TIME)
_YEAR_LAST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})" + _TIME)
_NAME = r"([^\W\d_]{3,12})\.?"
_MONTH_FIRST = re.compile(_NAME + r" (\d{1,2}),? (\d{4})" + _TIME)
_DAY_FIRST = re.compile(r"(\d{1,2})\.?[ -](?:de )?" + _NAME + r"[ ,-]+(?:de )?(\d{4})" + _TIME)
_NAMES = (
    "jan ene gen",
    "feb fev",
    "mar mrz mrt maa",
    "apr avr abr",
    "may mai mag mei",
    "jun giu juin",
    "jul lug juil",
    "aug ago aou",
    "sep set",
    "oct okt ott out",
    "nov",
    "dec dez dic",
)
"""Beginnings of month names in English, German, French, Spanish, Italian, Portuguese and Dutch, without accents."""
_MONTHS = {name: number for number, names in enumerate(_NAMES, 1) for name in names.split()}
_SERIAL = r"[2-7]\d{4}(\.\d+)?"
"""Days since 30 December 1899, as spreadsheets keep them; 1954 to 2119."""
YEARS = (1990, 2100)
_TOO_LARGE = Said("the number is too large")
_NO_NUMBER, _NO_DATE = "{value!r} is not a number", "{value!r} is not a date"
_AS_POINT = "{value!r} is read with a decimal point, not as thousands"
_AS_THOUSANDS = "{value!r} is read as thousands, not with a decimal comma"
Three = tuple[int, int, int]
Parts = tuple[str, Three, Three]
"""Layout (``ymd``, or ``xy`` where day and month stand before the year), its numbers, and the time of day."""


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
    column holds counts, whose marks can only be thousands.
    """
    codes, uniques = pd.factorize(cells)
    texts = pd.Series(uniques, dtype="str")
    empty = texts.str.strip().str.casefold().isin(EMPTY).to_numpy()
    out = Read(np.zeros(0), empty[codes])
    if texts[~empty].str.fullmatch(_PLAIN).all():
        signed, mark_free = texts, True
    else:
        signed, out.currency = _unsigned(texts)
        mark_free = False
    if whole:
        groups = signed.str.fullmatch(f"(?:{_POINT_GROUPS}|{_COMMA_GROUPS})")
        signed = signed.where(~groups, signed.str.replace(r"[.,]", "", regex=True))
    plain, problem = _one_mark(signed, empty, out, mark_free and not hint, hint)
    known = plain.str.fullmatch(_PLAIN).to_numpy(dtype=bool) & ~empty
    value = pd.to_numeric(plain.where(known)).to_numpy("float64")
    large = known & (np.abs(value) >= LIMIT)
    known &= ~large
    micro = np.rint(np.where(known, value, 0) * MICRO).astype("int64")
    for i in np.flatnonzero(known & (np.abs(value) > 4e9)):  # a double no longer holds the millionths
        micro[i] = int(Decimal(plain[i]).scaleb(6))
    out.values = micro[codes]
    wrong = ~known & ~empty
    out.bad = _places(
        codes, wrong, lambda i: _TOO_LARGE if large[i] else problem or Said(_NO_NUMBER, value=texts[i][:40])
    )
    return out


def dates(cells: pd.Series, day_first: bool | None = None) -> Read:
    """Days and times as they stand, without zones; the order of day and month is decided for the whole column.

    ``day_first`` holds where these cells do not show their order.
    """
    codes, uniques = pd.factorize(cells)
    ascii_only = "".join(uniques).isascii()
    texts = pd.Series(uniques if ascii_only else map(_plain, uniques), dtype="str").str.strip(" '\t")
    empty = texts.str.casefold().isin(EMPTY).to_numpy()
    out = Read(np.zeros(0), empty[codes])
    problem = None
    if texts[~empty].str.fullmatch(_ISO).all():
        stamps = pd.to_datetime(texts.where(~empty), format="ISO8601", errors="coerce").to_numpy("datetime64[us]")
    elif texts[~empty].str.fullmatch(_SERIAL).all():
        seconds = np.rint(pd.to_numeric(texts.where(~empty)).fillna(0).to_numpy("float64") * 86_400)
        stamps = np.datetime64("1899-12-30", "us") + seconds.astype("timedelta64[s]").astype("timedelta64[us]")
        stamps[empty] = np.datetime64("NaT")
        out.notes.append(Said("numbers are read as days counted by a spreadsheet"))
    else:
        parts = [None if e else _date_parts(text) for text, e in zip(texts, empty, strict=True)]
        problem = _find_order(parts, out, day_first)
        stamps = np.array([_stamp(part, bool(out.day_first)) for part in parts], dtype="datetime64[us]")
    years = stamps.astype("datetime64[Y]").astype("int64") + 1970
    outside = ~np.isnat(stamps) & ((years < YEARS[0]) | (years > YEARS[1]))
    wrong = (np.isnat(stamps) | outside) & ~empty | (np.array([bool(problem)]) & ~empty)
    out.values = stamps[codes]
    early = Said("the year is outside {first} to {last}", first=YEARS[0], last=YEARS[1])
    out.bad = _places(codes, wrong, lambda i: problem or (early if outside[i] else Said(_NO_DATE, value=texts[i])))
    return out


def _places(codes: npt.NDArray[np.int64], wrong: npt.NDArray[np.bool_], said: Callable[[int], Said]) -> dict[int, Said]:
    """Positions of the wrong values, with their message."""
    if not wrong.any():
        return {}
    return {int(i): said(codes[i]) for i in np.flatnonzero(wrong[codes])[:1000]}


def _plain(text: str) -> str:
    """Text with full-width and Arabic digits and marks as ASCII."""
    return unicodedata.normalize("NFKC", text).translate(_DIGITS)


def _unsigned(texts: pd.Series) -> tuple[pd.Series, str]:
    """Numbers with a plain leading minus and no currency signs, and the currencies that were seen."""
    found: set[str] = set()
    out = []
    for raw in texts:
        text = _plain(raw).replace("\u2212", "-").strip().strip("'")
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


def _one_mark(
    texts: pd.Series, empty: npt.NDArray[np.bool_], out: Read, mark_free: bool, hint: str
) -> tuple[pd.Series, Said | None]:
    """Numbers with a decimal point and no thousands marks, or the reason why the column cannot be read."""
    if not mark_free and texts.str.contains(_GAPS, regex=True).any():
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
    if mark_free:
        return texts, None
    drop, mark = (".", ",") if decimal_comma else (",", ".")
    plain = texts.str.replace(drop, "", regex=False).str.replace(mark, ".", regex=False)
    bare = plain.str.startswith((".", "-."))
    return plain.mask(bare, plain[bare].str.replace(".", "0.", n=1, regex=False)) if bare.any() else plain, None


def are_dates(cells: pd.Series) -> npt.NDArray[np.bool_]:
    """Which cells have the layout of a date."""
    found = [_date_parts(text.strip(" '")) is not None for text in cells]
    return np.array(found, dtype=bool) | cells.str.fullmatch(_SERIAL).to_numpy(dtype=bool)


def _date_parts(text: str) -> Parts | None:
    """The parts of one date, or None when no layout fits."""
    for pattern in (_YEAR_FIRST, _COMPACT, _YEAR_LAST, _MONTH_FIRST, _DAY_FIRST):
        found = pattern.fullmatch(text)
        if found is None:
            continue
        a, b, c, hour, minute, second, half = found.groups()
        if pattern is _MONTH_FIRST or pattern is _DAY_FIRST:
            day, month = (b, a) if pattern is _MONTH_FIRST else (a, b)
            a, b, c = c, str(_month(month)), day
        numbers = int(a), int(b), int(c)
        if pattern is _YEAR_LAST and len(c) == 2:
            numbers = int(a), int(b), 2000 + int(c)
        hours = int(hour or 0) % 12 + 12 * (half.lower().startswith("p")) if half else int(hour or 0)
        return "xy" if pattern is _YEAR_LAST else "ymd", numbers, (hours, int(minute or 0), int(second or 0))
    return None


def _month(name: str) -> int:
    """Number of a month's name, 0 where it is none."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return _MONTHS.get(plain[:4]) or _MONTHS.get(plain[:3], 0)


def _find_order(parts: list[Parts | None], out: Read, given: bool | None) -> Said | None:
    """Decide whether 3/4/2026 is 3 April, from the whole column; the reason why it cannot be read, or nothing."""
    pairs = {part[1] for part in parts if part and part[0] == "xy"}
    over = any(a > 12 for a, _, _ in pairs), any(b > 12 for _, b, _ in pairs)
    shown = over[0] if any(over) else given
    if all(over) or (given is not None and shown != given):
        return Said("the column has two date orders (a day above 12 stands first in some rows and second in others)")
    out.day_first = shown
    if not pairs or shown is not None:
        return None
    months = len({(y, b) for _, b, y in pairs}), len({(y, a) for a, _, y in pairs})
    out.day_first = months[0] <= months[1]
    order = Said("day/month/year") if out.day_first else Said("month/day/year")
    out.notes.append(
        Said("no day is above 12, so the order of day and month is not certain; read as {order}", order=order)
    )
    return None


def _stamp(part: Parts | None, day_first: bool) -> np.datetime64:
    if part is None:
        return np.datetime64("NaT")
    layout, (a, b, c), time = part
    year, month, day = (a, b, c) if layout == "ymd" else (c, b, a) if day_first else (c, a, b)
    try:
        return np.datetime64(dt.datetime(year, month, day, *time), "us")
    except ValueError:
        return np.datetime64("NaT")
