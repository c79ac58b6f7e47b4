"""What a row of the table of charts says: builder, columns, height and legend."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from shopplan.charts.look import Drawn, Look
from shopplan.terms import Unit

ColumnUnit = Unit | Literal["text", "color", "flag", "rank"]
"""``month`` is a first-of-month datetime, ``text`` is shown as it is, ``color`` is a hex colour, ``flag`` a boolean,
``rank`` the position in a stack from the bottom."""

Sign = Literal[
    "line", "dashed", "dotted", "fine", "band", "square", "dot", "diamond", "ring", "tick", "cross", "down", "up"
]
Legend = tuple[tuple[Sign, str, str], ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a chart's frame.

    Attributes
    ----------
    unit : ColumnUnit
    meaning : str
    may_miss : bool
        Where rows may be empty (NaN, NaT or None).
    how : str
        What explains the number to who points at it: a metric, whose formula and parts are shown, or the name of a
        text ``how.<name>``. Every column that is a number has one.
    """

    unit: ColumnUnit
    meaning: str
    may_miss: bool = False
    how: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart of the product.

    Attributes
    ----------
    id : str
    build : callable
        Look -> Altair chart without data.
    columns : dict of str to Column
        What the frame must hold, no more and no less.
    height : int
        Pixels of the plot; of one row of it where ``by_row``.
    by_row : bool
        The chart has a row for each name in the data and grows with them.
    legend : tuple of (sign, ink or colour, word key)
        Entries that do not depend on data.
    """

    id: str
    build: Callable[[Look], Drawn]
    columns: dict[str, Column]
    height: int = 200
    by_row: bool = False
    legend: Legend = ()

    @property
    def title(self) -> str:
        """Catalogue key of the title."""
        return f"chart.{self.id}"

    @property
    def alt(self) -> str:
        """Catalogue key of the text alternative."""
        return f"chart.{self.id}.alt"
