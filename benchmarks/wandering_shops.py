"""Shops with known futures that owe nothing to the demo's generator: what bands and odds are judged on beside it.

Levels wander, growth breaks, channels take from each other, noise is calm or wild, the season strong or weak, and some
shops run out of stock. Only the days are shared with the calendar; no part of the forecast is used.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.signal import lfilter

Array = NDArray[np.float64]
YEAR = 365.25
FESTIVALS = (("02-14", 2, 0.5), ("06-18", 4, 1.0), ("11-11", 3, 1.4), ("12-12", 2, 0.7))
"""Day, days on either side, and lift against the shop's own."""
SPRING = {2022: "02-01", 2023: "01-22", 2024: "02-10", 2025: "01-29", 2026: "02-17", 2027: "02-06", 2028: "01-26"}
"""First day of the Chinese year, which moves between two months."""
AHEAD = 12


@dataclass(frozen=True, eq=False)
class Shop:
    """Daily net sales ``ds, channel, orders, net`` up to and beyond ``cut``, the first planned month."""

    sales: pd.DataFrame
    cut: pd.Timestamp


def make(seed: int) -> Shop:
    """A shop of 3 to 6 channels and 24 to 48 months of history, another one for every seed."""
    rng = np.random.default_rng([seed, 4242])
    channels = int(rng.integers(3, 7))
    cut = pd.Timestamp("2026-01-01") + pd.DateOffset(months=int(rng.integers(0, 12)))
    first = cut - pd.DateOffset(months=int(rng.integers(24, 49)))
    days = pd.date_range(first, cut + pd.DateOffset(months=AHEAD, days=-1))
    past = int((days < cut).sum())
    log = _level(rng, len(days), channels) + _breaks(rng, len(days), channels)
    log += _season(rng, days, channels) + _festivals(rng, days, channels) + _noise(rng, len(days), channels)
    kept = _in_stock(rng, len(days), past, channels)
    size = np.exp(rng.normal(0, 0.9, channels))
    orders = rng.poisson(np.exp(rng.uniform(2.5, 5.0)) * size / size.mean() * np.exp(log) * kept)
    basket = rng.uniform(20, 200, channels) * np.exp(rng.normal(0, 0.03, orders.shape))
    table = {"orders": orders.astype(float), "net": orders * basket}
    names = [f"c{i}" for i in range(channels)]
    long = pd.DataFrame({"ds": np.repeat(days, channels), "channel": np.tile(names, len(days))})
    return Shop(long.assign(**{name: value.reshape(-1) for name, value in table.items()}), cut)


def _level(rng: np.random.Generator, n: int, channels: int) -> Array:
    """(days, channels) growth and a level that wanders, by so much a month; partly together."""
    growth = (rng.normal(0.06, 0.12) + rng.normal(0, 0.10, channels)) / YEAR
    wander = np.exp(rng.uniform(np.log(0.002), np.log(0.04))) / np.sqrt(YEAR / 12)
    together = rng.uniform(0, 0.8)
    steps = np.sqrt(together) * rng.standard_normal((n, 1)) + np.sqrt(1 - together) * rng.standard_normal((n, channels))
    return np.arange(n)[:, None] * growth + np.cumsum(wander * steps, axis=0)


def _breaks(rng: np.random.Generator, n: int, channels: int) -> Array:
    """(days, channels) of some shops: steps of single channels, another growth of all from some day on."""
    log = np.zeros((n, channels))
    rate = rng.exponential(0.3) if rng.random() < 0.4 else 0.0
    for _ in range(rng.poisson(rate * n / YEAR)):
        log[int(rng.uniform(0, n)) :, rng.integers(channels)] += rng.choice([-1, 1]) * rng.uniform(0.1, 0.35)
    if rng.random() < 0.35:
        since = np.maximum(np.arange(n) - int(rng.uniform(0.1, 1.0) * n), 0) / YEAR
        log += (since * rng.normal(0, 0.12))[:, None]
    return log


def _season(rng: np.random.Generator, days: pd.DatetimeIndex, channels: int) -> Array:
    """(days, channels) waves of the year, felt differently, and weekdays."""
    angle = 2 * np.pi * days.day_of_year.to_numpy() / YEAR
    strength = np.exp(rng.uniform(np.log(0.03), np.log(0.3)))
    year = sum(strength / k**0.7 * np.cos(k * angle - rng.uniform(0, 2 * np.pi)) for k in range(1, 5))
    week = rng.normal(0, rng.uniform(0.03, 0.25), 7)[days.day_of_week]
    return np.asarray(year)[:, None] * rng.uniform(0.6, 1.4, channels) + week[:, None]


def _festivals(rng: np.random.Generator, days: pd.DatetimeIndex, channels: int) -> Array:
    """(days, channels) lifts of shopping days, never the same twice, and the quiet of the Spring Festival."""
    lift, strength = np.zeros(len(days)), rng.uniform(0.0, 0.9)
    for year in days.year.unique():
        for day, width, times in FESTIVALS:
            away = np.abs((days - pd.Timestamp(f"{year}-{day}")).days.to_numpy())
            lift += np.where(away <= width, strength * times * np.exp(rng.normal(0, 0.15)) / (1 + away), 0.0)
        after = (days - pd.Timestamp(f"{year}-{SPRING[year]}")).days.to_numpy()
        lift += strength * (0.25 * ((after >= -18) & (after < -3)) - 0.5 * ((after >= -3) & (after < 7)))
    return lift[:, None] * rng.uniform(0.5, 1.5, channels)


def _noise(rng: np.random.Generator, n: int, channels: int) -> Array:
    """(days, channels) that forget slowly or fast, calm or wild, with a part that moves from channel to channel."""
    size, memory = np.exp(rng.uniform(np.log(0.04), np.log(0.4))), rng.uniform(0.2, 0.93)
    together = rng.uniform(0, 0.6)
    white = rng.standard_normal((n, channels + 1))
    path = lfilter([np.sqrt(1 - memory**2)], [1, -memory], white, axis=0)
    own = path[:, 1:]
    if rng.random() < 0.4:
        own = own - 0.8 * own.mean(axis=1, keepdims=True)
    return np.asarray(size * (np.sqrt(together) * path[:, :1] + np.sqrt(1 - together) * own))


def _in_stock(rng: np.random.Generator, n: int, past: int, channels: int) -> Array:
    """(days, channels) of a quarter of the shops: weeks of the last year in which a part cannot be served."""
    kept = np.ones((n, channels))
    if rng.random() < 0.25:
        first = past - int(rng.uniform(30, 330))
        kept[first : first + int(rng.uniform(8, 28))] = rng.uniform(0.2, 0.7)
    return kept
