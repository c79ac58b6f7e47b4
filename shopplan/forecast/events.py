"""Shop events: when they are, how far they reach before and after, and how much of a month they take."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal

import numpy as np
import pandas as pd

from shopplan.forecast.series import days_of
from shopplan.terms import Said, ShopplanError

Kind = Literal["promotion", "holiday"]
FIRST_YEAR, LAST_YEAR = 1951, 2099
"""Years for which the lunar calendar behind the Spring Festival is known."""


@dataclass(frozen=True, slots=True)
class Event:
    """A row of the calendar: an event that comes back every year.

    Attributes
    ----------
    id : str
        Named in the catalogue as ``event.<id>``.
    kind : {"promotion", "holiday"}
    anchor : callable of a year
        The day that the other numbers count from.
    first, last : int
        First and last day of the event, in days from the anchor.
    lead, tail : int
        Days before and after in which shoppers wait, stock up or have had enough.
    """

    id: str
    kind: Kind
    anchor: Callable[[int], date]
    first: int
    last: int
    lead: int
    tail: int


def _fixed(month: int, day: int) -> Callable[[int], date]:
    return lambda year: date(year, month, day)


@lru_cache(maxsize=256)
def _public_holiday(country: str, subdivision: str | None, name: str, year: int) -> date:
    import holidays

    days = holidays.country_holidays(country, subdiv=subdivision, years=year, language="en_US")
    return min(day for day in days.get_named(name) if day.year == year)


def spring_festival(year: int) -> date:
    """First day of the Chinese lunar year, for example 17 February 2026."""
    return _public_holiday("CN", None, "Chinese New Year (Spring Festival)", year)


def black_friday(year: int) -> date:
    """The day after the fourth Thursday of November."""
    first = date(year, 11, 1)
    return first + timedelta(days=(3 - first.weekday()) % 7 + 22)


def easter(year: int) -> date:
    """Western Easter Sunday."""
    return _public_holiday("GB", "ENG", "Good Friday", year) + timedelta(days=2)


# Reach in days: the platforms' published campaign dates in recent years; before a festival parcels stop about two days
# ahead and the stocking-up before it takes three weeks.
CHINA = (
    Event("goods_festival", "promotion", spring_festival, -21, -3, 0, 0),
    Event("spring_festival", "holiday", spring_festival, -2, 6, 0, 7),
    Event("womens_day", "promotion", _fixed(3, 8), -4, 0, 4, 3),
    Event("festival_618", "promotion", _fixed(6, 18), -17, 2, 7, 7),
    Event("national_day", "holiday", _fixed(10, 1), 0, 6, 3, 0),
    Event("double_11", "promotion", _fixed(11, 11), -10, 0, 10, 7),
    Event("double_12", "promotion", _fixed(12, 12), -2, 0, 3, 3),
)
WEST = (
    Event("valentines_day", "promotion", _fixed(2, 14), -7, 0, 0, 2),
    Event("easter", "holiday", easter, -2, 1, 14, 3),
    Event("prime_day", "promotion", _fixed(7, 15), 0, 3, 5, 5),
    Event("black_friday", "promotion", black_friday, 0, 3, 7, 4),
    Event("christmas", "holiday", _fixed(12, 25), -24, -3, 0, 10),
)
CHINESE_COUNTRIES = frozenset({"CN", "HK", "MO", "TW"})
EVERYWHERE = "ALL"
"""In place of a country: the events of all of them."""


def events_of(country: str) -> tuple[Event, ...]:
    """The events that a country's shops know."""
    if country == EVERYWHERE:
        return CHINA + WEST
    return CHINA if country.upper() in CHINESE_COUNTRIES else WEST


def calendar(start: str | date, end: str | date, country: str = "CN") -> pd.DataFrame:
    """Every event whose days, lead or tail touch the time from ``start`` to ``end``.

    Parameters
    ----------
    start, end : date or ISO text
        Both included.
    country : str
        Two-letter code: Chinese events for the Chinese-speaking ones, Western events for all others, both for
        `EVERYWHERE`.

    Returns
    -------
    DataFrame
        ``event, day_start, day_end, lead, tail, kind``, by day; own events are added as further rows.

    Raises
    ------
    ShopplanError
        Outside the years 1951 to 2099.
    """
    first, last = pd.Timestamp(start), pd.Timestamp(end)
    if first.year <= FIRST_YEAR or last.year >= LAST_YEAR:
        span = Said("{first} to {last}", first=f"{first:%Y-%m-%d}", last=f"{last:%Y-%m-%d}")
        raise ShopplanError("events are known between 1952 and 2098", span)
    rows = []
    for event in events_of(country):
        for year in range(first.year - 1, last.year + 2):
            anchor = pd.Timestamp(event.anchor(year))
            begins, ends = anchor + pd.Timedelta(days=event.first), anchor + pd.Timedelta(days=event.last)
            if begins - pd.Timedelta(days=event.lead) <= last and ends + pd.Timedelta(days=event.tail) >= first:
                rows.append((event.id, begins, ends, event.lead, event.tail, event.kind))
    frame = pd.DataFrame(rows, columns=["event", "day_start", "day_end", "lead", "tail", "kind"])
    return frame.sort_values(["day_start", "event"], ignore_index=True)


EVENT_COLUMNS = ("event", "day_start", "day_end")
UNTOLD = {"lead": 0, "tail": 0, "kind": "promotion"}
"""What own events are where it is not said: promotions of just their days."""


def own_events(events: pd.DataFrame | None) -> pd.DataFrame | None:
    """Own events in the columns and types of `calendar`; None where there are none.

    Parameters
    ----------
    events : DataFrame, optional
        ``event, day_start, day_end``, dates as a history may have them, and any of ``lead, tail, kind``.

    Raises
    ------
    ShopplanError
        When a column is missing, a date cannot be read, an event ends before it starts, or a lead or tail is no number
        of days.
    """
    if events is None or events.empty:
        return None
    missing = [name for name in EVENT_COLUMNS if name not in events]
    if missing:
        raise ShopplanError(Said("events need the columns {columns}", columns=EVENT_COLUMNS), ", ".join(missing))
    name, first, last = events["event"].astype(str), *(days_of(events[one], one) for one in EVENT_COLUMNS[1:])
    out = events.assign(event=name, day_start=first, day_end=last)
    _refuse_event(name, last < first, "the end is before the start")
    for column, usual in UNTOLD.items():
        told = out[column] if column in out else pd.Series(index=out.index, dtype=object)
        out[column] = told.where(told.notna() & (told != ""), usual)
    for column in ("lead", "tail"):
        out[column] = pd.to_numeric(out[column], errors="coerce")
        _refuse_event(name, ~(out[column] >= 0), "not a number of days")
    return out


def _refuse_event(name: pd.Series, wrong: pd.Series, said: str) -> None:
    if wrong.any():
        raise ShopplanError(said, str(name[wrong].iloc[0]))


_LENGTH = {"M": pd.DateOffset(months=1), "W": pd.DateOffset(days=7), "D": pd.DateOffset(days=1)}


def event_share(periods: pd.DatetimeIndex, events: pd.DataFrame, freq: str = "M") -> pd.DataFrame:
    """Share of each period's days that fall into each event.

    Parameters
    ----------
    periods : DatetimeIndex
        First day of each period.
    events : DataFrame
        As `calendar` gives it.
    freq : {"M", "W", "D"}
        Length of a period.

    Returns
    -------
    DataFrame
        Indexed by period; one column an event, 0 to 1. Leads and tails are not counted.
    """
    starts = pd.DatetimeIndex(periods)
    ends = starts + _LENGTH[freq]
    length = (ends - starts).days.to_numpy()
    names = list(dict.fromkeys(events["event"]))
    shares = pd.DataFrame(0.0, index=starts, columns=names)
    for name, first, last in zip(events["event"], events["day_start"], events["day_end"], strict=True):
        overlap = np.minimum((ends - first).days, (last - first).days + 1) - np.maximum((starts - first).days, 0)
        shares[name] += np.maximum(overlap, 0) / length
    return shares.clip(upper=1.0)
