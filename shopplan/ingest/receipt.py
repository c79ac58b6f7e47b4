"""The account of an import: what was kept, what was left out and why, and the refusal of a file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from decimal import Decimal
from typing import Any, Literal

from shopplan.terms import Said, ShopplanError, place

DEMO = "demo"
"""The format id of demo facts, which never mix with real ones."""
MAX_PROBLEMS = 20
Kind = Literal["sales", "items", "spend", "refunds", "settlement", "other"]
Reason = Literal[
    "cancelled",
    "unpaid",
    "empty_row",
    "totals_row",
    "note_row",
    "repeated_header",
    "no_money",
    "not_refunded",
    "payout",
    "postage",
    "fee",
    "bad_debt",
    "discount",
    "sample",
    "manual",
]
"""Why rows are left out; worded in the catalogue under ``reason.<id>``."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something to know about a file; ``row`` is the line in the file (1 is the first), 0 when it is the whole file."""

    row: int
    column: str
    message: str

    @property
    def where(self) -> str:
        """Row and column."""
        return place("", self.row, self.column)

    def __str__(self) -> str:
        return Said("{where}: {message}", where=self.where, message=self.message) if self.where else self.message

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON; ``said`` keeps the parts of the message, so that it can be read back in any language."""
        out = {"row": self.row, "column": self.column, "message": str(self.message)}
        return {**out, "said": _parts(self.message)} if getattr(self.message, "fields", {}) else out


def _parts(value: object) -> Any:
    """A sentence or a field of one as plain data."""
    if isinstance(value, Said) and value.fields:
        return {"template": value.template, "fields": {name: _parts(field) for name, field in value.fields.items()}}
    return [_parts(one) for one in value] if isinstance(value, tuple) else value


def _whole(data: Any) -> Any:
    """Inverse of `_parts`."""
    if isinstance(data, dict):
        return Said(data["template"], **{name: _whole(field) for name, field in data["fields"].items()})
    return tuple(_whole(one) for one in data) if isinstance(data, list) else data


def _problem(data: Mapping[str, Any]) -> Problem:
    """Inverse of `Problem.to_dict`."""
    return Problem(data["row"], data["column"], _whole(data.get("said", data["message"])))


class ImportRefused(ShopplanError):
    """A file that is refused whole; ``name`` is the file, ``problems`` up to 20 reasons with row and column."""

    def __init__(self, name: str, problems: Iterable[Problem], hint: str = "") -> None:
        self.name = name
        self.problems = list(problems)[:MAX_PROBLEMS]
        first, more = self.problems[0], len(self.problems) - 1
        message = Said("{first} (and {more} more)", first=first.message, more=more) if more else first.message
        super().__init__(message, place(name, first.row, first.column), hint)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Rows of a file that are not kept: why, how many, and the money in them (major units).

    ``currency`` is given where a file has several; one reason then has an entry for each.
    """

    reason: Reason
    count: int
    sum: Decimal = Decimal(0)
    currency: str = ""


@dataclass(frozen=True, slots=True)
class StatusSum:
    """What the rows of one status state, kept or not: orders, and their money in major units."""

    status: str
    currency: str
    orders: int
    sum: Decimal


What = Literal["orders", "items", "refunds", "settlements", "days_of_sales", "days_of_spend", "days_of_measures"]
"""What an import states, and what a later one may state again; worded in the catalogue under ``change.<id>``."""


@dataclass(frozen=True, slots=True)
class Change:
    """What an import does to what is stored, counted in orders or in days of a channel.

    Attributes
    ----------
    what : What
    new, updated, unchanged : int
        Not stated before, stated otherwise before, stated just so before.
    """

    what: What
    new: int
    updated: int = 0
    unchanged: int = 0


@dataclass(frozen=True, slots=True)
class Replaced:
    """An earlier import of which some orders or days are stated again, and so count from the later one only."""

    batch: int
    file: str
    what: What
    count: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """The account of one import.

    Attributes
    ----------
    rows_read, rows_kept : int
        ``rows_read`` = ``rows_kept`` + the counts of ``rows_left_out``.
    sums : mapping of str to Decimal
        Major units: gross, discounts, refunds, net, spend, ... of the kept rows as stored. Where the format
        states a total for every row, ``file_total`` = ``net`` + ``refunds`` stated apart + the sums left out +
        ``rounding``.
    by_currency : mapping of str to sums
        Only for a file in several currencies; ``sums`` then holds what is no money, and ``currency`` names all,
        separated by commas, the most frequent first.
    by_status : tuple of StatusSum
        Of exports that state the status of orders.
    orders, orders_kept : int or None
        Orders in the file whatever their status (a bare return is none), and those that are stored as sales.
    channels : tuple of str
        The channels that the kept rows belong to, as ids or as named in the file.
    changes : tuple of Change
        What storing it changed; empty until it is stored or tried.
    replaced : tuple of Replaced
        The overlap with earlier imports; taking this import out again brings back what they state.
    problems : tuple of Problem
        What was assumed or looks odd; none of them stopped the import.
    confidence : float
        0.3 to 1: the share of a platform's columns that the header has, from 0.5 (1 for the documented tables), less
        0.3 for a guessed encoding or order of dates and 0.1 for each other assumption; see `doubt`.
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
    by_currency: Mapping[str, Mapping[str, Decimal]] = field(default_factory=dict)
    by_status: tuple[StatusSum, ...] = ()
    orders: int | None = None
    orders_kept: int | None = None
    channels: tuple[str, ...] = ()
    date_from: str = ""
    date_to: str = ""
    confidence: float = 1.0
    problems: tuple[Problem, ...] = ()
    already_imported: bool = False
    changes: tuple[Change, ...] = ()
    replaced: tuple[Replaced, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON; money as decimal strings, in ``sums`` by currency where there are several."""
        out = asdict(replace(self, sums={}, by_currency={}))
        out["sums"] = {name: plain(value) for name, value in self.sums.items()}
        out["by_currency"] = {code: {k: plain(v) for k, v in sums.items()} for code, sums in self.by_currency.items()}
        out["sums"] |= out["by_currency"]
        out["rows_left_out"] = [{**asdict(left), "sum": plain(left.sum)} for left in self.rows_left_out]
        out["by_status"] = [{**asdict(part), "sum": plain(part.sum)} for part in self.by_status]
        out["problems"] = [problem.to_dict() for problem in self.problems]
        return out


def doubt(problems: Iterable[Problem]) -> float:
    """What assumptions take from the confidence of a receipt: most where figures or names would be others."""
    guesses = ("the encoding is not certain", "no day is above 12")
    return min(sum(0.3 if problem.message.startswith(guesses) else 0.1 for problem in problems), 0.7)


def from_dict(data: Mapping[str, Any]) -> Receipt:
    """Inverse of `Receipt.to_dict`; receipts of older versions have fewer fields."""
    values = dict(data)
    values["by_currency"] = {
        code: {name: Decimal(value) for name, value in sums.items()}
        for code, sums in data.get("by_currency", {}).items()
    }
    values["sums"] = {k: Decimal(v) for k, v in data["sums"].items() if k not in values["by_currency"]}
    values["rows_left_out"] = tuple(LeftOut(**{**left, "sum": Decimal(left["sum"])}) for left in data["rows_left_out"])
    values["by_status"] = tuple(
        StatusSum(**{**part, "sum": Decimal(part["sum"])}) for part in data.get("by_status", [])
    )
    values["channels"] = tuple(data.get("channels", ()))
    values["changes"] = tuple(Change(**change) for change in data.get("changes", []))
    values["replaced"] = tuple(Replaced(**part) for part in data.get("replaced", []))
    values["problems"] = tuple(map(_problem, data["problems"]))
    return Receipt(**values)


def plain(value: Decimal) -> str:
    """A decimal as text without an exponent and without trailing zeros beyond two places."""
    text = format(value, "f")
    whole, _, digits = text.partition(".")
    digits = digits.rstrip("0").ljust(2, "0") if value % 1 else ""
    return f"{whole}.{digits}" if digits else whole
