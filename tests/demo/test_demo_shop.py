"""The demo shop: the same every time, adding up, and with the features that a planner has to cope with."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from shopplan.demo import generate, load_settings, truth_path, write_truth
from shopplan.demo.demand import daily_kernel
from shopplan.forecast import calendar
from shopplan.terms import ShopplanError


@pytest.fixture(scope="module")
def demo():
    return generate()


@pytest.fixture(scope="module")
def settings():
    return load_settings()


def digest(shop):
    frames = (shop.sales_daily, shop.spend_daily, shop.measures_daily, shop.demand, shop.cohorts)
    return hashlib.sha256("".join(frame.to_csv(index=False) for frame in frames).encode()).hexdigest()


def monthly(frame, column):
    return frame.groupby(frame["day"].dt.to_period("M"))[column].sum()


def test_same_seed_same_bytes_and_another_seed_another_shop(demo, settings):
    assert digest(generate()) == digest(demo)
    assert digest(generate(replace(settings, seed=7))) != digest(demo)


def test_orders_are_organic_paid_and_repeat(demo):
    joined = demo.sales_daily.merge(demo.demand, on=["day", "channel"], validate="one_to_one")
    assert len(joined) == len(demo.sales_daily) == len(demo.demand)
    assert (joined["orders"] == joined["organic"] + joined["paid"] + joined["repeat"]).all()
    assert (joined["new_orders"] == joined["organic"] + joined["paid"]).all()


def test_cohorts_hold_every_new_order_and_no_more_repeats_than_there_are(demo):
    cohorts = demo.cohorts
    won = cohorts[cohorts["age"] == 0].set_index("cohort")["customers"]
    np.testing.assert_array_equal(won, monthly(demo.sales_daily, "new_orders"))
    further = cohorts["orders"].sum() - won.sum()
    assert 0.75 * demo.demand["repeat"].sum() < further < demo.demand["repeat"].sum()  # the rest were won before


def test_customers_come_back_as_the_kernel_says(demo, settings):
    kernel = np.array(demo.truth["repeat_kernel"])
    assert kernel.sum() == pytest.approx(settings.repeat.orders) == pytest.approx(daily_kernel(settings).sum())
    cohorts = demo.cohorts[(demo.cohorts["age"] > 0) & (demo.cohorts["age"] <= 6)]
    size = demo.cohorts[demo.cohorts["age"] == 0].set_index("cohort")["customers"]
    early = cohorts[cohorts["cohort"] < "2026-05"]
    rate = early.groupby("age")["orders"].sum() / size[size.index < "2026-05"].sum()
    np.testing.assert_allclose(rate, kernel[1:7], rtol=0.06)


def test_money_adds_up_and_is_whole_minor_units(demo):
    sales = demo.sales_daily
    assert (sales["net_minor"] == sales["gross_minor"] - sales["discounts_minor"] - sales["returns_minor"]).all()
    for frame in (sales, demo.spend_daily):
        money = [name for name in frame if name.endswith("_minor")]
        assert all(frame[name].dtype == np.int64 for name in money)
        assert (frame[money] >= 0).all(axis=None) or (sales["net_minor"] < 0).any()
    assert (sales["sessions"] >= sales["orders"]).all()


def test_size_of_the_shop(demo):
    year = demo.sales_daily[demo.sales_daily["day"] > "2025-10-31"]
    net = monthly(year, "net_minor") / 100
    assert net.between(1.4e6, 2.5e6).all()
    assert net.iloc[-3:].between(1.6e6, 2.5e6).all()
    assert 0.40 < 1 - year["cogs_minor"].sum() / year["net_minor"].sum() < 0.45
    assert 0.08 < demo.spend_daily["spend_minor"][demo.spend_daily["day"] > "2025-10-31"].sum() / 100 / net.sum() < 0.2


def test_three_full_years_that_end_where_the_settings_say(demo, settings):
    assert demo.sales_daily["day"].min() == pd.Timestamp(settings.start)
    assert demo.sales_daily["day"].max() == pd.Timestamp(settings.end)
    assert demo.sales_daily["day"].dt.to_period("M").nunique() == 36


@pytest.mark.parametrize(("event", "peak_day"), [("double_11", 10), ("festival_618", 17)])
def test_events_stand_out_every_year(demo, settings, event, peak_day):
    orders = demo.sales_daily[demo.sales_daily["channel"] == "organic"].set_index("day")["new_orders"]
    days = calendar(settings.start, settings.end)
    starts = days.loc[(days["event"] == event) & (days["day_end"] <= pd.Timestamp(settings.end)), "day_start"]
    assert len(starts) == 3
    for start in starts:
        peak = orders[start + pd.Timedelta(days=peak_day)]
        around = orders[start - pd.Timedelta(days=45) : start + pd.Timedelta(days=75)].median()
        assert peak > 2 * around


def test_sales_fall_in_the_spring_festival_wherever_it_moves(demo):
    orders = demo.sales_daily.groupby("day")["new_orders"].sum()
    for first in ("2024-02-10", "2025-01-29", "2026-02-17"):
        week = pd.date_range(first, periods=6)
        assert orders[week].mean() < 0.75 * orders[week - pd.Timedelta(days=21)].mean()


def test_live_stream_starts_in_month_ten(demo):
    live = demo.sales_daily[demo.sales_daily["channel"] == "live"]
    assert live["day"].min() == pd.Timestamp("2024-09-01")
    assert demo.spend_daily.loc[demo.spend_daily["channel"] == "live", "day"].min() == pd.Timestamp("2024-09-01")
    month = monthly(live, "orders")
    assert month.iloc[6] > 1.5 * month.iloc[0]


def test_the_stock_out_shows_in_orders_but_not_in_visits(demo):
    flags = demo.measures_daily.pivot(index="day", columns="measure", values="value")
    out = flags.index[flags["stock_out"] == 1]
    assert len(out) == 12
    before = out - pd.Timedelta(days=14)
    orders = demo.sales_daily.groupby("day")["orders"].sum()
    assert orders[out].sum() < 0.5 * orders[before].sum()
    assert flags.loc[out, "visitors"].mean() > 0.8 * flags.loc[before, "visitors"].mean()
    lost = demo.demand.groupby("day")["lost"].sum()
    assert (lost[out] > 0).all()
    assert lost.drop(out).sum() == 0


def test_private_domain_is_mostly_repeat(demo):
    year = demo.sales_daily[demo.sales_daily["day"] > "2025-10-31"].groupby("channel")[["orders", "new_orders"]].sum()
    repeat = 1 - year["new_orders"] / year["orders"]
    assert repeat["private"] > 0.7
    assert repeat.drop("private").max() < 0.4


def test_budgets_follow_demand_so_that_a_naive_reading_overrates_them(demo):
    spend = monthly(demo.spend_daily[demo.spend_daily["channel"] == "search"], "spend_minor") / 100
    organic = demo.demand[demo.demand["channel"] == "organic"].groupby(demo.demand["day"].dt.to_period("M"))
    assert np.corrcoef(spend, organic["organic_mean"].sum())[0, 1] > 0.5
    net = monthly(demo.sales_daily, "net_minor") / 100
    naive = np.polyfit(spend, net, 1)[0]
    assert naive > 1.5 * demo.truth["curves"]["search"]["roas_last_year"]


def test_platforms_claim_a_known_multiple_of_what_they_brought(demo, settings):
    claimed = demo.spend_daily.groupby("channel")["attributed_minor"].sum() / 100
    for channel in settings.channels:
        if channel.ads:
            paid = demo.demand.loc[demo.demand["channel"] == channel.id, "paid"].sum()
            true_sales = paid * channel.value * (1 - channel.discount)
            assert claimed[channel.id] / true_sales == pytest.approx(channel.ads.overclaim, rel=0.02)


def test_more_spend_brings_more_and_none_brings_none(demo):
    content = demo.demand[demo.demand["channel"] == "content"].set_index("day")
    assert (
        content.loc["2025-04-10":"2025-04-13", "paid"].sum()
        < 0.25 * content.loc["2025-03-10":"2025-03-13", "paid"].sum()
    )
    assert content.loc["2025-03-18", "paid_mean"] > 10  # carry-over after the pause began


def test_truth_is_saved_beside_the_store_and_can_be_read_again(demo, tmp_path):
    path = write_truth(demo, tmp_path / "shop.duckdb")
    assert path == tmp_path / "shop.truth.json" == truth_path(tmp_path / "shop.duckdb")
    truth = json.loads(path.read_text(encoding="utf-8"))
    back = pd.DataFrame(truth["demand"]["data"], columns=truth["demand"]["columns"])
    assert back["paid"].sum() == demo.demand["paid"].sum()
    assert len(truth["cohorts"]["data"]) == len(demo.cohorts)
    assert set(truth["curves"]) == {"search", "live", "content", "private", "offline"}
    assert truth["settings"]["seed"] == 20260


def test_settings_with_a_slip_are_refused(tmp_path):
    good = Path("data/demo.toml")
    text = (Path(__file__).parents[2] / good).read_text(encoding="utf-8")
    bad = tmp_path / "demo.toml"
    bad.write_text(text.replace("wait_days", "wait_dais"), encoding="utf-8")
    with pytest.raises(ShopplanError, match=r"repeat\. not a setting: wait_dais"):
        load_settings(bad)
    bad.write_text(text.replace("resold = 0.4", "#"), encoding="utf-8")
    with pytest.raises(ShopplanError, match=r"money\. a setting is missing.*resold"):
        load_settings(bad)
