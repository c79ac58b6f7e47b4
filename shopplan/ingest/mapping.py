"""Any table: what its columns may mean, and a mapping that reads the next file of the same shape without asking."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping as Dict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache

import pandas as pd

from shopplan.ingest import columns as c
from shopplan.ingest.columns import COLUMNS
from shopplan.ingest.formats import FORMATS, Match, fitted
from shopplan.ingest.headers import names, plain_header
from shopplan.ingest.meanings import READING
from shopplan.ingest.receipt import Kind
from shopplan.ingest.values import dates, numbers
from shopplan.terms import ShopplanError

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
    """

    kind: Kind
    columns: Dict[str, str]
    header: tuple[str, ...]

    def __post_init__(self) -> None:
        unknown = sorted(set(self.columns.values()) - {column.id for column in COLUMNS})
        if unknown:
            raise ShopplanError("the mapping has a meaning that is not known", ", ".join(unknown))
        if self.kind not in ("sales", "spend", "other"):
            raise ShopplanError(f"a table cannot be mapped as {self.kind!r}", "kind", "use sales, spend or other")

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
        return json.dumps({"version": VERSION, **asdict(self)}, ensure_ascii=False, indent=1)

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
            if data.pop("version") != VERSION:
                raise ShopplanError("the mapping is of another version of the program", "mapping", hint)
            return cls(data["kind"], {str(k): str(v) for k, v in data["columns"].items()}, tuple(data["header"]))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            if isinstance(error, ShopplanError):
                raise
            raise ShopplanError("this is no mapping of columns", "mapping", hint) from error


def fingerprint(header: Sequence[str]) -> str:
    """SHA-256 over the names of the columns, whatever their order, case and spaces."""
    plain = sorted(plain_header(name) for name in header if name)
    return hashlib.sha256("\n".join(plain).encode()).hexdigest()[:16]


def guess(header: Sequence[str], sample: Sequence[Sequence[str]]) -> list[tuple[str, str, float]]:
    """What each column of a table may mean.

    Parameters
    ----------
    header : sequence of str
    sample : sequence of rows

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
        for meaning, confidence in _offers(name, frame[place]).items()
    ]
    chosen: dict[int, tuple[str, float]] = {}
    for confidence, place, meaning in sorted(offers, reverse=True):
        if -place not in chosen and meaning not in {taken for taken, _ in chosen.values()}:
            chosen[-place] = meaning, confidence
    return [(name, *chosen.get(place, ("", 0.0))) for place, name in enumerate(header)]


def _offers(name: str, cells: pd.Series) -> dict[str, float]:
    """Meanings that a column may have; a name counts for less where the cells cannot be read as it needs."""
    plain = plain_header(name)
    stated = cells[cells.str.strip() != ""]
    readable = {"date": _reads(dates, stated), "money": _reads(numbers, stated)}
    readable |= {"count": readable["money"], "number": readable["money"], "text": 1.0}
    offers: dict[str, float] = {}
    for word, meaning in _words().items():
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


@lru_cache(maxsize=1)
def _words() -> dict[str, str]:
    """Plain header -> meaning, from the documented columns first, then from all platforms' exports."""
    documented = {column.id for column in COLUMNS}
    found: dict[str, str] = {}
    for column in COLUMNS:
        for word in names(column):
            found.setdefault(word, column.id)
    order_money = {"order_listed": "gross", "order_paid": "net", "order_discounts": "discounts"}
    for format in FORMATS:
        for meaning, words in format.columns.items():
            meant = {"order_returns": "returns", "paid_at": "date", **order_money}.get(meaning, meaning)
            if meant in documented:
                for word in words.split("|"):
                    found.setdefault(plain_header(word), meant)
    return found
