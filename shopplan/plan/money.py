"""From orders to contribution: sales, returns, cost of goods, fulfilment and fees by month and draw."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shopplan.plan.baseline import Array, Baseline
from shopplan.plan.demand import Demand
from shopplan.plan.draws import Draws
from shopplan.plan.levers import Values
from shopplan.terms import DAYS_PER_MONTH

Flows = dict[str, Array]
"""Metric -> (T, N)."""


def level(v: Values, lever: str, by_channel: Array, most: float = 0.95) -> Array:
    """(C,) a ratio by channel when its mean is moved to the lever's value: all channels in proportion."""
    default, wanted = v.baseline.default(lever), v[lever]
    if default <= 0:
        return np.full_like(by_channel, wanted)
    return np.minimum(by_channel * (wanted / default), most)


def margins(v: Values) -> Array:
    """(C,) gross margin of net sales at the default price; a mark-up m on cost stands for m / (1 + m)."""
    b = v.baseline
    wanted = v["markup"] / (1 + v["markup"]) if v["markup"] > 0 else v["margin"]
    return np.minimum(b.margin + (wanted - b.default("margin")), 0.99)


def unit_cost(v: Values) -> Array:
    """(C,) cost of goods of one order, so that at the defaults net sales less cost is the gross margin.

    ``aov (1 - discount) (1 - returns) (1 - margin) = cost (1 - returns * recovery)`` at the default levels.
    """
    b = v.baseline
    net = b.aov * (1 - b.discount) * (1 - b.return_rate)
    return net * (1 - margins(v)) / (1 - b.return_rate * b.default("return_recovery"))


def returned_before(b: Baseline) -> tuple[float, float]:
    """Sales value and cost of the goods that came back in a month before the plan.

    ``monthly_sales`` is net of returns, so sales before them were ``net / (1 - rate)``; the cost is as in `unit_cost`.
    """
    rate = b.default("return_rate")
    cost = b.monthly_sales * (1 - b.default("margin")) / (1 - rate * b.default("return_recovery"))
    return b.monthly_sales * rate / (1 - rate), cost * rate


@dataclass(frozen=True, eq=False)
class PerOrder:
    """What one order of each channel brings and costs (C,), at the scenario's prices."""

    visits: Array
    gross: Array
    discount: Array
    paid_in: Array
    returned: Array
    platform_fee: Array
    goods: Array
    goods_returned: Array


def per_order(v: Values) -> PerOrder:
    """Money of one order; price moves sales and not the cost of goods, a bigger basket moves both."""
    b, basket = v.baseline, 1 + v["aov"]
    gross = b.aov * basket * (1 + v["price"])
    discount = gross * level(v, "discount", b.discount)
    paid_in, goods = gross - discount, unit_cost(v) * basket
    back = level(v, "return_rate", b.return_rate)
    return PerOrder(
        visits=1 / (b.conversion * (1 + v["conversion"])),
        gross=gross,
        discount=discount,
        paid_in=paid_in,
        returned=paid_in * back,
        platform_fee=paid_in * level(v, "platform_fee", b.platform_fee),
        goods=goods,
        goods_returned=goods * back,
    )


def sales(v: Values, d: Draws, demand: Demand) -> Flows:
    """Orders by source, sales, returns, cost of goods and variable costs."""
    months, one = len(demand.organic), per_order(v)
    weights = np.stack(
        [one.visits, one.gross, one.discount, one.returned, one.platform_fee, one.goods, one.goods_returned,
         np.ones(len(one.gross))]
    )  # fmt: skip
    total = np.matmul(weights[None], demand.orders)
    visits, gross, off, back, platform, goods, goods_back, orders = total.transpose(1, 0, 2)
    baskets = d.aov * demand.drivers.get("aov", 1.0)
    rate = baskets * d.returns * demand.drivers.get("returns", 1.0)
    inflation = ((1 + v["cost_inflation"]) ** (np.arange(months) / 12))[:, None] * d.cost
    delay = v["return_delay"] / DAYS_PER_MONTH
    value_before, goods_before = returned_before(v.baseline)
    restocked = lag(goods_back * rate, delay, goods_before) * v["return_recovery"]
    flows: Flows = {
        "sessions": visits / demand.drivers.get("conversion", 1.0),
        "orders": orders,
        "lost_orders": orders * demand.lost,
        "organic_orders": demand.organic.sum(axis=1),
        "paid_orders": demand.paid.sum(axis=1),
        "repeat_orders": demand.repeat.sum(axis=1),
        "gross_sales": gross * baskets,
        "discounts": off * baskets,
        "returns": lag(back * rate, delay, value_before),
        "cogs": (goods * baskets - restocked) * inflation,
        "fulfilment": orders * v["fulfilment_cost"],
        "platform_fees": platform * baskets,
        "payment_fees": (gross - off) * baskets * v["payment_fee"],
        "paid_sales": np.matmul(one.paid_in[None, None], demand.paid)[:, 0] * baskets,
    }
    flows["new_orders"] = flows["organic_orders"] + flows["paid_orders"]
    flows["net_sales"] = flows["gross_sales"] - flows["discounts"] - flows["returns"]
    flows["gross_margin"] = flows["net_sales"] - flows["cogs"]
    variable = flows["fulfilment"] + flows["platform_fees"] + flows["payment_fees"]
    flows["contribution_2"] = flows["gross_margin"] - variable
    return flows


def lag(flow: Array, months: float, before: float | Array) -> Array:
    """(T, N) flow delayed by a (broken) number of months; ``before`` is its level in each month before the plan."""
    whole, part = int(months), months - int(months)
    early = np.broadcast_to(before, (whole + 1, flow.shape[1]))
    joined = np.concatenate([early, flow])
    later, earlier = joined[1 : 1 + len(flow)], joined[: len(flow)]
    return later * (1 - part) + earlier * part if part else later
