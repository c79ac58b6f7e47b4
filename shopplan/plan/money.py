"""From orders to contribution: sales, returns, cost of goods, fulfilment and fees by month and draw."""

from __future__ import annotations

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


def sales(v: Values, d: Draws, demand: Demand) -> Flows:
    """Sales, returns, cost of goods and variable costs of the orders.

    Price moves sales and not the cost of goods; a bigger basket moves both.
    """
    b, months = v.baseline, len(demand.organic)
    discount = level(v, "discount", b.discount)
    returned = level(v, "return_rate", b.return_rate)
    basket = 1 + v["aov"]
    price = b.aov * basket * (1 + v["price"])
    paid_in = price * (1 - discount)
    cost = unit_cost(v) * basket
    conversion = b.conversion * (1 + v["conversion"])
    weights = np.stack(
        [
            1 / conversion,
            price,
            price * discount,
            paid_in * returned,
            paid_in * level(v, "platform_fee", b.platform_fee),
            cost,
            cost * returned,
            np.ones(len(price)),
        ]
    )
    total = np.matmul(weights[None], demand.orders)
    visits, gross, off, back, platform, goods, goods_back, orders = total.transpose(1, 0, 2)
    baskets = d.aov * demand.drivers.get("aov", 1.0)
    rate = d.returns * demand.drivers.get("returns", 1.0)
    inflation = ((1 + v["cost_inflation"]) ** (np.arange(months) / 12))[:, None] * d.cost
    gross, off = gross * baskets, off * baskets
    delay = v["return_delay"] / DAYS_PER_MONTH
    value_before, goods_before = returned_before(b)
    returns = lag(back * baskets * rate, delay, value_before)
    restocked = lag(goods_back * baskets * rate, delay, goods_before) * v["return_recovery"]
    flows: Flows = {
        "sessions": visits / demand.drivers.get("conversion", 1.0),
        "orders": orders,
        "gross_sales": gross,
        "discounts": off,
        "returns": returns,
        "net_sales": gross - off - returns,
        "cogs": (goods * baskets - restocked) * inflation,
        "fulfilment": orders * v["fulfilment_cost"],
        "platform_fees": platform * baskets,
        "payment_fees": (gross - off) * v["payment_fee"],
    }
    flows["lost_orders"] = orders * demand.lost
    flows["organic_orders"] = demand.organic.sum(axis=1)
    flows["repeat_orders"] = demand.repeat.sum(axis=1)
    flows["paid_orders"] = demand.paid.sum(axis=1)
    flows["new_orders"] = flows["organic_orders"] + flows["paid_orders"]
    flows["paid_sales"] = np.matmul(paid_in[None, None], demand.paid)[:, 0] * baskets
    flows["gross_margin"] = flows["net_sales"] - flows["cogs"]
    flows["contribution_2"] = (
        flows["gross_margin"] - flows["fulfilment"] - flows["platform_fees"] - flows["payment_fees"]
    )
    return flows


def lag(flow: Array, months: float, before: float | Array) -> Array:
    """(T, N) flow delayed by a (broken) number of months; ``before`` is its level in each month before the plan."""
    whole, part = int(months), months - int(months)
    early = np.broadcast_to(before, (whole + 1, flow.shape[1]))
    joined = np.concatenate([early, flow])
    later, earlier = joined[1 : 1 + len(flow)], joined[: len(flow)]
    return later * (1 - part) + earlier * part if part else later
