"""What counts as a month of history, and what is made of one that files tell only in part."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from shopplan.plan import Note, run
from shopplan.plan.assemble import assemble
from shopplan.plan.baseline import TAIL
from shopplan.plan.facts import Entered, counted, daily_cv, whole_months
from shopplan.plan.levels import repeat_kernel
from shopplan.plan.templates import load
from shopplan.scenario import Scenario
from shopplan.terms import Default
from tests.plan.history import MONTHS, facts, sales, spend

T = load("000")


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


def test_day_to_day_variation_is_measured_and_a_weekday_pattern_is_not_variation():
    days = pd.date_range("2025-01-01", periods=400)
    rng = np.random.default_rng(3)
    steady = pd.DataFrame({"ds": days, "net": 1_000 * (1 + 0.5 * (days.day_of_week == 5))})
    assert daily_cv(steady) == pytest.approx(0.05)
    noisy = steady.assign(net=steady["net"] * (1 + 0.3 * rng.standard_normal(400)))
    assert daily_cv(noisy) == pytest.approx(0.3, abs=0.06)
    assert daily_cv(steady.head(20)) == 0.35


def test_money_without_a_rate_is_said_on_the_board():
    shop = assemble(facts(left_out=("EUR", "GBP")), Entered(), T)
    assert Note("unconverted", (("currencies", "EUR, GBP"),)) in run(Scenario(), shop).notes
    assert "unconverted" not in [n.code for n in run(Scenario(), assemble(facts(), Entered(), T)).notes]
