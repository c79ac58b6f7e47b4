"""The same export written another way gives the same figures: columns, encodings, separators, dates, line ends."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

from shopplan.ingest import FORMATS, read
from shopplan.ingest.currency import code_of
from shopplan.ingest.days import dates
from shopplan.ingest.formats import recognise
from shopplan.ingest.headers import bracketed, raw_headers
from shopplan.ingest.meanings import READING
from shopplan.ingest.receipt import plain
from shopplan.ingest.values import numbers

SAMPLES = Path(__file__).parents[1] / "data" / "formats"
NAMES = sorted(path.name for path in SAMPLES.iterdir())
PERIOD = ("2026-09-01", "2026-09-03")
REQUIRED = {
    "date", "date_end", "paid_at", "currency", "status", "refund_status", "units", "unit_price", "campaign", "entry",
    "line_id", "refund_id",
}  # fmt: skip


class Table:
    """A sample as rows of cells, with what each column means."""

    def __init__(self, name: str) -> None:
        path = SAMPLES / name
        self.parsed = read(path, period=PERIOD)
        self.receipt = self.parsed.receipt
        if path.suffix == ".xlsx":
            rows = [
                ["" if cell is None else str(cell) for cell in row]
                for row in openpyxl.load_workbook(path).active.iter_rows(values_only=True)
            ]
            self.delimiter = ","
        else:
            text = path.read_bytes().decode(self.receipt.encoding).lstrip("\ufeff")
            self.delimiter = self.receipt.delimiter
            rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=self.delimiter))
        head = self.lines(rows)
        self.above, self.header = rows[:head], rows[head]
        width = len(self.header)
        self.rows = [[*row, *[""] * width][:width] for row in rows[head + 1 :] if any(row)]

    def lines(self, rows: list[list[str]]) -> int:
        """Place of the header among the rows; lines above it may be empty or hold line breaks."""
        found = [i for i, row in enumerate(rows[:50]) if (m := recognise(row)) and m.format.id == self.receipt.format]
        return found[0]

    def meaning(self, place: int) -> str:
        """What a column is read as."""
        positions = recognise([cell.strip("\t '\ufeff") for cell in self.header]).positions
        return next((id_ for id_, places in positions.items() if place in places), "")

    def changed(self, reading: str, change: Callable[[list[str]], list[str]]) -> list[list[str]]:
        """The rows with the cells of each column that is read so written another way."""
        columns = [list(column) for column in zip(*self.rows, strict=True)] or [[] for _ in self.header]
        for place, cells in enumerate(columns):
            if READING.get(self.meaning(place)) == reading:
                columns[place] = change(cells)
        return [list(row) for row in zip(*columns, strict=True)]

    def write(self, header: list[str], rows: list[list[str]], encoding="utf-8", delimiter="", end="\n") -> bytes:
        out = io.StringIO()
        csv.writer(out, delimiter=delimiter or self.delimiter, lineterminator=end).writerows(
            [*self.above, header, *rows]
        )
        return out.getvalue().encode(encoding)


@cache
def sample(name: str) -> Table:
    """A sample, read once."""
    return Table(name)


def same(table: Table, data: bytes, name: str = "other.csv", without: tuple[str, ...] = ()) -> None:
    """The file gives the figures of the sample."""
    receipt = read(data, name, period=PERIOD).receipt
    want = table.receipt
    assert (receipt.format, receipt.currency) == (want.format, want.currency)
    assert {k: v for k, v in receipt.sums.items() if k not in without} == {
        k: v for k, v in want.sums.items() if k not in without
    }
    assert receipt.by_currency == want.by_currency
    assert (receipt.rows_read, receipt.rows_kept, receipt.orders) == (want.rows_read, want.rows_kept, want.orders)
    assert set(receipt.rows_left_out) == set(want.rows_left_out)
    assert (receipt.date_from, receipt.date_to) == (want.date_from, want.date_to)


MANNERS = {
    "plain": ("utf-8", ",", "\n", None),
    "european": ("utf-8-sig", ";", "\r\n", "%d.%m.%Y{t}"),
    "excel": ("utf-16", "\t", "\r\n", "%Y/%m/%d{t}"),
    "no mark": ("utf-16-le", ",", "\n", "%d %b %Y{t}"),
    "big end first": ("utf-16-be", "\t", "\r\n", "%Y.%m.%d{t}"),
    "chinese": ("gb18030", ",", "\r\n", "%Y年%m月%d日{t}"),
    "old mac": ("utf-8", "|", "\r", "%Y%m%d{t}"),
    "iso": ("utf-8", ",", "\n", "%Y-%m-%dT%H:%M:%S"),
}
"""Encoding, separator, line end, layout of dates."""


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("manner", MANNERS)
def test_an_export_written_another_way(name, manner):
    """Columns in another order among unknown ones, too."""
    table = sample(name)
    encoding, delimiter, end, layout = MANNERS[manner]
    if encoding == "gb18030" and not any("\u4e00" <= letter <= "\u9fff" for letter in "".join(table.header)):
        pytest.skip("no Chinese export")
    rows = table.changed("date", lambda cells: _dated(cells, layout)) if layout else table.rows
    header = [*table.header, "Zusatz", "x-internal", "备用字段"]
    rows = [[*row, "n/a", str(i), "—"] for i, row in enumerate(rows)]
    order = np.random.default_rng(len(name)).permutation(len(header))
    header, *rows = [[row[i].replace("\n", " ") for i in order] for row in (header, *rows)]
    same(table, table.write(header, rows, encoding, delimiter, end))


@pytest.mark.parametrize("name", NAMES)
def test_without_the_columns_that_no_figure_needs(name):
    table = sample(name)
    needed = {id_ for group in _format(table).groups for id_ in group} | REQUIRED
    places = [i for i in range(len(table.header)) if table.meaning(i) in needed or _money(table.meaning(i))]
    places += [i for i in range(len(table.header)) if i not in places and _is_mark(table, i)]
    data = table.write([table.header[i] for i in places], [[row[i] for i in places] for row in table.rows])
    same(table, data, without=("impressions", "clicks"))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("marks", [",.", ".,", "\u202f,"])
def test_amounts_written_another_way(name, marks):
    table = sample(name)
    rows = table.changed("money", lambda cells: _written(cells, marks))
    same(table, table.write(table.header, rows))


@pytest.mark.parametrize("name", NAMES)
def test_as_a_workbook(name):
    table = sample(name)
    book = openpyxl.Workbook()
    for row in [*table.above, table.header, *table.rows]:
        book.active.append([cell.removeprefix('="').removesuffix('"') for cell in row])
    stream = io.BytesIO()
    book.save(stream)
    same(table, stream.getvalue(), "a.xlsx")


def _format(table: Table):
    return next(row for row in FORMATS if row.id == table.receipt.format)


def _money(meaning: str) -> bool:
    return READING.get(meaning) == "money"


def _is_mark(table: Table, place: int) -> bool:
    marks = raw_headers(_format(table).marks.split("|"))
    return bool(raw_headers([table.header[place]]) & marks) or bool(code_of(bracketed(table.header[place])))


def _dated(cells: list[str], layout: str) -> list[str]:
    """Dates in another layout; cells without one as they are."""
    read = dates(pd.Series(cells, dtype="str").str.strip("\t '"))
    stamps = pd.Series(read.values)
    texts = [layout.replace("{t}", " %H:%M:%S" if part else "") for part in stamps != stamps.dt.normalize()]
    changed = zip(cells, stamps, texts, strict=True)
    return [cell if at is pd.NaT else at.strftime(text) for cell, at, text in changed]


def _written(cells: list[str], marks: str) -> list[str]:
    """Amounts with other marks and two places at least; cells without one as they are."""
    read = numbers(pd.Series(cells, dtype="str").str.strip("\t "))
    out = []
    for i, (cell, micro) in enumerate(zip(cells, read.values, strict=True)):
        number = str(cell) if i in read.bad or read.empty[i] else ""
        whole, _, places = plain(Decimal(int(micro)) / 10**6).partition(".")
        grouped = f"{int(whole):,}".replace(",", marks[0])
        minus = "-" if whole == "-0" else ""
        out.append(number or f"{minus}{grouped}{marks[1]}{places or '00'}{_sign(cell)}")
    return out


def _sign(cell: str) -> str:
    """The currency that stands in a cell."""
    return next((f" {sign}" for sign in "$€£¥₹元" if sign in cell), "")
