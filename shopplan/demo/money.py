"""From orders and spend to what a shop's exports show: money, sessions, clicks and the platforms' claims."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shopplan.demo.demand import Array, Calendar, Counts, Orders, rng
from shopplan.demo.settings import Settings

Minor = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Sales:
    """(days, channels) each; money in minor units. Returns count on the day they come back."""

    gross: Minor
    discounts: Minor
    returns: Minor
    cogs: Minor
    units: Counts
    sessions: Counts


@dataclass(frozen=True, eq=False)
class Traffic:
    """(days, channels) what the ad platforms report."""

    clicks: Counts
    impressions: Counts
    attributed: Minor


def per_channel(settings: Settings, name: str) -> Array:
    """One setting of every channel."""
    return np.array([getattr(channel, name) for channel in settings.channels])


def make_sales(settings: Settings, when: Calendar, orders: Orders) -> Sales:
    """What the orders are worth, cost and bring back."""
    draws, money = rng(settings, 5), settings.money
    count = orders.organic + orders.paid + orders.repeat
    event = when.event[:, None]
    value = per_channel(settings, "value") * (1 + money.value_growth) ** when.years[:, None]
    value = value * (1 + money.event_basket * event) * np.exp(money.value_noise * draws.standard_normal(count.shape))
    gross = _minor(count * value)
    discount = per_channel(settings, "discount") + money.event_discount * event
    discounts = _minor(gross / 100 * discount * np.exp(0.05 * draws.standard_normal(count.shape)))
    returned_list, returns = _returns(settings, draws, gross, gross - discounts)
    cost = per_channel(settings, "cost_share")
    cogs = np.round(cost * gross - money.resold * cost * returned_list).astype(np.int64)
    units = count + draws.poisson(np.round(count * (per_channel(settings, "units") - 1), 6))
    conversion = per_channel(settings, "conversion") * (1 + (money.event_conversion - 1) * event)
    visits = (count + orders.lost) / conversion * np.exp(0.04 * draws.standard_normal(count.shape))
    return Sales(gross, discounts, returns, cogs, units, np.maximum(np.round(visits).astype(np.int64), count))


def _returns(settings: Settings, draws: np.random.Generator, gross: Minor, paid: Minor) -> tuple[Array, Minor]:
    """List value and refunded money of the goods that come back each day."""
    age = np.arange(60)
    delay = age * np.exp(-2 * age / settings.money.return_delay_days)
    delay = delay / delay.sum()
    noise = np.exp(0.08 * draws.standard_normal(gross.shape) - 0.08**2 / 2)
    rate = per_channel(settings, "return_rate")
    back = [
        np.column_stack([np.convolve(sold[:, c], delay)[: len(sold)] for c in range(sold.shape[1])]) * rate * noise
        for sold in (gross.astype(float), paid.astype(float))
    ]
    return back[0], np.round(back[1]).astype(np.int64)


def _minor(major: Array) -> Minor:
    return np.round(major * 100).astype(np.int64)


def make_traffic(settings: Settings, when: Calendar, spend: Minor, paid_sales: Array) -> Traffic:
    """Clicks that the spend buys, the impressions they take, and sales that platforms claim: a known multiple."""
    draws = rng(settings, 6)
    clicks, impressions = np.zeros(spend.shape, dtype=np.int64), np.zeros(spend.shape, dtype=np.int64)
    attributed = np.zeros(spend.shape, dtype=np.int64)
    cost_index = (1 + settings.money.click_inflation) ** when.years
    for c, channel in enumerate(settings.channels):
        noise = np.exp(0.05 * draws.standard_normal((3, len(spend))))
        if channel.ads:
            price = channel.ads.cost_per_click * cost_index * noise[0]
            clicks[:, c] = np.round(spend[:, c] / 100 / price).astype(np.int64)
            impressions[:, c] = np.round(clicks[:, c] / (channel.ads.click_rate * noise[1])).astype(np.int64)
            attributed[:, c] = _minor(channel.ads.overclaim * paid_sales[:, c] * noise[2])
    return Traffic(clicks, impressions, attributed)
