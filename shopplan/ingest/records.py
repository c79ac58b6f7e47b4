"""Records of a delimited text to cells: at once where all is in order, with care where it is not.

Every record is counted apart from the reader of its values: where quotes stand as they should, by the line ends that
are not inside of them; elsewhere by a second reader, which also tells what is wrong.
"""

from __future__ import annotations

import csv
import io
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from shopplan.ingest.clean import looks_total
from shopplan.ingest.receipt import MAX_PROBLEMS, ImportRefused, Problem
from shopplan.terms import Said

BLANKS = " \t\r\n\u00a0\u3000\ufeff\u200b"
"""What is taken off both ends of every cell; exports put tabs and marks around ids."""
_TEXT = {pa.large_string(): pd.StringDtype(na_value=np.nan)}
_BLOCK = 1 << 22
_QUOTE, _LINE = ord('"'), ord("\n")
_HINT = "a value that holds the separator or a line break must stand in quotes"
Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Records:
    """Cells of a piece of a table.

    Attributes
    ----------
    cells : DataFrame of str
        Columns 0, 1, ... as in the header.
    lines : array of int
        Line in the file of each record.
    starts : array of int
        Byte in the piece of each record.
    end : int
        Line in the file of the end of the piece.
    """

    cells: pd.DataFrame
    lines: Places
    starts: Places
    end: int


@dataclass(frozen=True)
class Layout:
    """How records are written: file for messages, separator, width of the header, columns wanted (all by default)."""

    name: str
    delimiter: str
    width: int
    columns: tuple[int, ...] | None = None


def records(layout: Layout, data: bytes, line: int, last: bool = True) -> Records | None:
    """The records of whole lines in UTF-8; ``line`` lines stand before them.

    Returns
    -------
    Records or None
        None where a quote is open at the end and the text goes on (not ``last``).

    Raises
    ------
    ImportRefused
        When a row has another number of values than the header, or quotes are damaged.
    """
    return _at_once(layout, data, line) or _with_care(layout, data.decode("utf-8"), line, last)


def _at_once(layout: Layout, data: bytes, line: int) -> Records | None:
    """The records of a piece that is in order; None where anything is not."""
    ends = _ends(data, ord(layout.delimiter)) if data.strip() else None
    if ends is None:
        return None
    starts = np.concatenate([[0], ends[:-1] + 1])
    lengths = ends - starts
    return_sign = np.frombuffer(data, dtype="uint8")[starts] == ord("\r")
    filled = (lengths > 1) | ((lengths == 1) & ~return_sign)
    starts = starts[filled]
    if not len(starts):
        return None
    width = _width(data[starts[0] : ends[filled][0]].decode("utf-8"), layout.delimiter)
    table = _table(layout, data, width) if width >= max(layout.width, 2) else None
    if table is None or table.num_rows != len(starts):
        return None
    if layout.columns is None and any(pc.any(pc.not_equal(table[i], "")).as_py() for i in range(layout.width, width)):
        return None
    names = [name for name in table.column_names if int(name) < layout.width]
    trimmed = pa.table({name: pc.utf8_trim(table[name], BLANKS) for name in names})
    cells = trimmed.to_pandas(types_mapper=_TEXT.get)
    cells.columns = pd.Index([int(name) for name in names])
    breaks = np.flatnonzero(np.frombuffer(data, dtype="uint8") == _LINE)
    alone = len(breaks) == len(starts)  # a record a line
    lines = line + 1 + (np.arange(len(starts)) if alone else np.searchsorted(breaks, starts))
    return Records(cells, lines, starts, line + len(breaks) + (not data.endswith(b"\n")))


def _width(record: str, delimiter: str) -> int:
    """How many values a record has; 0 where it cannot be read."""
    try:
        return len(next(csv.reader([record], delimiter=delimiter)))
    except csv.Error:
        return 0


def _table(layout: Layout, data: bytes, width: int) -> pa.Table | None:
    names = [str(place) for place in range(width)]
    wanted = names if layout.columns is None else [str(place) for place in sorted(layout.columns)]
    try:
        return arrow_csv.read_csv(
            pa.py_buffer(data),
            read_options=arrow_csv.ReadOptions(column_names=names, use_threads=False, block_size=_BLOCK),
            parse_options=arrow_csv.ParseOptions(delimiter=layout.delimiter, newlines_in_values=b'"' in data),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.large_string()),
                strings_can_be_null=False,
                include_columns=wanted,
            ),
        )
    except pa.ArrowInvalid:
        return None


def _ends(data: bytes, delimiter: int) -> Places | None:
    """Where records end, by line breaks outside of quotes; None where a quote or a line break is out of order."""
    if b"\r" in data and data.count(b"\r") != data.count(b"\r\n"):
        return None
    letters = np.frombuffer(data, dtype="uint8")
    ends = np.flatnonzero(letters == _LINE)
    if b'"' in data:
        quotes = np.flatnonzero(letters == _QUOTE)
        if len(quotes) % 2:
            return None
        outside = np.zeros(256, dtype=bool)
        outside[[delimiter, _LINE, ord("\r"), _QUOTE]] = True
        before, behind = quotes[::2] - 1, quotes[1::2] + 1  # the first byte has none before it, the last none behind
        if not outside[letters[before[before >= 0]]].all() or not outside[letters[behind[behind < len(data)]]].all():
            return None
        ends = ends[np.searchsorted(quotes, ends) % 2 == 0]
    return ends if data.endswith(b"\n") else np.append(ends, len(data))


def _with_care(layout: Layout, text: str, line: int, last: bool) -> Records | None:
    """The records of any piece, or what is wrong with it."""
    tape = _Tape(io.StringIO(text, newline=""))
    reader = csv.reader(tape, delimiter=layout.delimiter, strict=True)
    block = _Block(layout)
    start = line
    try:
        for row in reader:
            block.add(start + 1, row, tape.take())
            start = line + reader.line_num
            if len(block.wrong) == MAX_PROBLEMS:
                break
    except csv.Error as error:
        open_ = "end of data" in str(error)
        if open_ and not last and not block.wrong:
            return None
        said = "a quote is opened and never closed" if open_ else Said("badly quoted: {error}", error=str(error))
        block.wrong.append(Problem(start + 1, "", said))
    return block.records(start)


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
        text = "".join(self._read)
        self._read.clear()
        return text


class _Block:
    """Records that are read one by one."""

    def __init__(self, layout: Layout) -> None:
        self.layout, self.widest = layout, layout.width
        self.texts: list[str] = []
        self.place = 0
        self.lines, self.starts = array("q"), array("q")
        self.wrong: list[Problem] = []

    def add(self, line: int, row: list[str], text: str) -> None:
        """Take in a record: its first line, its values and its text; what is empty counts for nothing."""
        self.texts.append(text)
        start, self.place = self.place, self.place + len(text.encode())
        width = self.layout.width
        if len(row) != width:
            if not row or (len(row) == 1 and not row[0].strip()):
                return
            if any(row[width:]) or (len(row) < width and not _is_aside(row)):
                message = Said("the row has {count} values, the header {width}", count=len(row), width=width)
                self.wrong.append(Problem(line, "", message))
            self.widest = max(self.widest, len(row))
        self.lines.append(line)
        self.starts.append(start)

    def records(self, end: int) -> Records:
        """The records as cells, read by another reader than the one that counted them."""
        if self.wrong:
            raise ImportRefused(self.layout.name, self.wrong, _HINT)
        width, found = self.layout.width, len(self.lines)
        cells = pd.DataFrame(columns=range(width), dtype="str")
        if found:
            cells = pd.read_csv(
                io.StringIO("".join(self.texts)),
                sep=self.layout.delimiter,
                header=None,
                names=range(self.widest),
                usecols=self.layout.columns,
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
            raise ImportRefused(self.layout.name, [Problem(0, "", message)], "open and save the file in a spreadsheet")
        cells = cells[[column for column in range(width) if column in cells]].fillna("")
        cells = cells.apply(lambda column: column.str.strip(BLANKS))
        return Records(cells, np.array(self.lines, dtype="int64"), np.array(self.starts, dtype="int64"), end)


def _is_aside(row: list[str]) -> bool:
    """Whether a short row is a total or a note rather than a damaged row."""
    return sum(bool(cell.strip()) for cell in row) <= 1 or any(looks_total(cell) for cell in row[:4])
