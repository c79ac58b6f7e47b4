"""Demand: spend, carry-over, mix, price, growth, repeat orders and initiatives, each against its own arithmetic."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from shopplan.plan import Initiative, run
from shopplan.plan.baseline import TAIL
from shopplan.plan.draws import prepare
from shopplan.plan.outlook import channel_net
from shopplan.plan.stock import lost_share
from shopplan.scenario import Scenario
from shopplan.terms import Default


def near(a, b, rel=1e-9):
    np.testing.assert_allclose(a, b, rtol=rel, atol=1e-7)


@pytest.mark.parametrize("seasonal", [True, False])
def test_the_default_scenario_is_the_forecast(make_shop, seasonal):
    shop = make_shop(seasonal)
    result = run(Scenario(horizon=60), shop)
    near(result.path("orders"), shop.orders.sum(axis=1))
    near(result.channels["orders"], shop.orders)


def test_a_quiet_month_has_no_more_repeat_orders_than_orders(make_shop):
    """After months of 3,600 orders come three of 360: 720 customers would return, but the forecast knows better."""
    shop = make_shop(False)
    orders = shop.orders.copy()
    orders[5:8] *= 0.1
    shop = make_shop(False, orders=orders, spend=np.zeros((60, 3)), spend_history=np.zeros((TAIL, 3)))
    result = run(Scenario(horizon=24).with_values({"budget": 0}), shop)
    near(result.path("orders"), orders[:24].sum(axis=1))
    assert result.path("repeat_orders")[5:8] == pytest.approx(0.95 * 360)
    assert (result.path("organic_orders") > 0).all()


def test_a_return_that_a_channel_lacks_is_taken_from_the_others(make_shop):
    shop = make_shop()
    orders = shop.orders.copy()
    orders[:, 0] = 50.0  # search ads bring about 300 orders a month, booked elsewhere
    shop = make_shop(orders=orders)
    result = run(Scenario(horizon=60).with_values({"return_delay": 0}), shop)
    near(result.path("net_sales"), channel_net(shop).sum(axis=1))
    assert (result.channels["organic_orders"][:, 0] == 0).any()
    assert (result.channels["organic_orders"] >= 0).all()


@given(st.floats(0, 80_000), st.floats(0, 80_000), st.data())
def test_more_budget_never_lowers_paid_orders(shop, any_scenario, a, b, data):
    base = any_scenario(data, shop, without=("budget", "budget_share"))
    less, more = (run(base.with_values({"budget": x}), shop, 6) for x in sorted((a, b)))
    assert (more.flows["paid_orders"] >= less.flows["paid_orders"] - 1e-9).all()


@given(st.data())
def test_no_spend_now_or_before_brings_no_paid_orders(make_shop, shop, any_scenario, data):
    unspent = make_shop(spend_history=np.zeros((TAIL, 3)))
    base = any_scenario(data, unspent, without=("budget_share", "budget")).with_values({"budget": 0})
    result = run(base, unspent, 6)
    assert (result.flows["paid_orders"] == 0).all()
    assert (result.flows["paid_sales"] == 0).all()
    assert (result.flows["marketing"] == 0).all()


def test_spend_is_felt_after_it_stops(make_shop):
    shop = make_shop(False)
    got = run(Scenario(horizon=12).with_values({"budget": 0}), shop).channels["paid_sales"]
    t = np.arange(12)
    # search: kappa = 12000 * 0.4 / 0.6 = 8000, ceiling = 3 * (8000 + 12000) = 60000; 20 % of the effect stays a month
    felt = 12_000 * 0.2 ** (t + 1)
    near(got[:, 0], 60_000 * felt / (8_000 + felt))
    felt = 8_000 * 0.3 ** (t + 1)
    near(got[:, 1], 2 * (8_000 / 0.6) * felt / (8_000 * 0.4 / 0.6 + felt))
    assert (got[:, 2] == 0).all()


def test_curve_levers_bend_the_curve_through_the_reference(make_shop):
    shop = make_shop(False)
    at_once = {"carryover:search": 0, "carryover:live": 0}
    double = at_once | {"budget": 40_000}
    # bend 0.6: kappa = 12000 * 0.6 / 0.4 = 18000, ceiling = 3 * 30000; 24000 of spend: 90000 * 24000 / 42000
    straighter = run(Scenario().with_values(double | {"bend:search": 0.6}), shop)
    near(straighter.channels["paid_sales"][:, 0], 90_000 * 24_000 / 42_000)
    # a return of 4.5 instead of 3 is half as much again at any spend
    better = run(Scenario().with_values(double | {"roas:search": 4.5}), shop)
    near(better.channels["paid_sales"][:, 0], 1.5 * 60_000 * 24_000 / 32_000)
    # click prices that double in a year halve what money buys in month 13
    dearer = run(Scenario().with_values(at_once | {"click_inflation": 1.0}), shop)
    near(dearer.channels["paid_sales"][12, 0], 60_000 * 6_000 / 14_000)
    assert dearer.path("acquisition")[12] == 20_000


@given(st.floats(0.1, 0.9), st.data())
def test_the_bend_of_every_draw_stays_a_bend(shop, bend, data):
    base = Scenario(horizon=12).with_values({"bend:search": bend, "bend:live": bend})
    low, high = (run(base.with_values({"budget": x}), shop, 20).flows["paid_sales"] for x in (30_000, 60_000))
    assert (high > low).all()
    assert (high < 2 * low).all(), "twice the spend brings less than twice the sales"


@given(st.lists(st.floats(0, 1), min_size=3, max_size=3), st.integers(0, 36), st.integers(1, 36), st.data())
def test_mix_moves_orders_between_channels_and_no_more(shop, shares, start, months, data):
    mix = dict(zip(("mix:search", "mix:live", "mix:organic"), shares, strict=True))
    moved = run(Scenario(horizon=36).with_values(mix | {"mix_start": start, "mix_months": months}), shop, 5)
    still = run(Scenario(horizon=36), shop, 5)
    near(moved.flows["organic_orders"], still.flows["organic_orders"])
    assert (moved.channels["organic_orders"] >= 0).all()
    near(moved.channels["organic_orders"][:start], still.channels["organic_orders"][:start])


def test_mix_glides_to_its_target(with_defaults):
    # organic orders of the flat shop: 0.8 of all orders are new, less what the ads bring
    organic = np.array([800 - 36_000 / 95, 480 - 16_000 / 76, 1_600])
    now = organic / organic.sum()
    shop = with_defaults({f"mix:{c}": x for c, x in zip(("search", "live", "organic"), now, strict=True)})
    target = {"mix:search": 0.3, "mix:live": 0.3, "mix:organic": 0.4}
    result = run(Scenario(horizon=12).with_values(target | {"mix_start": 2, "mix_months": 4}), shop)
    got = result.channels["organic_orders"]
    shares = got / got.sum(axis=1, keepdims=True)
    for month, part in enumerate([0, 0, 0.25, 0.5, 0.75, 1, 1, 1, 1, 1, 1, 1]):
        near(shares[month], now + part * (np.array([0.3, 0.3, 0.4]) - now))
    near(got.sum(axis=1), organic.sum())


def test_growth_compounds_from_the_first_month_and_leaves_paid_orders(make_shop):
    shop = make_shop(False)
    still = run(Scenario(), shop)
    # 25 % a quarter is 144 % a year
    grown = run(Scenario().with_values({"growth": 1.25**4 - 1, "channel_growth:live": 0.5}), shop)
    near(grown.channels["organic_orders"][2, 0] / still.channels["organic_orders"][2, 0], 1.25)
    near(grown.channels["organic_orders"][11, 1] / still.channels["organic_orders"][11, 1], 1.25**4 * 1.5)
    near(grown.path("paid_orders"), still.path("paid_orders"))


@given(st.floats(-0.3, 0.3), st.floats(0, 0.6), st.lists(st.floats(-5, 0), min_size=3, max_size=3))
def test_price_and_discount_act_by_the_elasticity_of_each_channel(make_shop, price, discount, elasticity):
    shop = make_shop(False)
    own = {f"elasticity:{c}": e for c, e in zip(("search", "live", "organic"), elasticity, strict=True)}
    still = run(Scenario(horizon=3), shop)
    moved = run(Scenario(horizon=3).with_values({"price": price, "discount": discount, **own}), shop)
    paid_price = (1 + price) * (1 - discount) / 0.95
    for kind in ("organic_orders", "paid_orders"):
        near(moved.channels[kind], still.channels[kind] * paid_price ** np.array(elasticity))


def test_conversion_brings_orders_from_the_same_visits_and_traffic_brings_visits(plain_shop):
    still, better, more = (
        run(Scenario(horizon=6).with_values(x), plain_shop) for x in ({}, {"conversion": 0.1}, {"traffic": 0.1})
    )
    near(better.path("orders"), 1.1 * still.path("orders"))
    near(better.path("sessions"), still.path("sessions"))
    near(more.path("orders"), 1.1 * still.path("orders"))
    near(more.path("sessions"), 1.1 * still.path("sessions"))
    # 2 %, 5 % and 3 % of visits buy
    near(still.path("sessions"), 1_000 / 0.02 + 600 / 0.05 + 2_000 / 0.03)


@given(st.data())
def test_repeat_orders_are_the_sum_over_all_cohorts(shop, any_scenario, data):
    base = any_scenario(data, shop, without=("initiative", "repeat_rate", "stock_cover", "lead_time"), horizon=12)
    result = run(base, shop, 4)
    for column in range(5):
        new = np.concatenate([shop.new_history.sum(axis=1), result.flows["new_orders"][:, column]])
        drawn = prepare(shop, 12, 4, 20260)
        for t in range(12):
            wanted = sum(shop.kernel[lag - 1] * new[TAIL + t - lag] for lag in range(1, TAIL + 1))
            # customers come back more in the season, and no more than the month's forecast has room for
            wanted *= shop.season[t] * drawn.ease[t] * drawn.repeat_scale[column]
            assert result.flows["repeat_orders"][t, column] == pytest.approx(wanted, rel=1e-9)


def test_the_repeat_rate_acts_from_its_start_month(make_shop):
    shop = make_shop(False)
    # each order is followed by another with probability p: p / (1 - p) further ones, 0.25 at 20 %, 1 at 50 %
    before, after = run(Scenario(), shop), run(Scenario().with_values({"repeat_rate": 0.5, "repeat_start": 5}), shop)
    ratio = after.path("repeat_orders") / before.path("repeat_orders")
    assert ratio == pytest.approx([1] * 5 + [4] * 19)
    assert after.path("repeat_share") == pytest.approx([0.2] * 5 + [0.5] * 19)
    assert (run(Scenario().with_values({"repeat_rate": 0}), shop).path("repeat_orders") == 0).all()


def shop_with(make_shop, drivers: dict[str, str], chance: float = 1.0):
    """Flat shop with an initiative of uplift 20 %, from month 2, fully at work after two months, for each driver."""
    shop = make_shop(False)
    own = {}
    for name in drivers:
        values = {"": 1, "_uplift": 0.2, "_start": 2, "_ramp": 2, "_chance": chance, "_cost": 500}
        own |= {f"initiative{k}:{name}": Default(float(v), "data") for k, v in values.items()}
    kept = {k: d for k, d in shop.defaults.items() if not k.startswith("initiative")}
    listed = tuple(Initiative(name, driver, 0.15, 0.25, "test") for name, driver in drivers.items())
    return replace(shop, initiatives=listed, defaults=kept | own | {"return_delay": Default(0.0, "data")})


MOVED = {
    "conversion": ("new_orders", "organic_orders", "paid_orders"),
    "orders": ("new_orders", "organic_orders", "paid_orders"),
    "traffic": ("organic_orders",),
    "aov": ("gross_sales", "discounts", "returns", "cogs", "platform_fees", "payment_fees"),
    "returns": ("returns",),
    "repeat": ("repeat_orders",),
}
STAY = {"traffic": "paid_orders", "aov": "orders", "returns": "gross_sales", "repeat": "new_orders"}


@pytest.mark.parametrize("driver", MOVED)
def test_an_initiative_ramps_up_on_its_driver(make_shop, driver):
    shop = shop_with(make_shop, {"one": driver})
    off = run(Scenario(horizon=6).with_values({"initiative:one": 0}), shop)
    on = run(Scenario(horizon=6), shop)
    for metric in MOVED[driver]:
        assert on.path(metric) / off.path(metric) == pytest.approx([1, 1, 1.1, 1.2, 1.2, 1.2]), metric
    if driver in STAY:
        near(on.path(STAY[driver]), off.path(STAY[driver]))
    assert on.path("initiative_costs") == pytest.approx([0, 0, 500, 500, 500, 500])
    if driver == "conversion":
        new = off.channels["organic_orders"] + off.channels["paid_orders"]
        visits = on.path("sessions")[:4] - off.path("sessions")[:4]
        repeat_visits = ((off.channels["orders"] - new) / shop.conversion).sum(axis=1)
        near(visits[:2], 0)
        assert (visits <= 1e-6).all(), "a better conversion needs no more visits"
        assert (visits >= -repeat_visits[:4]).all()


def test_uplifts_on_one_driver_compound(make_shop):
    shop = shop_with(make_shop, {"one": "conversion", "two": "conversion", "three": "conversion"})
    off = run(Scenario(horizon=6).with_values({f"initiative:{x}": 0 for x in ("one", "two", "three")}), shop)
    on = run(Scenario(horizon=6), shop)
    near(on.path("new_orders")[-1] / off.path("new_orders")[-1], 1.2**3)


def test_an_initiative_works_in_as_many_draws_as_its_chance_says(make_shop):
    shop = shop_with(make_shop, {"one": "aov"}, chance=0.6)
    off = run(Scenario(horizon=6).with_values({"initiative:one": 0}), shop, 2_000)
    on = run(Scenario(horizon=6), shop, 2_000)
    lift = on.flows["gross_sales"][-1] / off.flows["gross_sales"][-1]
    assert lift[0] == pytest.approx(1 + 0.6 * 0.2)
    works = lift[1:] > 1 + 1e-9
    assert works.mean() == pytest.approx(0.6, abs=0.04)
    assert lift[1:][works].min() == pytest.approx(1.15, abs=0.002)
    assert lift[1:][works].max() == pytest.approx(1.25, abs=0.002)
    assert lift[1:].mean() == pytest.approx(1.12, abs=0.005)
    # a better chance only adds draws in which it works
    sure = run(Scenario(horizon=6).with_values({"initiative_chance:one": 0.9}), shop, 2_000)
    assert (sure.flows["gross_sales"][-1, 1:] >= on.flows["gross_sales"][-1, 1:] - 1e-6).all()
    never = run(Scenario(horizon=6).with_values({"initiative_chance:one": 0}), shop, 50)
    near(
        never.flows["gross_sales"],
        run(Scenario(horizon=6).with_values({"initiative:one": 0}), shop, 50).flows["gross_sales"],
    )


@pytest.mark.parametrize(
    ("cover", "lead", "cv"), [(10, 20, 0.3), (20, 20, 0.3), (22, 20, 0.5), (1, 30, 0.2), (5, 0, 1.5)]
)
def test_lost_share_is_the_expected_shortage_over_the_lead_time(cover, lead, cv):
    lead = max(lead, 1)
    demand = stats.norm(lead, cv * np.sqrt(lead))
    short, _ = integrate.quad(lambda x: (x - cover) * demand.pdf(x), cover, lead + 12 * demand.std(), epsabs=1e-13)
    assert lost_share(cover, lead, cv) == pytest.approx(min(short / lead, 1), rel=1e-6)


@given(st.floats(1, 180), st.floats(0, 120), st.floats(0.05, 2))
def test_lost_share_is_a_share_that_falls_with_cover(cover, lead, cv):
    share = lost_share(cover, lead, cv)
    assert 0 <= share <= 1
    assert lost_share(cover + 1, lead, cv) <= share + 1e-12
    assert lost_share(cover, lead + 1, cv) >= share - 1e-12


def test_too_little_stock_loses_orders(make_shop):
    shop = make_shop(False)
    full, short = (run(Scenario(horizon=6).with_values({"stock_cover": x}), shop) for x in (45, 15))
    # 15 days of cover for 20 days of supply: z = -5 / (0.3 sqrt 20) = -3.727; shortage 5.0000 days of 20 = 25.00 %
    near(short.path("orders") / full.path("orders"), 1 - lost_share(15, 20, 0.3), rel=1e-6)
    assert short.path("orders")[0] / full.path("orders")[0] == pytest.approx(0.75, abs=1e-4)
    near(short.path("lost_orders") + short.path("orders"), full.path("orders"), rel=1e-6)
    assert "stock_out" in {n.code for n in short.notes}
    assert full.path("lost_orders").sum() < 1e-6


@pytest.mark.parametrize(("asked", "on"), [(0.2, 0), (0.49, 0), (0.51, 1), (1, 1)])
def test_a_switch_is_on_or_off_and_costs_what_it_brings(shop, asked, on):
    plans = [run(Scenario(horizon=12).with_values({"initiative:persona": x}), shop) for x in (asked, on)]
    for metric in ("orders", "initiative_costs", "net_sales"):
        np.testing.assert_array_equal(plans[0].path(metric), plans[1].path(metric))
