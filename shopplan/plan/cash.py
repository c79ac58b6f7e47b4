"""From profit to cash: receivables, payables, stock, prepaid marketing and capital expenditure."""

from __future__ import annotations

import numpy as np

from shopplan.plan.baseline import Array
from shopplan.plan.budget import LINES, LINES_MOST
from shopplan.plan.levers import Values
from shopplan.plan.money import Flows
from shopplan.terms import DAYS_PER_MONTH


def owed(flow: Array, days: float, before: float) -> Array:
    """(T, N) balance that the last ``days`` of a monthly flow make up; ``before`` is the flow before the plan."""
    months = days / DAYS_PER_MONTH
    reach = int(np.ceil(months))
    joined = np.concatenate([np.full((reach, flow.shape[1]), before), flow])
    balance = np.zeros_like(flow)
    for back in range(reach):
        start = reach - back
        balance += min(1.0, months - back) * joined[start : start + len(flow)]
    return balance


def ahead(flow: Array, days: float, season: Array) -> Array:
    """(T, N) what the next ``days`` of a monthly flow will take; after its end it follows the season.

    Parameters
    ----------
    flow : (T, N)
    season : (M,) season factor, longer than the plan by the reach of ``days``
    """
    months = days / DAYS_PER_MONTH
    reach = int(np.ceil(months))
    length = len(flow)
    later = flow[-1:] * (season[length : length + reach] / season[length - 1])[:, None]
    joined = np.concatenate([flow, later])
    balance = np.zeros_like(flow)
    for on in range(reach):
        balance += min(1.0, months - on) * joined[on + 1 : on + 1 + length]
    return balance


def reach(v: Values) -> int:
    """Months beyond a month that its stock and its prepaid ads are made for."""
    return int(np.ceil(max(v["stock_cover"], v["ad_prepay"]) / DAYS_PER_MONTH))


def opening(v: Values, season_now: float) -> dict[str, float]:
    """Balances on the day the plan starts, at the default terms: they exist whatever the levers say."""
    b = v.baseline
    lines = min(sum(b.default(lever) for lever in LINES.values()), LINES_MOST)
    month = {key: b.default(key) / DAYS_PER_MONTH for key in ("dso", "dpo", "stock_cover", "ad_prepay")}
    return {
        "receivables": b.monthly_sales * month["dso"],
        "payables": b.monthly_cogs * month["dpo"],
        "stock": b.monthly_cogs * season_now * month["stock_cover"],
        "prepaid_marketing": float(b.spend[0].sum()) / (1 - lines) * month["ad_prepay"],
    }


def statement(v: Values, flows: Flows, season: Array) -> None:
    """Add balances, payments and the cash path to the flows.

    Suppliers are paid for goods bought (goods sold plus the change of stock) after the payable days; the reserve
    fund is paid like other marketing, since money held back for it is not free.
    """
    shape = flows["net_sales"].shape
    start = opening(v, float(season[0]))
    flows["receivables"] = owed(flows["net_sales"], v["dso"], v.baseline.monthly_sales)
    flows["stock"] = np.maximum(ahead(flows["cogs"], v["stock_cover"], season), 0)
    bought = flows["cogs"] + _change(flows["stock"], start["stock"])
    flows["payables"] = owed(bought, v["dpo"], v.baseline.monthly_cogs)
    flows["prepaid_marketing"] = ahead(flows["marketing"], v["ad_prepay"], season)
    flows["receipts"] = flows["net_sales"] - _change(flows["receivables"], start["receivables"])
    flows["supplier_payments"] = bought - _change(flows["payables"], start["payables"])
    flows["marketing_payments"] = flows["marketing"] + _change(flows["prepaid_marketing"], start["prepaid_marketing"])
    flows["operating_payments"] = (
        flows["fulfilment"]
        + flows["platform_fees"]
        + flows["payment_fees"]
        + flows["people"]
        + flows["fixed_costs"]
        + flows["technology"]
        + flows["initiative_costs"]
    )
    t = np.arange(shape[0])
    paying = (t >= v["capex_start"]) & (t < v["capex_start"] + v["capex_months"])
    flows["capex_payments"] = np.broadcast_to((paying * v["capex"] / v["capex_months"])[:, None], shape)
    flows["net_cash_flow"] = (
        flows["receipts"]
        - flows["supplier_payments"]
        - flows["marketing_payments"]
        - flows["operating_payments"]
        - flows["capex_payments"]
    )
    flows["cash"] = v["opening_cash"] + np.cumsum(flows["net_cash_flow"], axis=0)


def _change(balance: Array, start: float) -> Array:
    """(T, N) increase of a balance in each month."""
    return np.diff(balance, axis=0, prepend=np.full((1, balance.shape[1]), start))
