"""Heads, their cost and their capacity."""

from __future__ import annotations

import numpy as np

from shopplan.plan.baseline import Array
from shopplan.plan.levers import Values
from shopplan.plan.money import Flows


def heads(v: Values, orders: Array) -> tuple[Array, Array]:
    """Heads employed and heads needed, by role.

    Parameters
    ----------
    orders : (T, N)

    Returns
    -------
    employed, needed : (R, T, N)
        A role that follows orders needs ``orders / (orders a head a month * productivity)``, less what service
        automation takes over; with hire-to-need on, whole heads are added as soon as they are needed.
        A role that does not follow orders needs what is planned.
    """
    months = len(orders)
    t = np.arange(months)
    faster = (1 + v["productivity"]) ** ((t + 1) / 12)
    automation, base = v["automation"], v.baseline.default("automation")
    employed, needed = [], []
    for role in v.baseline.roles:
        key = f"headcount:{role.id}"
        planned = np.where(t >= v[f"hire_month:{role.id}"], v[key], v.baseline.default(key))
        fixed = np.broadcast_to(planned[:, None], orders.shape)
        if not role.orders_per_head:
            employed.append(fixed)
            needed.append(fixed)
            continue
        by_hand = (1 - automation) / (1 - base) if role.automated and base < 1 else 1.0
        need = orders * (by_hand / role.orders_per_head) / faster[:, None]
        employed.append(np.maximum(fixed, np.ceil(need - 1e-9)) if v["hire_to_need"] else fixed)
        needed.append(need)
    return np.stack(employed), np.stack(needed)


def cost(v: Values, employed: Array) -> Array:
    """(T, N) heads times monthly pay, loaded with social charges, rising by the yearly pay growth."""
    rise = (1 + v["pay_growth"]) ** (np.arange(employed.shape[1]) / 12) * (1 + v["pay_load"])
    return np.tensordot(v.family("pay"), employed, axes=1) * rise[:, None]


def operating(v: Values, flows: Flows) -> None:
    """Add people, fixed, technology and initiative costs, EBITDA, depreciation and the head metrics to the flows."""
    employed, needed = heads(v, flows["orders"])
    shape = flows["orders"].shape
    t = np.arange(shape[0])
    flows["headcount"] = employed.sum(axis=0)
    flows["required_headcount"] = needed.sum(axis=0)
    flows["people"] = cost(v, employed)
    flows["fixed_costs"] = np.full(shape, v["fixed_cost"])
    flows["technology"] = np.full(shape, v["technology_cost"])
    running = np.zeros(shape[0])
    for item in v.baseline.initiatives:
        started = t >= v[f"initiative_start:{item.id}"]
        running += v[f"initiative:{item.id}"] * started * v[f"initiative_cost:{item.id}"]
    flows["initiative_costs"] = np.broadcast_to(running[:, None], shape)
    flows["ebitda"] = (
        flows["contribution"] - flows["people"] - flows["fixed_costs"] - flows["technology"] - flows["initiative_costs"]
    )
    in_use = (t >= v["capex_start"]) & (t < v["capex_start"] + v["capex_life"])
    flows["depreciation"] = np.broadcast_to((in_use * v["capex"] / v["capex_life"])[:, None], shape)
    flows["operating_profit"] = flows["ebitda"] - flows["depreciation"]
