"""A recognised table while it is being read: cells by column, and what is found wrong with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np
import numpy.typing as npt
import pandas as pd

from shopplan.ingest.money import micro_sum, to_minor
from shopplan.ingest.tables import MAX_PROBLEMS, ImportRefused, LeftOut, Problem, Reason
from shopplan.ingest.values import Read, dates, numbers

Micro = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Built:
    """What a format makes of a sheet: fact frames, and extra sums for the receipt."""

    frames: Mapping[str, pd.DataFrame]
    sums: Mapping[str, Decimal] = field(default_factory=dict)


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
    keep : array of bool
        Rows that are kept; `leave_out` clears them.
    """

    name: str
    cells: pd.DataFrame
    headers: Mapping[str, str]
    lines: npt.NDArray[np.int64]
    channel: str
    currency: str = ""
    keep: Mask = field(init=False)
    left_out: list[LeftOut] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    _numbers: dict[str, Read] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.keep = np.ones(len(self.cells), dtype=bool)

    def has(self, id_: str) -> bool:
        """Whether the file has the column."""
        return id_ in self.cells

    def leave_out(self, reason: Reason, rows: Mask, amounts: Micro | None = None) -> None:
        """Leave rows out for a reason, with the money in them; a row counts for its first reason only."""
        rows = rows & self.keep
        if rows.any():
            total = Decimal(0) if amounts is None else micro_sum(amounts[rows])
            self.left_out.append(LeftOut(reason, int(rows.sum()), total))
            self.keep &= ~rows

    def text(self, id_: str, default: str = "") -> pd.Series:
        """Text without blanks, tabs and apostrophes around it; the default where it is empty or there is no column."""
        if not self.has(id_):
            return pd.Series(default, index=self.cells.index, dtype="str")
        text = self.cells[id_].str.strip("\t '\u00a0")
        return text.where(text != "", default)

    def numbers(self, id_: str) -> Read:
        """A column as numbers, without complaint."""
        if id_ not in self._numbers:
            self._numbers[id_] = numbers(self.cells[id_])
        return self._numbers[id_]

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
        whole = to_minor(micro, self.currency) if scale == "minor" else to_minor(micro, "JPY")
        return pd.Series(whole, index=self.cells.index, dtype="Int64").mask(empty)

    def date(self, id_: str, whole_days: bool = True) -> pd.Series:
        """Required dates of the kept rows."""
        read = dates(self.cells[id_])
        self._check(id_, read, required=True)
        stamps = pd.Series(read.values, index=self.cells.index)
        return stamps.dt.normalize() if whole_days else stamps

    def saw_currency(self, code: str, id_: str) -> None:
        """Take note of a currency that the file names; a second one is a problem."""
        if self.currency and self.currency != code:
            message = f"two currencies, {self.currency} and {code}; a file is read in one currency"
            self._add(self.problems, Problem(0, self.headers.get(id_, ""), message))
        self.currency = self.currency or code

    def note(self, message: str, id_: str = "") -> None:
        """Something that was assumed and is to be said."""
        self._add(self.notes, Problem(0, self.headers.get(id_, ""), message))

    def refuse_if_wrong(self, hint: str = "correct the cells in the file and import it again") -> None:
        """Refuse the file whole when anything in it could not be read."""
        if self.problems:
            self.problems.sort(key=lambda problem: problem.row)
            raise ImportRefused(self.name, self.problems, hint)

    def _check(self, id_: str, read: Read, required: bool) -> None:
        header = self.headers[id_]
        wrong = {row: message for row, message in read.bad.items() if self.keep[row]}
        if required:
            blank = np.flatnonzero(read.empty & self.keep)[:MAX_PROBLEMS]
            wrong |= {int(row): "the cell is empty" for row in blank}
        for row in sorted(wrong)[:MAX_PROBLEMS]:
            self._add(self.problems, Problem(int(self.lines[row]), header, wrong[row]))
        for message in read.notes:
            self.note(message, id_)

    @staticmethod
    def _add(problems: list[Problem], problem: Problem) -> None:
        """A column may be read for more than one purpose; each thing is said once."""
        if problem not in problems:
            problems.append(problem)
