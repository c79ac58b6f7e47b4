"""Cash, stock, capital expenditure and people."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopplan.plan import Role, run
from shopplan.scenario import Scenario

MONTH = 365.25 / 12


def near(a, b, rel=1e-9):
    np.testing.assert_allclose(a, b, rtol=rel, atol=1e-6)


def test_a_flat_shop_earns_its_cash(make_shop):
    """Nothing changes, so no balance moves and cash grows by EBITDA."""
    result = run(Scenario(), make_shop(False))
    near(result.path("net_cash_flow"), result.path("ebitda"))
    for balance, size in {
        "receivables": 314_640 * 15 / MONTH,
        "stock": 188_784 * 45 / MONTH,
        "payables": 188_784 * 30 / MONTH,
        "prepaid_marketing": 20_000 * 7 / MONTH,
    }.items():
        near(result.path(balance), size)


def test_ring_fenced_lines_are_prepaid_like_ads(with_defaults):
    """The opening balance holds the whole budget: a flat shop with a reserve line has no jump in month 1."""
    shop = with_defaults({"budget": 25_000, "line_reserve": 0.1, "line_experiments": 0.1})
    near(run(Scenario(), shop).path("marketing_payments"), 25_000)


# lever, balance, and what more of the balance does to cash
TERMS = [("dso", "receivables", -1), ("dpo", "payables", +1), ("ad_prepay", "prepaid_marketing", -1)]


@pytest.mark.parametrize(("lever", "balance", "sign"), TERMS)
@given(days=st.integers(0, 60))
def test_terms_move_cash_by_exactly_the_balance(shop, lever, balance, sign, days):
    before, after = run(Scenario(), shop, 4).flows, run(Scenario().with_values({lever: days}), shop, 4).flows
    near(after["cash"] - before["cash"], sign * (after[balance] - before[balance]))
    assert (after["ebitda"] == before["ebitda"]).all()


@pytest.mark.parametrize(
    ("lever", "balance", "flow"), [("dso", "receivables", "net_sales"), ("ad_prepay", "prepaid_marketing", "marketing")]
)
def test_balances_are_the_days_of_the_flow(shop, lever, balance, flow):
    values = {lever: 45, "budget_season": 1}
    result = run(Scenario(horizon=24).with_values(values), shop)
    months = result.path(flow)
    part = 45 / MONTH - 1
    t = 10
    back = months[t] + part * months[t - 1]
    on = months[t + 1] + part * months[t + 2]
    near(result.path(balance)[t], back if lever == "dso" else on)


def test_receivables_reach_back_before_the_plan(make_shop):
    shop = make_shop(False)
    grown = run(Scenario().with_values({"dso": 45, "price": 0.1}), shop)
    near(grown.path("receivables")[0], grown.path("net_sales")[0] + (45 / MONTH - 1) * 314_640)


def test_stock_covers_the_months_ahead_beyond_the_plan_too(shop):
    long, short = (run(Scenario(horizon=h), shop) for h in (60, 12))
    cogs = long.path("cogs")
    part = 45 / MONTH - 1
    near(long.path("stock")[:-2], cogs[1:-1] + part * cogs[2:])
    near(short.path("stock")[-1], cogs[12] + part * cogs[13])
    # beyond the last month that can be planned cost of goods follows the season
    near(long.path("stock")[-1], cogs[-1] * (shop.season[60] + part * shop.season[61]) / shop.season[59])


def test_stock_is_bought_before_it_is_sold(make_shop):
    shop = make_shop(False)
    before, after = run(Scenario(), shop), run(Scenario().with_values({"stock_cover": 60, "dpo": 0}), shop)
    more = 188_784 * 15 / MONTH
    near(after.path("stock") - before.path("stock"), more)
    # goods for fifteen more days, and all that was owed, are paid in the first month
    near(after.path("supplier_payments")[0], 188_784 + more + 188_784 * 30 / MONTH)
    near(after.path("supplier_payments")[1:], 188_784)


@pytest.mark.parametrize(("start", "months", "life"), [(0, 6, 36), (5, 1, 12), (20, 10, 100), (30, 36, 120)])
def test_capital_expenditure_is_paid_and_written_off(shop, start, months, life):
    values = {"capex": 120_000, "capex_start": start, "capex_months": months, "capex_life": life}
    before, after = run(Scenario(horizon=60), shop), run(Scenario(horizon=60).with_values(values), shop)
    paid, off = after.path("capex_payments"), after.path("depreciation")
    near(paid[start : start + months], 120_000 / months)
    near(off[start : start + life], 120_000 / life)
    near(paid.sum(), 120_000 * min(months, 60 - start) / months)
    near(off.sum(), 120_000 * min(life, 60 - start) / life)
    near(after.path("cash") - before.path("cash"), -np.cumsum(paid))
    near(after.path("operating_profit"), before.path("operating_profit") - off)
    near(after.path("ebitda"), before.path("ebitda"))


def test_opening_cash_lifts_the_whole_path(shop):
    before, after = run(Scenario(), shop), run(Scenario().with_values({"opening_cash": 400_000}), shop)
    near(after.path("cash") - before.path("cash"), 100_000)
    low, month = after.cash_low
    assert low == after.path("cash").min()
    assert after.path("cash")[month] == low


def test_hire_to_need_adds_whole_heads_as_they_are_needed(make_shop):
    shop = make_shop(False)
    result = run(Scenario(horizon=36).with_values({"growth": 0.5}), shop, 20)
    need = result.path("orders") / 2_000
    near(result.heads[1], np.maximum(2, np.ceil(need - 1e-9)))
    near(result.heads[0], 3)
    assert result.heads[1][-1] > 3
    assert (result.flows["headcount"] == np.round(result.flows["headcount"])).all()
    assert (result.flows["headcount"] >= result.flows["required_headcount"] - 1e-6).all()
    assert result.path("utilisation").max() <= 1 + 1e-9


def test_without_hiring_too_few_heads_are_a_finding(make_shop):
    shop = make_shop(False)
    result = run(Scenario(horizon=36).with_values({"growth": 0.5, "hire_to_need": 0}), shop)
    near(result.path("headcount"), 5)
    over = np.flatnonzero(3 + result.path("orders") / 2_000 > 5)
    found = {n.code: dict(n.values) for n in result.notes}["under_capacity"]
    assert found["month"] == over[0]
    assert found["role"] == "service"
    assert found["utilisation"] == pytest.approx((result.path("orders") / 2_000 / 2).max())


def test_a_role_with_spare_heads_does_not_hide_one_that_lacks_them(make_shop):
    shop = make_shop(False, roles=(Role("marketing", 2_000.0), Role("service", 2_000.0, True)))
    result = run(Scenario().with_values({"headcount:marketing": 12, "headcount:service": 1, "hire_to_need": 0}), shop)
    assert result.path("required_headcount").max() < result.path("headcount").min()
    assert dict(next(n for n in result.notes if n.code == "under_capacity").values)["role"] == "service"


def test_planned_heads_start_in_their_month(make_shop):
    shop = make_shop(False)
    values = {"headcount:marketing": 6, "hire_month:marketing": 5, "headcount:service": 1, "hire_month:service": 3}
    result = run(Scenario(horizon=8).with_values(values), shop)
    assert result.heads[0].tolist() == [3] * 5 + [6] * 3
    # one planned, but 3600 orders / 2000 a head need two
    assert result.heads[1].tolist() == [2] * 8
    # three marketers at 5000 and two in service at 4000, with 30 % social charges
    near(result.path("people"), [29_900] * 5 + [49_400] * 3)


def test_automation_and_productivity_need_fewer_heads(make_shop):
    shop = make_shop(False)
    need = run(Scenario(), shop).path("required_headcount") - 3
    # 30 % automated today; at 65 % half of the work is left
    near(run(Scenario().with_values({"automation": 0.65}), shop).path("required_headcount") - 3, need / 2)
    faster = run(Scenario().with_values({"productivity": 0.25}), shop).path("required_headcount") - 3
    near(faster[11], need[11] / 1.25)
    near(faster[23], need[23] / 1.25**2)


def test_pay_grows_and_is_loaded(make_shop):
    shop = make_shop(False)
    values = {"pay:marketing": 6_000, "pay_load": 0.5, "pay_growth": 0.1}
    paid = run(Scenario().with_values(values), shop).path("people")
    near(paid, (3 * 6_000 + 2 * 4_000) * 1.5 * 1.1 ** (np.arange(24) / 12))


def test_odds_of_staying_above_the_reserve(shop):
    values = {"opening_cash": 80_000, "fixed_cost": 32_000}
    result = run(Scenario().with_values(values), shop, 200)
    low = result.flows["cash"][:, 1:].min(axis=0)
    assert result.cash_odds() == (low >= 50_000).mean()
    assert 0 < result.cash_odds() < 1
    below = result.first_below_reserve()
    assert below is not None
    assert (result.path("cash")[:below] >= 50_000).all()
    assert result.path("cash")[below] < 50_000
