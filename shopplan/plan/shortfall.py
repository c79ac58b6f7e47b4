"""Weeks in which a shop sold far less than around them and never at that time of another year: mostly nothing in stock.

A forecast from months would take them for the season's work, since with two or three years known one month weighs much.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

import numpy as np
import pandas as pd

from shopplan.response.transform import Array

AROUND = 71
"""Days, centred, whose median says what is usual."""
SMOOTH, SHORTEST, LONGEST = 7, 5, 31
DEEP, SURE = 0.25, 4.0
"""A shortfall is so deep in logs, and so many robust standard deviations of the smoothed days."""
YEAR, NEAR = 365, 25
"""A festival moves by less than this many days from year to year."""
OPEN_END = 10
"""What goes on in the last days may be a new level."""
LEAST_DAYS = 180
LEAST_SHARE, MOST_SHARE = 0.02, 0.8
"""A month that lacks less is left alone; more is not added to it."""


def in_stock(net: pd.DataFrame, missing: Mapping[date, float]) -> pd.DataFrame:
    """Net sales (month x channel) as they would have been: all channels lack the same share."""
    share = pd.Series({pd.Timestamp(month): lost for month, lost in missing.items()}, dtype=float)
    return net.div(1 - share.reindex(net.index).fillna(0.0), axis=0)


def missing_share(daily: pd.DataFrame, stated: Collection[date | pd.Timestamp] = ()) -> dict[date, float]:
    """What months with shortfalls lack, as a share of what they would have sold, by their first day.

    Parameters
    ----------
    daily : DataFrame
        ``ds, net``: the whole shop by day.
    stated : collection of date
        Days on which stock is said to have lacked; what they lack counts, however little stands out.
    """
    if not _long_enough(daily):
        return {}
    net, said = _by_day(daily), pd.DatetimeIndex(list(stated))
    told = net.index.isin(said)
    usual, low = _usual(net.where(~told)), np.zeros(len(net))
    lost = np.maximum(usual - net.to_numpy(), 0.0)
    for first, last in _runs(_smoothed(net, usual)):
        low[first:last] = lost[first:last]
    low[told] = lost[told]
    months = pd.DataFrame({"lost": low, "sold": net.to_numpy()}, net.index).resample("MS").sum()
    share = (months["lost"] / months.sum(axis=1)).clip(upper=MOST_SHARE)[months["lost"] > 0]
    kept = share[share >= LEAST_SHARE]
    return dict(zip(pd.DatetimeIndex(kept.index).date, kept.to_list(), strict=True))


def short_of_stock(daily: pd.DataFrame) -> list[date]:
    """Days of the shortfalls that stand out of ``daily`` (``ds, net``: the whole shop by day)."""
    if not _long_enough(daily):
        return []
    net = _by_day(daily)
    usual = _usual(net)
    inside = np.zeros(len(net), dtype=bool)
    for first, last in _runs(_smoothed(net, usual)):
        inside[first:last] = True
    # a run is as wide as the smoothing, its first and last days sold as ever
    return list(pd.DatetimeIndex(net.index[inside & (net.to_numpy() < np.exp(-DEEP) * usual)]).date)


def _long_enough(daily: pd.DataFrame) -> bool:
    return len(daily) >= LEAST_DAYS


def _by_day(daily: pd.DataFrame) -> pd.Series:
    return daily.groupby(pd.to_datetime(daily["ds"]))["net"].sum().astype(float).asfreq("D", fill_value=0.0)


def _usual(net: pd.Series) -> Array:
    """(days,) what a day of its weekday sells about that time."""
    level = net.rolling(AROUND, center=True, min_periods=AROUND // 2).median()
    weekday = (net / level).groupby(pd.DatetimeIndex(net.index).day_of_week).transform("median")
    level = (net / weekday).where(weekday > 0).rolling(AROUND, center=True, min_periods=AROUND // 3).median()
    return np.asarray(level.ffill().bfill() * weekday, dtype=float)


def _smoothed(net: pd.Series, usual: Array) -> Array:
    """(days,) log of a week's sales over what is usual."""
    sold = net.rolling(SMOOTH, center=True, min_periods=1).sum().to_numpy(float)
    wanted = pd.Series(usual).rolling(SMOOTH, center=True, min_periods=1).sum().to_numpy(float)
    ratio = np.divide(sold, wanted, out=np.ones(len(sold)), where=wanted > 0)
    return np.asarray(np.log(np.maximum(ratio, 1e-3)))


def _runs(smoothed: Array) -> list[tuple[int, int]]:
    """First day and the day after the last of every shortfall."""
    away = smoothed - np.median(smoothed)
    limit = max(DEEP, SURE * 1.4826 * float(np.median(np.abs(away))))
    edges = np.diff(np.concatenate([[0], (away < -limit / 2).astype(int), [0]]))
    found = []
    for first, last in zip(np.flatnonzero(edges == 1).tolist(), np.flatnonzero(edges == -1).tolist(), strict=True):
        depth = float(away[first:last].min())
        long = SHORTEST <= last - first <= LONGEST + SMOOTH and last <= len(away) - OPEN_END
        if depth < -limit and long and not _yearly(away, first, last, depth):
            found.append((first, last))
    return found


def _yearly(away: Array, first: int, last: int, depth: float) -> bool:
    """Whether another year was low about the same days too, or none is known."""
    known = False
    for years in (-2, -1, 1, 2):
        near = away[max(first + years * YEAR - NEAR, 0) : max(last + years * YEAR + NEAR, 0)]
        if len(near) >= last - first:
            known = True
            if float(near.min()) < depth / 2:
                return True
    return not known
