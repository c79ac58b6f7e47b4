"""Text to a grid of cells below a recognised header; every record is counted by a second reader."""

from __future__ import annotations

import csv
import io
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
import numpy.typing as npt
import pandas as pd

from shopplan.ingest.clean import looks_total
from shopplan.ingest.formats import Match
from shopplan.ingest.receipt import MAX_PROBLEMS, ImportRefused, Problem
from shopplan.terms import Said

DELIMITERS = (",", ";", "\t", "|")
MAX_COLUMNS = 2000
BLANKS = " \t\r\n\u00a0\u3000\ufeff\u200b"
"""What is taken off both ends of every cell; exports put tabs and marks around ids."""
HEADER_ROWS = 50
"""The header is looked for in so many rows."""
SAMPLE = 200_000
"""The header is looked for in so many characters."""


@dataclass(frozen=True)
class Grid:
    """Cells below the header.

    Attributes
    ----------
    header : list of str
    match : Match
        What the header was recognised as; it may lack needed columns.
    header_line : int
        Line of the header in the file, from 1.
    cells : DataFrame of str
        Columns 0, 1, ... as in the header.
    lines : array of int
        Line in the file of each row.
    preamble : str
        What stands above the rows.
    notes : tuple of Said
        What is to be said about how the table was found.
    """

    header: list[str]
    match: Match
    header_line: int
    cells: pd.DataFrame
    lines: npt.NDArray[np.int64]
    delimiter: str = ""
    preamble: str = ""
    notes: tuple[Said, ...] = ()


Recognise = Callable[[list[str]], Match | None]
"""Tells what a header is; None when it is none."""


@dataclass(frozen=True)
class Place:
    """Where the table of a text begins and what it is: see `Grid`; the header ends on ``last_line``."""

    header: list[str]
    match: Match
    header_line: int
    delimiter: str
    last_line: int
    preamble: str


def from_text(name: str, text: str, recognise: Recognise) -> Grid:
    """A grid from delimited text; separator and header are found by the columns that are known.

    Raises
    ------
    ImportRefused
        When no header is recognised, a row has another number of values than the header, or a quote stays open.
    """
    place = find_table(name, text[:SAMPLE], recognise)
    return next(blocks(name, io.StringIO(text, newline=""), place, len(text) + 1))


def find_table(name: str, sample: str, recognise: Recognise) -> Place:
    """Where the table begins in the first characters of a text."""
    _refuse_wide(name, sample)
    found = [(find_header(_rows(sample, delimiter), recognise), delimiter) for delimiter in DELIMITERS]
    hits = [(hit, delimiter) for hit, delimiter in found if hit]
    if not hits:
        raise no_header(name)
    (line, header, match), delimiter = max(hits, key=lambda pair: (not pair[0][2].missing, pair[0][2].known))
    reader = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
    while reader.line_num < line:
        next(reader)
    above = "".join(islice(io.StringIO(sample, newline=""), reader.line_num))
    return Place(header, match, line, delimiter, reader.line_num, above)


def blocks(
    name: str, lines: Iterable[str], place: Place, size: int, columns: list[int] | None = None
) -> Iterator[Grid]:
    """The table in grids of about ``size`` characters; lines of one order that follow each other stay together.

    ``columns`` names those that are wanted, where it is not all.

    Every record is counted apart from the reader of the values. There is one grid at least.

    Raises
    ------
    ImportRefused
        When a row has another number of values than the header, or a quote stays open.
    """
    tape = _Tape(islice(lines, place.last_line, None))
    reader = csv.reader(tape, delimiter=place.delimiter, strict=True)
    width, column = len(place.header), place.match.positions.get("order_id", [-1])[0]
    block = _Block(name, place, width)
    order, line = "", place.last_line
    try:
        for row in reader:
            start, line = line + 1, place.last_line + reader.line_num
            own = row[column].strip(BLANKS) if 0 <= column < len(row) else ""
            if block.size > size and not (own and own == order):
                yield block.grid(columns)
                block = _Block(name, place, width)
            order = own or order
            block.add(start, row, tape.take())
            if len(block.wrong) == MAX_PROBLEMS:
                break
    except csv.Error as error:
        open_ = "end of data" in str(error)
        said = "a quote is opened and never closed" if open_ else Said("badly quoted: {error}", error=str(error))
        block.wrong.append(Problem(line + 1, "", said))
    yield block.grid(columns)


class _Tape:
    """Lines on their way to a reader, kept until they are taken."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self._read: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self._read.append(line)
        return line

    def take(self) -> str:
        """What was read since the last time."""
        text = self._read[0] if len(self._read) == 1 else "".join(self._read)
        self._read.clear()
        return text


class _Block:
    """Records that become one grid."""

    def __init__(self, name: str, place: Place, width: int) -> None:
        self.name, self.place, self.width, self.widest = name, place, width, width
        self.texts: list[str] = []
        self.size = 0
        self.starts = array("q")
        self.wrong: list[Problem] = []

    def add(self, start: int, row: list[str], text: str) -> None:
        """Take in a record: its first line, its values and its text; what is empty counts for nothing."""
        self.texts.append(text)
        self.size += len(text)
        if len(row) != self.width:
            if not row or (len(row) == 1 and not row[0].strip()):
                return
            if any(row[self.width :]) or (len(row) < self.width and not _is_aside(row)):
                message = Said("the row has {count} values, the header {width}", count=len(row), width=self.width)
                self.wrong.append(Problem(start, "", message))
            self.widest = max(self.widest, len(row))
        self.starts.append(start)

    def grid(self, columns: list[int] | None) -> Grid:
        """The records as cells, read by another reader than the one that counted them."""
        if self.wrong:
            hint = "a value that holds the separator or a line break must stand in quotes"
            raise ImportRefused(self.name, self.wrong, hint)
        place, found = self.place, len(self.starts)
        cells = pd.DataFrame(columns=range(self.width), dtype="str")
        if found:
            cells = pd.read_csv(
                io.StringIO("".join(self.texts)),
                sep=place.delimiter,
                header=None,
                names=range(self.widest),
                usecols=columns,
                index_col=False,
                dtype=str,
                keep_default_na=False,
                na_filter=False,
                skip_blank_lines=True,
                engine="c",
            )
        if len(cells) != found:
            template = "one reader finds {one} rows, another {other}; quotes or line ends are damaged"
            message = Said(template, one=len(cells), other=found)
            raise ImportRefused(self.name, [Problem(0, "", message)], "open and save the file in a spreadsheet")
        cells = cells[[column for column in range(self.width) if column in cells]].fillna("")
        cells = cells.apply(lambda column: column.str.strip(BLANKS))
        lines = np.array(self.starts, dtype="int64")
        return Grid(place.header, place.match, place.header_line, cells, lines, place.delimiter, place.preamble)


def no_header(name: str) -> ImportRefused:
    message = Said("no row of the first {count} names two or more known columns", count=HEADER_ROWS)
    return ImportRefused(name, [Problem(0, "", message)], "the Data page lists the column names and has sample files")


def _rows(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Line in the file and cells of the first records; what is badly quoted ends them."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    while True:
        line = reader.line_num + 1
        try:
            row = next(reader, None)
        except csv.Error:
            return
        if row is None:
            return
        yield line, row


def find_header(rows: Iterable[tuple[int, list[str]]], recognise: Recognise) -> tuple[int, list[str], Match] | None:
    """The first row that fits a format fully, else the one that comes nearest."""
    best: tuple[int, list[str], Match] | None = None
    for line, row in islice(rows, HEADER_ROWS):
        header = _trimmed(row)
        match = recognise(header)
        if match is None:
            continue
        if not match.missing:
            return line, header, match
        if best is None or match.known > best[2].known:
            best = line, header, match
    return best


def _trimmed(row: Sequence[str]) -> list[str]:
    """Header cells without blanks around them and without empty ones at the end."""
    cells = [cell.strip(BLANKS + "'") for cell in row]
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _is_aside(row: list[str]) -> bool:
    """Whether a short row is a total or a note rather than a damaged row."""
    return sum(bool(cell.strip()) for cell in row) <= 1 or any(looks_total(cell) for cell in row[:4])


def _refuse_wide(name: str, sample: str) -> None:
    """Refuse a table of thousands of columns before anything looks at them."""
    for line, record in enumerate(sample.splitlines()[:HEADER_ROWS], 1):
        columns = 1 + max(record.count(delimiter) for delimiter in DELIMITERS)
        if columns > MAX_COLUMNS:
            message = Said(
                "the row has {count:,} columns or more; at most {most:,} are read", count=columns, most=MAX_COLUMNS
            )
            raise ImportRefused(name, [Problem(line, "", message)], "export only the columns that are needed")
