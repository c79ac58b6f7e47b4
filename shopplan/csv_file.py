"""A CSV file that a command was given, read as one table; what is no table is refused in the project's own words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from shopplan.terms import Said, ShopplanError, place

_UNEVEN = re.compile(r"Expected (\d+) fields in line (\d+), saw (\d+)")
"""How pandas names a row with more cells than those above it."""


def read_csv(path: Path, columns: Sequence[str], **options: Any) -> pd.DataFrame:
    """The table of a file in UTF-8.

    Parameters
    ----------
    path : Path
    columns : sequence of str
        What the file should hold, for the refusal; whether it does is not checked.
    **options
        For `pandas.read_csv`.

    Raises
    ------
    ShopplanError
        With file, row where it is known, and what is wanted.
    """
    try:
        table = pd.read_csv(path, encoding="utf-8-sig", **options)
    except OSError as error:
        reason = error.strerror or str(error)
        raise ShopplanError(Said("the file cannot be read: {reason}", reason=reason), path.name) from error
    except (UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise _unreadable(path.name, error, columns) from error
    if len(table.columns) == 1 and any(mark in str(table.columns[0]) for mark in ";\t"):
        raise _unreadable(path.name, ValueError(), columns)
    return table


def _unreadable(name: str, error: ValueError, columns: Sequence[str]) -> ShopplanError:
    """Why a file is no table, and what is wanted, instead of what the reading library says."""
    hint = Said("give a CSV file in UTF-8 with the columns {columns}", columns=tuple(columns))
    if uneven := _UNEVEN.search(str(error)):
        wanted, row, seen = map(int, uneven.groups())
        message = Said("this row has {seen} cells, the rows above it have {wanted}", seen=seen, wanted=wanted)
        return ShopplanError(message, place(name, row), hint)
    if isinstance(error, pd.errors.EmptyDataError):
        return ShopplanError("the file cannot be read, it is empty", name, hint)
    if isinstance(error, UnicodeDecodeError):
        return ShopplanError("the file cannot be read, it is not in UTF-8", name, hint)
    return ShopplanError("the file cannot be read, it is no table with commas between the cells", name, hint)
