"""Sales and spend by the week, or the month, from which response curves are learned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from shopplan.plan.occasions import Occasion, promotions, stock_outs
from shopplan.plan.shortfall import short_of_stock
from shopplan.response import History, read_history
from shopplan.response.history import Period
from shopplan.response.transform import Array

LEAST: dict[Period, int] = {"W": 26, "M": 18}
"""Periods from which a fit is worth its name."""
LEAST_ACTIVE = 8
"""A channel is fitted once it has spent in so many periods."""
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
    """

    history: History
    country: str
    first_orders: bool
    promotions: pd.DataFrame


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
    days = pd.date_range(by_day.index.min(), by_day.index.max())
    table = spend.assign(ds=pd.to_datetime(spend["ds"])).pivot_table(
        index="ds", columns="channel", values="spend", aggfunc="sum"
    )
    monthly = any(_once_a_month(table[c].dropna()) for c in table) or _once_a_month(by_day)
    frame = table.reindex(days).fillna(0.0).clip(lower=0.0).assign(_sales=by_day.reindex(days).fillna(0.0))
    daily = by_day.rename("net").rename_axis("ds").reset_index()
    frame["_stock_out"] = _stock_out(days, measures, occasions, daily)
    if monthly:
        frame = _months(frame, whole=_once_a_month(by_day))
    period: Period = "M" if monthly else "W"
    spans = pd.DatetimeIndex(frame.index).to_period(period)
    channels = [str(c) for c in table if (frame[c] > 0).groupby(spans).any().sum() >= LEAST_ACTIVE]
    frame["_discounts"] = _discount_rate(sales, spans)
    told = {"_stock_out": frame["_stock_out"].any(), "_discounts": frame["_discounts"].std() > VARIES}
    controls = [name for name, tells in told.items() if tells]
    if not channels or len(frame) < LEAST[period] * (1 if monthly else 7) or frame["_sales"].sum() <= 0:
        return None
    frame = frame.rename_axis("day").reset_index()
    frame["day"] = frame["day"].dt.strftime("%Y-%m-%d")
    history = read_history(frame, "day", "_sales", channels, controls)
    return Evidence(history, country, first_orders, promotions(occasions))


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
    sums = sales.groupby([weeks, "channel"])[["gross", "discounts"]].sum()
    whole = sums.groupby("channel").sum()
    usual, large = whole["discounts"] / whole["gross"], whole["gross"].clip(lower=0.0)
    rates = (sums["discounts"] / sums["gross"]).where(sums["gross"] > 0).unstack().reindex(spans)
    return rates.fillna(usual).fillna(0.0).clip(0.0, 1.0).to_numpy(float) @ (large / large.sum()).to_numpy(float)


def _first_order_sales(sales: pd.DataFrame) -> tuple[pd.Series, bool]:
    """Sales after discounts by day, cut to first orders where they are known."""
    value = sales["gross"] - sales["discounts"].fillna(0.0)
    keyed = sales["keyed_orders"]
    known = float(keyed.sum()) >= KNOWN_FIRST * float(sales["orders"].sum()) > 0
    if known:
        usual = float(sales["new_orders"].sum() / keyed.sum())
        value = value * (sales["new_orders"] / keyed).where(keyed > 0, usual).clip(0.0, 1.0)
    return value.groupby(pd.to_datetime(sales["ds"])).sum(), known


def _once_a_month(days: pd.Series) -> bool:
    """Whether amounts are monthly totals, each dated by the same day of its month."""
    paid = pd.DatetimeIndex(days.index[days != 0])
    return len(paid) > 1 and paid.day.nunique() == 1


def _months(frame: pd.DataFrame, whole: bool) -> pd.DataFrame:
    """Sums of months; of daily sales those that are not whole are left out."""
    index = pd.DatetimeIndex(frame.index)
    months = frame.groupby(index.to_period("M").to_timestamp()).sum()
    if whole:
        return months
    days = frame.groupby(index.to_period("M").to_timestamp()).size().to_numpy()
    return months[days == pd.DatetimeIndex(months.index).days_in_month.to_numpy()]
