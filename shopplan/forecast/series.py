"""From a long frame to regular series on a scale where models may add: gaps, zeros, closed days, outliers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from shopplan.terms import DATE, SERIES, VALUE, Said, ShopplanError

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
Places = NDArray[np.intp]
Freq = Literal["D", "W", "M"]

SEASON: dict[str, int] = {"D": 7, "W": 52, "M": 12}
STEP = {"D": pd.DateOffset(days=1), "W": pd.DateOffset(days=7), "M": pd.DateOffset(months=1)}
SPANS = {"D": (7, 14, 28), "W": (4, 13, 26), "M": (3, 6, 12)}
"""Periods that are added up where totals are back-tested."""
STOPPED = {"D": 28, "W": 8, "M": 3}
"""Periods without sales after which a series counts as ended."""
LAUNCH = {"D": 42, "W": 8, "M": 3}
"""At most so many first periods count as a launch: those below half of the usual level of the season that follows."""
LONGEST = {"D": 800, "W": 313, "M": 180}
"""Periods of history that are looked at."""
RARE, RARE_LOSS = 0.25, 0.05
"""Up to this share of zeros and negatives, and of negatives alone, they are treated as missing; above it they belong to
the series."""
SOFT = 2.0
"""The scale is straight up to about the usual size of a value over this, where values may be zero or negative."""
HOLIDAYS = 0.07
"""Zeros up to this share are closed days of their own, which may not come again in the horizon."""
BY_CHANCE = 0.01
"""A switch is taken to stop all sales when zeros alone would have met it less often than this."""
RECENT = {"D": 182, "W": 52, "M": 24}
"""Periods in which zeros are counted."""


@dataclass(frozen=True, eq=False)
class Series:
    """One series, regular and without gaps.

    Attributes
    ----------
    id : str
    ds : DatetimeIndex
    z : array
        Logs of the values where they are positive; with many zeros or negatives the inverse hyperbolic sine, which
        is a log for large values and a straight line around zero.
    known : array of bool
        False where there was no value to believe: gaps, closed and shut periods, and lone zeros among logs.
    floor : float
        Half-width of that straight part; 0 for logs.
    closed : tuple of int
        Weekdays (Monday 0) on which a daily series never sells.
    shut : DatetimeIndex
        Periods, past and to come, in which a stated switch is on that stops all sales: a stock-out of everything.
    state : {"", "empty", "stopped"}
        Not empty when there is nothing to forecast but zero.
    idle : float
        Share of lone zeros among the last periods, where they are not among the values believed and no mere holidays.
    least : float
        0 for a series that was never below it, else without limit.
    """

    id: str
    ds: pd.DatetimeIndex
    z: Array
    known: Flags
    floor: float
    closed: tuple[int, ...]
    shut: pd.DatetimeIndex
    state: Literal["", "empty", "stopped"]
    idle: float = 0.0
    least: float = 0.0

    def back(self, z: Array) -> Array:
        """From the model's scale to values."""
        return np.exp(z) if self.floor == 0 else 2 * self.floor * np.sinh(z)


SPARSE = 4
"""So few dates may be days however far apart they are."""


def guess_freq(frame: pd.DataFrame) -> Freq:
    """Days, weeks or months, by the usual distance between two dates of a series; months when there is only one.

    Raises
    ------
    ShopplanError
        When the dates are neither, or differ from series to series.
    """
    days = _days(frame)
    rows = pd.DataFrame({SERIES: frame[SERIES].astype(str), DATE: days}).sort_values([SERIES, DATE])
    usual = rows.groupby(SERIES)[DATE].agg(lambda days: days.diff().dt.days.median()).dropna()
    found = {str(name): _freq_of(gap) for name, gap in usual.items()}
    odd = next((name for name, freq in found.items() if freq is None), None)
    if odd is not None:
        said = Said("dates are {days:.0f} days apart", days=float(usual[odd]))
        raise ShopplanError(said, odd, "give sums of days, weeks or months, or say which of them it is")
    first = next(iter(found.values()), None)
    other = next((name for name, freq in found.items() if freq != first), None)
    if other is not None:
        raise ShopplanError("some series are of days, weeks or months, others of another", other, "forecast them apart")
    return first or "M"


def _freq_of(gap: float) -> Freq | None:
    return "D" if gap < 4 else "W" if 5 <= gap <= 10 else "M" if 25 <= gap <= 45 else None


def dated(frame: pd.DataFrame, freq: Freq) -> pd.DataFrame:
    """The frame with every date at the start of its day or month; weeks keep the weekday they are dated by.

    Raises
    ------
    ShopplanError
        When a column or a date is missing, two values fall in one period, weeks of a series are not whole weeks apart,
        or a value is infinite.
    """
    day = _days(frame)
    out = frame.assign(**{DATE: period_start(day, freq)})
    twice = out.duplicated([SERIES, DATE])
    if twice.any():
        what = "two values for the same month" if freq == "M" else "two values for the same date"
        raise ShopplanError(what, _place(out[twice]), "add them up first")
    gaps = out.sort_values(DATE).groupby(SERIES)[DATE].diff().dt.days
    if freq == "D" and len(out) > SPARSE and gaps.min() >= 7:
        apart = Said("no two dates are less than {days:.0f} days apart: these are no days", days=float(gaps.min()))
        raise ShopplanError(apart, hint="say that they are weeks or months")
    late = (day - day.groupby(out[SERIES]).transform("min")).dt.days % 7 != 0
    if freq == "W" and late.any():
        said = "weeks of a series begin on different weekdays"
        raise ShopplanError(said, _place(out[late]), "date every week by the same weekday")
    if np.isinf(out[VALUE].to_numpy(float)).any():
        raise ShopplanError("a value is infinite", VALUE)
    return out


def _days(frame: pd.DataFrame) -> pd.Series:
    """The day of every row."""
    missing = [column for column in (SERIES, DATE, VALUE) if column not in frame]
    if missing:
        needed = Said("a forecast needs the columns {columns}", columns=(SERIES, DATE, VALUE))
        raise ShopplanError(needed, ", ".join(missing))
    if frame[DATE].isna().any():
        raise ShopplanError("a date is missing", str(frame.loc[frame[DATE].isna(), SERIES].iloc[0]))
    return days_of(frame[DATE], DATE)


def days_of(values: pd.Series, where: str) -> pd.Series:
    """The day of every date, whatever its hour and time zone.

    Raises
    ------
    ShopplanError
        With the place ``where``, when a date is missing or cannot be read.
    """
    if values.isna().any():
        raise ShopplanError("a date is missing", where)
    try:
        read = pd.to_datetime(values)
    except (ValueError, TypeError):  # zones or hours may differ from row to row: it is the day that is written
        read = pd.to_datetime(values.astype(str).str[:10], format="ISO8601", errors="coerce")
    if read.isna().any():
        bad = str(values[read.isna()].iloc[0])
        raise ShopplanError(Said("not a date like 2026-01-31: {value!r}", value=bad), where)
    return pd.Series(read.dt.tz_localize(None).dt.normalize())


def period_start(day: pd.Series, freq: Freq) -> pd.Series:
    """The dates by which the periods of these days are known: of months the first, else the days themselves."""
    return day.dt.to_period("M").dt.to_timestamp() if freq == "M" else day


def _place(rows: pd.DataFrame) -> str:
    return f"{rows[SERIES].iloc[0]}, {rows[DATE].iloc[0]:%Y-%m-%d}"


def regular(frame: pd.DataFrame, freq: Freq, known: pd.DataFrame | None = None) -> list[Series]:
    """Each series of a long frame, from its first sale on, gaps filled; a ShopplanError as of `dated`.

    ``known`` are regressors as `regressors.own_regressors` gives them.
    """
    frame, known = dated(frame, freq), pd.DataFrame({DATE: []}) if known is None else known
    return [_prepare(str(name), rows, freq, of(known, str(name))) for name, rows in frame.groupby(SERIES, sort=False)]


def of(known: pd.DataFrame, name: str) -> pd.DataFrame:
    """Regressors of one series, by date."""
    rows = known[known[SERIES] == name].drop(columns=SERIES) if SERIES in known else known
    return rows.set_index(DATE)


def _prepare(name: str, rows: pd.DataFrame, freq: Freq, known: pd.DataFrame) -> Series:
    values = rows.set_index(DATE)[VALUE].astype(float).sort_index()
    ds = pd.date_range(values.index[0], values.index[-1], freq=STEP[freq])
    y = np.array(values.reindex(ds), dtype=float)
    seen = np.flatnonzero(np.nan_to_num(y))
    if not len(seen):
        return Series(name, ds, np.zeros(len(y)), np.ones(len(y), dtype=bool), 0.0, (), ds[:0], "empty")
    first = max(seen[0], len(y) - LONGEST[freq])
    y, ds = y[first:], ds[first:]
    closed = _closed_days(y, ds) if freq == "D" else ()
    y[np.isin(ds.day_of_week, closed)] = np.nan
    shut = _shut(y, ds, known)
    waited = len(y) - (seen[-1] - first) - np.isin(ds[seen[-1] - first :], shut).sum()
    state: Literal["", "stopped"] = "stopped" if waited > STOPPED[freq] else ""
    y[np.isin(ds, shut)] = np.nan
    z, good, floor = _to_logs(y)
    skip = _launch(z, freq) if floor == 0 else 0
    idle = 0.0 if state or floor else _idle(y[skip:][-RECENT[freq] :])
    least = -np.inf if (y < 0).any() else 0.0
    return Series(name, ds[skip:], z[skip:], good[skip:], floor, closed, shut, state, idle, least)


def _idle(y: Array) -> float:
    """Share of the periods that sold nothing, or took back more."""
    known = ~np.isnan(y)
    share = float((y[known] <= 0).mean()) if known.any() else 0.0
    return share if share > HOLIDAYS else 0.0


def _launch(z: Array, freq: Freq) -> int:
    """First periods to leave out: a part of a month, or a channel that has only just opened."""
    longest = LAUNCH[freq]
    if len(z) < 4 * longest:
        return 0
    usual = float(np.median(z[longest : longest + SEASON[freq]]))
    return int(np.argmax(np.append(z[:longest] > usual - np.log(2), True)))


def _closed_days(y: Array, ds: pd.DatetimeIndex) -> tuple[int, ...]:
    """Weekdays of the last half year without a sale, where other weekdays sell."""
    recent, weekday = np.nan_to_num(y[-182:]), ds.day_of_week.to_numpy()[-182:]
    if len(recent) < 28 or not recent.any():
        return ()
    return tuple(day for day in range(7) if not recent[weekday == day].any())


def _shut(y: Array, ds: pd.DatetimeIndex, known: pd.DataFrame) -> pd.DatetimeIndex:
    """When a switch is on that was never on while anything sold, though zeros are rarer without it."""
    shut = ds[:0]
    for name in known:
        values = known[name]
        on = pd.DatetimeIndex(values.index[values == 1])
        met = np.isin(ds, on) & ~np.isnan(y)
        switch = bool(values.dropna().isin([0, 1]).all()) and met.any() and not y[met].any()
        if switch and float((y[~met] == 0).mean()) ** met.sum() < BY_CHANCE:
            shut = shut.union(on)
    return shut


def _to_logs(y: Array) -> tuple[Array, Flags, float]:
    known = ~np.isnan(y)
    low = known & (y <= 0)
    lost = known & (y < 0)
    if low.sum() <= RARE * known.sum() and lost.sum() <= RARE_LOSS * known.sum() and (y[known] > 0).any():
        good = known & ~low
        z, floor = np.log(np.where(good, y, 1.0)), 0.0
    else:
        good, floor = known, float(np.median(np.abs(y[known & (y != 0)]))) / SOFT
        z = np.arcsinh(np.nan_to_num(y) / (2 * floor))
    at = np.arange(len(y))
    return np.interp(at, at[good], z[good]), good, floor
