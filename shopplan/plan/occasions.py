"""What the shop itself knows of its days: own promotions, past and planned, and times without stock."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import pandas as pd

from shopplan.terms import Said, ShopplanError

PROMOTION, STOCK_OUT = KINDS = ("promotion", "stock_out")
LONGEST = 366


@dataclass(frozen=True, slots=True)
class Occasion:
    """Days that were, or will be, unlike others.

    Attributes
    ----------
    name : str
        Promotions of one name are taken to bring the same.
    kind : {"promotion", "stock_out"}
    start, end : str
        ISO dates, both included.
    """

    name: str
    kind: str
    start: str
    end: str

    def days(self) -> pd.DatetimeIndex:
        """All of its days."""
        return pd.date_range(self.start, self.end)


def check(occasions: Iterable[Occasion]) -> None:
    """Refuse what cannot be.

    Raises
    ------
    ShopplanError
        For a name that is empty, a date that is none, and an end before the start or long after it.
    """
    for one in occasions:
        if not one.name.strip():
            raise ShopplanError("a promotion or stock-out has no name", one.start, "name it")
        try:
            start, end = date.fromisoformat(one.start), date.fromisoformat(one.end)
        except ValueError as error:
            wrong = Said("{value!r} is not a date", value=f"{one.start} – {one.end}")
            raise ShopplanError(wrong, one.name, "write dates as 2026-08-31") from error
        if not 0 <= (end - start).days < LONGEST:
            raise ShopplanError(
                "the last day lies before the first or more than a year after it", one.name, "check the dates"
            )


def promotions(occasions: Iterable[Occasion]) -> pd.DataFrame:
    """Promotions as rows of the calendar: ``event, day_start, day_end, lead, tail, kind``."""
    rows = [
        (one.name, pd.Timestamp(one.start), pd.Timestamp(one.end), 0, 0, PROMOTION)
        for one in occasions
        if one.kind == PROMOTION
    ]
    return pd.DataFrame(rows, columns=["event", "day_start", "day_end", "lead", "tail", "kind"])


def stock_outs(occasions: Iterable[Occasion]) -> pd.DatetimeIndex:
    """Every day that is said to have lacked stock."""
    days = pd.DatetimeIndex([])
    for one in occasions:
        days = days.union(one.days()) if one.kind == STOCK_OUT else days
    return days
