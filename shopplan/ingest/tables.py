"""What an import hands over: typed tables, the receipt that accounts for every row, and the refusal.

`Parsed` crosses from this room into the store. Its frames use the column names of `FACT_TABLES`; money
is integer minor units, and a channel is still the name that stood in the file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from decimal import Decimal
from typing import Any, Literal

import pandas as pd

from shopplan.terms import ShopplanError

DEMO = "demo"
"""The format id of demo facts, which never mix with real ones."""
MAX_PROBLEMS = 20
Reason = Literal[
    "cancelled", "unpaid", "empty_row", "no_money", "postage", "fee", "bad_debt", "discount", "sample", "manual"
]
"""Why rows are left out; worded in the catalogue under ``reason.<id>``."""
FieldType = Literal["date", "timestamp", "text", "count", "minor", "number"]


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a fact table; ``minor`` is money in integer minor units, optional columns may hold nulls."""

    name: str
    type: FieldType
    required: bool = False


FACT_TABLES: dict[str, tuple[Field, ...]] = {
    "order_lines": (
        Field("order_id", "text", True),
        Field("at", "timestamp", True),
        Field("channel", "text", True),
        Field("sku", "text"),
        Field("product", "text"),
        Field("units", "number"),
        Field("gross_minor", "minor", True),
        Field("discounts_minor", "minor"),
        Field("returns_minor", "minor"),
        Field("cogs_minor", "minor"),
        Field("customer", "text"),
        Field("currency", "text", True),
    ),
    "sales_daily": (
        Field("day", "date", True),
        Field("channel", "text", True),
        Field("orders", "count"),
        Field("new_orders", "count"),
        Field("units", "number"),
        Field("gross_minor", "minor", True),
        Field("discounts_minor", "minor"),
        Field("returns_minor", "minor"),
        Field("cogs_minor", "minor"),
        Field("sessions", "count"),
        Field("currency", "text", True),
    ),
    "spend_daily": (
        Field("day", "date", True),
        Field("channel", "text", True),
        Field("spend_minor", "minor", True),
        Field("impressions", "count"),
        Field("clicks", "count"),
        Field("attributed_minor", "minor"),
        Field("currency", "text", True),
    ),
    "measures_daily": (
        Field("day", "date", True),
        Field("channel", "text", True),
        Field("measure", "text", True),
        Field("value", "number", True),
    ),
}
"""``customer`` never reaches the store: it becomes a keyed hash on the way in."""

_DTYPES: dict[str, Any] = {
    "date": "datetime64[us]",
    "timestamp": "datetime64[us]",
    "text": "str",
    "count": "Int64",
    "minor": "Int64",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """Something to know about a file; ``row`` is the line in the file (1 is the first), 0 when it is the whole file."""

    row: int
    column: str
    message: str

    def __str__(self) -> str:
        place = [f"row {self.row}"] * bool(self.row) + [f"column {self.column}"] * bool(self.column)
        return ", ".join(place) + (": " if place else "") + self.message


class ImportRefused(ShopplanError):
    """A file that is refused whole; ``problems`` lists up to 20 reasons with row and column."""

    def __init__(self, name: str, problems: Iterable[Problem], hint: str = "") -> None:
        self.problems = list(problems)[:MAX_PROBLEMS]
        first = self.problems[0]
        place = [name] + [f"row {first.row}"] * bool(first.row) + [f"column {first.column}"] * bool(first.column)
        more = f" (and {len(self.problems) - 1} more)" if len(self.problems) > 1 else ""
        super().__init__(first.message + more, ", ".join(place), hint)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Rows of a file that are not kept: why, how many, and the money in them (major units)."""

    reason: Reason
    count: int
    sum: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Receipt:
    """The account of one import.

    Attributes
    ----------
    rows_read, rows_kept : int
        ``rows_read`` = ``rows_kept`` + the counts of ``rows_left_out``.
    sums : mapping of str to Decimal
        Major units: gross, discounts, refunds, net, spend, ... of the kept rows as stored. Where the format
        states a total for every row, ``file_total`` = ``net`` + the sums left out + ``rounding``.
    problems : tuple of Problem
        What was assumed or looks odd; none of them stopped the import.
    confidence : float
        0 to 1: how sure the recognition is.
    """

    file: str
    sha256: str
    format: str
    kind: str
    encoding: str = ""
    delimiter: str = ""
    header_line: int = 0
    rows_read: int = 0
    rows_kept: int = 0
    rows_left_out: tuple[LeftOut, ...] = ()
    currency: str = ""
    sums: Mapping[str, Decimal] = field(default_factory=dict)
    orders: int | None = None
    date_from: str = ""
    date_to: str = ""
    confidence: float = 1.0
    problems: tuple[Problem, ...] = ()
    already_imported: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON; money as decimal strings."""
        out = asdict(replace(self, sums=dict(self.sums)))
        out["sums"] = {name: plain(value) for name, value in self.sums.items()}
        out["rows_left_out"] = [{**asdict(left), "sum": plain(left.sum)} for left in self.rows_left_out]
        out["problems"] = [asdict(problem) for problem in self.problems]
        return out


def receipt_from_dict(data: Mapping[str, Any]) -> Receipt:
    """Inverse of `Receipt.to_dict`."""
    values = dict(data)
    values["sums"] = {name: Decimal(value) for name, value in data["sums"].items()}
    values["rows_left_out"] = tuple(
        LeftOut(left["reason"], left["count"], Decimal(left["sum"])) for left in data["rows_left_out"]
    )
    values["problems"] = tuple(Problem(**problem) for problem in data["problems"])
    return Receipt(**values)


def plain(value: Decimal) -> str:
    """A decimal as text without an exponent and without trailing zeros beyond two places."""
    text = format(value, "f")
    whole, _, digits = text.partition(".")
    digits = digits.rstrip("0").ljust(2, "0") if value % 1 else ""
    return f"{whole}.{digits}" if digits else whole


@dataclass(frozen=True)
class Parsed:
    """A file as facts: fact table -> frame with the columns of `FACT_TABLES`, and its receipt."""

    frames: Mapping[str, pd.DataFrame]
    receipt: Receipt


def typed(table: str, frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with exactly the columns and types of a fact table.

    Optional columns that are missing become nulls, columns that the table does not have are dropped.

    Raises
    ------
    ShopplanError
        When a required column is missing or holds a null.
    """
    columns: dict[str, pd.Series] = {}
    for column in FACT_TABLES[table]:
        if column.name in frame:
            columns[column.name] = frame[column.name].astype(_DTYPES.get(column.type, "float64"))
        elif column.required:
            raise ShopplanError("the column is missing", f"{table}.{column.name}")
        else:
            columns[column.name] = pd.Series(pd.NA, index=frame.index, dtype=_DTYPES.get(column.type, "Float64"))
        if column.required and columns[column.name].isna().any():
            raise ShopplanError("the column has empty values", f"{table}.{column.name}")
    return pd.DataFrame(columns, index=frame.index)


def frames_hash(frames: Mapping[str, pd.DataFrame]) -> str:
    """SHA-256 of the frames' text, which identifies facts that did not come from a file."""
    digest = hashlib.sha256()
    for name in sorted(frames):
        digest.update(name.encode())
        digest.update(frames[name].to_csv(index=False).encode())
    return digest.hexdigest()
