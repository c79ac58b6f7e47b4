"""The one engine: scenario and baseline in, plan out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from shopplan.plan import budget, cash, demand, money, people
from shopplan.plan.baseline import Array, Baseline
from shopplan.plan.draws import Draws, prepare
from shopplan.plan.levers import Values, resolve
from shopplan.plan.result import Note, PlanResult
from shopplan.scenario import Scenario
from shopplan.terms import HORIZON_MAX, SEED_DEFAULT

SHARE_TOLERANCE = 1e-9
SHARE_STEPS = 200
SPEND_NOTES = ("no_spend_history", "no_recent_spend", "months_with_spend")
"""Notes of a budget whose spend is not on file, or of some months only."""


def run(scenario: Scenario, baseline: Baseline, draws: int = 0, seed: int = SEED_DEFAULT) -> PlanResult:
    """Compute the plan of a scenario.

    Parameters
    ----------
    scenario : Scenario
    baseline : Baseline
    draws : int
        Futures to draw for bands and odds; 0 computes the mean-parameter path alone.
    seed : int
        The same seed gives the same futures whatever the levers say, so scenarios compare draw by draw.

    Returns
    -------
    PlanResult
        With ``draws + 1`` columns; column 0 does not depend on ``draws``.
    """
    v = resolve(scenario, baseline)
    months = min(scenario.horizon + cash.reach(v), HORIZON_MAX)
    mean = prepare(baseline, months, 0, seed)
    notes: list[Note] = []
    spend = budget.allocate(v, _budget(v, mean, months, notes))
    wanted, flows = _compute(v, mean, spend, scenario.horizon)
    employed, needed = people.heads(v, flows["orders"])
    result = PlanResult(
        scenario,
        baseline,
        v,
        baseline.months(scenario.horizon),
        flows,
        {metric: path[: scenario.horizon] for metric, path in _by_channel(v, wanted, spend).items()},
        employed[:, :, 0],
        needed[:, :, 0],
        (*notes, *_findings(v, flows, employed[:, :, 0], needed[:, :, 0])),
    )
    if not draws:
        return result
    _, drawn = _compute(v, prepare(baseline, months, draws, seed), spend, scenario.horizon)
    return replace(result, flows={metric: _with_mean(flow, flows[metric]) for metric, flow in drawn.items()})


def _compute(v: Values, d: Draws, spend: budget.Spend, horizon: int) -> tuple[demand.Demand, money.Flows]:
    """Demand, and every metric (T, N) that is not a ratio of others.

    Demand runs on beyond the plan for as long as stock and prepaid ads look ahead, so that a month's cash does not
    depend on where the plan ends.
    """
    wanted = demand.orders(v, d, spend.channels)
    flows = money.sales(v, d, wanted)
    _marketing(flows, spend)
    people.operating(v, flows)
    cash.statement(v, flows, v.baseline.season)
    return wanted, {metric: flow[:horizon] for metric, flow in flows.items()}


def _with_mean(flow: Array, mean: Array) -> Array:
    """A flow whose column 0 is the mean path as it is computed on its own.

    A matrix product rounds differently for different widths; this way the path is the same to the last bit whatever
    the number of draws. A flow that does not vary is a read-only view of one column and holds it already.
    """
    if flow.flags.writeable:
        flow[:, :1] = mean
    return flow


def _budget(v: Values, mean: Draws, months: int, notes: list[Note]) -> Array:
    """(T,) marketing budget: an amount, or a share of the mean path's net sales, solved as a fixed point."""
    if v["budget_share"] <= 0:
        return budget.amount(v, months)
    total = np.full(months, v["budget_share"] * v.baseline.monthly_sales)
    for _ in range(SHARE_STEPS):
        spend = budget.allocate(v, total)
        net = money.sales(v, mean, demand.orders(v, mean, spend.channels))["net_sales"][:, 0]
        wanted = v["budget_share"] * np.maximum(net, 0)
        gap = float(np.max(np.abs(wanted - total) / np.maximum(total, 1.0)))
        total = wanted
        if gap <= SHARE_TOLERANCE:
            return total
    notes.append(Note("budget_share_open", (("gap", gap),)))
    return total


def _marketing(flows: money.Flows, spend: budget.Spend) -> None:
    """Add the budget's lines and what remains of the contribution after it; every draw spends the same."""
    shape = flows["orders"].shape
    lines = {**spend.lines, "acquisition": spend.channels.sum(axis=1)}
    for metric, path in lines.items():
        flows[metric] = np.broadcast_to(path[:, None], shape)
    flows["marketing"] = np.broadcast_to(sum(lines.values())[:, None], shape)
    flows["contribution"] = flows["contribution_2"] - flows["marketing"]


def _by_channel(v: Values, wanted: demand.Demand, spend: budget.Spend) -> dict[str, Array]:
    """Mean-path metrics by channel; sales after discounts and the usual returns, without their delay."""
    organic, paid, repeat = (x[:, :, 0] for x in (wanted.organic, wanted.paid, wanted.repeat))
    basket, back = (_mean_column(wanted.drivers.get(driver, 1.0)) for driver in ("aov", "returns"))
    one = money.per_order(v)
    orders = organic + paid + repeat
    return {
        "orders": orders,
        "organic_orders": organic,
        "paid_orders": paid,
        "repeat_orders": repeat,
        "net_sales": orders * (one.paid_in - one.returned * back) * basket,
        "paid_sales": paid * one.paid_in * basket,
        "acquisition": spend.channels,
    }


def _mean_column(lift: Array | float) -> Array | float:
    """(T, 1) of a driver's multiplier on the mean path; the number 1 when nothing is at work."""
    return lift if isinstance(lift, float) else lift[:, :1]


def typed_left_out(b: Baseline) -> list[Note]:
    """What was typed in a currency that no rate leads from."""
    return [Note("typed_left_out", (("amount", x.amount), ("of", x.currency), ("currency", b.currency)))
            for x in b.foreign]  # fmt: skip


def _absent(b: Baseline) -> list[Note]:
    """What the figures begin without: spend that is not on file, money in other currencies."""
    found = [Note(b.defaults["budget"].note)] if b.defaults["budget"].note in SPEND_NOTES else []
    found += typed_left_out(b)
    if b.left_out:
        found.append(Note("unconverted", (("currencies", ", ".join(b.left_out)),)))
    return found


def _findings(v: Values, flows: money.Flows, employed: Array, needed: Array) -> list[Note]:
    """What the mean path shows that its owner should hear; heads are (R, T)."""
    found = _absent(v.baseline)
    if "net_sales" in v.baseline.assumed:
        found.append(Note("part_of_a_month"))
    load = needed / np.maximum(employed, 1e-9)
    if load.max() > 1 + 1e-9:
        role, _ = np.unravel_index(load.argmax(), load.shape)
        month = int(np.argmax(load[role] > 1))
        about = (("role", v.baseline.roles[role].id), ("month", month), ("utilisation", float(load[role].max())))
        found.append(Note("under_capacity", about))
    below = np.flatnonzero(flows["cash"][:, 0] < v["cash_reserve"])
    if len(below):
        found.append(Note("cash_below_reserve", (("month", int(below[0])), ("cash", float(flows["cash"][:, 0].min())))))
    lost = flows["lost_orders"][:, 0].sum() / max(flows["orders"][:, 0].sum(), 1e-9)
    if lost > 0.005:
        found.append(Note("stock_out", (("share", float(lost)),)))
    if sum(v[lever] for lever in budget.LINES.values()) > budget.LINES_MOST:
        found.append(Note("lines_capped", (("most", budget.LINES_MOST),)))
    if v.dropped:
        found.append(Note("levers_dropped", (("levers", ", ".join(v.dropped)),)))
    return found
