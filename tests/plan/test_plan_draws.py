"""Draws, bands and odds: the same futures for every scenario, and what is read off them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t as student

from shopplan.plan import run
from shopplan.plan.baseline import TAIL
from shopplan.plan.draws import prepare
from shopplan.scenario import Scenario
from shopplan.terms import METRICS, Target

YEAR = Target("t", "", "net_sales", 3_800_000.0, 12, "year")
AHEAD = ("stock", "payables", "supplier_payments", "prepaid_marketing", "marketing_payments", "net_cash_flow", "cash")
"""Balances that look at the months to come, and what follows from them."""


@given(st.data())
def test_the_mean_path_does_not_depend_on_the_number_of_draws(shop, any_scenario, data):
    scenario = any_scenario(data, shop)
    alone, few, many = (run(scenario, shop, draws) for draws in (0, 1, 200))
    for metric in alone.flows:
        assert alone.flows[metric].shape[1] == 1
        assert few.flows[metric].shape[1] == 2
        assert many.flows[metric].shape[1] == 201
        column = alone.flows[metric][:, 0].tobytes()
        assert column == few.flows[metric][:, 0].tobytes() == many.flows[metric][:, 0].tobytes(), metric
    for metric in alone.channels:
        assert alone.channels[metric].tobytes() == many.channels[metric].tobytes()
    assert alone.notes == many.notes


@given(st.data(), st.integers(0, 2**32 - 1))
def test_the_same_seed_gives_the_same_bytes(shop, make_shop, any_scenario, data, seed):
    scenario = any_scenario(data, shop)
    twin = make_shop()  # equal, but another object: nothing comes from a cache
    a, b = run(scenario, shop, 20, seed), run(scenario, twin, 20, seed)
    for metric in a.flows:
        assert a.flows[metric].tobytes() == b.flows[metric].tobytes(), metric
    other = run(scenario, shop, 20, seed + 1)
    assert other.flows["orders"][:, 0].tobytes() == a.flows["orders"][:, 0].tobytes()
    assert not np.array_equal(other.flows["orders"][:, 1:], a.flows["orders"][:, 1:])


def test_a_run_leaves_the_draws_as_they_were(shop):
    before = run(Scenario(), shop, 50)
    kept = {m: f.copy() for m, f in before.flows.items()}
    run(Scenario().with_values({"price": 0.1, "initiative:persona": 1, "stock_cover": 10}), shop, 50)
    again = run(Scenario(), shop, 50)
    for metric, flow in kept.items():
        assert before.flows[metric].tobytes() == again.flows[metric].tobytes() == flow.tobytes(), metric


@given(st.data(), st.integers(4, 59))
def test_a_shorter_horizon_is_a_prefix_of_a_longer_one(shop, any_scenario, data, months):
    """But for the balances that look ahead: at the end of a plan they presume the season of the months beyond it.

    A budget as a share of sales is left out: it is solved to 1e-9 for all months at once.
    """
    base = any_scenario(data, shop, without=("budget_share",), horizon=60)
    long, short = run(base, shop, 5), run(replace(base, horizon=months), shop, 5)
    days = max(long.values[k] for k in ("stock_cover", "ad_prepay"))
    same = max(months - int(np.ceil(days / 30.4375)), 0)
    for metric, flow in short.flows.items():
        upto = same if metric in AHEAD else months
        np.testing.assert_allclose(flow[:upto], long.flows[metric][:upto], rtol=1e-9, atol=1e-6, err_msg=metric)


def test_bands_are_the_quantiles_of_the_draws(shop):
    result = run(Scenario(), shop, 137)
    for metric in METRICS:
        values = result.flows.get(metric)
        if values is None:
            above, below = METRICS[metric].formula.split(" / ")
            values = result.flows[above] / result.flows[below]
        low, high = result.band(metric)
        wanted = np.quantile(values[:, 1:], [0.1, 0.9], axis=1)
        np.testing.assert_allclose([low, high], wanted, rtol=1e-12, err_msg=metric)
    alone = run(Scenario(), shop)
    assert all((x == alone.path("cash")).all() for x in alone.band("cash"))


@pytest.mark.parametrize("draws", [1, 2, 3, 10, 11])
def test_bands_of_few_draws(shop, draws):
    result = run(Scenario(horizon=6), shop, draws)
    wanted = np.quantile(result.flows["cash"][:, 1:], [0.1, 0.9], axis=1)
    np.testing.assert_allclose(result.band("cash"), wanted)


def test_draws_have_the_spread_and_the_memory_they_are_asked_for(make_shop):
    """Without ads and repeat orders the organic draws are the forecast error alone: log-normal with median 1."""
    shop = make_shop(
        False,
        spend=np.zeros((60, 3)),
        spend_history=np.zeros((TAIL, 3)),
        kernel=np.zeros(TAIL),
        memory=0.6 ** np.abs(np.subtract.outer(np.arange(60), np.arange(60))),
        cross=0.5,
    )
    drawn = prepare(shop, 24, 4_000, 7).organic
    np.testing.assert_allclose(drawn[:, :, 0], shop.orders[:24])
    ratio = drawn[:, :, 1:] / drawn[:, :, :1]
    assert np.median(ratio, axis=2) == pytest.approx(1, abs=0.01)
    logs = np.log(ratio)
    assert logs.std(axis=2) == pytest.approx(0.1, abs=0.006)
    month = np.corrcoef(logs[10, 0], logs[11, 0])[0, 1]
    assert month == pytest.approx(0.6, abs=0.04)
    assert np.corrcoef(logs[10, 0], logs[13, 0])[0, 1] == pytest.approx(0.6**3, abs=0.05)
    assert np.corrcoef(logs[10, 0], logs[10, 1])[0, 1] == pytest.approx(0.5, abs=0.04)
    assert np.corrcoef(logs[0, 0], logs[1, 0])[0, 1] == pytest.approx(0.6, abs=0.04), "the first month is no exception"


def test_the_size_of_errors_is_as_unsure_as_its_degrees_of_freedom_say(make_shop):
    """Student's t has fatter tails than the normal curve, in the same draws for every month and channel."""
    bare = {"cross": 0.0, "spend": np.zeros((60, 3)), "spend_history": np.zeros((TAIL, 3)), "kernel": np.zeros(TAIL)}
    drawn = prepare(make_shop(False, freedom=6.0, **bare), 3, 20_000, 7).organic
    logs = np.log(drawn[:, :, 1:] / drawn[:, :, :1])
    size = np.abs(logs - np.median(logs, axis=2, keepdims=True)) / 0.1
    assert np.quantile(size, 0.8, axis=2) == pytest.approx(student.ppf(0.9, 6), rel=0.03)
    assert np.quantile(size, 0.95, axis=2) == pytest.approx(student.ppf(0.975, 6), rel=0.05)
    assert np.corrcoef(size[0, 0], size[2, 1])[0, 1] > 0.05
    assert np.median(drawn[:, :, 1:], axis=2) / drawn[:, :, 0] == pytest.approx(1, abs=0.005)


def test_however_wide_the_errors_as_many_futures_lie_above_the_forecast_as_below(make_shop):
    shop = make_shop(False, log_sd=np.full((60, 3), 0.5), kernel=np.zeros(TAIL), spend=np.zeros((60, 3)))
    drawn = prepare(shop, 3, 8_000, 11).organic
    assert (drawn[:, :, 1:] > drawn[:, :, :1]).mean(axis=2) == pytest.approx(0.5, abs=0.02)


def test_ratios_are_uncertain_as_far_as_they_are_known(plain_shop):
    result = run(Scenario(horizon=3), plain_shop, 4_000)
    basket = result.flows["gross_sales"] / result.flows["orders"]
    assert np.log(basket[0, 1:]).std() == pytest.approx(0.02, abs=0.003)
    cost = result.flows["cogs"] / result.flows["gross_sales"]
    assert np.log(cost[0, 1:]).std() == pytest.approx(0.02, abs=0.002)


def test_the_mean_of_the_draws_is_the_mean_path_but_for_the_lift_of_skewed_errors(shop):
    """Errors have their middle at 1: their mean, as that of any log-normal, lies half their variance above it."""
    result = run(Scenario(horizon=12), shop, 4_000)
    lift = 0.5 * np.square(shop.log_sd).max() * shop.freedom / (shop.freedom - 2)
    for metric in ("orders", "net_sales", "gross_margin", "paid_orders"):
        flow = result.flows[metric].sum(axis=0)
        error = flow[1:].std() / np.sqrt(4_000)
        assert -4 * error < flow[1:].mean() - flow[0] < 4 * error + lift * flow[0], metric


# --- milestones -------------------------------------------------------------------------------------------------


def test_odds_are_shares_of_draws_that_fall_as_the_threshold_rises(shop):
    result = run(Scenario(), shop, 300)
    for metric in ("net_sales", "gross_margin_rate", "cash", "headcount", "orders", "roas"):
        values = result.flows.get(metric, np.ones(1))
        odds = []
        for threshold in np.linspace(values.min() * 0.5, values.max() * 1.5, 25):
            met = result.milestone(Target("t", "", metric, threshold, 12))
            assert 0 <= met.odds <= 1
            odds.append(met.odds)
        assert odds == sorted(odds, reverse=True)
    assert result.milestone(Target("t", "", "net_sales", 0, 1)).odds == 1
    assert result.milestone(Target("t", "", "net_sales", 1e12, 24)).odds == 0


def test_odds_rise_with_time(shop):
    result = run(Scenario(), shop, 200)
    odds = [result.milestone(replace(YEAR, threshold=4e6, due=d)).odds for d in range(1, 25)]
    assert odds == sorted(odds)
    assert 0 < odds[2] < odds[11] < 1


def test_a_metric_that_should_fall_is_met_from_above(shop):
    result = run(Scenario(), shop, 200)
    share = Target("t", "", "marketing_share", 0.06, 12, "quarter")
    by_hand = np.concatenate([np.full((2, 200), 0.0), result.flows["net_sales"][:12, 1:]])
    by_hand[:2] = 314_640  # the two months before the plan
    rolled = by_hand[:-2] + by_hand[1:-1] + by_hand[2:]
    met = (60_000 / rolled <= 0.06).any(axis=0).mean()
    assert result.milestone(share).odds == pytest.approx(met)
    odds = [result.milestone(replace(share, threshold=x)).odds for x in np.linspace(0.04, 0.08, 15)]
    assert odds == sorted(odds)
    assert odds[0] < odds[-1]


def test_windows_join_history_and_plan(make_shop):
    """Flat shop: 314,640 a month before the plan; a price 10 % up, at no loss of volume, makes it 346,104."""
    shop = make_shop(False)
    plan = Scenario().with_values({"price": 0.1, "return_delay": 0, **{f"elasticity:{c.id}": 0 for c in shop.channels}})
    result = run(plan, shop)
    high = 314_640 * 1.1

    def value(window, due, metric="net_sales"):
        return result.milestone(Target("t", "", metric, 1, due, window)).value

    assert value("month", 1) == pytest.approx(high)
    assert value("quarter", 1) == pytest.approx(2 * 314_640 + high)
    assert value("quarter", 3) == pytest.approx(3 * high)
    assert value("year", 1) == pytest.approx(11 * 314_640 + high)
    assert value("year", 5) == pytest.approx(7 * 314_640 + 5 * high)
    assert value("year", 24) == pytest.approx(12 * high)
    assert value("total", 5) == pytest.approx(5 * high)
    assert value("year", 1, "cash") == pytest.approx(result.path("cash")[0])
    assert value("quarter", 1, "marketing_share") == pytest.approx(60_000 / (2 * 314_640 + high))
    met = result.milestone(Target("t", "", "net_sales", 9 * 314_640 + 3 * high, 12, "year"))
    assert (met.odds, met.month) == (1.0, 3)
    assert result.milestone(Target("t", "", "net_sales", 9 * 314_640 + 3 * high, 2, "year")).odds == 0


def test_a_window_longer_than_the_history_waits_for_the_plan(make_shop):
    shop = make_shop(False)
    short = replace(shop, history=shop.history.tail(3))
    result = run(Scenario(), short, 20)
    assert np.isnan(result.milestone(replace(YEAR, due=8)).value)
    assert result.milestone(replace(YEAR, due=8, threshold=1)).odds == 0
    reached = result.milestone(replace(YEAR, due=9, threshold=1))
    assert (reached.odds, reached.month) == (1.0, 9)
    assert reached.value == pytest.approx(12 * 314_640)
    gap = shop.history.copy()
    gap.loc[5, "net_sales"] = np.nan
    assert run(Scenario(), replace(shop, history=gap)).milestone(replace(YEAR, threshold=1)).month == 6


def test_a_milestone_beyond_the_horizon_has_no_odds(shop):
    result = run(Scenario(horizon=6), shop, 20)
    assert np.isnan(result.milestone(YEAR).odds)
    assert result.milestones()[0].target == shop.targets[0]


def test_median_month_is_the_middle_of_the_draws(shop):
    result = run(Scenario(horizon=36), shop, 201)
    target = Target("t", "", "net_sales", 400_000, 12)
    reached = result.flows["net_sales"][:, 1:] >= 400_000
    first = sorted(int(r.argmax()) + 1 if r.any() else 999 for r in reached.T)
    assert result.milestone(target).month == first[100]
    assert result.milestone(replace(target, threshold=1e9)).month is None


def test_scenarios_see_the_same_futures(shop):
    """Growth in small steps: every draw moves up, none jitters, and so do the odds."""
    steps = [run(Scenario().with_values({"growth": g}), shop, 300) for g in np.arange(-0.1, 0.3, 0.02)]
    totals = np.array([s.flows["net_sales"][:, 1:].sum(axis=0) for s in steps])
    gains = np.diff(totals, axis=0)
    assert (gains > 0).all()
    assert (np.abs(gains / gains.mean(axis=0) - 1) < 0.25).all(), "equal steps give nearly equal gains in each draw"
    odds = [s.milestone(replace(YEAR, threshold=4_000_000)).odds for s in steps]
    assert odds == sorted(odds)
    assert odds[0] < odds[-1]


def test_ratio_of_nothing_is_no_number(shop):
    result = run(Scenario().with_values({"budget": 0}), shop, 10)
    assert np.isnan(result.path("mer")).all()
    assert np.isnan(result.total("roas"))
    assert result.milestone(Target("t", "", "roas", 3, 6)).odds == 0
    assert result.path("cac") == pytest.approx(0)


def test_doubts_about_repeat_and_basket_do_not_widen_what_the_forecast_says(make_shop):
    """The forecast is one of sales: its own error holds whatever these were wrong about in the past."""
    sure = make_shop(log_sd=np.zeros((60, 3)), ratio_sd={"repeat": 0.2, "aov": 0.05})
    result = run(Scenario(horizon=24).with_values({"return_delay": 0}), sure, 200)
    spread = result.flows["net_sales"][:, 1:] / result.path("net_sales")[:, None]
    assert spread.min() > 0.995
    assert spread.max() < 1.005
    assert result.flows["orders"][12, 1:].std() > 0.02 * result.path("orders")[12]
    more = run(Scenario(horizon=24).with_values({"repeat_rate": 0.6}), sure, 200).flows["net_sales"][:, 1:]
    assert np.log(more.sum(axis=0)).std() > 0.01, "what a lever does with the repeat rate stays unsure"


def test_in_no_draw_ads_bring_more_than_the_shop_sells(shop):
    """Returns known hardly at all: some draws would claim many times what the shop sells, which is in the forecast."""
    wild = replace(shop, curves={k: replace(c, roas_sd=2.0) for k, c in shop.curves.items()})
    worst, usual = (run(Scenario(horizon=12), one, 2_000).flows["net_sales"].sum(axis=0).max() for one in (wild, shop))
    assert worst < 1.05 * usual
