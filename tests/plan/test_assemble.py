"""The baseline: what is measured, what is taken from elsewhere, and that the default plan is the forecast."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from shopplan.plan import limits, run
from shopplan.plan.assemble import assemble
from shopplan.plan.facts import Entered
from shopplan.plan.levers import keys
from shopplan.plan.outlook import channel_net
from shopplan.plan.templates import load, names
from shopplan.response import Entry
from shopplan.scenario import Scenario
from shopplan.terms import Default, ShopplanError
from tests.plan.history import BASKET, facts, sales, spend

T = load("000")


@pytest.fixture(scope="module")
def full():
    return assemble(facts(spent=spend()), Entered(), T)


def test_levels_are_those_of_the_last_year(full):
    assert [c.id for c in full.channels] == ["search", "live", "organic"]
    assert [c.paid for c in full.channels] == [True, True, False]
    assert full.aov == pytest.approx([100, 80, 120])
    assert full.discount == pytest.approx(0.05)
    assert full.return_rate == pytest.approx(0.1)
    assert full.margin == pytest.approx(0.4)
    assert full.conversion == pytest.approx(0.025)
    assert full.default("repeat_rate") == pytest.approx(0.3, abs=0.001)
    assert full.start == date(2026, 1, 1)
    assert full.kernel.sum() == pytest.approx(0.3 / 0.7, abs=0.002)


def test_every_default_says_where_it_comes_from(full):
    source = {k: d.source for k, d in full.defaults.items()}
    for key in (
        "budget",
        "split:search",
        "discount",
        "return_rate",
        "margin",
        "repeat_rate",
        "roas:search",
        "mix:live",
    ):
        assert source[key] == "data", key
    for key in ("stock_cover", "return_delay", "dso", "automation"):
        assert source[key] == "template", key
        assert full.defaults[key].note[:3] in names()
    for key in (
        "elasticity:live",
        "fixed_cost",
        "opening_cash",
        "bend:live",
        "carryover:live",
        "pay:service",
        "lead_time",
        "line_experiments",
    ):
        assert source[key] == "assumption", key
    assert set(full.defaults) == set(keys(full))
    for key, default in full.defaults.items():
        span = limits(key, full)
        assert span.low <= default.value <= span.high or key.startswith("headcount"), key


def test_the_default_plan_is_the_forecast(full):
    plan = run(Scenario(horizon=60), full)
    np.testing.assert_allclose(plan.path("orders"), full.orders.sum(axis=1), rtol=1e-9)
    # with the season and level of the two years behind it
    yearly = sum(sales().query("month >= '2025-01-01'")["orders"])
    assert plan.path("orders")[:12].sum() == pytest.approx(yearly, rel=0.05)
    late = run(Scenario(horizon=60).with_values({"return_delay": 0}), full)
    net = (full.orders * full.aov * 0.95 * 0.9).sum(axis=1)
    np.testing.assert_allclose(late.path("net_sales"), net, rtol=1e-9)
    assert late.path("gross_margin_rate") == pytest.approx(0.4)
    assert plan.path("acquisition")[:12].mean() == pytest.approx(20_000)
    assert plan.total("marketing_share") < 0.2


def test_budget_and_split_are_the_last_years(full):
    # 5 % experiments and 5 % reserve are kept back beside the 20,000 for ads
    assert full.default("budget") == pytest.approx(20_000)
    assert full.default("split:search") == pytest.approx(0.5)
    assert full.default("mix:search") + full.default("mix:live") + full.default("mix:organic") == pytest.approx(1)


def test_a_platforms_claim_is_cut(full):
    # search 0.6 and live 0.8 of the claimed 3
    assert full.default("roas:search") == pytest.approx(1.8)
    assert full.default("roas:live") == pytest.approx(2.4)
    assert full.defaults["roas:search"].note == "platform_claim"


def test_without_spend_history_nothing_is_spent_and_it_is_said():
    shop = assemble(facts(), Entered(), T)
    assert {c.id for c in shop.channels if c.paid} == {"content", "search", "live"}, "what could be begun with"
    assert shop.default("budget") == 0
    assert (shop.defaults["budget"].source, shop.defaults["budget"].note) == ("assumption", "no_spend_history")
    plan = run(Scenario(horizon=12), shop)
    assert plan.total("marketing") == 0
    assert plan.total("paid_orders") == 0
    np.testing.assert_allclose(plan.path("orders"), shop.orders[:12].sum(axis=1), rtol=1e-9)
    assert shop.history["marketing"].isna().all()
    span = limits("budget", shop)
    assert span.high > 0.02 * plan.path("net_sales").mean(), "the lever has somewhere to go"
    more = run(Scenario(horizon=12).with_values({"budget": span.high}), shop)
    assert more.total("paid_orders") > 0


def test_spend_that_was_typed_is_taken_as_typed():
    typed = Entered(channels={"search": Entry(spend=15_000, roas=2.5, bend=0.3), "live": Entry(spend=5_000)})
    shop = assemble(facts(), typed, T)
    assert {c.id for c in shop.channels if c.paid} == {"search", "live", "content"}
    assert shop.default("split:content") == 0
    assert shop.default("budget") == pytest.approx(20_000)
    assert shop.default("split:search") == pytest.approx(0.75)
    source = {k: d.source for k, d in shop.defaults.items()}
    assert shop.assumed == {}
    assert source["budget"] == source["split:search"] == source["roas:search"] == source["bend:search"] == "entered"
    assert source["roas:live"] == "template"
    assert source["bend:live"] == source["carryover:search"] == "assumption"
    assert shop.default("roas:search") == 2.5
    plan = run(Scenario(horizon=12), shop)
    np.testing.assert_allclose(plan.path("orders"), shop.orders[:12].sum(axis=1), rtol=1e-9)


def test_three_numbers_are_enough():
    some = facts()
    empty = replace(some, sales=some.sales.head(0), daily=some.daily.head(0), channels=some.channels.head(0))
    shop = assemble(empty, Entered(100_000, 8_000, 0.35, date(2026, 3, 1)), T)
    assert shop.start == date(2026, 4, 1)
    assert (shop.default("margin"), shop.defaults["margin"].source) == (pytest.approx(0.35), "entered")
    assert (shop.default("budget"), shop.defaults["budget"].source) == (pytest.approx(8_000), "entered")
    assert shop.assumed == {
        "aov": Default(pytest.approx(120), "assumption", "basket_by_currency"),
        "conversion_rate": Default(0.02, "template", "000 #45"),
    }
    plan = run(Scenario(horizon=24).with_values({"return_delay": 0}), shop, 50)
    assert plan.path("net_sales") == pytest.approx(100_000, rel=1e-6)
    assert plan.path("gross_margin_rate") == pytest.approx(0.35)
    assert plan.path("marketing") == pytest.approx(8_000)
    assert plan.total("paid_orders") > 0
    low, high = plan.band("net_sales")
    assert (low < 100_000).all()
    assert (high > 100_000).all()
    with pytest.raises(ShopplanError, match="net sales"):
        assemble(empty, Entered(), T)
    with pytest.raises(ShopplanError, match="gross margin"):
        assemble(empty, Entered(100_000, 8_000, 1.2), T)


@pytest.mark.parametrize("template", names())
def test_every_template_makes_a_plan_of_every_currency(template):
    for currency in ("CNY", "EUR", "CHF"):
        shop = assemble(facts(spent=spend(), currency=currency), Entered(), load(template))
        assert shop.currency == currency
        plan = run(Scenario(horizon=60), shop, 5)
        assert all(np.isfinite(f).all() for f in plan.flows.values())
        assert plan.milestones()


@pytest.mark.parametrize("currency", ["CNY", "EUR", "CHF"])
def test_people_cost_the_share_of_sales_that_the_template_says(currency):
    large = sales()
    amounts = [
        "orders",
        "new_orders",
        "keyed_orders",
        "units",
        "gross",
        "discounts",
        "returns",
        "net",
        "cogs",
        "sessions",
    ]
    large[amounts] *= 50
    plan = run(Scenario(horizon=12), assemble(facts(large, currency=currency), Entered(), T))
    assert plan.path("people")[0] == pytest.approx(0.08 * large["net"].tail(36).sum() / 12, rel=0.1)


@pytest.mark.parametrize("unknown", [["returns"], ["returns", "discounts"]])
def test_orders_go_on_as_counted_where_the_file_does_not_tell_returns(unknown):
    """What the file states is what was left: the assumed returns make the basket before them larger, not the orders."""
    sold = sales().assign(gross=lambda x: x["net"] + (0 if "discounts" in unknown else x["discounts"]))
    sold[unknown] = np.nan
    plan = run(Scenario(horizon=24), assemble(facts(sold), Entered(), T))
    last_year = sold[pd.to_datetime(sold["month"]) > pd.Timestamp("2024-12-31")]
    per_order = float(last_year["net"].sum() / last_year["orders"].sum())
    assert plan.path("returns").sum() > 0.05 * plan.path("net_sales").sum()
    assert plan.path("net_sales")[6:].sum() / plan.path("orders")[6:].sum() == pytest.approx(per_order, rel=0.01)


def test_visits_that_are_not_counted_are_among_the_assumptions():
    sold = sales().assign(sessions=lambda x: x["sessions"].where(x["channel"] != "live"))
    assert assemble(facts(sold), Entered(), T).assumed == {"conversion_rate": Default(0.05, "template", "000 #5")}


def test_spend_without_sales_of_its_own_is_not_counted_twice():
    """An ad account whose buyers are booked on the shop's own channels adds no orders to the forecast."""
    sold = sales(channels=("organic",))
    shop = assemble(facts(sold, spend(channels=("feed",))), Entered(), T)
    assert [c.id for c in shop.channels] == ["organic", "feed"]
    plan = run(Scenario(horizon=36), shop)
    alone = assemble(facts(sold), Entered(), T)
    np.testing.assert_allclose(plan.path("orders"), alone.orders[:36].sum(axis=1), rtol=1e-9)
    assert plan.total("paid_orders") > 0
    less = run(Scenario(horizon=36).with_values({"budget": 0}), shop)
    assert less.total("orders") < plan.total("orders")


def test_returns_on_ads_that_no_sales_could_hold_are_limited():
    shop = assemble(facts(spent=spend(amount=200_000.0, claimed=9.0)), Entered(), T)
    # 400,000 a month at 9 claimed would be 2.5 million of sales in a shop of 0.3 million
    plan = run(Scenario(horizon=12).with_values({"return_delay": 0}), shop)
    assert plan.total("paid_orders") <= 0.8 * plan.total("new_orders") * 1.001
    np.testing.assert_allclose(plan.path("net_sales"), channel_net(shop)[:12].sum(axis=1), rtol=0.02)
    assert shop.defaults["roas:search"].note == "limited_by_sales"
    assert shop.default("roas:search") == shop.curves["search"].roas < 1.8


def test_a_month_whose_file_lacks_costs_does_not_count_as_free():
    sold = sales()
    sold.loc[sold["month"] < "2025-07-01", ["cogs", "discounts", "sessions"]] = np.nan
    shop = assemble(facts(sold), Entered(), T)
    assert shop.default("margin") == pytest.approx(0.4)
    assert shop.default("discount") == pytest.approx(0.05)
    known = [i for i, c in enumerate(shop.channels) if c.id in BASKET]
    assert shop.conversion[known] == pytest.approx(0.025)
    assert shop.history["gross_margin"].iloc[:18].isna().all()
    assert shop.history["gross_margin"].iloc[18:].notna().all()


def test_half_known_costs_are_no_gross_margin():
    sold = sales()
    sold.loc[sold["channel"] == "organic", "cogs"] = np.nan
    shop = assemble(facts(sold), Entered(), T)
    assert shop.default("margin") == pytest.approx(0.4)
    assert shop.history["gross_margin"].isna().all()


def test_unknown_costs_come_from_the_template():
    shop = assemble(
        facts(sales().assign(cogs=np.nan, sessions=np.nan, new_orders=np.nan, keyed_orders=np.nan)), Entered(), T
    )
    assert (shop.default("margin"), shop.defaults["margin"].source) == (0.4, "template")
    assert shop.defaults["repeat_rate"].source == "template"
    assert shop.conversion[[c.id for c in shop.channels].index("live")] == 0.05
    typed = assemble(facts(sales().assign(cogs=np.nan)), Entered(gross_margin=0.55), T)
    assert (typed.default("margin"), typed.defaults["margin"].source) == (0.55, "entered")
    assert run(Scenario(), typed).path("gross_margin_rate").mean() == pytest.approx(0.55, abs=0.01)


def test_history_names_what_the_plan_names(full):
    assert len(full.history) == 24
    assert full.history["net_sales"].sum() == pytest.approx(sales()["net"].sum())
    assert full.history["marketing"].sum() == pytest.approx(24 * 20_000)
    assert (full.history["gross_margin"] / full.history["net_sales"]).to_numpy() == pytest.approx(0.4)


def test_targets_are_multiples_of_the_year_before(full):
    year = next(t for t in full.targets if t.id == "year_growth")
    last = sales().query("month >= '2025-01-01'")["net"].sum()
    assert year.threshold == pytest.approx(1.35 * last, rel=0.01)
    assert run(Scenario(), full).milestone(replace(year, threshold=1.0)).month == 1
