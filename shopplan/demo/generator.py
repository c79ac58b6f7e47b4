"""The demo shop as the frames that an import would give, with the truth behind them."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from shopplan.demo.demand import (
    Array,
    Calendar,
    Orders,
    daily_kernel,
    make_calendar,
    make_orders,
    make_spend,
    stock_out_days,
)
from shopplan.demo.money import Sales, make_sales, make_traffic, per_channel
from shopplan.demo.settings import ChannelTruth, Settings, load_settings
from shopplan.forecast import calendar
from shopplan.response import monthly_carryover
from shopplan.terms import DAYS_PER_MONTH


@dataclass(frozen=True, eq=False)
class Demo:
    """A demo shop; money in integer minor units, channels by id.

    Attributes
    ----------
    sales_daily : DataFrame
        ``day, channel, orders, new_orders, units, gross_minor, discounts_minor, returns_minor, net_minor,
        cogs_minor, sessions, currency``; one row a day on which the channel existed.
    spend_daily : DataFrame
        ``day, channel, spend_minor, impressions, clicks, attributed_minor, currency``.
    measures_daily : DataFrame
        ``day, channel, measure, value``: ``visitors`` of the whole shop (channel empty) and ``stock_out`` (0 or 1).
    demand : DataFrame
        The truth by day and channel: served orders by source, what was lost, and the means behind the draws.
    cohorts : DataFrame
        ``cohort, age, customers, orders``: customers won in a month, and what they ordered ``age`` months later.
    truth : dict
        Everything else that is true, ready for JSON.
    """

    sales_daily: pd.DataFrame
    spend_daily: pd.DataFrame
    measures_daily: pd.DataFrame
    demand: pd.DataFrame
    cohorts: pd.DataFrame
    truth: dict[str, Any]


def generate(settings: Settings | None = None) -> Demo:
    """The demo shop of some settings, ``data/demo.toml`` by default: same settings, same bytes."""
    settings = settings or load_settings()
    when = make_calendar(settings)
    spend = make_spend(settings, when)
    orders = make_orders(settings, when, spend)
    sales = make_sales(settings, when, orders)
    per_order = per_channel(settings, "value") * (1 - per_channel(settings, "discount"))
    paid_sales = orders.paid * per_order
    traffic = make_traffic(settings, when, spend, paid_sales)
    sales_daily = _sales_frame(settings, when, orders, sales)
    reports = {
        "spend_minor": spend,
        "impressions": traffic.impressions,
        "clicks": traffic.clicks,
        "attributed_minor": traffic.attributed,
    }
    spend_daily = _long(settings, when, reports, [channel.id for channel in settings.channels if channel.ads])
    spend_daily["currency"] = settings.currency
    demand = _long(settings, when, {name: getattr(orders, name) for name in _DEMAND})
    truth = _truth(settings, when, spend / 100, paid_sales)
    measures = _measures(settings, sales_daily)
    return Demo(sales_daily, spend_daily, measures, demand, _cohorts(settings, when, orders), truth)


_DEMAND = ("organic", "paid", "repeat", "lost", "organic_mean", "paid_mean")


def _long(settings: Settings, when: Calendar, columns: dict[str, Any], only: list[str] | None = None) -> pd.DataFrame:
    """(days, channels) arrays as a long frame of the shown days on which each channel existed."""
    ids = [channel.id for channel in settings.channels]
    days, channels = len(when.days), len(ids)
    frame = pd.DataFrame({"day": np.repeat(when.days, channels), "channel": np.tile(ids, days)})
    for name, values in columns.items():
        frame[name] = np.asarray(values).reshape(-1)
    first = frame["channel"].map(
        {channel.id: pd.Timestamp(channel.first or settings.start) for channel in settings.channels}
    )
    shown = (frame["day"] >= first) & (frame["day"] >= pd.Timestamp(settings.start))
    return frame[shown & frame["channel"].isin(only or ids)].reset_index(drop=True)


def _sales_frame(settings: Settings, when: Calendar, orders: Orders, sales: Sales) -> pd.DataFrame:
    columns = {
        "orders": orders.organic + orders.paid + orders.repeat,
        "new_orders": orders.organic + orders.paid,
        "units": sales.units,
        "gross_minor": sales.gross,
        "discounts_minor": sales.discounts,
        "returns_minor": sales.returns,
        "net_minor": sales.gross - sales.discounts - sales.returns,
        "cogs_minor": sales.cogs,
        "sessions": sales.sessions,
    }
    frame = _long(settings, when, columns)
    frame["currency"] = settings.currency
    return frame


def _measures(settings: Settings, sales_daily: pd.DataFrame) -> pd.DataFrame:
    visitors = sales_daily.groupby("day")["sessions"].sum()
    days = pd.DatetimeIndex(visitors.index)
    out = stock_out_days(settings, days).astype(float)
    frame = pd.DataFrame({"day": days, "visitors": visitors.to_numpy(float), "stock_out": out})
    long = frame.melt("day", var_name="measure").sort_values(["day", "measure"], ignore_index=True)
    long.insert(1, "channel", "")
    return long


def _cohorts(settings: Settings, when: Calendar, orders: Orders) -> pd.DataFrame:
    """Cohorts won in the shown months; buyers of later months as expected when further orders are independent."""
    months = when.days.to_period("M")
    cohorts = months.unique()
    new = pd.Series((orders.organic + orders.paid).sum(axis=1)).groupby(months).sum().to_numpy()
    by_month = pd.DataFrame(orders.cohort.T).groupby(months).sum().to_numpy()
    rows = []
    for i, cohort in enumerate(cohorts):
        if cohort < pd.Period(settings.start, "M"):
            continue
        size = int(new[i])
        for age in range(len(cohorts) - i):
            further = int(by_month[i + age, i])
            buyers = size if age == 0 else round(size * (1 - np.exp(-further / size)))
            rows.append((cohort.to_timestamp(), age, buyers, further + (size if age == 0 else 0)))
    return pd.DataFrame(rows, columns=["cohort", "age", "customers", "orders"])


def _truth(settings: Settings, when: Calendar, spend: Array, paid_sales: Array) -> dict[str, Any]:
    year = when.days > when.days[-1] - pd.DateOffset(years=1)
    events = calendar(settings.start, settings.end, settings.country)
    plain = json.loads(json.dumps(asdict(settings), default=str))
    return {
        "settings": plain,
        "season": settings.demand.months,
        "weekday": settings.demand.weekdays,
        "events": json.loads(events.to_json(orient="records", date_format="iso")),
        "repeat_kernel": _monthly_kernel(daily_kernel(settings)).tolist(),
        "curves": {
            channel.id: _curve_truth(channel, spend[year, c].sum(), paid_sales[year, c].sum())
            for c, channel in enumerate(settings.channels)
            if channel.ads
        },
    }


def _monthly_kernel(daily: Array) -> Array:
    """Further orders 0, 1, 2, ... calendar months after the first one, which falls on any day of its month alike."""
    age = np.arange(len(daily)) / DAYS_PER_MONTH
    month, into_next = age.astype(int), age % 1
    longest = int(month[-1]) + 2
    stays = np.bincount(month, weights=daily * (1 - into_next), minlength=longest).astype(float)
    return stays + np.bincount(month + 1, weights=daily * into_next, minlength=longest)


def _curve_truth(channel: ChannelTruth, spend: float, paid_sales: float) -> dict[str, float]:
    """What a fitted or entered curve is judged by; sales are after discount, before returns, without repeat orders."""
    ads = channel.ads
    assert ads is not None
    bend = ads.slope * ads.kappa**ads.slope / (1 + ads.kappa**ads.slope)
    return {
        "reference_spend": ads.spend_per_month,
        "roas": ads.roas,
        "bend": bend,
        "slope": ads.slope,
        "kappa": ads.kappa * ads.spend_per_month,
        "weekly_carryover": ads.weekly_carryover,
        "monthly_carryover": monthly_carryover(ads.weekly_carryover),
        "overclaim": ads.overclaim,
        "roas_last_year": float(paid_sales / spend),
        "spend_last_year": float(spend),
    }


def truth_path(db: Path) -> Path:
    """Where the truth of a demo store is kept: ``shop.duckdb`` -> ``shop.truth.json`` beside it."""
    return db.with_name(f"{db.stem}.truth.json")


def write_truth(demo: Demo, db: Path) -> Path:
    """Save the truth beside the store; frames become lists by column. Gives back the path."""
    frames = {
        name: json.loads(frame.to_json(orient="split", index=False, date_format="iso", double_precision=6))
        for name, frame in (("demand", demo.demand), ("cohorts", demo.cohorts))
    }
    path = truth_path(db)
    path.write_text(json.dumps(demo.truth | frames, ensure_ascii=False, sort_keys=True), encoding="utf-8")
    return path
