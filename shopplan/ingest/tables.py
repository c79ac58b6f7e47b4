"""What an import hands over: typed tables and their receipt.

`Parsed` crosses from this room into the store. Its frames use the column names of `FACT_TABLES`; money
is integer minor units, and a channel is still the name that stood in the file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from shopplan.ingest.receipt import (
    DEMO,
    MAX_PROBLEMS,
    Change,
    ImportRefused,
    LeftOut,
    Problem,
    Reason,
    Receipt,
    Replaced,
    What,
    plain,
)
from shopplan.ingest.receipt import from_dict as receipt_from_dict
from shopplan.terms import ShopplanError

__all__ = [
    "DEMO",
    "FACT_TABLES",
    "MAX_PROBLEMS",
    "Change",
    "Field",
    "ImportRefused",
    "LeftOut",
    "Parsed",
    "Problem",
    "Reason",
    "Receipt",
    "Replaced",
    "What",
    "frames_hash",
    "plain",
    "receipt_from_dict",
    "scope_of",
    "typed",
]

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
        Field("line_key", "text"),
        Field("status", "text"),
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
        Field("campaign", "text"),
    ),
    "measures_daily": (
        Field("day", "date", True),
        Field("channel", "text", True),
        Field("measure", "text", True),
        Field("value", "number", True),
    ),
    "order_items": (
        Field("order_id", "text", True),
        Field("channel", "text", True),
        Field("line_key", "text", True),
        Field("sku", "text"),
        Field("product", "text"),
        Field("units", "number"),
        Field("listed_minor", "minor"),
        Field("status", "text"),
        Field("currency", "text", True),
    ),
    "order_refunds": (
        Field("order_id", "text", True),
        Field("channel", "text", True),
        Field("line_key", "text", True),
        Field("at", "timestamp"),
        Field("returns_minor", "minor", True),
        Field("currency", "text", True),
    ),
    "orders_left": (
        Field("order_id", "text", True),
        Field("channel", "text", True),
    ),
    "settlements": (
        Field("order_id", "text", True),
        Field("channel", "text", True),
        Field("line_key", "text", True),
        Field("at", "timestamp", True),
        Field("entry", "text"),
        Field("amount_minor", "minor", True),
        Field("currency", "text", True),
    ),
}
"""``customer`` never reaches the store: it becomes a keyed hash on the way in. ``orders_left`` names the orders that
a file states and that are no sales (cancelled, unpaid), so that what an earlier file says of them counts no longer."""

PART = 250_000
"""Rows that are stored at a time."""
_UNIQUE = ("taobao", "jd", "douyin", "pinduoduo", "xiaohongshu", "amazon")
_PLATFORMS = {name: name for name in (*_UNIQUE, "shopify", "woocommerce")} | {"tmall": "taobao"}

_DTYPES: dict[str, Any] = {
    "date": "datetime64[us]",
    "timestamp": "datetime64[us]",
    "text": "str",
    "count": "Int64",
    "minor": "Int64",
}


@dataclass(frozen=True)
class Parsed:
    """A file as facts.

    Attributes
    ----------
    frames : mapping of fact table to frame
        Columns as in `FACT_TABLES`.
    receipt : Receipt
    scope : str
        Within what an order number names one order, see `scope_of`.
    """

    frames: Mapping[str, pd.DataFrame]
    receipt: Receipt
    scope: str = ""

    @property
    def name(self) -> str:
        """Name of the file."""
        return self.receipt.file

    def parts(self) -> Iterator[tuple[Mapping[str, pd.DataFrame], float]]:
        """The frames in parts, each with the fraction of the whole that is reached."""
        rows = max(sum(map(len, self.frames.values())), 1)
        done = 0
        for table, frame in self.frames.items():
            for start in range(0, len(frame), PART):
                part = frame.iloc[start : start + PART]
                done += len(part)
                yield {table: part}, done / rows


def scope_of(format: str, given: str = "") -> str:
    """Within what an order number names one order: the platform, or one shop of it.

    Numbers of marketplaces are unique; those of shop systems begin anew in every shop, so that files of a second shop
    are to be given a channel of their own. Tables of no platform have an empty scope.

    Parameters
    ----------
    format : str
        Id of the format.
    given : str
        The channel that the user named for the file.
    """
    platform = _PLATFORMS.get(format.partition("_")[0], "")
    return platform if platform in _UNIQUE or not given else f"{platform}/{given}"


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
