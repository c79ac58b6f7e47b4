"""Sales and spend by the week, or the month, from which response curves are learned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pandas as pd

from shopplan.plan.facts import once_a_month
from shopplan.plan.occasions import Occasion, promotions, stock_outs
from shopplan.plan.shortfall import short_of_stock
from shopplan.response import History, read_history
from shopplan.response.history import Period
from shopplan.response.transform import Array

LEAST: dict[Period, int] = {"W": 26, "M": 18}
"""Periods from which a fit is worth its name."""
LEAST_ACTIVE = 8
"""A channel is fitted once it has spent in so many periods."""
MOSTLY = 0.5
"""Months are fitted instead of weeks where more than this share of the spend is dated once a month."""
FEW_MONTHS = 3
"""So few amounts are no monthly totals, whatever their dates."""
QUIET, LATE = 7, 56
"""Days of silence of a channel at the end up to which nothing is missing, and beyond which it has stopped."""
VARIES = 0.005
"""Standard deviation of the discount rate from which it is a control of the fit."""
KNOWN_FIRST = 0.9
"""First orders are counted alone where it is known of this share of the orders whether they are a customer's first."""


@dataclass(frozen=True, eq=False)
class Evidence:
    """What a fit is made of.

    Attributes
    ----------
    history : History
        ``sales`` are those of first orders after discounts, before returns, as the plan counts paid sales. Where it is
        not known which orders are first ones, those of all orders stand for them: orders that customers add later do
        not move with the spend of the week, so they go to the base.
    country : str
        ISO 3166 code whose shop events are taken off.
    first_orders : bool
        Whether first orders could be told from the others.
    promotions : DataFrame
        The shop's own, as rows of the calendar.
    late : mapping of channel to int
        Channels whose spend ends so many days before that of others: all evidence ends where theirs does.
    """

    history: History
    country: str
    first_orders: bool
    promotions: pd.DataFrame
    late: Mapping[str, int] = field(default_factory=dict)


def gather(
    sales: pd.DataFrame,
    spend: pd.DataFrame,
    measures: pd.DataFrame,
    country: str,
    occasions: Sequence[Occasion] = (),
) -> Evidence | None:
    """Evidence of the whole shop, or None where there is too little for a fit.

    Parameters
    ----------
    sales : DataFrame
        ``ds, channel, orders, new_orders, keyed_orders, gross, discounts`` by day.
    spend : DataFrame
        ``ds, channel, spend`` by day.
    measures : DataFrame
        ``ds, measure, value``: days with ``stock_out`` do not count against the ads.
    country : str
    occasions : sequence of Occasion
        Own promotions are events of the fit; days without stock count as those of the measure.

    Days on which the whole shop sold far less than around them are taken for days without stock too, see `shortfall`.
    The discount rate of each period is a control, so that what a sale brings is not credited to its ads.
    """
    if sales.empty or spend.empty:
        return None
    by_day, first_orders = _first_order_sales(sales)
    table = spend.assign(ds=pd.to_datetime(spend["ds"])).pivot_table(
        index="ds", columns="channel", values="spend", aggfunc="sum"
    )
    monthly = once_a_month(_paid(by_day)) or _mostly_monthly(table)
    if not monthly:
        table = _spread(table)
    days, late = _known_days(by_day, table, monthly)
    frame = table.reindex(days).fillna(0.0).clip(lower=0.0).assign(_sales=by_day.reindex(days).fillna(0.0))
    daily = by_day.rename("net").rename_axis("ds").reset_index()
    frame["_stock_out"] = _stock_out(days, measures, occasions, daily)
    if monthly:
        frame = _months(frame)
    history = _history(frame, sales, "M" if monthly else "W")
    return Evidence(history, country, first_orders, promotions(occasions), late) if history else None


def _history(frame: pd.DataFrame, sales: pd.DataFrame, period: Period) -> History | None:
    """The history of days or months; None where they are too few."""
    spans = pd.DatetimeIndex(frame.index).to_period(period)
    spent = frame.drop(columns=["_sales", "_stock_out"])
    channels = [str(c) for c in spent if (spent[c] > 0).groupby(spans).any().sum() >= LEAST_ACTIVE]
    if not channels or len(frame) < LEAST[period] * (7 if period == "W" else 1) or frame["_sales"].sum() <= 0:
        return None
    frame["_discounts"] = _discount_rate(sales, spans)
    told = {"_stock_out": frame["_stock_out"].any(), "_discounts": frame["_discounts"].std() > VARIES}
    frame = frame.rename_axis("day").reset_index()
    frame["day"] = frame["day"].dt.strftime("%Y-%m-%d")
    return read_history(frame, "day", "_sales", channels, [name for name, tells in told.items() if tells])


def _paid(amounts: pd.Series) -> pd.DatetimeIndex:
    """Days with an amount."""
    return pd.DatetimeIndex(amounts.index[amounts.fillna(0.0) != 0])


def _mostly_monthly(table: pd.DataFrame) -> bool:
    """Whether most of the money is dated once a month."""
    monthly = [c for c in table if once_a_month(_paid(table[c]))]
    return float(table[monthly].sum().sum()) > MOSTLY * float(table.sum().sum())


def _spread(table: pd.DataFrame) -> pd.DataFrame:
    """The table with the monthly amounts of single channels spread over the days of their months."""
    out = {}
    for channel in table:
        own = table[channel].dropna()
        if len(own) > FEW_MONTHS and once_a_month(_paid(own)):
            month = own.groupby(pd.DatetimeIndex(own.index).to_period("M")).sum()
            days = pd.date_range(month.index[0].start_time, month.index[-1].end_time.normalize())
            spans = days.to_period("M")
            own = pd.Series(month.reindex(spans).to_numpy(float) / spans.days_in_month, days)
        out[channel] = own
    return pd.DataFrame(out)


def _known_days(by_day: pd.Series, table: pd.DataFrame, monthly: bool) -> tuple[pd.DatetimeIndex, dict[str, int]]:
    """Days of which sales and spend are on file, and channels whose spend ends before that of others: days missing.

    Without a file it is not known whether nothing was spent. A channel that is silent at the end for longer than it
    ever was may be a late file or a pause: up to `LATE` days it is taken for a file, so that the days it lacks teach
    nothing wrong.
    """
    spans = [_span(pd.DatetimeIndex(table.index)), _span(pd.DatetimeIndex(by_day.index))]
    first, last = max(start for start, _ in spans), min(end for _, end in spans)
    late = {}
    for channel in table if not monthly else ():
        own = pd.DatetimeIndex(table[channel].dropna().index)
        gaps = own.to_series().diff().dt.days
        silent = (last - own[-1]).days
        if max(QUIET, gaps.max()) < silent <= LATE:
            late[str(channel)] = silent
    return pd.date_range(first, last - pd.Timedelta(days=max(late.values(), default=0))), late


def _span(days: pd.DatetimeIndex) -> tuple[pd.Timestamp, pd.Timestamp]:
    """First and last day that amounts of these days stand for: they themselves, or their weeks or months."""
    step = float(np.median(np.diff(days.to_numpy()) / np.timedelta64(1, "D"))) if len(days) > 1 else 1.0
    if step > 20:
        return days[0].to_period("M").start_time, days[-1].to_period("M").end_time.normalize()
    return days[0], days[-1] + pd.Timedelta(days=6 if step > 4 else 0)


def short_days(measures: pd.DataFrame) -> tuple[date, ...]:
    """Days on which the measures say that something was out of stock."""
    out = _measured(measures)
    return tuple(pd.DatetimeIndex(out.index[out > 0]).date)


def _measured(measures: pd.DataFrame) -> pd.Series:
    """The measure of stock-outs by day."""
    out = measures[measures["measure"] == "stock_out"]
    return out.assign(ds=pd.to_datetime(out["ds"])).groupby("ds")["value"].max().astype(float)


def _stock_out(
    days: pd.DatetimeIndex, measures: pd.DataFrame, occasions: Sequence[Occasion], daily: pd.DataFrame
) -> pd.Series:
    """How much of a day lacked stock: as measured, 1 where it is said or plain from the sales."""
    lacked = pd.Series(0.0, days)
    said = stock_outs(occasions).union(pd.DatetimeIndex(short_of_stock(daily)))
    lacked[days.isin(said)] = 1.0
    return lacked.combine(_measured(measures).reindex(days).fillna(0.0), max)


def _discount_rate(sales: pd.DataFrame, spans: pd.PeriodIndex) -> Array:
    """(rows,) share of gross sales that is discounted in each row's period, of channels as large as they usually are.

    With the sales of the period as weights it would move with the ads of channels that discount more than others.
    """
    weeks = pd.to_datetime(sales["ds"]).dt.to_period(spans.freqstr)
    told = sales.assign(gross=sales["gross"].where(sales["discounts"].notna()))
    sums = told.groupby([weeks, "channel"])[["gross", "discounts"]].sum()
    whole = sums.groupby("channel").sum()
    usual, large = whole["discounts"] / whole["gross"], whole["gross"].clip(lower=0.0)
    rates = (sums["discounts"] / sums["gross"]).where(sums["gross"] > 0).unstack().reindex(spans)
    return rates.fillna(usual).fillna(0.0).clip(0.0, 1.0).to_numpy(float) @ (large / large.sum()).to_numpy(float)


def _first_order_sales(sales: pd.DataFrame) -> tuple[pd.Series, bool]:
    """Sales after discounts, the usual ones where they are not told, by day; cut to first orders where known."""
    told = sales[sales["discounts"].notna()].groupby("channel")[["gross", "discounts"]].sum()
    usual_discount = sales["channel"].map(told["discounts"] / told["gross"]).astype(float).fillna(0.0)
    value = sales["gross"] - sales["discounts"].fillna(usual_discount * sales["gross"])
    keyed = sales["keyed_orders"]
    known = float(keyed.sum()) >= KNOWN_FIRST * float(sales["orders"].sum()) > 0
    if known:
        usual = float(sales["new_orders"].sum() / keyed.sum())
        value = value * (sales["new_orders"] / keyed).where(keyed > 0, usual).clip(0.0, 1.0)
    return value.groupby(pd.to_datetime(sales["ds"])).sum(), known


def _months(frame: pd.DataFrame) -> pd.DataFrame:
    """Sums of whole months."""
    index = pd.DatetimeIndex(frame.index)
    grouped = frame.groupby(index.to_period("M").to_timestamp())
    months, days = grouped.sum(), grouped.size().to_numpy()
    return months[days == pd.DatetimeIndex(months.index).days_in_month.to_numpy()]
