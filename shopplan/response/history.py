"""Read a table of sales and spend into even periods, and say what is wrong with it in the user's words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from shopplan.response.transform import Array
from shopplan.terms import Said, ShopplanError, place

Period = Literal["W", "M"]
YEAR: dict[Period, float] = {"W": 365.25 / 7, "M": 12.0}
"""Periods in a year."""
LEAST_PERIODS = 8
CLOSED = 0.5
"""Weekdays that are in no more than this share of the weeks may lack any of them."""


@dataclass(frozen=True, eq=False)
class History:
    """Sales, spend and controls by week or month.

    Attributes
    ----------
    dates : DatetimeIndex
        First day of each period.
    period : {"W", "M"}
    sales : array (periods,)
    spend : array (periods, channels)
    controls : array (periods, controls)
    channels, control_names : tuple of str
    """

    dates: pd.DatetimeIndex
    period: Period
    sales: Array
    spend: Array
    controls: Array
    channels: tuple[str, ...]
    control_names: tuple[str, ...]

    @property
    def ends(self) -> pd.DatetimeIndex:
        """Last day of each period."""
        return self.dates + (pd.Timedelta(days=6) if self.period == "W" else pd.offsets.MonthEnd(0))

    def head(self, periods: int) -> History:
        """The first periods only."""
        return self._part(slice(None, periods))

    def tail(self, periods: int) -> History:
        """The last periods only."""
        return self._part(slice(len(self.dates) - periods, None))

    def filled(self, odd: pd.DatetimeIndex) -> History:
        """With the sales of some periods taken from the line between their neighbours."""
        told = self.dates.isin(odd)
        at = np.arange(len(self.dates))
        return replace(self, sales=np.interp(at, at[~told], self.sales[~told]))

    def _part(self, rows: slice) -> History:
        cut = (self.sales[rows], self.spend[rows], self.controls[rows])
        return History(self.dates[rows], self.period, *cut, self.channels, self.control_names)


def read_history(
    frame: pd.DataFrame, date: str, target: str, spend: Sequence[str], controls: Sequence[str] = ()
) -> History:
    """A table with one row a day, week or month as even periods; days are added up to whole weeks from Monday.

    Dates may be whole numbers that count the periods; they are months when the column is called so, else weeks.

    Raises
    ------
    ShopplanError
        For a missing column, a date or number that cannot be read (with its row, the header being row 1),
        negative spend, a date that comes twice, gaps between dates, or too few rows.
    """
    _require_columns(frame, [date, target, *spend, *controls])
    values = pd.DataFrame({c: _numbers(frame[c], c) for c in dict.fromkeys([target, *spend, *controls])})
    for channel in spend:
        negative = np.flatnonzero(values[channel] < 0)
        if len(negative):
            raise ShopplanError("spend is below zero", _row(channel, negative[0]), "enter refunds of ads elsewhere")
    dates = _dates(frame[date], date)
    values.index = dates
    values = values.sort_index()
    if values.index.has_duplicates:
        twice = values.index[values.index.duplicated()][0]
        raise ShopplanError(
            Said("{day} comes twice", day=f"{twice:%Y-%m-%d}"), place(column=date), "add the rows of one date up first"
        )
    period, values = _even(values, controls)
    if len(values) < LEAST_PERIODS:
        raise ShopplanError(
            Said("{count} periods are too few, a fit needs {least}", count=len(values), least=LEAST_PERIODS),
            hint="enter the return of each channel",
        )
    if values[target].sum() <= 0:
        raise ShopplanError("there are no sales above zero", place(column=target))
    paid, other = (values[list(names)].to_numpy(float) for names in (spend, controls))
    index = pd.DatetimeIndex(values.index)
    return History(index, period, values[target].to_numpy(float), paid, other, tuple(spend), tuple(controls))


def _require_columns(frame: pd.DataFrame, columns: list[str]) -> None:
    missing = [c for c in columns if c not in frame.columns]
    if missing:
        there = Said("the columns are {names}", names=tuple(map(str, frame.columns)))
        raise ShopplanError(Said("there is no column {names}", names=tuple(missing)), hint=there)
    twice = sorted({c for c in columns if columns.count(c) > 1})
    if twice:
        message = Said("the column {names} is used twice", names=tuple(twice))
        raise ShopplanError(message, hint="give every column one meaning")
    if len(frame) == 0:
        raise ShopplanError("the table has no rows")


def _numbers(column: pd.Series, name: str) -> pd.Series:
    numbers = pd.to_numeric(column, errors="coerce").astype(float).replace([np.inf, -np.inf], np.nan)
    bad = np.flatnonzero(numbers.isna())
    if len(bad):
        raise ShopplanError(
            Said("{value!r} is not a number", value=_plain(column.iloc[bad[0]])),
            _row(name, bad[0]),
            "fill in 0 where it is none",
        )
    return numbers.reset_index(drop=True)


def _dates(column: pd.Series, name: str) -> pd.DatetimeIndex:
    if pd.api.types.is_integer_dtype(column) and column.between(0, 10_000).all():
        start, step = pd.Timestamp("2000-01-03"), pd.to_timedelta(7 * column, unit="D")
        if "month" in name.lower():
            return pd.DatetimeIndex([pd.Timestamp("2000-01-01") + pd.DateOffset(months=int(k)) for k in column])
        return pd.DatetimeIndex(start + step)
    read = pd.to_datetime(column.astype(str), errors="coerce", format="ISO8601")
    bad = np.flatnonzero(read.isna())
    if len(bad):
        hint = "write dates as 2026-08-31"
        raise ShopplanError(
            Said("{value!r} is not a date", value=_plain(column.iloc[bad[0]])), _row(name, bad[0]), hint
        )
    if read.dt.tz is not None:
        read = read.dt.tz_localize(None)
    return pd.DatetimeIndex(read.dt.normalize())


def _plain(cell: object) -> object:
    """A cell as it was written, without numpy's name around it."""
    return cell.item() if isinstance(cell, np.generic) else cell


def _row(column: str, position: int) -> str:
    return place("", position + 2, column)


def _even(values: pd.DataFrame, controls: Sequence[str]) -> tuple[Period, pd.DataFrame]:
    """Days become whole weeks; weeks and months must follow each other without a gap."""
    index = pd.DatetimeIndex(values.index)
    step = float(np.median((index[1:] - index[:-1]).days)) if len(index) > 1 else 7.0
    if step < 4:
        return "W", _weeks(values, controls)
    period: Period = "W" if step < 20 else "M"
    if period == "M":
        values.index = index.to_period("M").to_timestamp()
        wanted = pd.date_range(values.index[0], values.index[-1], freq="MS")
    else:
        wanted = pd.date_range(index[0], index[-1], freq="7D")
    if step > 45 or len(wanted) != len(values) or not (wanted == values.index).all():
        odd = next((d for d in wanted if d not in values.index), values.index[-1])
        template = "the dates are not one a month: look at {day}"
        if period == "W":
            template = "the dates are not one a week: look at {day}"
        hint = "give every period a row, with 0 where nothing was spent"
        raise ShopplanError(Said(template, day=f"{odd:%Y-%m-%d}"), hint=hint)
    return period, values


def _weeks(values: pd.DataFrame, controls: Sequence[str]) -> pd.DataFrame:
    """Sums (means of controls) of weeks from Monday; a first or last week that is not whole is left out."""
    index = pd.DatetimeIndex(values.index)
    monday = index - pd.to_timedelta(index.day_of_week, unit="D")
    grouped = values.groupby(monday)
    weeks = grouped.sum()
    weeks[list(controls)] = grouped[list(controls)].mean()
    _require_days(index)
    whole = (weeks.index >= index[0]) & (weeks.index <= index[-1] - pd.Timedelta(days=6))
    weeks = weeks[whole]
    if len(weeks) and len(weeks) != (weeks.index[-1] - weeks.index[0]).days // 7 + 1:
        raise ShopplanError("whole weeks are missing between the days", hint="give every day a row")
    return weeks


def _require_days(index: pd.DatetimeIndex) -> None:
    """Refuse gaps between days, but for weekdays that are mostly not there: a shop may be closed on them."""
    every = pd.date_range(index[0], index[-1])
    there = pd.Series(every.isin(index), every)
    usual = there.groupby(every.day_of_week).transform("mean") > CLOSED
    if (gaps := every[usual & ~there]).size:
        said = Said("the day {day} is missing", day=f"{gaps[0]:%Y-%m-%d}")
        raise ShopplanError(said, hint="give every day a row, with 0 where nothing was sold")
