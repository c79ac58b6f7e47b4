"""What is odd or missing in the stored facts: rules, each of which looks for one thing and names what mends it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

import numpy as np
import pandas as pd

OLD_DAYS = 45
"""Sales older than this no longer say how the shop runs."""
DENSE = 0.8
"""A channel that sells on this share of its days is expected to sell every day."""
QUIET_DAYS = 3
"""So many days without a sale in a row are a gap in such a channel."""
WINDOW, FACTOR, DEVIATIONS = 29, 4.0, 6.0
"""An outlier differs from the median of the days around it by this factor and by so many usual deviations."""
NEAR = 7
"""Outliers so many days apart are told as one."""
UNPAID = ("organic", "private", "offline")
"""Kinds of channels that need no ad spend."""
MOST = 3
"""Findings of one rule that are told; the rest is counted in the last one."""

Fix = Literal["bring", "receipt", "channels", "rates", "typed"]


@dataclass(frozen=True)
class Held:
    """What the rules look at.

    Attributes
    ----------
    sales, spend : DataFrame
        A day and channel: ds, channel and net or spend; see `FactStore.daily_sales`.
    imports : DataFrame
        See `FactStore.batches`; ``channels`` are the ids of the channels of each.
    channels : DataFrame
        id, name, kind.
    unrated : tuple of str
        Currencies in the store without a rate.
    today : date
    """

    sales: pd.DataFrame
    spend: pd.DataFrame
    imports: pd.DataFrame
    channels: pd.DataFrame
    today: date
    unrated: tuple[str, ...] = ()


@dataclass(frozen=True)
class Finding:
    """Something to look at: the rule, what it found, and the click that mends it.

    ``values`` fill the sentence of the rule in the catalogue (``quality.<code>``): dates, counts, channel ids;
    ``target`` is what the mending section opens with: a channel, a currency or the number of an import.
    """

    code: str
    fix: Fix
    values: Mapping[str, Any] = field(default_factory=dict)
    target: str = ""
    more: int = 0


def findings(held: Held) -> tuple[Finding, ...]:
    """All that the rules find, in their order; of many alike the first few, with how many more there are."""
    out: list[Finding] = []
    for rule in RULES.values():
        found = list(rule(held))
        shown = found[:MOST]
        if len(found) > MOST:
            last = shown[-1]
            shown[-1] = Finding(last.code, last.fix, last.values, last.target, len(found) - MOST)
        out += shown
    return tuple(out)


def _old(held: Held) -> Iterator[Finding]:
    ends = held.imports.loc[held.imports["kind"] == "sales", "date_to"].dropna()
    if len(ends):
        newest = max(map(_day, ends))
        age = (held.today - newest).days
        if age > OLD_DAYS:
            yield Finding("old", "bring", {"day": newest, "age": age})


def _no_rate(held: Held) -> Iterator[Finding]:
    for code in held.unrated:
        yield Finding("no_rate", "rates", {"currency": code}, code)


def _gap_months(held: Held) -> Iterator[Finding]:
    for code, frame in (("gap_months", held.sales), ("gap_spend", held.spend)):
        for channel, own in frame.groupby("channel"):
            months = own["ds"].dt.to_period("M")
            missing = pd.period_range(months.min(), months.max(), freq="M").difference(pd.PeriodIndex(months.unique()))
            for first, last in _runs(missing.to_timestamp(), "MS"):
                values = {"channel": channel, "first": first, "last": last}
                yield Finding(code, "bring", values, str(channel))


def _gap_days(held: Held) -> Iterator[Finding]:
    for channel, own in held.sales.groupby("channel"):
        days = pd.DatetimeIndex(own["ds"].unique())
        whole = pd.date_range(days.min(), days.max())
        if len(days) < DENSE * len(whole):
            continue
        held_months = set(days.to_period("M"))
        missing = pd.DatetimeIndex([d for d in whole.difference(days) if d.to_period("M") in held_months])
        for first, last in _runs(missing, "D"):
            if (last - first).days + 1 >= QUIET_DAYS:
                values = {"channel": channel, "first": first, "last": last, "days": (last - first).days + 1}
                yield Finding("gap_days", "bring", values, str(channel))


def _runs(stamps: pd.DatetimeIndex, freq: str) -> Iterator[tuple[date, date]]:
    """First and last of each unbroken run."""
    if not len(stamps):
        return
    whole = pd.date_range(stamps[0], stamps[-1], freq=freq)
    place = whole.get_indexer(stamps)
    for run in np.split(np.arange(len(stamps)), np.flatnonzero(np.diff(place) > 1) + 1):
        yield stamps[run[0]].date(), stamps[run[-1]].date()


def _outliers(held: Held) -> Iterator[Finding]:
    """Days far from the median of the days around them, those near each other as one, the farthest first."""
    found: list[tuple[float, Finding]] = []
    for channel, own in held.sales.groupby("channel"):
        net = own.groupby("ds")["net"].sum()
        net = net[net > 0]
        if len(net) < WINDOW:
            continue
        usual = net.rolling(WINDOW, center=True, min_periods=WINDOW // 2).median()
        apart = pd.Series(np.log(net / usual), index=net.index)
        spread = max(float(apart.abs().median()) * 1.4826, 0.05)
        far = apart[apart.abs() > max(DEVIATIONS * spread, np.log(FACTOR))]
        for up in (True, False):
            side = far[(far > 0) == up]
            for _, run in side.groupby((side.index.to_series().diff() > pd.Timedelta(days=NEAR)).cumsum()):
                most = float(run.abs().max())
                values = {"channel": channel, "first": _day(run.index[0]), "last": _day(run.index[-1])}
                values |= {"times": np.exp(most)} if up else {"share": np.exp(-most)}
                day = _day(run.abs().idxmax())
                found.append((-most, Finding("peak" if up else "dip", "receipt", values, _import_of(held, day))))
    yield from (finding for _, finding in sorted(found, key=lambda pair: pair[0]))


def _import_of(held: Held, day: date) -> str:
    """The newest import of sales whose days hold a day."""
    rows = held.imports[held.imports["kind"] == "sales"]
    inside = (pd.to_datetime(rows["date_from"]).dt.date <= day) & (pd.to_datetime(rows["date_to"]).dt.date >= day)
    return str(rows.loc[inside, "batch_id"].iloc[0]) if inside.any() else ""


def _overlaps(held: Held) -> Iterator[Finding]:
    """Imports of different formats and one kind with days and channels in common: the same may stand in both."""
    rows = held.imports[held.imports["kind"].isin(["sales", "spend"])].dropna(subset=["date_from", "date_to"])
    listed = rows.sort_values("batch_id").to_dict("records")
    for i, new in enumerate(listed):
        for old in listed[:i]:
            first, last = max(old["date_from"], new["date_from"]), min(old["date_to"], new["date_to"])
            alike = new["kind"] == old["kind"] and new["format"] != old["format"]
            if alike and first <= last and set(new["channels"]) & set(old["channels"]):
                values = {"file": new["file"], "other": old["file"], "first": _day(first), "last": _day(last)}
                yield Finding("overlap", "receipt", values, str(new["batch_id"]))


def _day(value: Any) -> date:
    day: date = pd.Timestamp(value).date()
    return day


def _no_spend(held: Held) -> Iterator[Finding]:
    if held.sales.empty:
        return
    kinds = dict(zip(held.channels["id"], held.channels["kind"], strict=True))
    spending = set(held.spend["channel"])
    recent = held.sales[held.sales["ds"] > held.sales["ds"].max() - pd.Timedelta(days=90)]
    for channel in sorted(set(recent["channel"]) - spending):
        if kinds.get(channel, "other") not in UNPAID:
            yield Finding("no_spend", "typed", {"channel": channel}, channel)


def _no_sales(held: Held) -> Iterator[Finding]:
    for channel in sorted(set(held.spend["channel"]) - set(held.sales["channel"])):
        yield Finding("no_sales", "channels", {"channel": channel}, channel)


RULES: dict[str, Callable[[Held], Iterator[Finding]]] = {
    "old": _old,
    "rates": _no_rate,
    "months": _gap_months,
    "days": _gap_days,
    "outliers": _outliers,
    "overlaps": _overlaps,
    "spend": _no_spend,
    "sales": _no_sales,
}
"""What is looked for, the weightiest first."""
CODES = (
    "old", "no_rate", "gap_months", "gap_spend", "gap_days", "peak", "dip", "overlap", "no_spend", "no_sales",
)  # fmt: skip
"""The findings there can be; each has its sentence in the catalogue."""
