"""Sales and spend by the week, or the month, from which response curves are learned."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from shopplan.response import History, read_history
from shopplan.response.history import Period

LEAST: dict[Period, int] = {"W": 26, "M": 18}
"""Periods from which a fit is worth its name."""
LEAST_ACTIVE = 8
"""A channel is fitted once it has spent in so many periods."""
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
    """

    history: History
    country: str
    first_orders: bool


def gather(sales: pd.DataFrame, spend: pd.DataFrame, measures: pd.DataFrame, country: str) -> Evidence | None:
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
    out = measures[measures["measure"] == "stock_out"] if len(measures) else measures
    if len(out):
        short = out.assign(ds=pd.to_datetime(out["ds"])).groupby("ds")["value"].max()
        frame["_stock_out"] = short.reindex(days).fillna(0.0)
    if monthly:
        frame = _months(frame, whole=_once_a_month(by_day))
    period: Period = "M" if monthly else "W"
    spans = pd.DatetimeIndex(frame.index).to_period(period)
    channels = [str(c) for c in table if (frame[c] > 0).groupby(spans).any().sum() >= LEAST_ACTIVE]
    controls = [c for c in ("_stock_out",) if c in frame and frame[c].any()]
    if not channels or len(frame) < LEAST[period] * (1 if monthly else 7) or frame["_sales"].sum() <= 0:
        return None
    frame = frame.rename_axis("day").reset_index()
    frame["day"] = frame["day"].dt.strftime("%Y-%m-%d")
    return Evidence(read_history(frame, "day", "_sales", channels, controls), country, first_orders)


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
