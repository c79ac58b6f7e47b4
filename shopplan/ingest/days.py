"""Cells to days and times: the order of day and month is decided once per column, from all its values."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from shopplan.ingest.values import Read, ascii_text, is_empty, places
from shopplan.terms import Said

_ISO = r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?)?"
_TIME = (
    r"(?:[T ,]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*([AaPp]\.?[Mm]\.?)?"
    r"\s*(?:Z|[A-Z]{2,5}|(?:UTC|GMT)?[+-]\d{1,2}(?::?\d{2})?)?)?"
)
_YEAR_FIRST = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?" + _TIME)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})" + _TIME)
_YEAR_LAST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})" + _TIME)
_MONTH_ALONE = re.compile(r"(\d{4})\s*[-/年]\s*(\d{1,2})\s*月?(份)?")
_NAME = r"([^\W\d_]{3,12})\.?"
_WEEKDAY = r"(?:[^\W\d_]{2,10}\.?,? )?"
_MONTH_FIRST = re.compile(_WEEKDAY + _NAME + r" (\d{1,2}),? (\d{4})" + _TIME)
_DAY_FIRST = re.compile(_WEEKDAY + r"(\d{1,2})\.?[ -](?:de )?" + _NAME + r"[ ,-]+(?:de )?(\d{4})" + _TIME)
_NAMED_MONTH = re.compile(_NAME + r"[ -](\d{4})")
_NAMES = (
    "jan ene gen sty",
    "feb fev lut",
    "mar mrz mrt maa",
    "apr avr abr kwi",
    "may mai mag mei maj",
    "jun giu juin cze",
    "jul lug juil lip",
    "aug ago aou sie",
    "sep set wrz",
    "oct okt ott out paz",
    "nov lis",
    "dec dez dic gru",
)
"""Beginnings of month names in the languages of Western Europe, Swedish and Polish, without accents."""
_MONTHS = {name: number for number, names in enumerate(_NAMES, 1) for name in names.split()}
_SERIAL = r"[2-7]\d{4}(\.\d+)?"
"""Days since 30 December 1899, as spreadsheets keep them; 1954 to 2119."""
YEARS = (1990, 2100)
_FIRST, _LAST = np.datetime64(f"{YEARS[0]}-01-01", "us"), np.datetime64(f"{YEARS[1]}-12-31T23:59:59.999999", "us")
_NO_DATE = "{value!r} is not a date"
_CLOCK = r"^(?P<day>.+?)[T ,]+(?P<h>[01]?\d|2[0-3]):(?P<m>[0-5]\d)(?::(?P<s>[0-5]\d))?$"
_ZONE = r"(:\d\d(?:\.\d{1,6})?) ?(?:Z|[+-]\d\d:?\d\d)$"
Three = tuple[int, int, int]
Parts = tuple[str, Three, Three]
"""Layout (``ymd``, or ``xy`` where day and month stand before the year), its numbers, and the time of day."""


def dates(cells: pd.Series, day_first: bool | None = None) -> Read:
    """Days and times as they stand, without zones; the order of day and month is decided for the whole column.

    ``day_first`` holds where these cells do not show their order. Days after tomorrow are told.
    """
    read = _iso(cells) or _any_layout(cells, day_first)
    ahead = read.values[read.values > np.datetime64("now", "us") + np.timedelta64(1, "D")]
    if len(ahead):
        last = str(ahead.max())[:10]
        read.notes.append(Said("the file holds days that are still to come, the last one is {day}", day=last))
    return read


def _any_layout(cells: pd.Series, day_first: bool | None) -> Read:
    """Days in any layout that is known."""
    codes, uniques = pd.factorize(cells)
    ascii_only = pc.all(pc.string_is_ascii(pa.array(uniques))).as_py()
    texts = pd.Series(uniques if ascii_only else map(ascii_text, uniques), dtype="str").str.strip(" '\t")
    empty = is_empty(texts)
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
        days, clock = _clock(texts)
        day, known = pd.factorize(days)
        parts = [_date_parts(text) for text in known]
        problem = _find_order(parts, out, day_first)
        found = np.array([_stamp(part, bool(out.day_first)) for part in parts], dtype="datetime64[us]")
        stamps = (found[day] + clock).astype("datetime64[us]")
    outside = (stamps < _FIRST) | (stamps > _LAST)
    wrong = (np.isnat(stamps) | outside) & ~empty | (np.array([bool(problem)]) & ~empty)
    out.values = stamps[codes]
    early = Said("the year is outside {first} to {last}", first=YEARS[0], last=YEARS[1])
    out.bad = places(codes, wrong, lambda i: problem or (early if outside[i] else Said(_NO_DATE, value=texts[i])))
    return out


def _iso(cells: pd.Series) -> Read | None:
    """Times that are all written as in ISO 8601, with a zone or without; None where one is not, or its year is odd."""
    text = pa.array(cells.array)
    blank = pc.equal(text, "")
    text = pc.if_else(blank, None, text)
    first = pc.drop_null(text)[:1].to_pylist()
    for _ in range(2 if first and re.match(_ISO, first[0]) else 0):
        try:
            stamps = pc.cast(text, pa.timestamp("us")).to_numpy()
        except pa.ArrowInvalid:
            text = pc.replace_substring_regex(text, _ZONE, r"\1")
            continue
        hours_alone = pc.any(pc.equal(pc.binary_length(text), len("2026-01-31 10"))).as_py()
        if hours_alone or ((stamps < _FIRST) | (stamps > _LAST)).any():
            return None
        return Read(stamps, np.isnat(stamps))
    return None


def _clock(texts: pd.Series) -> tuple[pd.Series, npt.NDArray[np.timedelta64]]:
    """Days, of which there are few, and plain times of day; a text that does not end in one stays whole."""
    whole = pa.chunked_array(pa.array(texts.array)).combine_chunks()
    found = pc.extract_regex(whole, _CLOCK)
    plain = pc.is_valid(found)
    hours, minutes, seconds = (
        pc.cast(pc.if_else(pc.not_equal(part, ""), part, "0"), pa.int64()).fill_null(0).to_numpy(zero_copy_only=False)
        for part in (pc.struct_field(found, name) for name in ("h", "m", "s"))
    )
    days = pd.Series(pc.if_else(plain, pc.struct_field(found, "day"), whole), dtype="str")
    return days, (hours * 3600 + minutes * 60 + seconds).astype("timedelta64[s]")


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
    return _month_alone(text)


def _month_alone(text: str) -> Parts | None:
    """The first day of a month without a day."""
    if found := _MONTH_ALONE.fullmatch(text):
        year, month = int(found[1]), int(found[2])
    elif found := _NAMED_MONTH.fullmatch(text):
        year, month = int(found[2]), _month(found[1])
    else:
        return None
    return ("ymd", (year, month, 1), (0, 0, 0)) if month else None


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
