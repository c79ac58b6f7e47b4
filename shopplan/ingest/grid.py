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

DELIMITERS = (",", ";", "\t", "|")
MAX_COLUMNS = 2000
BLANKS = " \t\r\n\u00a0\u3000\ufeff\u200b"
"""What is taken off both ends of every cell; exports put tabs and marks around ids."""
HEADER_ROWS = 50
"""The header is looked for in so many rows."""
_SAMPLE = 200_000


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
    notes : tuple of str
        What is to be said about how the table was found.
    """

    header: list[str]
    match: Match
    header_line: int
    cells: pd.DataFrame
    lines: npt.NDArray[np.int64]
    delimiter: str = ""
    preamble: str = ""
    notes: tuple[str, ...] = ()


Recognise = Callable[[list[str]], Match | None]
"""Tells what a header is; None when it is none."""


def from_text(name: str, text: str, recognise: Recognise) -> Grid:
    """A grid from delimited text; separator and header are found by the columns that are known.

    Raises
    ------
    ImportRefused
        When no header is recognised, a row has another number of values than the header, or a quote stays open.
    """
    _refuse_wide(name, text[:_SAMPLE])
    found = [(find_header(_rows(text[:_SAMPLE], delimiter), recognise), delimiter) for delimiter in DELIMITERS]
    hits = [(hit, delimiter) for hit, delimiter in found if hit]
    if not hits:
        raise no_header(name)
    hit, delimiter = max(hits, key=lambda pair: (not pair[0][2].missing, pair[0][2].known))
    line, header, match = hit
    start, last = _below(text, delimiter, line)
    body = text[start:]
    lines = _count(name, body, delimiter, len(header), last)
    width = len(header)
    cells = (
        pd.read_csv(
            io.StringIO(body),
            sep=delimiter,
            header=None,
            names=range(lines.width),
            index_col=False,
            dtype=str,
            keep_default_na=False,
            na_filter=False,
            skip_blank_lines=True,
            engine="c",
        )
        if len(lines.starts)
        else pd.DataFrame(columns=range(width), dtype="str")
    )
    if len(cells) != len(lines.starts):
        message = f"one reader finds {len(cells)} rows, another {len(lines.starts)}; quotes or line ends are damaged"
        raise ImportRefused(name, [Problem(0, "", message)], "open and save the file in a spreadsheet")
    cells = cells.iloc[:, :width].fillna("").apply(lambda column: column.str.strip(BLANKS))
    return Grid(header, match, line, cells, np.array(lines.starts, dtype="int64"), delimiter, text[:start][:_SAMPLE])


def no_header(name: str) -> ImportRefused:
    message = f"no row of the first {HEADER_ROWS} names two or more known columns"
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


def _below(text: str, delimiter: str, line: int) -> tuple[int, int]:
    """Position of the first character below the header record, and the header's last line."""
    stream = io.StringIO(text, newline="")
    reader = csv.reader(iter(stream.readline, ""), delimiter=delimiter)
    while reader.line_num < line:
        next(reader)
    return stream.tell(), reader.line_num


def _is_aside(row: list[str]) -> bool:
    """Whether a short row is a total or a note rather than a damaged row."""
    return sum(bool(cell.strip()) for cell in row) <= 1 or any(looks_total(cell) for cell in row[:4])


def _refuse_wide(name: str, sample: str) -> None:
    """Refuse a table of thousands of columns before anything looks at them."""
    for line, record in enumerate(sample.splitlines()[:HEADER_ROWS], 1):
        columns = 1 + max(record.count(delimiter) for delimiter in DELIMITERS)
        if columns > MAX_COLUMNS:
            message = f"the row has {columns:,} columns or more; at most {MAX_COLUMNS:,} are read"
            raise ImportRefused(name, [Problem(line, "", message)], "export only the columns that are needed")


@dataclass
class _Lines:
    starts: array[int]
    width: int


def _count(name: str, body: str, delimiter: str, width: int, above: int) -> _Lines:
    """Line of every record, counted apart from the reader of the values; refuses rows of another width."""
    reader = csv.reader(io.StringIO(body, newline=""), delimiter=delimiter, strict=True)
    lines = _Lines(array("q"), width)
    wrong: list[Problem] = []
    line = above
    try:
        for row in reader:
            start, line = line + 1, above + reader.line_num
            if len(row) != width:
                if not row or (len(row) == 1 and not row[0].strip()):
                    continue
                if any(row[width:]) or (len(row) < width and not _is_aside(row)):
                    wrong.append(Problem(start, "", f"the row has {len(row)} values, the header {width}"))
                    if len(wrong) == MAX_PROBLEMS:
                        break
                lines.width = max(lines.width, len(row))
            lines.starts.append(start)
    except csv.Error as error:
        said = "a quote is opened and never closed" if "end of data" in str(error) else f"badly quoted: {error}"
        wrong.append(Problem(line + 1, "", said))
    if wrong:
        raise ImportRefused(name, wrong, "a value that holds the separator or a line break must stand in quotes")
    return lines
