"""Small shops with known truth: what fitted curves, their intervals and the advice drawn from them are judged on.

Nothing here is taken from the fit: adstock and saturation are written out anew, and most forms differ from the
fitted one on purpose.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Array = NDArray[np.float64]
Form = Literal["mm", "hill", "tanh", "power", "delayed"]
Split = Literal["decent", "poor"]

FORMS: tuple[Form, ...] = ("mm", "hill", "tanh", "power", "delayed")
MARGIN = 0.55
LAGS = 13


@dataclass(frozen=True, eq=False)
class SimulatedShop:
    """A shop of which everything is known.

    Attributes
    ----------
    frame : DataFrame
        ``week, sales, price`` and one spend column a channel, as a user would upload it.
    pattern : array (weeks, channels)
        Spend for a level of one; ``levels`` (channels,) scale it to the spend of the frame.
    usual : array (channels,)
        Weekly spend that counts as one in the response.
    height, bend, memory : array (channels,)
        True parameters of the response; their meaning depends on ``form``.
    mean : array (weeks,)
        Expected sales: what an oracle would forecast.
    """

    form: Form
    frame: pd.DataFrame
    channels: tuple[str, ...]
    pattern: Array
    levels: Array
    usual: Array
    height: Array
    bend: Array
    memory: Array
    mean: Array

    def paths(self, levels: Array) -> Array:
        """(weeks, channels) expected sales by channel had every week been spent at ``levels``."""
        return respond(self.form, self.pattern * (levels / self.usual), self.height, self.bend, self.memory)

    def response(self, levels: Array, window: int = 26) -> float:
        """Expected weekly media sales of the last weeks at ``levels``."""
        return float(self.paths(levels)[-window:].sum(axis=1).mean())

    def marginal(self, levels: Array, window: int = 26) -> Array:
        """(channels,) true marginal return on spend at ``levels``."""
        step = 1e-3
        there = self.paths(levels * (1 + step))[-window:].sum(axis=0)
        here = self.paths(levels)[-window:].sum(axis=0)
        return (there - here) / np.maximum((self.pattern * levels * step)[-window:].sum(axis=0), 1e-12)


def felt(form: Form, spend: Array, memory: Array) -> Array:
    """Adstock (weeks, channels): geometric, or with its peak a week late; weights add up to one."""
    lag = np.arange(LAGS)[:, None]
    late = memory ** np.square(lag - 1.0) if form == "delayed" else memory**lag
    weight = late / late.sum(axis=0)
    padded = np.concatenate([np.zeros((LAGS - 1, spend.shape[1])), spend])
    return np.asarray(sum(padded[LAGS - 1 - k : len(padded) - k] * weight[k] for k in range(LAGS)))


def respond(form: Form, spend: Array, height: Array, bend: Array, memory: Array) -> Array:
    """(weeks, channels) sales of spend counted in units of each channel's usual week."""
    x = felt(form, spend, memory)
    if form == "hill":
        return height * x**1.5 / (bend**1.5 + x**1.5)
    if form == "tanh":
        return height * np.tanh(x / bend)
    if form == "power":
        return height * x**bend
    return height * x / (bend + x)


def make_shop(
    seed: int, weeks: int = 130, channels: int = 4, form: Form = "mm", split: Split = "decent", ahead: int = 0
) -> SimulatedShop:
    """A shop of ``weeks`` weeks, then ``ahead`` more; its last channel starts late and its spend follows the season.

    A decent split is the true optimum of the last weeks before those ahead, jittered by an eighth; in a poor one a
    single channel has four times of its due and the others go short, each to its own degree.
    """
    weeks += ahead
    rng = np.random.default_rng([seed, weeks, channels, FORMS.index(form)])
    t = np.arange(weeks, dtype=float)
    season = _season(rng, t)
    pattern = _pattern(rng, season, channels)
    elasticity, memory = rng.uniform(0.35, 0.75, channels), rng.beta(2, 4, channels)
    usual = 300 * rng.lognormal(0, 0.5, channels)
    roas = rng.lognormal(0.7, 0.3, channels)
    bend = _bend(form, elasticity)
    height = roas * usual / respond_at_one(form, bend)
    names = tuple(f"c{i}" for i in range(channels))
    shop = SimulatedShop(form, pd.DataFrame(), names, pattern, usual, usual, height, bend, memory, np.zeros(0))
    best = _best_levels(replace(shop, pattern=pattern[: weeks - ahead]), usual)
    jitter = rng.normal(0, 0.125, channels) if split == "decent" else _spread(rng, channels)
    levels = best * np.exp(jitter)
    levels *= usual.sum() / levels.sum() * rng.lognormal(0, 0.35)
    return _observed(replace(shop, levels=levels), rng, t, season)


def respond_at_one(form: Form, bend: Array) -> Array:
    """Response of height one at a steady usual week."""
    steady = np.ones((2 * LAGS, len(bend)))
    return respond(form, steady, steady[0], bend, steady[0] * 0.5)[-1]


def possible_gain(shop: SimulatedShop, bounds: float = np.inf) -> float:
    """What the best split of the same total would add to media response, as a share of it, within bounds."""
    return shop.response(_best_levels(shop, shop.levels, bounds)) / shop.response(shop.levels) - 1


def _season(rng: np.random.Generator, t: Array) -> Array:
    year = 2 * np.pi * t / 52.18
    shape = np.cos(year - rng.uniform(0, 2 * np.pi)) + 0.4 * np.cos(2 * year - rng.uniform(0, 2 * np.pi))
    return np.asarray(np.exp(rng.uniform(0.06, 0.16) * shape))


def _pattern(rng: np.random.Generator, season: Array, channels: int) -> Array:
    """(weeks, channels) around one: budgets follow the season, wobble, pause, and the last begins late."""
    weeks = len(season)
    follow = rng.uniform(0.5, 2.5, channels)
    wobble = np.exp(rng.normal(0, rng.uniform(0.3, 0.6, channels), (weeks, channels)))
    pattern = season[:, None] ** follow * wobble
    start = rng.integers(max(weeks // 6, 3), weeks // 3)
    pattern[start : start + 3, 0] = 0.0
    pattern[: round(weeks * rng.uniform(0.3, 0.7)), -1] = 0.0
    return pattern


def _bend(form: Form, elasticity: Array) -> Array:
    """Second parameter of the response with about this elasticity at the usual week."""
    if form == "power":
        return elasticity
    if form == "hill":
        return (elasticity / (1.5 - elasticity)) ** (1 / 1.5)
    if form == "tanh":
        return 1 / np.interp(-elasticity, -_tanh_elasticity(GRID), GRID)
    return elasticity / (1 - elasticity)


GRID = np.linspace(0.05, 3, 400)


def _tanh_elasticity(z: Array) -> Array:
    return z / (np.sinh(z) * np.cosh(z))


def _best_levels(shop: SimulatedShop, start: Array, bounds: float = np.inf) -> Array:
    """Levels of the same total spend over the last weeks at which marginal returns are equal, within bounds."""
    levels, weight = start.copy(), shop.pattern[-26:].sum(axis=0)
    total = (levels * weight).sum()
    for _ in range(200):
        marginal = shop.marginal(levels)
        levels = levels * (marginal / marginal.mean()) ** 0.5
        for _ in range(8 if np.isfinite(bounds) else 1):
            levels = np.clip(
                levels * total / (levels * weight).sum(), max(1 - bounds, 0.02) * start, (1 + bounds) * start
            )
    return levels


def _spread(rng: np.random.Generator, channels: int) -> Array:
    spread = rng.normal(-0.4, 0.35, channels)
    spread[0] = rng.normal(1.5, 0.2)
    return np.asarray(rng.permutation(spread))


def _observed(shop: SimulatedShop, rng: np.random.Generator, t: Array, season: Array) -> SimulatedShop:
    """Sales with base, price control and noise on top of the media response."""
    media = shop.paths(shop.levels).sum(axis=1)
    level = media[-26:].mean() / rng.uniform(0.25, 0.45)
    price = rng.normal(0, 0.05, len(t)) * (rng.random(len(t)) < 0.3)
    trend = 1 + rng.uniform(-0.05, 0.2) * t / 52.18
    base = level * 0.7 * trend * season * (1 - 1.5 * price)
    shocks = rng.normal(0, 1, len(t))
    noise = np.zeros(len(t))
    memory = rng.uniform(0, 0.4)
    for i, shock in enumerate(shocks):
        noise[i] = memory * (noise[i - 1] if i else 0.0) + np.sqrt(1 - memory**2) * shock
    mean = base + media
    sales = mean * (1 + rng.uniform(0.02, 0.045) * noise)
    frame = pd.DataFrame({"week": pd.date_range("2023-01-02", periods=len(t), freq="7D"), "sales": sales})
    frame["price"] = price
    frame[list(shop.channels)] = shop.pattern * shop.levels
    return replace(shop, frame=frame, mean=mean)
