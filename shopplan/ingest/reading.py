"""From the bytes of a file to facts: `read` is the way in."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pandas as pd

from shopplan.ingest.account import accounted
from shopplan.ingest.decode import Text, decode, unpack
from shopplan.ingest.grid import Grid, from_text, from_workbook
from shopplan.ingest.headers import bracketed, columns_of, plain_header
from shopplan.ingest.money import CURRENCIES
from shopplan.ingest.sheet import Built, Sheet
from shopplan.ingest.tables import FACT_TABLES, ImportRefused, Parsed, Problem, Receipt, typed

DEFAULT_CHANNEL = "online"
_WORDS = {"元": "CNY", "人民币": "CNY", "¥": "CNY", "£": "GBP", "€": "EUR", "$": "USD", "rmb": "CNY"}
_SAME_SIGN = {"CNY": {"JPY"}, "USD": {"AUD", "CAD", "HKD", "MXN", "NZD", "SGD", "TWD"}}
"""Currencies that share the sign of a more usual one; they count where they are given."""


def read(source: bytes | str | Path, name: str = "", *, channel: str = DEFAULT_CHANNEL, currency: str = "") -> Parsed:
    """Read a sales, spend or measures file whole, or refuse it whole.

    Parameters
    ----------
    source : bytes or path
        CSV (also .gz of one file) or XLSX.
    name : str
        What the file is called; the last part of the path by default. It decides nothing.
    channel : str
        Channel of rows that name none.
    currency : str
        ISO code of amounts where the file names none; without it CNY for Chinese headers, else USD, and it is said.

    Returns
    -------
    Parsed
        Fact frames and the receipt, which accounts for every row.

    Raises
    ------
    ImportRefused
        With file, row, column and reason of up to 20 problems.
    """
    if isinstance(source, bytes):
        data = source
    else:
        path = Path(source)
        name = name or path.name
        if not path.is_file():
            raise ImportRefused(name, [Problem(0, "", "there is no such file")], "check the path")
        data = path.read_bytes()
    content = unpack(name, data)
    if content.startswith(b"PK\x03\x04") and b"xl/" in content:
        text, grid = Text("", "xlsx"), from_workbook(name, content)
    else:
        text = decode(name, content)
        grid = from_text(name, text.text)
    _refuse_header(name, grid)
    sheet = _sheet(name, grid, channel)
    if not text.sure:
        sheet.note(f"the encoding is not certain; read as {text.encoding}")
    _find_currency(sheet, grid, currency)
    built = grid.match.format.build(sheet)
    sheet.refuse_if_wrong()
    receipt = Receipt(
        name,
        hashlib.sha256(data).hexdigest(),
        grid.match.format.id,
        grid.match.format.kind,
        encoding=text.encoding,
        delimiter=grid.delimiter,
        header_line=grid.header_line,
        rows_read=len(grid.cells),
    )
    return _finished(receipt, sheet, built)


def _finished(receipt: Receipt, sheet: Sheet, built: Built) -> Parsed:
    """Kept rows as typed frames, and the receipt that adds up."""

    frames: dict[str, pd.DataFrame] = {}
    for table, frame in built.frames.items():
        if any(column.name == "currency" for column in FACT_TABLES[table]):
            frame = frame.assign(currency=sheet.currency)
        frames[table] = typed(table, frame[sheet.keep].reset_index(drop=True))
    kept = int(sheet.keep.sum())
    if not kept:
        raise ImportRefused(sheet.name, [Problem(0, "", "no row of the file can be kept")], _reasons(sheet))
    receipt = replace(
        receipt,
        rows_kept=kept,
        rows_left_out=tuple(sheet.left_out),
        sums=built.sums,
        problems=tuple(sheet.notes),
        confidence=max(0.5, round(1 - 0.1 * len(sheet.notes), 2)),
    )
    return Parsed(frames, accounted(receipt, frames))


def _reasons(sheet: Sheet) -> str:
    left = ", ".join(f"{part.count} {part.reason}" for part in sheet.left_out)
    return f"left out: {left}" if left else "the table has a header and no rows"


def _refuse_header(name: str, grid: Grid) -> None:
    """Refuse a header that lacks a needed column or names one twice."""
    problems = []
    for group in grid.match.missing:
        words = [column for column in columns_of(grid.match.format.id) if column.id in group]
        known = "; ".join(", ".join([*column.en.split("|")[:3], *column.zh.split("|")[:2]]) for column in words)
        wanted = " or ".join(group)
        problems.append(Problem(grid.header_line, wanted, f"no column for {wanted}; known names are {known}"))
    positions = [position for places in grid.match.positions.values() for position in places]
    seen: set[str] = set()
    for position in sorted(positions):
        header = plain_header(grid.header[position])
        if header in seen:
            message = "the header names this column twice"
            problems.append(Problem(grid.header_line, grid.header[position], message))
        seen.add(header)
    if problems:
        raise ImportRefused(name, problems, "the Data page lists the column names and has sample files")


def _sheet(name: str, grid: Grid, channel: str) -> Sheet:
    """Cells by column id; of several headers with one meaning the preferred one is read."""
    chosen = {id_: places[0] for id_, places in grid.match.positions.items()}
    cells = pd.DataFrame({id_: grid.cells[place] for id_, place in chosen.items()})
    headers = {id_: grid.header[place] for id_, place in chosen.items()}
    sheet = Sheet(name, cells, headers, grid.lines, channel)
    for id_, places in grid.match.positions.items():
        for place in places[1:]:
            sheet.notes.append(Problem(0, grid.header[place], f"not read: {headers[id_]} is read for {id_}"))
    return sheet


def _find_currency(sheet: Sheet, grid: Grid, given: str) -> None:
    """The currency of the file: a column, brackets in a header, signs in the cells, what was given, or a guess."""
    if sheet.has("currency"):
        for code in sheet.text("currency").str.upper().unique():
            if code and code not in CURRENCIES:
                sheet.problems.append(Problem(0, sheet.headers["currency"], f"{code!r} is not a currency code"))
            elif code:
                sheet.saw_currency(code, "currency")
    money = {column.id for column in columns_of(grid.match.format.id) if column.reading == "money"} & set(sheet.headers)
    for id_ in sorted(money):
        word = bracketed(sheet.headers[id_])
        code = _WORDS.get(word.casefold()) or (word.upper() if word.upper() in CURRENCIES else "")
        if code:
            sheet.saw_currency(code, id_)
        for code in sheet.numbers(id_).currency.split():
            sheet.saw_currency(given if given in _SAME_SIGN.get(code, ()) else code, id_)
    if given and not sheet.currency:
        sheet.currency = given
    if not sheet.currency and money:
        chinese = any("\u4e00" <= letter <= "\u9fff" for header in grid.header for letter in header)
        sheet.currency = "CNY" if chinese else "USD"
        sheet.note(f"the file names no currency; {sheet.currency} is assumed")
