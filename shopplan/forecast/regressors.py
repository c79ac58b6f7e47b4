"""Known influences - events, own regressors, the time of year - taken out of a series and put back ahead."""

from __future__ import annotations

import numpy as np
import pandas as pd

from shopplan.forecast.events import event_share
from shopplan.forecast.models import LONG_SEASON
from shopplan.forecast.series import SEASON, Array, Freq, Series
from shopplan.terms import DATE, SERIES, ShopplanError

EFFECT_SD = 0.5
"""Prior standard deviation, in logs, of what a whole period inside an event changes: effects start from none."""
YEARLY_FROM = 2 * 365


def regressors(
    series: Series, ahead: pd.DatetimeIndex, freq: Freq, events: pd.DataFrame | None, known: pd.DataFrame | None
) -> Array:
    """(periods + h, regressors) influences over history and horizon; no column where nothing is known.

    Raises
    ------
    ShopplanError
        When an own regressor lacks a value in the history or the horizon.
    """
    periods = pd.DatetimeIndex(series.ds.append(ahead))
    parts = [np.empty((len(periods), 0))]
    if events is not None and len(events):
        parts.append(event_share(periods, events if freq == "M" else _with_reach(events), freq).to_numpy())
    if known is not None:
        parts.append(_own(series, periods, known))
    if freq == "D" and len(series.ds) >= YEARLY_FROM:
        angle = 2 * np.pi * periods.day_of_year.to_numpy() / 365.25
        parts.append(np.column_stack([wave(k * angle) for k in (1, 2) for wave in (np.sin, np.cos)]))
    return np.hstack(parts)


def _with_reach(events: pd.DataFrame) -> pd.DataFrame:
    """The events with the days before and after them as events of their own."""
    day = pd.Timedelta(days=1)
    lead, tail = pd.to_timedelta(events["lead"], unit="D"), pd.to_timedelta(events["tail"], unit="D")
    before = events.assign(
        event=events["event"] + ":before", day_start=events["day_start"] - lead, day_end=events["day_start"] - day
    )
    after = events.assign(
        event=events["event"] + ":after", day_start=events["day_end"] + day, day_end=events["day_end"] + tail
    )
    return pd.concat([events, before[lead > pd.Timedelta(0)], after[tail > pd.Timedelta(0)]], ignore_index=True)


def _own(series: Series, periods: pd.DatetimeIndex, known: pd.DataFrame) -> Array:
    rows = known[known[SERIES] == series.id].drop(columns=SERIES) if SERIES in known else known
    values = rows.set_index(DATE).reindex(periods)
    gaps = values.index[values.isna().any(axis=1)]
    if len(gaps):
        raise ShopplanError(
            "a known influence has no value",
            f"{series.id}, {gaps[0]:%Y-%m-%d}",
            "give it for every past and planned date",
        )
    spread = values.std().replace(0, 1)
    return ((values - values.mean()) / spread).to_numpy(float)


def effect(z: Array, influences: Array, freq: Freq) -> Array:
    """(periods + h,) what the influences change, by ridge regression beside trend and season.

    An influence that repeats with the season, as most events do in monthly data, is left to the season.
    """
    n, m = len(z), SEASON[freq]
    t = np.arange(n)
    beside = [np.ones(n), t / n]
    if n > 2 * m and m <= LONG_SEASON:
        beside += [(t % m == k).astype(float) for k in range(1, m)]
    base = np.column_stack(beside)
    fit, *_ = np.linalg.lstsq(base, np.column_stack([z, influences[:n]]), rcond=None)
    rest = np.column_stack([z, influences[:n]]) - base @ fit
    target, inputs = rest[:, 0], rest[:, 1:]
    noise = target.var() / EFFECT_SD**2
    weights = np.linalg.solve(inputs.T @ inputs + (noise + 1e-9) * np.eye(inputs.shape[1]), inputs.T @ target)
    return influences @ weights
