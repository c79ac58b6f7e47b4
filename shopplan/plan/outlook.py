"""What the coming months bring if nothing is decided: forecast, season and shop events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from shopplan.forecast import (
    calendar,
    event_share,
    forecast_and_errors,
    judged,
    replay,
    report,
    season,
    sum_band,
)  # fmt: skip
from shopplan.plan.baseline import Array, Baseline
from shopplan.plan.shortfall import in_stock, missing_share
from shopplan.terms import HORIZON_MAX

YEAR = 12
YEAR_AHEAD = HORIZON_MAX + YEAR
NO_HISTORY_SD = 0.25
"""Log-scale forecast error, a year ahead, of a shop that only gave three numbers."""
NO_HISTORY_FREEDOM = 6.0
MODEL_ENTERED = "entered"


@dataclass(frozen=True, eq=False)
class Outlook:
    """Forecast of net sales by channel (M, C), its error and the models behind it; what is not said here is as in
    `Baseline`."""

    net: Array
    log_sd: Array
    memory: Array
    cross: float
    freedom: float
    idle: Array
    season: Array
    models: Mapping[str, str]
    weights: Mapping[str, tuple[float, ...]]


def flat(net: pd.DataFrame) -> Outlook:
    """The last month for ever, for a shop whose only history is what was typed."""
    level = np.tile(net.iloc[-1].to_numpy(float), (HORIZON_MAX, 1))
    sd = NO_HISTORY_SD * np.sqrt(np.arange(1, HORIZON_MAX + 1) / 12)
    log_sd = np.repeat(np.clip(sd, 0.1, 1.0)[:, None], level.shape[1], axis=1)
    apart = np.abs(np.subtract.outer(np.arange(HORIZON_MAX), np.arange(HORIZON_MAX)))
    models = dict.fromkeys(map(str, net), MODEL_ENTERED)
    idle = np.zeros(level.shape[1])
    return Outlook(level, log_sd, 0.9**apart, 0.8, NO_HISTORY_FREEDOM, idle, np.ones(YEAR_AHEAD), models, {})


def look_ahead(net: pd.DataFrame, start: date, promotions: pd.DataFrame | None = None) -> Outlook:
    """Forecast of net sales (month x channel) for the longest horizon, channel by channel.

    ``promotions`` are the shop's own, past and planned, as rows of the calendar.
    """
    selling = [c for c in net if (net[c] > 0).any()]
    long = by_channel(net)
    predicted, error = forecast_and_errors(long, HORIZON_MAX, "M", promotions)
    means = np.zeros((HORIZON_MAX, net.shape[1]))
    log_sd, idle = np.full_like(means, NO_HISTORY_SD), np.zeros(net.shape[1])
    models: dict[str, str] = {}
    for i, c in enumerate(net):
        if c in selling:
            own = predicted[predicted["unique_id"] == c]
            means[:, i] = np.maximum(own["yhat"].to_numpy(float), 0)
            at = error.ids.index(str(c))
            log_sd[:, i], idle[i] = error.sd[at], error.idle[at]
            models[str(c)] = str(own["model"].iloc[0])
    weights = dict(zip(error.ids, error.weights, strict=True))
    whole = net.sum(axis=1).rename_axis("ds").rename("y").reset_index().assign(unique_id="all")
    index = np.asarray(season(whole)).reshape(-1)[:12] if len(net) >= 12 else np.ones(12)
    factors = index[(start.month - 1 + np.arange(YEAR_AHEAD)) % 12]
    return Outlook(means, log_sd, error.memory, error.cross, error.freedom, idle, factors, models, weights)


@dataclass(frozen=True, eq=False)
class Seen:
    """Forecasts made again from earlier dates (`forecast.replay`), how they did (`forecast.judged`), and what was odd
    in the history that they had to work around (`forecast.report`)."""

    made: pd.DataFrame
    scores: pd.DataFrame
    found: pd.DataFrame


def look_back(
    net: pd.DataFrame, daily: pd.DataFrame, stated: pd.DatetimeIndex, promotions: pd.DataFrame | None = None
) -> Seen:
    """Make the plan's forecast again as it would have been 1, 3, 6 and 12 months ago, and judge it.

    Parameters
    ----------
    net : DataFrame
        Net sales (month x channel).
    daily, stated
        As `shortfall.missing_share` takes them.
    promotions : DataFrame, optional
        As in `look_ahead`.

    Raises
    ------
    ShopplanError
        When the history is too short.
    """
    days = pd.to_datetime(daily["ds"])

    def as_known(past: pd.DataFrame, cutoff: pd.Timestamp) -> pd.DataFrame:
        known = daily[days < cutoff + pd.DateOffset(months=1)]
        filled = by_channel(in_stock(net[net.index <= cutoff], missing_share(known, stated)))
        return filled[filled["unique_id"].isin(past["unique_id"])]

    long = by_channel(net)
    made = replay(long, YEAR, "M", level=(80,), events=promotions, as_known=as_known)
    now = as_known(long, long["ds"].max())
    return Seen(made, judged(long, made, "M", level=(80,)), report(now, "M", promotions))


def by_channel(net: pd.DataFrame) -> pd.DataFrame:
    """Net sales (month x channel) as the long frame of the forecasts; a channel begins with its first sale."""
    selling = [c for c in net if (net[c] > 0).any()]
    long = net[selling].melt(ignore_index=False, var_name="unique_id", value_name="y").rename_axis("ds").reset_index()
    return _since_first_sale(long)


def expected(b: Baseline, months: int) -> pd.DataFrame:
    """What the baseline expects of net sales: ``month, mean, lo, hi`` of the whole shop (P10 and P90)."""
    middle = channel_net(b)[:months]
    low, high = sum_band(middle, b.log_sd[:months], b.idle, b.cross, b.freedom, 80)
    return pd.DataFrame({"month": b.months(months), "mean": middle.sum(axis=1), "lo": low, "hi": high})


def channel_net(b: Baseline) -> Array:
    """(M, C) net sales that the forecast expects of every channel, at the reference spend."""
    return b.orders * b.aov * (1 - b.discount) * (1 - b.return_rate)


def _since_first_sale(long: pd.DataFrame) -> pd.DataFrame:
    """A channel's history begins with its first sale."""
    first = long[long["y"] > 0].groupby("unique_id")["ds"].min()
    return long[long["ds"] >= long["unique_id"].map(first)].reset_index(drop=True)


def event_intensity(start: date, country: str) -> Array:
    """(M + 12,) share of each month's days that belong to a shop event of a country, the largest month at 1."""
    months = pd.date_range(start, periods=YEAR_AHEAD, freq="MS")
    last_day = (months[-1] + pd.offsets.MonthEnd(0)).date()
    total = event_share(months, calendar(months[0].date(), last_day, country)).sum(axis=1).to_numpy(float)
    return total / total.max() if total.max() > 0 else total
