"""Rows of an export that are no data: totals, explanations, footers, headers that stand there again, empty rows."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from shopplan.ingest.days import are_dates
from shopplan.ingest.meanings import READING
from shopplan.ingest.sheet import Mask, Sheet, anywhere

NO_DATA = frozenset({"empty_row", "totals_row", "note_row", "repeated_header"})
"""Reasons for which a row is no data."""
_TOTAL = re.compile(
    r"(grand |sub|overall )?totals?(\s*[:：(-].*| of .*)?"
    r"|totals? (all|account|campaign|of|for|results|für|de|du|der).*"
    r"|合[计計].*|总计.*|總計.*|総計.*|汇总.*|彙總.*|小[计計].*|共[计計].*|总合计|全部合计|全部|計|합계.*|총계.*"
    r"|summe(n|:.*| .*)?|gesamt(summe|ergebnis)?(:.*)?|insgesamt.*|totaal.*"
    r"|total(e|en|er|général|général.*)?(\s*[:：].*)?"
    r"|suma.*|razem.*|итого.*|всего.*|yhteensä|totalt.*|i alt|összesen|celkem"
)
_HINT = (
    r"(?i)total|合计|总计|汇总|彙總|小计|共计|全部|計|계|summ?[ae]|gesamt|razem|totaal|итого|всего|yhteens"
    r"|i alt|összes|celkem"
)


def looks_total(cell: str) -> bool:
    """Whether a cell names a total."""
    return _TOTAL.fullmatch(cell.strip(" \t'\"").casefold()) is not None


def clean(sheet: Sheet, header: list[str], cells: pd.DataFrame) -> None:
    """Leave out what is no data; ``cells`` are all cells of the file, those without a known column too."""
    filled = (cells != "").sum(axis=1).to_numpy()
    sheet.leave_out("empty_row", filled == 0)
    again = np.ones(len(cells), dtype=bool)
    for place, name in enumerate(header):
        if name and again.any():
            again &= (cells[place] == name).to_numpy()
    sheet.leave_out("repeated_header", again)
    sheet.leave_out("totals_row", _totals(sheet, cells) | _sum_of_others(sheet))
    sheet.leave_out("note_row", _footers(cells, filled, len(header)) | _explanations(sheet))


def _totals(sheet: Sheet, cells: pd.DataFrame) -> Mask:
    """Rows that call themselves a total, in whatever column, and have no day of their own."""
    named = np.zeros(len(cells), dtype=bool)
    for place in cells:
        if not anywhere(cells[place], _HINT):
            continue
        hinted = cells[place].str.contains(_HINT, regex=True).to_numpy(dtype=bool)
        if hinted.any():
            named[hinted] |= [looks_total(cell) for cell in cells[place][hinted]]
    if sheet.has("date"):
        rows = np.flatnonzero(named)
        named[rows] = ~are_dates(sheet.cells["date"].iloc[rows])
    return named


def _sum_of_others(sheet: Sheet) -> Mask:
    """A single row of an ads report without a name or a day whose spend is that of all others."""
    none = np.zeros(len(sheet.cells), dtype=bool)
    if not sheet.has("spend"):
        return none
    read = sheet.numbers("spend")
    values = np.where(read.empty | ~sheet.keep, 0, read.values.astype("int64"))
    for id_ in ("date", "campaign"):
        blank = (sheet.text(id_) == "").to_numpy() & sheet.keep
        if sheet.has(id_) and blank.sum() == 1 and values[blank][0] * 2 == values.sum() != 0:
            return blank
    return none


def _footers(cells: pd.DataFrame, filled: np.ndarray, width: int) -> Mask:
    """Rows of a single cell with prose in it, such as who exported the file and when."""
    if width < 3 or not (filled == 1).any():
        return np.zeros(len(cells), dtype=bool)
    prose = cells[0].str.contains(r"[\s:：,。，]", regex=True) | (cells[0].str.len() > 20)
    return (filled == 1) & prose.to_numpy(dtype=bool)


def _explanations(sheet: Sheet) -> Mask:
    """The first rows below the header when they explain the columns: no figure where dates and money should be."""
    out = np.zeros(len(sheet.cells), dtype=bool)
    typed = [id_ for id_ in sheet.cells if READING.get(str(id_), "text") != "text"]
    for row in range(min(3, len(out))):
        found = [str(sheet.cells[id_].iloc[row]) for id_ in typed]
        stated = [cell for cell in found if cell.strip("- ")]
        if not sheet.keep[row] or (stated and any(re.search(r"\d", cell) for cell in stated)):
            break
        out[row] = len(stated) >= min(2, len(typed))
        if not out[row]:
            break
    return out


def unwrapped(cells: pd.Series) -> pd.Series:
    """Cells without the formula ``="..."`` that keeps a spreadsheet from changing them; nothing is ever evaluated."""
    if not anywhere(cells, '="'):
        return cells
    return cells.str.replace(r'^="(.*)"$', r"\1", regex=True).str.strip()
