"""A workbook (XLSX) to a grid of cells below a recognised header."""

from __future__ import annotations

import io
import warnings
import zipfile
import zlib
from datetime import date, datetime, time
from typing import Any
from xml.etree.ElementTree import ParseError

import numpy as np
import pandas as pd

from shopplan.ingest.archive import MAX_BYTES, MAX_RATIO
from shopplan.ingest.grid import HEADER_ROWS, MAX_COLUMNS, Grid, Recognise, find_header, no_header
from shopplan.ingest.receipt import ImportRefused, Problem
from shopplan.ingest.records import BLANKS
from shopplan.terms import Said

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


def from_workbook(name: str, data: bytes, recognise: Recognise) -> Grid:
    """A grid from the sheet of an XLSX file whose header fits best; sheets with the same header are read on.

    Raises
    ------
    ImportRefused
        When the file is damaged, too large unpacked, or no sheet has a known header.
    """
    sheets = _sheets(name, data)
    hits = {title: find_header(enumerate(rows[:HEADER_ROWS], 1), recognise) for title, rows in sheets.items()}
    found = {title: hit for title, hit in hits.items() if hit}
    if not found:
        raise no_header(name)
    title = max(found, key=lambda one: (not found[one][2].missing, found[one][2].known))
    line, header, match = found[title]
    same = [one for one, hit in found.items() if hit[1] == header]
    body = [
        (found[one][0] + i, row[: len(header)])
        for one in same
        for i, row in enumerate(sheets[one][found[one][0] :], 1)
        if any(row)
    ]
    cells = pd.DataFrame([row for _, row in body], columns=range(len(header)), dtype="str")
    cells = cells.fillna("").apply(lambda column: column.str.strip(BLANKS))
    notes = [Said("the sheets {titles} are read one after the other", titles=tuple(same))] * (len(same) > 1)
    others = [one for one, rows in sheets.items() if one not in same and rows]
    notes += [Said("not read: the sheets {titles}", titles=tuple(others))] * bool(others)
    preamble = "\n".join(" ".join(row) for row in sheets[title][:line])
    lines = np.array([i for i, _ in body], dtype="int64")
    return Grid(header, match, line, cells, lines, "", preamble, tuple(notes))


def _sheets(name: str, data: bytes) -> dict[str, list[list[str]]]:
    """The cells of every sheet of a workbook by its title, as rows of text; formulas give the value they had."""
    import openpyxl  # costs a third of a second

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            size = sum(info.file_size for info in packed.infolist())
        if size > min(MAX_BYTES, max(len(data) * MAX_RATIO, 1 << 24)):
            raise ImportRefused(name, [Problem(0, "", "the workbook unpacks to too many bytes")], "save it as CSV")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # parts of a workbook that openpyxl does not know are no concern here
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
            return {sheet.title: _rows(name, sheet) for sheet in book.worksheets}
    except ImportRefused:
        raise
    except _DAMAGE as error:
        raise ImportRefused(name, [Problem(0, "", "the workbook is damaged")], "save it again as XLSX") from error


def _rows(name: str, sheet: Any) -> list[list[str]]:
    """Rows without the empty ones at the end; some exports state a wrong size of the sheet."""
    sheet.reset_dimensions()
    rows: list[list[str]] = []
    for values in sheet.iter_rows(values_only=True):
        if len(values) > MAX_COLUMNS:
            message = Said(
                "the sheet has {count:,} columns; at most {most:,} are read", count=len(values), most=MAX_COLUMNS
            )
            raise ImportRefused(name, [Problem(len(rows) + 1, "", message)], "export only the columns that are needed")
        rows.append([_cell(value) for value in values])
    while rows and not any(rows[-1]):
        rows.pop()
    return rows


def _cell(value: Any) -> str:
    """A cell of a workbook as the text that a CSV would hold."""
    if value is None:
        return ""
    if isinstance(value, (datetime, date, time)):
        return value.isoformat(" ") if isinstance(value, datetime) else value.isoformat()
    if isinstance(value, float):
        return np.format_float_positional(value, trim="-")
    return str(value)
