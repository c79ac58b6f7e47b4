"""True demand of the demo shop by day and channel: organic, paid and repeat orders, and the spend behind them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from shopplan.demo.settings import Ads, ChannelTruth, EventLift, Settings
from shopplan.forecast import calendar
from shopplan.response import adstock, hill
from shopplan.terms import DAYS_PER_MONTH

Array = NDArray[np.float64]
Counts = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Calendar:
    """Factors by simulated day; ``lift`` is in logs and ``event`` marks the days of promotions."""

    days: pd.DatetimeIndex
    years: Array
    season: Array
    weekday: Array
    lift: Array
    event: Array
    budget: Array


@dataclass(frozen=True, eq=False)
class Orders:
    """Served orders (days, channels) by source, what was lost, and the means they were drawn around.

    ``cohort`` is (cohort months, days): further orders by the month in which the customer was won.
    """

    organic: Counts
    paid: Counts
    repeat: Counts
    lost: Counts
    organic_mean: Array
    paid_mean: Array
    cohort: Counts


def rng(settings: Settings, part: int) -> np.random.Generator:
    """A generator of its own for each part of the shop, so that a change in one leaves the others as they are."""
    return np.random.Generator(np.random.PCG64([settings.seed, part]))


def make_calendar(settings: Settings) -> Calendar:
    """Trend years, season, weekday and events of every simulated day."""
    days = settings.days
    years = ((days - days[-1]).days / 365.25).to_numpy()
    around = [settings.demand.months[-1], *settings.demand.months, settings.demand.months[0]]
    season = np.asarray(np.interp(days.day_of_year, (np.arange(14) - 0.5) * DAYS_PER_MONTH, around))
    weekday = np.array(settings.demand.weekdays)[days.day_of_week]
    lift, event, budget = np.zeros(len(days)), np.zeros(len(days)), np.ones(len(days))
    events = calendar(days[0].date(), days[-1].date(), settings.country)
    columns = (events[name] for name in ("event", "day_start", "day_end", "lead", "tail"))
    for name, first, last, lead, tail in zip(*columns, strict=True):
        effect = settings.events[name]
        from_start, after_end = (days - first).days.to_numpy(), (days - last).days.to_numpy()
        during = (from_start >= 0) & (after_end <= 0)
        lift += _event_lift(effect, from_start, after_end, lead, tail)
        budget[during] *= effect.spend
        event[during & (effect.during > 0)] = 1.0
    return Calendar(days, years, season, weekday, lift, event, budget)


def _event_lift(effect: EventLift, from_start: Array, after_end: Array, lead: int, tail: int) -> Array:
    lift = np.where((from_start >= 0) & (after_end <= 0), effect.during, 0.0)
    lift += np.where(np.isin(from_start, effect.peaks), effect.peak, 0.0)
    lift += np.where((from_start < 0) & (from_start >= -lead), effect.before, 0.0)
    return lift + np.where((after_end > 0) & (after_end <= tail), effect.after, 0.0)


def make_spend(settings: Settings, when: Calendar) -> Counts:
    """(days, channels) spend in minor units: budgets that grow, follow the season and jump at events.

    Because budgets are highest when demand is high anyway, a naive look at the data credits ads with the season.
    """
    draws = rng(settings, 1)
    spend = np.zeros((len(when.days), len(settings.channels)))
    for c, channel in enumerate(settings.channels):
        weekly = np.repeat(draws.normal(0, 0.22, len(when.days) // 7 + 1), 7)[: len(when.days)]
        daily = draws.normal(0, 0.08, len(when.days))
        if channel.ads:
            plan = channel.ads.spend_per_month / DAYS_PER_MONTH * np.exp(channel.ads.spend_growth * when.years)
            path = plan * when.season**channel.ads.season_follow * when.budget * np.exp(weekly + daily)
            spend[:, c] = path * _open(channel, when.days) * _running(channel.ads, when.days)
    return np.round(spend * 100).astype(np.int64)


def _open(channel: ChannelTruth, days: pd.DatetimeIndex) -> Array:
    """0 before a late channel's first day, then rising to 1."""
    if channel.first is None:
        return np.ones(len(days))
    age = (days - pd.Timestamp(channel.first)).days.to_numpy() + 1
    return np.where(age > 0, 1 - np.exp(-np.maximum(age, 0) / channel.ramp_days), 0.0)


def _running(ads: Ads, days: pd.DatetimeIndex) -> Array:
    running = np.ones(len(days))
    for first, last in ads.pauses:
        running[(days >= pd.Timestamp(first)) & (days <= pd.Timestamp(last))] = 0.0
    return running


def paid_orders_mean(settings: Settings, when: Calendar, spend: Counts) -> Array:
    """(days, channels) orders that spend truly brings: adstock by the day, Hill saturation, dearer clicks."""
    mean = np.zeros(spend.shape)
    cost_index = (1 + settings.money.click_inflation) ** when.years
    for c, channel in enumerate(settings.channels):
        if channel.ads:
            ads, reference = channel.ads, channel.ads.spend_per_month / DAYS_PER_MONTH
            felt = adstock(spend[:, c] / 100 / cost_index, ads.weekly_carryover ** (1 / 7))
            height = ads.roas * reference / (channel.value * (1 - channel.discount)) * (1 + ads.kappa**ads.slope)
            mean[:, c] = height * hill(felt, ads.kappa * reference, ads.slope)
    return mean


def organic_orders_mean(settings: Settings, when: Calendar) -> Array:
    """(days, channels) new orders that come without spend, before noise."""
    columns = []
    for channel in settings.channels:
        trend = np.exp(channel.growth * when.years) * _open(channel, when.days)
        calendar_factor = when.season * when.weekday * np.exp(channel.event_feel * when.lift)
        columns.append(channel.orders_per_day * trend * calendar_factor)
    return np.column_stack(columns)


def make_orders(settings: Settings, when: Calendar, spend: Counts) -> Orders:
    """Draw the orders: organic and paid ones, then what their customers order again, less what is out of stock."""
    draws = rng(settings, 2)
    organic_mean, paid_mean = organic_orders_mean(settings, when), paid_orders_mean(settings, when, spend)
    organic = _poisson(draws, organic_mean * _noise(settings, organic_mean.shape))
    paid = _poisson(draws, paid_mean)
    in_stock = np.where(stock_out_days(settings, when.days), 1 - settings.stock_out.lost, 1.0)[:, None]
    served_organic, served_paid = draws.binomial(organic, in_stock), draws.binomial(paid, in_stock)
    repeat, lost_repeat, cohort = _repeat(settings, when, served_organic + served_paid, in_stock)
    lost = organic - served_organic + paid - served_paid + lost_repeat
    return Orders(served_organic, served_paid, repeat, lost, organic_mean, paid_mean, cohort)


def stock_out_days(settings: Settings, days: pd.DatetimeIndex) -> NDArray[np.bool_]:
    """True on the days on which the shop is out of stock."""
    since = (days - pd.Timestamp(settings.stock_out.start)).days.to_numpy()
    return np.asarray((since >= 0) & (since < settings.stock_out.days))


def _poisson(draws: np.random.Generator, mean: Array) -> Counts:
    # rounded, so that the last bit of another processor's exp() does not change a count
    return draws.poisson(np.round(mean, 6))


def _noise(settings: Settings, shape: tuple[int, ...]) -> Array:
    """(days, channels) factors with mean 1 that remember yesterday, partly common to all channels."""
    demand, memory = settings.demand, settings.demand.noise_memory
    shocks = rng(settings, 3).standard_normal((shape[0], shape[1] + 1))
    path = adstock(shocks, memory) * np.sqrt((1 + memory) / (1 - memory))
    log = demand.common_noise * path[:, :1] + demand.own_noise * path[:, 1:]
    return np.exp(log - (demand.common_noise**2 + demand.own_noise**2) / 2)


def daily_kernel(settings: Settings) -> Array:
    """Expected further orders of one new customer on day 0, 1, 2, ... after the first order."""
    age = np.arange(round(settings.repeat.months * DAYS_PER_MONTH))
    weight = np.where(age >= settings.repeat.wait_days, np.exp(-age / settings.repeat.mean_days), 0.0)
    return settings.repeat.orders * weight / weight.sum()


def _repeat(settings: Settings, when: Calendar, new: Counts, in_stock: Array) -> tuple[Counts, Counts, Counts]:
    """Served and lost further orders (days, channels), and the served ones by cohort (cohort months, days).

    A customer comes back to the channel that won them, or moves to the private domain.
    """
    draws, kernel = rng(settings, 4), daily_kernel(settings)
    days, channels = new.shape
    feel = when.weekday * np.exp(settings.repeat.event_share * when.lift)
    feel = feel[:, None] / feel.mean()
    served, lost = np.zeros(new.shape, dtype=np.int64), np.zeros(new.shape, dtype=np.int64)
    months = when.days.to_period("M")
    by_cohort = []
    for month in months.unique():
        won = np.where((months == month)[:, None], new, 0)
        mean = np.column_stack([np.convolve(won[:, c], kernel)[:days] for c in range(channels)]) * feel
        wanted = _poisson(draws, np.maximum(mean, 0.0))
        kept = draws.binomial(wanted, in_stock)
        served, lost = served + kept, lost + wanted - kept
        by_cohort.append(kept.sum(axis=1))
    private = [channel.id for channel in settings.channels].index("private")
    moved = draws.binomial(served, settings.repeat.to_private)
    served = served - moved
    served[:, private] += moved.sum(axis=1)
    return served, lost, np.array(by_cohort)
