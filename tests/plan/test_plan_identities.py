"""What holds for every plan, whatever the levers say: shares, sums, and cash from opening to closing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopplan.plan import limits, resolve, run
from shopplan.plan.levers import keys
from shopplan.scenario import Scenario
from shopplan.terms import DAYS_PER_MONTH, HORIZON_MAX, LEVERS, METRICS

DRAWS = 8
RATIOS = [m for m in METRICS.values() if m.total == "ratio" or m.id == "utilisation"]


def everything(result) -> dict[str, np.ndarray]:
    """Every metric (T, N): the flows of the result, and the ratios from their formula."""
    out = dict(result.flows)
    with np.errstate(divide="ignore", invalid="ignore"):
        for m in RATIOS:
            above, below = m.formula.split(" / ")
            out[m.id] = out[above] / out[below]
    return out


def near(a, b):
    np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-6)


@pytest.mark.parametrize("with_draws", [0, DRAWS])
@given(data=st.data())
def test_every_formula_holds_for_every_month_and_draw(shop, any_scenario, with_draws, data):
    result = run(any_scenario(data, shop), shop, with_draws)
    got = everything(result)
    assert set(got) == set(METRICS)
    for m in METRICS.values():
        assert got[m.id].shape == (len(result.months), with_draws + 1), m.id
        if m.formula:
            wanted = eval(m.formula, {"__builtins__": {}}, got)
            held = np.isfinite(wanted)
            near(got[m.id][held], wanted[held])
    for m in METRICS.values():
        if m not in RATIOS:
            assert np.isfinite(got[m.id]).all(), m.id


@given(data=st.data())
def test_a_month_does_not_depend_on_where_the_plan_ends(shop, any_scenario, data):
    wanted = any_scenario(data, shop)
    short = run(replace(wanted, horizon=data.draw(st.integers(3, 48))), shop, DRAWS)
    long = run(replace(wanted, horizon=HORIZON_MAX), shop, DRAWS)
    for metric, flow in short.flows.items():
        near(flow, long.flows[metric][: len(flow)])
    near(short.needed, long.needed[:, : len(short.months)])


@given(data=st.data())
def test_ratios_of_the_whole_horizon_are_ratios_of_totals(shop, any_scenario, data):
    result = run(any_scenario(data, shop), shop)
    for m in METRICS.values():
        path = result.path(m.id)
        if m.total == "ratio":
            above, below = (result.path(n).sum() for n in m.formula.split(" / "))
            near(result.total(m.id), above / below if below else np.nan)
        elif np.isfinite(path).all():
            near(result.total(m.id), {"sum": path.sum(), "last": path[-1], "max": path.max()}[m.total])


@given(data=st.data())
def test_cash_closes_and_the_balance_sheet_balances(shop, any_scenario, data):
    result = run(any_scenario(data, shop), shop, DRAWS)
    f = result.flows
    opening = result.values["opening_cash"]
    near(f["cash"][0], opening + f["net_cash_flow"][0])
    near(np.diff(f["cash"], axis=0), f["net_cash_flow"][1:])
    near(f["cash"][-1] - opening, f["net_cash_flow"].sum(axis=0))
    # what the shop owns less what it owes grows by what it earns before depreciation and capital expenditure
    worth = f["cash"] + f["receivables"] + f["stock"] + f["prepaid_marketing"] - f["payables"]
    near(np.diff(worth, axis=0), (f["ebitda"] - f["capex_payments"])[1:])
    # the first month too, from opening balances at the default terms, whatever the levers say
    owned = 314_640 * 15 + 188_784 * shop.season[0] * 45 + 20_000 * 7
    before = opening + (owned - 188_784 * 30) / DAYS_PER_MONTH
    near(worth[0] - before, f["ebitda"][0] - f["capex_payments"][0])


@given(data=st.data())
def test_nothing_that_cannot_be_negative_is(shop, any_scenario, data):
    f = run(any_scenario(data, shop), shop, DRAWS).flows
    for metric in (
        "orders", "organic_orders", "paid_orders", "repeat_orders", "lost_orders", "sessions", "gross_sales", "returns",
        "discounts", "fulfilment", "platform_fees", "payment_fees", "marketing", "acquisition", "people", "receivables",
        "stock", "prepaid_marketing", "headcount", "required_headcount", "capex_payments", "depreciation",
    ):  # fmt: skip
        assert (f[metric] >= 0).all(), metric


@given(data=st.data())
def test_shares_total_one_and_locked_ones_stay(shop, data):
    wanted = {}
    for key in ("split:search", "split:live", "mix:search", "mix:live", "mix:organic"):
        if data.draw(st.booleans(), label=key):
            wanted[key] = data.draw(st.floats(0, 1), label=key)
    locked = data.draw(st.sampled_from(["", "split:live", "mix:organic"]))
    scenario = Scenario().with_values(wanted)
    if locked:
        scenario = scenario.with_lock(locked, True)
    values = resolve(scenario, shop)
    for lever in ("split", "mix"):
        assert values.family(lever).sum() == pytest.approx(1, abs=1e-12)
        assert (values.family(lever) >= 0).all()
    if locked:
        assert values[locked] == wanted.get(locked, shop.default(locked))


def test_all_shares_at_zero_become_equal_ones(shop):
    values = resolve(Scenario().with_values({"split:search": 0, "split:live": 0}), shop)
    assert values.family("split") == pytest.approx([0.5, 0.5, 0])


@given(data=st.data())
def test_budget_lines_and_channels_add_up(shop, any_scenario, data):
    result = run(any_scenario(data, shop), shop)
    near(result.channels["acquisition"].sum(axis=1), result.path("acquisition"))
    shares = {"content": "content", "martech": "technology", "experiments": "experiments", "cooperation": "cooperation",
              "reserve_fund": "reserve"}  # fmt: skip
    asked = {metric: result.values[f"line_{line}"] for metric, line in shares.items()}
    held = min(1.0, 0.9 / max(sum(asked.values()), 1e-9))
    for metric, share in asked.items():
        near(result.path(metric), result.path("marketing") * share * held)
    assert (result.path("acquisition") >= 0.1 * result.path("marketing") - 1e-6).all()


def test_ring_fenced_lines_leave_a_tenth_for_acquisition(shop):
    most = dict.fromkeys(("line_content", "line_technology"), 0.3)
    most |= dict.fromkeys(("line_experiments", "line_cooperation", "line_reserve"), 0.2)
    result = run(Scenario().with_values(most), shop)
    near(result.path("acquisition"), 2_000)
    near(result.path("content"), 20_000 * 0.9 * 0.3 / 1.2)
    near(result.path("marketing"), 20_000)
    assert "lines_capped" in {n.code for n in result.notes}


@given(data=st.data())
def test_channels_add_up_to_the_shop(shop, any_scenario, data):
    result = run(any_scenario(data, shop, without=("return_delay",)).with_values({"return_delay": 0}), shop)
    for metric in ("orders", "organic_orders", "paid_orders", "repeat_orders", "net_sales", "paid_sales"):
        near(result.channels[metric].sum(axis=1), result.path(metric))


def test_values_are_limited_to_this_shop_and_foreign_keys_are_named(shop):
    scenario = Scenario().with_values({"budget": 1e12, "fixed_cost": -5.0, "roas:nowhere": 3.0, "pay:marketing": 1e9})
    values = resolve(scenario, shop)
    assert values["budget"] == limits("budget", shop).high == 80_000
    assert values["fixed_cost"] == 0
    assert values["pay:marketing"] == 15_000
    assert values.dropped == ("roas:nowhere",)
    assert "levers_dropped" in {n.code for n in run(scenario, shop).notes}


def test_every_lever_of_the_shop_has_a_default_inside_its_limits(shop):
    assert set(keys(shop)) == set(shop.defaults)
    for key, default in shop.defaults.items():
        span = limits(key, shop)
        assert span.low <= default.value <= span.high
        assert span.step > 0
        assert (span.high - span.low) / span.step >= 1
    assert {k.partition(":")[0] for k in keys(shop)} == set(LEVERS)
