"""Text to a grid of cells below a recognised header; every record is counted by a second reader."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
import numpy.typing as npt
import pandas as pd

from shopplan.ingest.formats import Match
from shopplan.ingest.receipt import ImportRefused, Problem
from shopplan.ingest.records import BLANKS, Layout, Records, records
from shopplan.ingest.tape import LONGEST, Tape
from shopplan.terms import Said

DELIMITERS = (",", ";", "\t", "|")
MAX_COLUMNS = 2000
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
    return next(blocks(name, [text.encode()], place, len(text) << 2))


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
    name: str, texts: Iterable[bytes], place: Place, size: int, columns: tuple[int, ...] | None = None
) -> Iterator[Grid]:
    """The table in grids of about ``size`` bytes; lines of one order that follow each other stay together.

    ``texts`` are pieces of the file in UTF-8; ``columns`` names those that are wanted, where it is not all. There is
    one grid at least.

    Raises
    ------
    ImportRefused
        When a row has another number of values than the header, or a quote stays open.
    """
    layout = Layout(name, place.delimiter, len(place.header), columns)
    tape = Tape(texts, len(place.preamble.encode()))
    line, wanted = place.last_line, size
    while True:
        text = tape.take(wanted)
        ended = tape.ended or len(text) > size + LONGEST
        found = records(layout, text, line, ended)
        whole = len(found.lines) if found and ended else _whole_orders(found, place)
        if found is None or not (whole or ended):
            tape.back(text)
            wanted = len(text) + size
            continue
        if whole < len(found.lines):
            tape.back(text[found.starts[whole] :])
            line = int(found.lines[whole]) - 1
        else:
            line = found.end
        cells, lines = found.cells.iloc[:whole], found.lines[:whole]
        yield Grid(place.header, place.match, place.header_line, cells, lines, place.delimiter, place.preamble)
        if tape.ended:
            return
        wanted = size


def _whole_orders(found: Records | None, place: Place) -> int:
    """How many records stand before those of the last order, which may go on."""
    column = place.match.positions.get("order_id", [-1])[0]
    if found is None or column not in found.cells:
        return 0 if found is None else len(found.lines)
    ids = found.cells[column]
    other = np.flatnonzero((ids != "".join(ids.iloc[-1:])).to_numpy())
    return int(other[-1]) + 1 if len(other) else 0


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


def _refuse_wide(name: str, sample: str) -> None:
    """Refuse a table of thousands of columns before anything looks at them."""
    for line, record in enumerate(sample.splitlines()[:HEADER_ROWS], 1):
        columns = 1 + max(record.count(delimiter) for delimiter in DELIMITERS)
        if columns > MAX_COLUMNS:
            message = Said(
                "the row has {count:,} columns or more; at most {most:,} are read", count=columns, most=MAX_COLUMNS
            )
            raise ImportRefused(name, [Problem(line, "", message)], "export only the columns that are needed")
