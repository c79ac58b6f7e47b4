"""Text or a workbook to a grid of cells below a recognised header; every record is counted by a second reader."""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import islice
from typing import Any
from xml.etree.ElementTree import ParseError

import numpy as np
import numpy.typing as npt
import pandas as pd

from shopplan.ingest.decode import MAX_BYTES, MAX_RATIO
from shopplan.ingest.formats import Match, recognise
from shopplan.ingest.tables import MAX_PROBLEMS, ImportRefused, Problem

DELIMITERS = (",", ";", "\t", "|")
HEADER_ROWS = 50
"""The header is looked for in so many rows."""
_SAMPLE = 200_000
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    ParseError,
    OSError,
    EOFError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
)
"""What reading a damaged workbook raises, in the archive, its XML or its values (RuntimeError: a password)."""


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
    """

    header: list[str]
    match: Match
    header_line: int
    cells: pd.DataFrame
    lines: npt.NDArray[np.int64]
    delimiter: str = ""


def from_text(name: str, text: str) -> Grid:
    """A grid from delimited text; separator and header are found by the columns that are known.

    Raises
    ------
    ImportRefused
        When no header is recognised, a row has another number of values than the header, or a quote stays open.
    """
    found = [(_header(_rows(text[:_SAMPLE], delimiter)), delimiter) for delimiter in DELIMITERS]
    hits = [(hit, delimiter) for hit, delimiter in found if hit]
    if not hits:
        raise _no_header(name)
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
    return Grid(header, match, line, cells.iloc[:, :width], np.array(lines.starts, dtype="int64"), delimiter)


def from_workbook(name: str, data: bytes) -> Grid:
    """A grid from the first sheet of an XLSX file whose header is recognised.

    Raises
    ------
    ImportRefused
        When the file is damaged, too large unpacked, or no sheet has a known header.
    """
    best: tuple[tuple[int, list[str], Match], list[list[str]]] | None = None
    for rows in _sheets(name, data):
        hit = _header(enumerate(rows[:HEADER_ROWS], 1))
        if hit and (best is None or (best[0][2].missing and not hit[2].missing)):
            best = hit, rows
    if best is None:
        raise _no_header(name)
    (line, header, match), rows = best
    body = [(line + i, row[: len(header)]) for i, row in enumerate(rows[line:], 1) if any(row)]
    cells = pd.DataFrame([row for _, row in body], columns=range(len(header)), dtype="str")
    return Grid(header, match, line, cells.fillna(""), np.array([i for i, _ in body], dtype="int64"))


def _sheets(name: str, data: bytes) -> list[list[list[str]]]:
    """The cells of every sheet of a workbook, as rows of text."""
    import openpyxl  # costs a third of a second

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            size = sum(info.file_size for info in packed.infolist())
        if size > min(MAX_BYTES, max(len(data) * MAX_RATIO, 1 << 24)):
            raise ImportRefused(name, [Problem(0, "", "the workbook unpacks to too many bytes")], "save it as CSV")
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        return [[[_cell(v) for v in row] for row in sheet.iter_rows(values_only=True)] for sheet in book.worksheets]
    except ImportRefused:
        raise
    except _DAMAGE as error:
        raise ImportRefused(name, [Problem(0, "", "the workbook is damaged")], "save it again as XLSX") from error


def _cell(value: Any) -> str:
    """A cell of a workbook as the text that a CSV would hold."""
    if value is None:
        return ""
    if isinstance(value, (datetime, date, time)):
        return value.isoformat(" ") if isinstance(value, datetime) else value.isoformat()
    if isinstance(value, float):
        return np.format_float_positional(value, trim="-")
    return str(value)


def _no_header(name: str) -> ImportRefused:
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


def _header(rows: Iterable[tuple[int, list[str]]]) -> tuple[int, list[str], Match] | None:
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
    cells = [cell.strip() for cell in row]
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
                if len(row) < width or any(row[width:]):
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
