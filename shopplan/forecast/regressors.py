"""Known influences: days of the month, moving feasts, events and own regressors, with prior beliefs about them."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from shopplan.forecast.events import CHINA, FIRST_YEAR, LAST_YEAR, WEST, calendar, event_share
from shopplan.forecast.series import SEASON, Array, Freq, Series, days_of, of, period_start
from shopplan.forecast.structural import Influences
from shopplan.terms import DATE, SERIES, Said, ShopplanError

EVENT_SD, KIND_SD = 0.35, 0.35
"""Prior standard deviations, in logs, of what a whole period inside an event changes: its own part, and the part that
all events of its kind have in common. The second is what an event brings that was never seen before."""
OWN_SD = 0.3
"""Of one standard deviation of an own regressor, or of a switch from 0 to 1."""
WEEKDAY_SD = 0.008
"""Of one more such weekday in a month."""
FEASTS = {"easter": 0.12, "spring_festival": 0.05}
"""Moving feasts of months that are not among the events, of which a month holds a share of the days."""
WAVE_SD = 0.15
YEARLY_FROM = 400
FEBRUARY, MONTH = 28.25, 365.25 / 12
"""Days."""


def own_regressors(known: pd.DataFrame | None, freq: Freq) -> pd.DataFrame | None:
    """Own regressors with dates and ids as `series.dated` makes those of the history, and numbers.

    Raises
    ------
    ShopplanError
        When the dates are missing or cannot be read, one stands twice, or a value is no finite number.
    """
    if known is None:
        return None
    if DATE not in known:
        raise ShopplanError(Said("known influences need the column {name}", name=DATE))
    out = known.assign(**{DATE: period_start(days_of(known[DATE], DATE), freq)})
    place = out[DATE].dt.strftime("%Y-%m-%d")
    if SERIES in out:
        out[SERIES] = out[SERIES].astype(str)
        place = out[SERIES] + ", " + place
    twice = out.duplicated([SERIES, DATE] if SERIES in out else DATE)
    if twice.any():
        said = "a known influence has two values for the same date"
        raise ShopplanError(said, place[twice].iloc[0], "give one row for every date")
    for name in out.columns.difference([SERIES, DATE]):
        values = pd.to_numeric(out[name], errors="coerce").astype(float)
        wrong = np.isinf(values) | (values.isna() & out[name].notna())
        if wrong.any():
            said = Said("not a finite number: {value!r}", value=str(out.loc[wrong, name].iloc[0]))
            raise ShopplanError(said, f"{place[wrong].iloc[0]}, {name}")
        out[name] = values
    return out


def influences(
    series: Series,
    periods: pd.DatetimeIndex,
    h: int,
    freq: Freq,
    events: pd.DataFrame | None,
    known: pd.DataFrame | None,
) -> Influences:
    """Influences over ``periods``: the history, the horizon ``h`` and any time after it.

    Raises
    ------
    ShopplanError
        When an own regressor lacks a value in the history or the horizon.
    """
    parts: list[tuple[Array, float]] = []
    if freq == "M":
        parts.append((_weekdays(periods), WEEKDAY_SD))
    if events is not None and len(events):
        reach = events if freq == "M" else _with_reach(events)
        parts += [(event_share(periods, reach, freq).to_numpy(), EVENT_SD), (_kinds(periods, reach, freq), KIND_SD)]
    if freq == "M":
        told = set(events["event"]) if events is not None else set()
        parts += [(_feast(periods, name), sd) for name, sd in FEASTS.items() if name not in told]
    yearly = own = 0
    if known is not None:
        parts.append((_own(series, periods, h, known), OWN_SD))
        own = parts[-1][0].shape[1]
    if freq == "D" and len(series.ds) >= YEARLY_FROM:
        angle = 2 * np.pi * periods.day_of_year.to_numpy() / 365.25
        waves = np.column_stack([wave(k * angle) for k in (1, 2, 3) for wave in (np.sin, np.cos)])
        parts.append((waves, WAVE_SD))
        yearly = waves.shape[1]
    columns = np.hstack([np.empty((len(periods), 0)), *(part for part, _ in parts)])
    sds = np.concatenate([[], *(np.full(part.shape[1], sd) for part, sd in parts)])
    return Influences(columns, sds, yearly, own)


def month_length(periods: pd.DatetimeIndex, freq: Freq, known: int) -> Array:
    """Log of what a month's days make of it, since sales come by the day.

    With a year ``known`` the season knows the lengths, but for what a leap day adds to a February.
    """
    if freq != "M":
        return np.zeros(len(periods))
    if known < SEASON["M"]:
        return np.asarray(np.log(periods.days_in_month.to_numpy() / MONTH))
    return np.where(periods.month == 2, np.log(periods.days_in_month.to_numpy() / FEBRUARY), 0.0)


def _weekdays(months: pd.DatetimeIndex) -> Array:
    """(months, 7) how often each weekday comes, less a seventh of the days."""
    first, days = months.day_of_week.to_numpy(), months.days_in_month.to_numpy()
    fifth = (np.arange(7) - first[:, None]) % 7 < days[:, None] - 28
    return 4.0 + fifth - days[:, None] / 7


def _feast(months: pd.DatetimeIndex, name: str) -> Array:
    feast = next(event for event in (*WEST, *CHINA) if event.id == name)
    country = "GB" if feast in WEST else "CN"
    # where the moon is not known, the feast is left out
    first = max(months[0].date(), date(FIRST_YEAR + 1, 1, 1))
    last = min((months[-1] + pd.DateOffset(months=2)).date(), date(LAST_YEAR - 1, 12, 31))
    if first > last:
        return np.zeros((len(months), 1))
    days = calendar(first, last, country)
    days = days[days["event"] == name]
    before = days.assign(day_start=days["day_start"] - pd.Timedelta(days=7))
    share = event_share(months, before, "M").to_numpy()
    return share * months.days_in_month.to_numpy()[:, None] / 31


def _kinds(periods: pd.DatetimeIndex, events: pd.DataFrame, freq: Freq) -> Array:
    """Shares by kind of event, days before and after apart."""
    place = events["event"].astype(str).str.partition(":")[2]
    together = events.assign(event=events["kind"].astype(str) + ":" + place)
    return event_share(periods, together, freq).to_numpy()


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


def _own(series: Series, periods: pd.DatetimeIndex, h: int, known: pd.DataFrame) -> Array:
    """Own regressors on the scale of their history; a switch stays 0 and 1. After the horizon they are as usual."""
    values = of(known, series.id).reindex(periods)
    used = values.iloc[: len(series.ds) + h]
    gaps = used.index[used.isna().any(axis=1)]
    if len(gaps):
        raise ShopplanError(
            "a known influence has no value",
            f"{series.id}, {gaps[0]:%Y-%m-%d}",
            "give it for every past and planned date",
        )
    switch = used.isin([0, 1]).all()
    past = used.iloc[: len(series.ds)]
    # what never changed before has no other scale than the plan's
    spread = past.std().where(lambda sd: sd > 0, used.std()).replace(0, 1).where(~switch, 1.0)
    centre = past.mean().where(~switch, 0.0)
    return ((values - centre) / spread).fillna(0.0).to_numpy(float)
