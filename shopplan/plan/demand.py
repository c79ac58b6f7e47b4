"""Demand: from spend, growth, mix, price and initiatives to orders by channel, month and draw."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shopplan.plan.baseline import Array
from shopplan.plan.draws import Draws, paid_sales, sales_per_order
from shopplan.plan.levers import Values
from shopplan.plan.stock import served_share


@dataclass(frozen=True, eq=False)
class Demand:
    """Orders by source, and what the money side needs beside them.

    Attributes
    ----------
    organic, paid, repeat : (T, C, N)
        Orders that are served.
    lost : float
        Orders lost to stock-outs per served order.
    drivers : mapping
        Multipliers of initiatives on ``conversion``, ``aov`` and ``returns``; (T, N) or 1.
    """

    organic: Array
    paid: Array
    repeat: Array
    lost: float
    drivers: dict[str, Array | float]

    @property
    def orders(self) -> Array:
        return self.organic + self.paid + self.repeat


def orders(v: Values, d: Draws, spend: Array) -> Demand:
    """Orders for a path of acquisition spend (T, C), in money a month.

    ``new = organic * growth * mix * price * initiatives + paid``; repeat orders follow new ones by the kernel.
    """
    months = len(spend)
    drivers = initiative_drivers(v, d, months)
    volume = price_volume(v) * (1 + v["conversion"])
    organic = d.organic * (growth(v, months) * volume * (1 + v["traffic"]))[:, :, None]
    organic = move_mix(v, organic)
    paid = paid_orders(v, d, spend) * volume[:, None]
    lift = drivers.get("conversion", 1.0) * drivers.get("orders", 1.0)
    organic = _times(organic, lift * drivers.get("traffic", 1.0))
    paid = _times(paid, lift)
    repeat = repeat_orders(v, d, organic + paid, drivers)
    served, lost = served_share(v)
    if served != 1.0:
        organic, paid, repeat = organic * served, paid * served, repeat * served
    return Demand(organic, paid, repeat, lost, drivers)


def growth(v: Values, months: int) -> Array:
    """(T, C) growth beside the forecast trend, compounding from the first planned month."""
    years = (np.arange(months) + 1) / 12
    rate = (1 + v["growth"]) * (1 + v.family("channel_growth"))
    return rate[None, :] ** years[:, None]


def price_volume(v: Values) -> Array:
    """(C,) change of volume: effective price (after discount) to the power of the channel's elasticity."""
    base = v.baseline.default("discount")
    effective = (1 + v["price"]) * (1 - v["discount"]) / (1 - base)
    return effective ** v.family("elasticity")


def move_mix(v: Values, organic: Array) -> Array:
    """Move organic volume between channels along the glide; the month's total stays.

    Each month the share of a channel changes by ``glide * (target - default target)``: 0 before the start,
    all of it from the last month of the glide on. The seasonal pattern of the shares is kept.
    """
    target = v.family("mix")
    shift = target - np.array([v.baseline.default(f"mix:{c.id}") for c in v.baseline.channels])
    if np.abs(shift).max() < 1e-12:
        return organic
    t = np.arange(len(organic))
    glide = np.clip((t - v["mix_start"] + 1) / v["mix_months"], 0, 1)
    total = organic.sum(axis=1, keepdims=True)
    moved = np.maximum(organic + total * (glide[:, None] * shift)[:, :, None], 0)
    kept = moved.sum(axis=1, keepdims=True)
    return moved * np.divide(total, kept, out=np.ones_like(total), where=kept > 0)


def paid_orders(v: Values, d: Draws, spend: Array) -> Array:
    """(T, C, N) orders that spend brings, with click-price inflation taken off the spend first."""
    b = v.baseline
    inflation = (1 + v["click_inflation"]) ** (np.arange(len(spend)) / 12)
    roas = b.curve("roas")
    scale = np.divide(v.family("roas"), roas, out=np.zeros_like(roas), where=roas > 0)
    bend = _move_bend(d.bend, b.curve("bend"), v.family("bend")) if v.changed("bend") else d.bend
    sales = paid_sales(
        spend / inflation[:, None],
        b.spend_history,
        b.curve("reference_spend"),
        d.roas * scale[:, None],
        bend,
        v.family("carryover"),
    )
    return sales / sales_per_order(b)[:, None]


def _move_bend(drawn: Array, default: Array, wanted: Array) -> Array:
    """Shift the drawn bends on the log-odds scale, so that column 0 is the wanted value and all stay in (0, 1)."""
    odds = drawn / (1 - drawn)
    wanted = np.where(wanted > 0, wanted, default)
    moved = odds * ((wanted / (1 - wanted)) / (default / (1 - default)))[:, None]
    return moved / (1 + moved)


def repeat_orders(v: Values, d: Draws, new: Array, drivers: dict[str, Array | float]) -> Array:
    """(T, C, N) cohort convolution of new orders with the repeat kernel, plus the customers won earlier.

    A repeat rate p stands for p / (1 - p) further orders per new one (each order is followed by another with
    probability p), so the lever scales the kernel by the ratio of those, from its start month.
    """
    months, channels, n = new.shape
    base = v.baseline.default("repeat_rate")
    ratio = _per_customer(v["repeat_rate"]) / _per_customer(base) if base > 0 else 1.0
    scale = np.where(np.arange(months) >= v["repeat_start"], ratio, 1.0)[:, None] * d.repeat_scale
    lift = drivers.get("repeat", 1.0)
    flow = (d.repeat @ new.reshape(months, -1)).reshape(months, channels, n)
    flow += d.legacy[:, :, None]
    flow *= (d.ease[:, None] * scale * lift)[:, None, :]
    return flow


def _per_customer(rate: float) -> float:
    return rate / (1 - rate)


def initiative_drivers(v: Values, d: Draws, months: int) -> dict[str, Array | float]:
    """Driver -> (T, N) multiplier of the switched-on initiatives.

    Uplifts on one driver compound, never add. In a draw an initiative works with its chance and lands in its range
    around the lever's value; column 0 takes chance times value, the expectation.
    """
    out: dict[str, Array | float] = {}
    t = np.arange(months)
    for i, item in enumerate(v.baseline.initiatives):
        if not v[f"initiative:{item.id}"]:
            continue
        ramp = np.clip((t - v[f"initiative_start:{item.id}"] + 1) / v[f"initiative_ramp:{item.id}"], 0, 1)
        chance, value = v[f"initiative_chance:{item.id}"], v[f"initiative_uplift:{item.id}"]
        spread = value + (item.high - item.low) * (d.uplift[i] - 0.5)
        uplift = np.where(d.chance[i] < chance, spread, 0.0)
        uplift[0] = chance * value
        out[item.driver] = out.get(item.driver, 1.0) * (1 + ramp[:, None] * uplift)
    return out


def _times(flow: Array, lift: Array | float) -> Array:
    """(T, C, N) times a (T, N) multiplier; nothing to do for the number 1."""
    return flow if isinstance(lift, float) else flow * lift[:, None, :]
