"""A recognised table while it is being read: cells by column, and what is found wrong with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from shopplan.ingest.days import dates
from shopplan.ingest.meanings import OF_ORDER, READING
from shopplan.ingest.money import micro_sum, to_minor
from shopplan.ingest.receipt import MAX_PROBLEMS, ImportRefused, LeftOut, Problem, Reason, StatusSum
from shopplan.ingest.values import Read, numbers
from shopplan.terms import Said

Micro = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
_EMPTY = Said("the cell is empty")
_ROUNDED = Said("the number lost its last digits in a spreadsheet; import the file as it was exported")


def longest(text: pd.Series) -> int:
    """Bytes of the longest text."""
    return int(pc.max(pc.binary_length(pa.array(text.array))).as_py() or 0)


def anywhere(cells: pd.Series, pattern: str) -> bool:
    """Whether a pattern may be found in a column: its cells are searched as one text, which is much quicker."""
    for chunk in pa.chunked_array(pa.array(cells.array, pa.large_string())).chunks:
        _, offsets, text = chunk.buffers()
        ends = np.frombuffer(offsets, dtype="int64")[[chunk.offset, chunk.offset + len(chunk)]]
        whole = pa.Array.from_buffers(pa.large_string(), 1, [None, pa.py_buffer(ends), text])
        if pc.match_substring_regex(whole, pattern)[0].as_py():
            return True
    return False


@dataclass(frozen=True)
class Built:
    """What a format makes of a sheet: fact frames, and extra sums for the receipt.

    Attributes
    ----------
    frames : mapping of fact table to frame
        Rows are those of the sheet, or, with ``kept_only``, made from those that are kept.
    sums : mapping of str to Decimal
        Only where the file has one currency.
    """

    frames: Mapping[str, pd.DataFrame]
    sums: Mapping[str, Decimal] = field(default_factory=dict)
    by_status: tuple[StatusSum, ...] = ()
    orders: int | None = None
    kept_only: bool = False


@dataclass(frozen=True)
class Habits:
    """How a file writes, where it is known before: by column id its decimal mark and whether days stand first.

    ``early`` are those of the first rows, which the others have to bear out.
    """

    marks: Mapping[str, str] = field(default_factory=dict)
    day_first: Mapping[str, bool] = field(default_factory=dict)
    early: bool = False


UNKNOWN = Habits()


class Unlike(Exception):
    """Later rows of a file are not written as the first ones are."""


@dataclass
class Sheet:
    """Cells of a file by column id.

    Attributes
    ----------
    name : str
        The file, for messages.
    cells : DataFrame of str
        One column per recognised column id.
    headers : mapping
        Column id -> header as it stands in the file.
    lines : array of int
        Line in the file of each row.
    channel : str
        Channel of rows that name none.
    currency : str
        The only or the most frequent currency; ``currencies`` has that of each row where there are several.
    period : tuple of str
        First and last day of the whole file as ISO dates, where it says so or it was given.
    spare : tuple of Series
        Further columns of money that are not read.
    keep : array of bool
        Rows that are kept; `leave_out` clears them.
    no_sale : array of bool
        Rows that are left out because their order is cancelled or unpaid.
    notes, said : list of Problem
        What is to be said; ``said`` are those that are certain.
    """

    name: str
    cells: pd.DataFrame
    headers: Mapping[str, str]
    lines: npt.NDArray[np.int64]
    channel: str
    currency: str = ""
    currencies: pd.Series | None = None
    period: tuple[str, str] = ("", "")
    spare: tuple[pd.Series, ...] = ()
    habits: Habits = UNKNOWN
    keep: Mask = field(init=False)
    no_sale: Mask = field(init=False)
    left_out: list[LeftOut] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    said: list[Problem] = field(default_factory=list)
    _numbers: dict[str, Read] = field(default_factory=dict)
    _texts: dict[str, pd.Series] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.keep = np.ones(len(self.cells), dtype=bool)
        self.no_sale = ~self.keep

    def has(self, id_: str) -> bool:
        """Whether the file has the column."""
        return id_ in self.cells

    def leave_out(self, reason: Reason, rows: Mask, amounts: Micro | None = None) -> None:
        """Leave rows out for a reason, with the money in them; a row counts for its first reason only."""
        rows = rows & self.keep
        self.keep &= ~rows
        if reason in ("cancelled", "unpaid"):
            self.no_sale |= rows
        parts = {"": rows}
        if self.currencies is not None:
            parts = {code: rows & (self.currencies == code).to_numpy() for code in self.currencies.unique()}
        for code, part in parts.items():
            if part.any():
                total = Decimal(0) if amounts is None else micro_sum(amounts[part])
                self.left_out.append(LeftOut(reason, int(part.sum()), total, code))

    def text(self, id_: str, default: str = "") -> pd.Series:
        """Text without blanks, tabs and apostrophes around it; the default where it is empty or there is no column."""
        if not self.has(id_):
            return pd.Series(default, index=self.cells.index, dtype="str")
        if id_ not in self._texts:
            cells = self.cells[id_]
            marked = anywhere(cells, "'")
            self._texts[id_] = cells.str.strip("\t '\u00a0") if marked else cells
        text = self._texts[id_]
        return text.where(text != "", default) if default else text

    def label(self, id_: str, most: int) -> pd.Series:
        """Text that is cut to so many letters."""
        text = self.text(id_)
        return text if longest(text) <= most else text.str.slice(0, most)

    def numbers(self, id_: str) -> Read:
        """A column as numbers, without complaint."""
        if id_ not in self._numbers:
            mark = self.habits.marks.get(id_) or self.mark
            read = numbers(self.cells[id_], mark, READING[id_] == "count")
            if self.habits.early and read.mark != self.habits.marks.get(id_, "") and read.mark:
                raise Unlike(id_)
            self._numbers[id_] = read
        return self._numbers[id_]

    @cached_property
    def mark(self) -> str:
        """The decimal mark that the amounts of the file show; empty where none does, or they do not agree."""
        if self.habits is not UNKNOWN:
            shown = set(self.habits.marks.values()) - {""}
            return shown.pop() if len(shown) == 1 else ""
        ids = [id_ for id_ in self.cells if READING.get(str(id_)) in ("money", "number")]
        found = {numbers(self.cells[id_][self.keep]).mark for id_ in ids} - {""}
        return found.pop() if len(found) == 1 else ""

    @property
    def orders(self) -> npt.NDArray[np.int64]:
        """A number for the order of each row, from 0 in the order of the file."""
        return self._ordered[0]

    @property
    def ids(self) -> pd.Series:
        """Ids of the orders by their number."""
        return self._ordered[1]

    @cached_property
    def _ordered(self) -> tuple[npt.NDArray[np.int64], pd.Series]:
        codes, ids = pd.factorize(self.text("order_id"))
        return codes.astype("int64"), pd.Series(ids, dtype="str")

    def among(self, rows: Mask) -> Mask:
        """Of each order, by its number, whether one of the rows is its; those without an id are no order."""
        found = np.zeros(len(self.ids), dtype=bool)
        found[self.orders[rows]] = True
        return found & (self.ids != "").to_numpy()

    @property
    def money(self) -> str | pd.Series:
        """The currency that amounts are turned into minor units with: one, or each row's own."""
        return self.currency if self.currencies is None else self.currencies

    def minor(self, micro: Micro) -> pd.Series:
        """Amounts of each row in minor units."""
        return pd.Series(to_minor(micro, self.money), index=self.cells.index, dtype="Int64")

    def spread(self) -> None:
        """Give every line of an order what stands on its first line only."""
        for id_ in OF_ORDER & set(self.cells):
            cells = self.cells[id_]
            blank = (cells == "").to_numpy()
            if blank.any() and not blank.all():
                first = pd.Series(cells[~blank].to_numpy(), index=self.orders[~blank])
                first = first[~first.index.duplicated()]
                filled = pd.Series(self.orders, index=cells.index).map(first).fillna("").astype("str")
                self.cells[id_] = cells.where(~blank, filled)
                self._texts.pop(str(id_), None)

    def amount(self, id_: str, required: bool = False) -> tuple[Micro, Mask]:
        """Money or another number as millionths, and where it is empty; 0 there."""
        read = self.numbers(id_)
        self._check(id_, read, required)
        return read.values.astype("int64"), read.empty

    def optional(self, id_: str, scale: str) -> pd.Series:
        """An optional column: ``minor`` units, ``count`` or ``number``; nulls where it is empty or missing."""
        if not self.has(id_):
            return pd.Series(pd.NA, index=self.cells.index, dtype="Int64")
        micro, empty = self.amount(id_)
        if scale == "number":
            return pd.Series(micro / 1e6, index=self.cells.index).mask(empty)
        whole = to_minor(micro, self.money if scale == "minor" else "JPY")
        return pd.Series(whole, index=self.cells.index, dtype="Int64").mask(empty)

    def date(self, id_: str, whole_days: bool = True, required: bool = True) -> pd.Series:
        """Dates of the kept rows; those that are left out have none."""
        known = self.habits.day_first.get(id_)
        read = dates(self.cells[id_].where(self.keep, ""), known)
        if self.habits.early and read.day_first not in (None, known):
            raise Unlike(id_)
        self._check(id_, read, required)
        stamps = pd.Series(read.values, index=self.cells.index)
        return stamps.dt.normalize() if whole_days else stamps

    def note(self, message: str, id_: str = "") -> None:
        """Something that was assumed and is to be said."""
        self._add(self.notes, Problem(0, self.headers.get(id_, ""), message))

    def say(self, message: str) -> None:
        """Something about the file that is known for sure and good to know."""
        self._add(self.notes, Problem(0, "", message))
        self._add(self.said, Problem(0, "", message))

    def require(self, id_: str) -> None:
        """Refuse kept rows in which an id is missing or was turned into a number by a spreadsheet."""
        text = self.text(id_)
        self._wrong(_EMPTY, id_, text == "")
        if anywhere(text, r"\d[eE]\+?\d"):
            self._wrong(_ROUNDED, id_, text.str.fullmatch(r"\d(\.\d+)?[eE]\+?\d{2}"))

    def refuse_if_wrong(self, hint: str = "correct the cells in the file and import it again") -> None:
        """Refuse the file whole when anything in it could not be read."""
        if self.problems:
            self.problems.sort(key=lambda problem: problem.row)
            raise ImportRefused(self.name, self.problems, hint)

    def _wrong(self, message: Said, id_: str, rows: pd.Series) -> None:
        for row in np.flatnonzero(rows.to_numpy(dtype=bool) & self.keep)[:MAX_PROBLEMS]:
            self.problems.append(Problem(int(self.lines[row]), self.headers[id_], message))

    def _check(self, id_: str, read: Read, required: bool) -> None:
        header = self.headers[id_]
        wrong = {row: message for row, message in read.bad.items() if self.keep[row]}
        if required:
            blank = np.flatnonzero(read.empty & self.keep)[:MAX_PROBLEMS]
            wrong |= {int(row): _EMPTY for row in blank}
        for row in sorted(wrong)[:MAX_PROBLEMS]:
            message: Said = wrong[row]
            self._add(self.problems, Problem(int(self.lines[row]), header, message))
        for note in read.notes:
            self.note(note, id_)

    @staticmethod
    def _add(problems: list[Problem], problem: Problem) -> None:
        """A column may be read for more than one purpose; each thing is said once."""
        if problem not in problems:
            problems.append(problem)
