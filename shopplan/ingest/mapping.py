"""Any table: what its columns may mean, and a mapping that reads the next file of the same shape without asking."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping as Dict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

import pandas as pd

from shopplan.ingest import columns as c
from shopplan.ingest.columns import COLUMNS
from shopplan.ingest.days import dates
from shopplan.ingest.formats import FORMATS, Match, fitted
from shopplan.ingest.headers import names, plain_header
from shopplan.ingest.meanings import READING
from shopplan.ingest.receipt import Kind
from shopplan.ingest.values import numbers
from shopplan.terms import Said, ShopplanError

VERSION = 1
_SURE, _LIKELY, _MAYBE = 1.0, 0.7, 0.4


@dataclass(frozen=True, slots=True)
class Mapping:
    """What the columns of a table mean.

    Attributes
    ----------
    kind : Kind
        ``sales``, ``spend`` or ``other`` (a measure by day).
    columns : mapping of str to str
        Header -> meaning, one of `columns.COLUMNS`.
    header : tuple of str
        The whole header, by which the next file of the same shape is known, in whatever order its columns are.
    currency, channel : str
        Of rows that name none.
    day_first : bool or None
        How 3/4/2026 is read where no day is above 12; None leaves it to the column.
    """

    kind: Kind
    columns: Dict[str, str]
    header: tuple[str, ...]
    currency: str = ""
    channel: str = ""
    day_first: bool | None = None

    def __post_init__(self) -> None:
        unknown = sorted(set(self.columns.values()) - {column.id for column in COLUMNS})
        if unknown:
            raise ShopplanError("the mapping has a meaning that is not known", ", ".join(unknown))
        if self.kind not in ("sales", "spend", "other"):
            raise ShopplanError(
                Said("a table cannot be mapped as {kind!r}", kind=self.kind), "kind", "use sales, spend or other"
            )

    @property
    def fingerprint(self) -> str:
        """The same for every file with these columns."""
        return fingerprint(self.header)

    @property
    def table(self) -> str:
        """The documented table that the mapped columns make."""
        meant = set(self.columns.values())
        if self.kind == "spend":
            return c.SPEND
        if self.kind == "other":
            return c.MEASURES
        if "order_id" in meant:
            return c.ORDERS
        return c.BOTH if "spend" in meant else c.SALES

    def __call__(self, header: list[str]) -> Match | None:
        """The match of a header of this shape; None for any other."""
        if fingerprint(header) != self.fingerprint:
            return None
        wanted = {plain_header(name): meaning for name, meaning in self.columns.items()}
        positions: dict[str, list[int]] = {}
        for place, name in enumerate(header):
            meaning = wanted.get(plain_header(name))
            if meaning:
                positions.setdefault(meaning, []).append(place)
        return fitted(next(row for row in FORMATS if row.id == self.table), positions)

    def to_json(self) -> str:
        """The mapping as a small file to keep or share."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=1)

    def to_dict(self) -> dict[str, Any]:
        """The mapping as plain data for JSON."""
        return {"version": VERSION, **asdict(self)}

    @classmethod
    def from_json(cls, text: str) -> Mapping:
        """Inverse of `to_json`.

        Raises
        ------
        ShopplanError
            When the text is no mapping.
        """
        hint = "save the mapping again from the Data page"
        try:
            data = json.loads(text)
            if data["version"] != VERSION:
                raise ShopplanError("the mapping is of another version of the program", "mapping", hint)
            columns = {str(k): str(v) for k, v in data["columns"].items()}
            said = {name: str(data[name]) for name in ("currency", "channel") if name in data}
            first = data.get("day_first")
            day_first = None if first is None else bool(first)
            return cls(data["kind"], columns, tuple(map(str, data["header"])), **said, day_first=day_first)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            if isinstance(error, ShopplanError):
                raise
            raise ShopplanError("this is no mapping of columns", "mapping", hint) from error


def fingerprint(header: Sequence[str]) -> str:
    """SHA-256 over the names of the columns, whatever their order, case and spaces."""
    plain = sorted(plain_header(name) for name in header if name)
    return hashlib.sha256("\n".join(plain).encode()).hexdigest()[:16]


_AMOUNT = {"sales": ("net", "gross", "unit_price"), "spend": ("spend",), "other": ("value",)}
"""What a table of a kind cannot be without; the first is guessed where only one column holds amounts."""
KINDS: tuple[Kind, ...] = ("sales", "spend", "other")
"""What a table can be mapped as."""


def meanings(kind: str = "") -> tuple[str, ...]:
    """What a column of a table of a kind, or of any, may mean, in the order of the documented columns."""
    tables = {row.id for row in FORMATS if kind in ("", row.kind) and not row.columns}
    return tuple(dict.fromkeys(column.id for column in COLUMNS if tables & set(column.formats)))


def likely_kind(header: Sequence[str], sample: Sequence[Sequence[str]]) -> Kind:
    """What kind of table it may be: the one of which no needed column is missing and most are found."""

    def fit(kind: Kind) -> tuple[bool, float]:
        guessed = guess(header, sample, kind)
        found = {meaning for _, meaning, _ in guessed}
        tables = [row.groups for row in FORMATS if row.kind == kind and not row.columns]
        whole = any(all(found & set(group) for group in groups) for groups in tables)
        return whole, sum(sure for _, meaning, sure in guessed if meaning)

    return max(KINDS, key=fit)


def guess(header: Sequence[str], sample: Sequence[Sequence[str]], kind: str = "") -> list[tuple[str, str, float]]:
    """What each column of a table may mean.

    Parameters
    ----------
    header : sequence of str
    sample : sequence of rows
    kind : str
        Only what a table of this kind may hold.

    Returns
    -------
    list of (header, meaning, confidence)
        One for each column; the meaning is empty where there is no guess. No meaning is guessed twice.
    """
    frame = pd.DataFrame([list(row[: len(header)]) for row in sample], columns=range(len(header)), dtype="str")
    frame = frame.fillna("")
    offers = [
        (confidence, -place, meaning)
        for place, name in enumerate(header)
        for meaning, confidence in _offers(name, frame[place], kind).items()
    ]
    chosen: dict[int, tuple[str, float]] = {}
    for confidence, place, meaning in sorted(offers, reverse=True):
        if -place not in chosen and meaning not in {taken for taken, _ in chosen.values()}:
            chosen[-place] = meaning, confidence
    if kind and not {taken for taken, _ in chosen.values()} & set(_AMOUNT[kind]):
        left = [place for place in range(len(header)) if place not in chosen and _is_amount(frame[place])]
        chosen |= {place: (_AMOUNT[kind][0], _MAYBE) for place in left if len(left) == 1}
    return [(name, *chosen.get(place, ("", 0.0))) for place, name in enumerate(header)]


def _is_amount(cells: pd.Series) -> bool:
    """Whether all cells are numbers, and some have decimals."""
    stated = cells[cells.str.strip() != ""]
    read = numbers(stated)
    return bool(len(stated)) and not read.bad and read.mark != ""


def _offers(name: str, cells: pd.Series, kind: str) -> dict[str, float]:
    """Meanings that a column may have; a name counts for less where the cells cannot be read as it needs."""
    plain = plain_header(name)
    stated = cells[cells.str.strip() != ""]
    readable = {"date": _reads(dates, stated), "money": _reads(numbers, stated)}
    readable |= {"count": readable["money"], "number": readable["money"], "text": 1.0}
    offers: dict[str, float] = {}
    for word, meaning in _words(kind).items():
        near = len(word) >= 2 and len(plain) > len(word) and word in plain
        sure = _SURE if word == plain else _LIKELY * len(word) / len(plain) if near else 0.0
        if sure:
            offers[meaning] = max(offers.get(meaning, 0.0), round(sure * readable[READING[meaning]], 2))
    if len(stated) and readable["date"] == 1.0:
        offers.setdefault("date", _MAYBE)
    return {meaning: sure for meaning, sure in offers.items() if sure > 0.1}


def _reads(reader: object, cells: pd.Series) -> float:
    """Share of the cells that can be read."""
    if not len(cells) or not callable(reader):
        return 1.0
    return 1 - min(len(reader(cells).bad) / len(cells), 1.0)


@lru_cache(maxsize=8)
def _words(kind: str) -> dict[str, str]:
    """Plain header -> meaning, from the documented columns of a kind first, then from all platforms' exports."""
    documented = set(meanings(kind))
    tables = {row.id for row in FORMATS if kind in ("", row.kind) and not row.columns}
    found: dict[str, str] = {}
    for column in COLUMNS:
        for word in names(column) if tables & set(column.formats) else ():
            found.setdefault(word, column.id)
    order_money = {"order_listed": "gross", "order_paid": "net", "order_discounts": "discounts"}
    for format in FORMATS:
        for meaning, words in format.columns.items():
            meant = {"order_returns": "returns", "paid_at": "date", **order_money}.get(meaning, meaning)
            if meant in documented:
                for word in words.split("|"):
                    found.setdefault(plain_header(word), meant)
    return found
