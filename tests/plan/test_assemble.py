"""The baseline: what is measured, what is taken from elsewhere, and that the default plan is the forecast."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from shopplan.plan import Note, limits, run
from shopplan.plan.assemble import assemble
from shopplan.plan.baseline import TAIL
from shopplan.plan.facts import Entered, Facts, counted, daily_cv, whole_months
from shopplan.plan.levels import repeat_kernel
from shopplan.plan.levers import keys
from shopplan.plan.outlook import channel_net
from shopplan.plan.templates import load, names
from shopplan.response import Entry
from shopplan.scenario import Scenario
from shopplan.terms import Default, ShopplanError

MONTHS = pd.date_range("2024-01-01", periods=24, freq="MS")
BASKET = {"search": 100.0, "live": 80.0, "organic": 120.0}
ORDERS = {"search": 1_000.0, "live": 600.0, "organic": 2_000.0}
NO_COHORTS = pd.DataFrame({"cohort": pd.to_datetime([]), "age": [], "customers": [], "orders": []})
NO_SPEND = pd.DataFrame({"month": pd.to_datetime([]), "channel": [], "spend": [], "attributed": []})
T = load("000")


def sales(months=MONTHS, channels=BASKET) -> pd.DataFrame:
    """Orders with a season; discount 5 %, returns 10 % of what is paid, margin 40 %, 30 % repeat orders."""
    rows = []
    for i, month in enumerate(months):
        season = 1 + 0.2 * np.sin(2 * np.pi * i / 12)
        for c in channels:
            orders = round(ORDERS.get(c, 500.0) * season)
            gross = orders * BASKET.get(c, 90.0)
            net = gross * 0.95 * 0.9
            rows.append({
                "month": month, "channel": c, "orders": float(orders), "new_orders": float(round(orders * 0.7)),
                "keyed_orders": float(orders), "units": orders * 1.5, "gross": gross, "discounts": gross * 0.05,
                "returns": gross * 0.95 * 0.1, "net": net, "cogs": net * 0.6, "sessions": orders / 0.025,
            })  # fmt: skip
    return pd.DataFrame(rows)


def spend(months=MONTHS, channels=("search", "live"), amount=10_000.0, claimed=3.0) -> pd.DataFrame:
    rows = [
        {"month": m, "channel": c, "spend": amount, "attributed": amount * claimed} for m in months for c in channels
    ]
    return pd.DataFrame(rows)


def facts(sold=None, spent=None, last_day=None, cohorts=NO_COHORTS, **fields) -> Facts:
    sold = sales() if sold is None else sold
    ids = list(dict.fromkeys([*sold["channel"], *(spent["channel"] if spent is not None else [])]))
    last = pd.Timestamp(last_day) if last_day else sold["month"].max() + pd.offsets.MonthEnd(0)
    days = pd.date_range(sold["month"].min(), last)
    made = Facts(
        version="v1", currency="CNY", sales=sold, spend=NO_SPEND if spent is None else spent, cohorts=cohorts,
        channels=pd.DataFrame({"id": ids, "name": ids, "kind": [c if c in BASKET else "other" for c in ids]}),
        daily=pd.DataFrame({"ds": days, "net": 10_000.0}),
    )  # fmt: skip
    return replace(made, **fields)


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


def test_an_unfinished_last_month_is_left_out():
    part = sales(pd.date_range("2024-01-01", periods=25, freq="MS"))
    part.loc[
        part["month"] == "2026-01-01", ["orders", "gross", "net", "discounts", "returns", "cogs", "new_orders"]
    ] *= 0.3
    shop = assemble(facts(part, last_day="2026-01-11"), Entered(), T)
    assert shop.start == date(2026, 1, 1)
    whole = assemble(facts(), Entered(), T)
    np.testing.assert_allclose(shop.orders, whole.orders)
    assert assemble(facts(part, last_day="2026-01-30"), Entered(), T).start == date(2026, 2, 1)


def test_a_first_month_that_began_late_is_left_out():
    late = pd.DataFrame({"ds": pd.date_range("2024-01-20", "2025-12-31"), "net": 1.0})
    assert whole_months(facts(daily=late))[0].sales["month"].min() == pd.Timestamp("2024-02-01")


def test_one_monthly_total_is_a_month_and_not_a_day():
    one = sales(pd.date_range("2026-01-01", periods=1, freq="MS"))
    shop = facts(one, daily=pd.DataFrame({"ds": pd.to_datetime(["2026-01-01"]), "net": 1.0}))
    whole, short = whole_months(shop)
    assert not short
    assert whole.sales["net"].sum() == one["net"].sum()


def test_days_that_fill_no_month_stand_for_one_at_their_pace_and_the_plan_says_so():
    """Ten days of 1,000 each and 100 of ads a day: a month of 30 days has 30,000 and 3,000."""
    days = pd.DataFrame({"ds": pd.date_range("2026-11-05", "2026-11-14"), "net": 1000.0})
    sold = sales(pd.date_range("2026-11-01", periods=1, freq="MS"), channels=("organic",))
    sold[["orders", "gross", "net"]] = [200.0, 10_000.0, 10_000.0]
    sold[["discounts", "returns", "cogs"]] = [0.0, 0.0, 6_000.0]
    ads = spend(sold["month"].unique(), ("ads",), 1_000.0)
    shop = assemble(facts(sold, ads, daily=days), Entered(), T)
    plan = run(Scenario(horizon=3), shop)
    assert shop.start == date(2026, 12, 1)
    assert plan.path("net_sales")[0] == pytest.approx(30_000, rel=0.05)
    assert plan.path("orders")[0] == pytest.approx(600, rel=0.05)
    assert shop.defaults["budget"].value == pytest.approx(3_000, rel=0.01)
    assert "part_of_a_month" in [n.code for n in plan.notes]
    assert shop.assumed["net_sales"] == Default(pytest.approx(30_000), "assumption", "pace_of_days")
    assert "part_of_a_month" not in [n.code for n in run(Scenario(horizon=3), assemble(facts(), Entered(), T)).notes]


def test_a_file_of_monthly_totals_has_no_unfinished_month():
    monthly = pd.DataFrame({"ds": MONTHS, "net": 300_000.0})
    assert whole_months(facts(daily=monthly))[0].sales["month"].max() == MONTHS[-1]


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


def test_money_without_a_rate_is_said_on_the_board():
    shop = assemble(facts(left_out=("EUR", "GBP")), Entered(), T)
    assert Note("unconverted", (("currencies", "EUR, GBP"),)) in run(Scenario(), shop).notes
    assert "unconverted" not in [n.code for n in run(Scenario(), assemble(facts(), Entered(), T)).notes]


def test_a_month_with_sales_and_no_orders_is_one_whose_orders_were_not_counted():
    sold = sales().assign(orders=0.0)
    shop = assemble(facts(sold), Entered(), T)
    assert shop.assumed["aov"].value == pytest.approx(120, rel=0.01)
    assert run(Scenario(horizon=12), shop).path("orders").sum() > 1_000


@pytest.mark.parametrize("months", [MONTHS[-3:], MONTHS[-12:-9]])
def test_spend_of_a_few_months_is_not_spread_over_those_without_a_file(months):
    """Ads of 10,000 a month in two channels, in files of three months; the other nine are not months without ads."""
    shop = assemble(facts(spent=spend(months)), Entered(), T)
    assert shop.default("budget") == pytest.approx(20_000)
    assert "months_with_spend" in [n.code for n in run(Scenario(horizon=6), shop).notes]
    assert shop.history["marketing"].notna().sum() == 3
    whole = assemble(facts(spent=spend()), Entered(), T)
    assert whole.default("budget") == pytest.approx(20_000)
    assert "months_with_spend" not in [n.code for n in run(Scenario(horizon=6), whole).notes]


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


def test_amounts_without_orders_still_make_a_plan():
    sold = sales()
    none = counted(sold.assign(orders=np.nan), "CNY", 0.9)
    assert (none["gross"] / none["orders"]).to_numpy() == pytest.approx(120)
    part = sold.copy()
    part.loc[part["channel"] == "live", "orders"] = np.nan
    known = part[part["channel"] != "live"]
    filled = counted(part, "CNY", 0.9)
    assert filled["orders"].notna().all()
    assert filled.loc[filled["channel"] == "live", "orders"].sum() == pytest.approx(
        part.loc[part["channel"] == "live", "gross"].sum() / (known["gross"].sum() / known["orders"].sum())
    )
    for bare in (part, sold.assign(orders=np.nan, new_orders=np.nan, keyed_orders=np.nan, sessions=np.nan)):
        plan = run(Scenario(horizon=12), assemble(facts(bare), Entered(), T), 5)
        assert all(np.isfinite(f).all() for f in plan.flows.values())
        assert plan.path("net_sales")[:12].sum() == pytest.approx(
            sold.query("month >= '2025-01-01'")["net"].sum(), rel=0.05
        )


def test_guests_are_not_taken_for_returning_customers():
    """A quarter of the orders carries no customer; of the others 30 % are repeat orders."""
    sold = sales()
    sold["keyed_orders"] = (sold["orders"] * 0.75).round()
    sold["new_orders"] = (sold["keyed_orders"] * 0.7).round()
    shop = assemble(facts(sold), Entered(), T)
    assert shop.default("repeat_rate") == pytest.approx(0.3, abs=0.002)
    order = [c.id for c in shop.channels].index("organic")
    wanted = sold.loc[sold["channel"] == "organic", "orders"].to_numpy() * 0.7
    assert shop.new_history[:, order] == pytest.approx(wanted, rel=0.005)


def test_customers_won_before_the_history_exist():
    short = sales(MONTHS[-6:])
    shop = assemble(facts(short), Entered(), T)
    order = [c.id for c in shop.channels].index("organic")
    assert (shop.new_history[:, order] > 0).all()
    assert len(shop.new_history) == TAIL
    plan = run(Scenario(horizon=12), shop)
    assert plan.path("repeat_share")[0] == pytest.approx(0.3, abs=0.05)


def test_repeat_kernel_follows_the_customers_of_a_cohort_and_not_those_who_came_back():
    """Cohorts of 1,000; 10 % of them order in month 1, 5 % in month 2, 2 % in month 3, each of these once."""
    rows = []
    for born in range(4):
        for age, active in enumerate((1_000, 100, 50, 20)):
            if born + age <= 3:
                rows.append({"cohort": MONTHS[born], "age": age, "customers": active, "orders": active})
    kernel = repeat_kernel(0.2, pd.DataFrame(rows))
    assert kernel[:3] / kernel[0] == pytest.approx([1, 0.5, 0.2])
    assert kernel[3] / kernel[2] == pytest.approx(0.8)
    assert kernel.sum() == pytest.approx(0.25)
    assert len(kernel) == TAIL


def test_a_month_without_returning_customers_is_a_zero_and_not_a_gap():
    rows = [
        {"cohort": MONTHS[0], "age": a, "customers": n, "orders": n} for a, n in ((0, 100), (1, 10), (3, 10), (4, 0))
    ]
    kernel = repeat_kernel(0.2, pd.DataFrame(rows))
    assert kernel[1] == 0
    assert kernel[0] == kernel[2] > 0


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


def test_day_to_day_variation_is_measured_and_a_weekday_pattern_is_not_variation():
    days = pd.date_range("2025-01-01", periods=400)
    rng = np.random.default_rng(3)
    steady = pd.DataFrame({"ds": days, "net": 1_000 * (1 + 0.5 * (days.day_of_week == 5))})
    assert daily_cv(steady) == pytest.approx(0.05)
    noisy = steady.assign(net=steady["net"] * (1 + 0.3 * rng.standard_normal(400)))
    assert daily_cv(noisy) == pytest.approx(0.3, abs=0.06)
    assert daily_cv(steady.head(20)) == 0.35
