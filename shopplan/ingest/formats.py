"""The formats that are recognised, as a table of rows: one row and one sample add a format."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from shopplan.ingest import columns as c
from shopplan.ingest.headers import match, plain_header
from shopplan.ingest.online_retail import online_retail
from shopplan.ingest.sheet import Built, Sheet
from shopplan.ingest.shop_tables import measures_daily, order_lines, sales_and_spend_daily, sales_daily, spend_daily


@dataclass(frozen=True, slots=True)
class Format:
    """An export that is understood.

    Attributes
    ----------
    id : str
    kind : {"sales", "spend", "other"}
    build : callable
        Reads the money of a sheet into fact frames.
    needs : tuple of tuple of str
        Column ids; one of each group must be in the header.
    signature : tuple of str
        Headers that must all be there, for an export with a header of its own.
    never : tuple of str
        Column ids that mark another format.
    """

    id: str
    kind: str
    build: Callable[[Sheet], Built]
    needs: tuple[tuple[str, ...], ...] = ()
    signature: tuple[str, ...] = ()
    never: tuple[str, ...] = ()


_MONEY = ("gross", "net", "unit_price")
_ADS = ("impressions", "clicks", "campaign")
_UCI = ("InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country")

FORMATS = (
    Format("online_retail", "sales", online_retail, signature=_UCI),
    Format(c.ORDERS, "sales", order_lines, (("order_id",), ("date",), _MONEY)),
    Format(c.BOTH, "sales", sales_and_spend_daily, (("date",), ("spend",), ("gross", "net")), never=_ADS),
    Format(c.SALES, "sales", sales_daily, (("date",), ("gross", "net")), never=_ADS),
    Format(c.SPEND, "spend", spend_daily, (("date",), ("spend",))),
    Format(c.MEASURES, "other", measures_daily, (("date",), ("measure",), ("value",))),
)
"""In the order in which they are tried: a header with a signature first, the more particular need before the wider."""


@dataclass(frozen=True, slots=True)
class Match:
    """How a header fits a format: column id -> positions, the groups that are missing, and the known columns."""

    format: Format
    positions: dict[str, list[int]]
    missing: tuple[tuple[str, ...], ...]

    @property
    def known(self) -> int:
        """How many columns were recognised."""
        return len(self.positions)


def recognise(header: list[str]) -> Match | None:
    """The first format that a header fits fully, else the one that comes nearest, else None."""
    best: Match | None = None
    for format in FORMATS:
        found = _fit(format, header)
        if found is None:
            continue
        if not found.missing:
            return found
        if found.known >= 2 and (best is None or _nearness(found) > _nearness(best)):
            best = found
    return best


def _nearness(found: Match) -> tuple[int, int]:
    return -len(found.missing), found.known


def _fit(format: Format, header: list[str]) -> Match | None:
    if format.signature:
        names = {plain_header(name): i for i, name in reversed(list(enumerate(header)))}
        wanted = {name: plain_header(name) for name in format.signature}
        if not all(plain in names for plain in wanted.values()):
            return None
        return Match(format, {name: [names[plain]] for name, plain in wanted.items()}, ())
    positions = match(format.id, header)
    if any(_has_any_ads(id_, header) for id_ in format.never):
        return None
    missing = tuple(group for group in format.needs if not any(id_ in positions for id_ in group))
    return Match(format, positions, missing)


def _has_any_ads(id_: str, header: list[str]) -> bool:
    return id_ in match(c.SPEND, header)
