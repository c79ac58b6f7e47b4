"""What the store knows and what the user typed, in the shape the baseline is made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np
import pandas as pd

from shopplan.plan.occasions import Occasion
from shopplan.response import Entry
from shopplan.terms import ShopplanError

BASKETS = {"CNY": 120.0, "EUR": 55.0, "GBP": 45.0, "JPY": 6000.0, "USD": 60.0}
"""Basket assumed where only amounts are known, no orders (CNY: source plan 002 #81; the others round figures)."""
DAILY_CV = 0.35
"""Day-to-day variation of demand assumed without daily history."""
MONTH_END, NEARLY = 4, 0.7
"""Last days of a month that date its total, and the share of months that have one where amounts are monthly."""


@dataclass(frozen=True, eq=False)
class Facts:
    """History of a shop, money in major units.

    Attributes
    ----------
    version : str
        Changes with every import.
    currency : str
    channels : DataFrame
        id, name, kind
    sales : DataFrame
        month, channel, orders, new_orders, keyed_orders, units, gross, discounts, returns, net, cogs, sessions
        (NaN: not known); ``keyed_orders`` are those of which it is known whether they are a customer's first
    spend : DataFrame
        month, channel, spend, attributed
    cohorts : DataFrame
        cohort, age, customers, orders; empty when customers are not known
    daily : DataFrame
        ds, net: the whole shop by day
    left_out : tuple of str
        Currencies whose money is in none of these figures, because no rate leads to ``currency``.
    short_days : tuple of date
        Days on which the files say that something was out of stock.
    country : str
        Whose shop events count, see `calendar`; by default those of the currency, whose code begins with its country's.
    """

    version: str
    currency: str
    channels: pd.DataFrame
    sales: pd.DataFrame
    spend: pd.DataFrame
    cohorts: pd.DataFrame
    daily: pd.DataFrame
    left_out: tuple[str, ...] = ()
    short_days: tuple[date, ...] = ()
    country: str = ""

    def __post_init__(self) -> None:
        if not self.country:
            object.__setattr__(self, "country", self.currency[:2])

    @property
    def empty(self) -> bool:
        """Whether there are no sales at all."""
        return self.sales.empty

    @property
    def last_day(self) -> pd.Timestamp:
        """Last day with sales."""
        return pd.Timestamp(self.daily["ds"].max())


@dataclass(frozen=True, slots=True)
class Foreign:
    """An amount that was typed in a currency which no rate leads from.

    Attributes
    ----------
    what : str
        ``sales_last_month`` or ``marketing_month`` of the three numbers, or ``spend`` of a channel.
    currency : str
    amount : float
        A month, in its own currency.
    """

    what: str
    currency: str
    amount: float


@dataclass(frozen=True)
class Entered:
    """What the user typed because no file says it.

    Attributes
    ----------
    sales_last_month, marketing_month : float, optional
        Net sales and marketing of a month, when there is no file at all.
    gross_margin : float, optional
        As a fraction of net sales.
    as_of : date, optional
        First day of the month that the three numbers describe.
    channels : mapping of channel id to Entry
        Present spend and return by channel.
    foreign : tuple of Foreign
        Amounts that none of the above holds.
    occasions : tuple of Occasion
        Own promotions and times without stock.
    """

    sales_last_month: float | None = None
    marketing_month: float | None = None
    gross_margin: float | None = None
    as_of: date | None = None
    channels: Mapping[str, Entry] = field(default_factory=dict)
    foreign: tuple[Foreign, ...] = ()
    occasions: tuple[Occasion, ...] = ()


def whole_months(facts: Facts) -> tuple[Facts, bool]:
    """The facts with the sales of whole months alone.

    An unfinished last month and a late-begun first one are left out. Where that leaves none, all days there are stand
    for one month at their daily pace, spend like sales, and the second value is true.
    """
    if _by_month(facts.daily):
        return facts, False
    months = pd.to_datetime(facts.sales["month"])
    first_day, last_day = pd.Timestamp(facts.daily["ds"].min()), facts.last_day
    first = first_day.to_period("M") + (1 if first_day.day > 5 else 0)
    last = last_day.to_period("M") - (0 if last_day.day >= last_day.days_in_month - 1 else 1)
    kept = facts.sales[(months >= first.to_timestamp()) & (months <= last.to_timestamp())]
    if len(kept):
        return replace(facts, sales=kept), False
    near = pd.to_datetime(facts.spend["month"]) >= first_day.to_period("M").to_timestamp()
    pace = last_day.days_in_month / ((last_day - first_day).days + 1)
    sales, spend = (_one_month(f, last_day, pace) for f in (facts.sales, facts.spend[near]))
    return replace(facts, sales=sales, spend=spend), True


def _one_month(frame: pd.DataFrame, day: pd.Timestamp, pace: float) -> pd.DataFrame:
    """All rows of a channel as one in the month of ``day``, amounts and counts times ``pace``."""
    amounts = [str(c) for c in frame.select_dtypes("number")]
    one = frame.groupby("channel", as_index=False, sort=False)[amounts].sum(min_count=1)
    one[amounts] *= pace
    return one.assign(month=day.to_period("M").to_timestamp())


def _by_month(daily: pd.DataFrame) -> bool:
    """Whether the sales are monthly totals; a single one is if it is dated by the first."""
    days = pd.DatetimeIndex(pd.to_datetime(daily["ds"]))
    return once_a_month(days) or (len(days) == 1 and days[0].day == 1)


def once_a_month(days: pd.DatetimeIndex) -> bool:
    """Whether amounts of these days are monthly totals: one in nearly every month, all dated alike.

    Alike is by the same day, or by one of the last days of the month.
    """
    if len(days) < 2:
        return False
    months = days.to_period("M")
    alike = days.day.nunique() == 1 or bool((days.days_in_month - days.day < MONTH_END).all())
    span = (months.max() - months.min()).n + 1
    return bool(alike and months.is_unique and len(days) >= NEARLY * span)


def counted(sales: pd.DataFrame, currency: str, kept: float) -> pd.DataFrame:
    """Sales with orders in every row: where a file holds amounts alone, at the other rows' basket or an assumed one.

    A month with sales and not one order is a month whose orders were not counted.

    Parameters
    ----------
    sales : DataFrame
        As in `Facts.sales`.
    currency : str
    kept : float
        What discounts and returns leave of a basket, where files do not tell them.
    """
    known = sales["orders"].notna() & ((sales["orders"] > 0) | (sales["gross"] <= 0))
    orders, told = sales.loc[known, "orders"].sum(), bool(sales["returns"].notna().any())
    assumed = BASKETS.get(currency, BASKETS["USD"]) * (1.0 if told else kept)
    basket = sales.loc[known, "gross"].sum() / orders if orders > 0 else assumed
    return sales.assign(orders=sales["orders"].where(known, sales["gross"] / basket))


def wide(frame: pd.DataFrame, value: str, channels: list[str], months: pd.DatetimeIndex) -> pd.DataFrame:
    """month x channel table of a column; a month without a row is 0, a value that is not known stays NaN."""
    if frame.empty:
        return pd.DataFrame(0.0, index=months, columns=channels)
    named = frame.assign(month=pd.to_datetime(frame["month"]))
    table = named.pivot_table(index="month", columns="channel", values=value, aggfunc=lambda x: x.sum(min_count=1))
    rows = named.groupby(["month", "channel"]).size().unstack("channel")
    table = table.reindex(index=months, columns=channels).astype(float)
    absent = rows.reindex(index=months, columns=channels).isna()
    return table.mask(absent, 0.0)


def spend_by_month(spend: pd.DataFrame, channels: list[str], months: pd.DatetimeIndex) -> pd.DataFrame:
    """month x channel spend; NaN in months before the first one with spend on file and after the last one.

    Of those months it is not known whether nothing was spent or no file was brought. Without any file it is 0.
    """
    if spend.empty:
        return pd.DataFrame(0.0, months, channels)
    on_file = pd.to_datetime(spend["month"])
    inside = (months >= on_file.min()) & (months <= on_file.max())
    return wide(spend, "spend", channels, months).where(pd.Series(inside, months), axis=0)


def daily_cv(daily: pd.DataFrame) -> float:
    """Day-to-day variation: spread of daily sales around their weekday level within four weeks, over that level."""
    if len(daily) < 60 or _by_month(daily):
        return DAILY_CV
    series = daily.set_index(pd.to_datetime(daily["ds"]))["net"].astype(float).asfreq("D", fill_value=0.0)
    series = series.iloc[-365:]
    smooth = series.rolling(28, center=True, min_periods=14).mean()
    ratio = (series / smooth).replace([np.inf, -np.inf], np.nan).dropna()
    weekday = ratio.groupby(pd.DatetimeIndex(ratio.index).day_of_week).transform("median")
    left = (ratio - weekday)[weekday > 0]
    cv = float(1.4826 * (left - left.median()).abs().median()) if len(left) else DAILY_CV
    return min(max(cv, 0.05), 2.0)


def require_numbers(entered: Entered) -> None:
    """Check the three numbers of a shop without files.

    Raises
    ------
    ShopplanError
        Naming the number that is missing or cannot be.
    """
    sales, margin, marketing = entered.sales_last_month, entered.gross_margin, entered.marketing_month
    if sales is None or sales <= 0:
        raise ShopplanError("net sales of last month must be above zero", hint="enter what the shop sold last month")
    if margin is None or not 0 < margin < 1:
        raise ShopplanError("gross margin must lie between 0 % and 100 %", hint="enter it as a share of net sales")
    if marketing is None or marketing < 0:
        raise ShopplanError("marketing a month must be zero or more", hint="enter 0 if nothing is spent")
