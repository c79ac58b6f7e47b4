"""What curves are learned from: which days count, what is known of them, weeks or months."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from shopplan.plan.evidence import gather
from shopplan.plan.facts import once_a_month
from shopplan.response import fit_history, readings

NO_MEASURES = pd.DataFrame({"ds": [], "channel": [], "measure": [], "value": []})


def daily(weeks, first_known=True):
    days = pd.date_range("2025-01-06", periods=7 * weeks)
    sold = pd.DataFrame({"ds": days, "channel": "search", "gross": 1_000.0, "discounts": 100.0, "orders": 10.0,
                         "new_orders": 6.0 if first_known else np.nan,
                         "keyed_orders": 10.0 if first_known else np.nan})  # fmt: skip
    spent = pd.DataFrame({"ds": days, "channel": "search", "spend": 50.0 + np.arange(len(days)) % 7})
    return sold, spent


def test_first_order_sales_after_discounts_are_what_is_fitted():
    evidence = gather(*daily(30), NO_MEASURES, "CN")
    assert evidence.first_orders
    assert evidence.history.period == "W"
    assert evidence.history.sales == pytest.approx(7 * 900 * 0.6)
    unknown = gather(*daily(30, first_known=False), NO_MEASURES, "CN")
    assert not unknown.first_orders
    assert unknown.history.sales == pytest.approx(7 * 900)


def test_half_a_year_is_the_least():
    assert gather(*daily(26), NO_MEASURES, "CN") is not None
    assert gather(*daily(25), NO_MEASURES, "CN") is None
    sold, spent = daily(30)
    assert gather(sold, spent.iloc[:0], NO_MEASURES, "CN") is None
    late = spent.assign(spend=np.where(np.arange(len(spent)) < 7 * 25, 0.0, 50.0))
    assert gather(sold, late, NO_MEASURES, "CN") is None, "a channel of five weeks has no curve"


def test_monthly_spend_is_not_taken_for_a_burst_on_the_first():
    sold, spent = daily(90)
    monthly = spent.assign(ds=spent["ds"].dt.to_period("M").dt.to_timestamp()).groupby(["ds", "channel"]).sum()
    evidence = gather(sold, monthly.reset_index(), NO_MEASURES, "CN")
    assert evidence.history.period == "M"
    assert len(evidence.history.sales) == 19  # whole months of 2025-01-06 to 2026-09-27


def test_what_a_sale_brings_is_not_credited_to_the_ads_that_tell_of_it():
    """Every fourth week is cut in price by a fifth, sells half as much again and has twice the ads."""
    rng = np.random.default_rng(5)
    days = pd.date_range("2024-01-01", periods=7 * 104)
    sale = np.repeat(np.arange(104) % 4 == 0, 7)
    ads = np.repeat(100 * np.exp(0.4 * rng.standard_normal(104)), 7) * np.where(sale, 2, 1)
    brought = 400 * ads / (100 + ads)
    gross = (1_000 + brought) * np.where(sale, 1.5, 1) * np.exp(0.05 * rng.standard_normal(len(days)))
    rate = np.where(sale, 0.25, 0.05)
    sold = pd.DataFrame({"ds": days, "channel": "own", "orders": gross / 50, "new_orders": 0.0, "keyed_orders": 0.0,
                         "gross": gross, "discounts": rate * gross})  # fmt: skip
    spent = pd.DataFrame({"ds": days, "channel": "ads", "spend": ads})
    told = gather(sold, spent, NO_MEASURES, "DE")
    untold = gather(sold.assign(gross=(1 - rate) * gross, discounts=0.0), spent, NO_MEASURES, "DE")
    true = (brought * (1 - rate) * np.where(sale, 1.5, 1)).sum() / ads.sum()
    found, blind = (readings(fit_history(e.history))["ads"].roas for e in (told, untold))
    assert found.lo < true < found.hi
    assert abs(found.value - true) < 0.5 * abs(blind.value - true)


def two_channels(weeks=60):
    sold, spent = daily(weeks)
    return sold, pd.concat([spent, spent.assign(channel="social")], ignore_index=True)


def test_days_that_no_spend_file_reaches_teach_nothing():
    """It is not known whether nothing was spent or the file is late."""
    sold, spent = daily(60)
    behind = spent[spent["ds"] < spent["ds"].max() - pd.Timedelta(weeks=4)]
    assert len(gather(sold, behind, NO_MEASURES, "CN").history.dates) == 55, "four weeks and one that is not whole"
    before = spent[spent["ds"] >= "2025-03-03"]
    assert gather(sold, before, NO_MEASURES, "CN").history.dates[0] == pd.Timestamp("2025-03-03")


def test_a_late_file_of_one_channel_ends_the_evidence_and_a_long_silence_is_a_pause():
    sold, spent = two_channels()
    last = spent["ds"].max()

    def without(weeks):
        late = (spent["channel"] == "social") & (spent["ds"] > last - pd.Timedelta(weeks=weeks))
        return gather(sold, spent[~late], NO_MEASURES, "CN")

    assert (len(without(6).history.dates), dict(without(6).late)) == (54, {"social": 42})
    assert (len(without(1).history.dates), dict(without(1).late)) == (60, {}), "a week of silence is nothing"
    assert (len(without(12).history.dates), dict(without(12).late)) == (60, {}), "it has stopped"


def test_a_channel_that_often_pauses_is_not_waited_for():
    sold, spent = two_channels()
    on = (np.arange(len(spent)) // 28) % 2 == 0  # four weeks on, four weeks off
    kept = spent[(spent["channel"] == "search") | on]
    assert dict(gather(sold, kept, NO_MEASURES, "CN").late) == {}


@pytest.mark.parametrize("day", ["start", "end"])
def test_monthly_totals_are_months_whatever_day_dates_them(day):
    sold, spent = daily(90)
    months = spent["ds"].dt.to_period("M")
    dated = months.dt.start_time if day == "start" else months.dt.end_time.dt.normalize()
    monthly = spent.assign(ds=dated).groupby(["ds", "channel"]).sum().reset_index()
    history = gather(sold, monthly, NO_MEASURES, "CN").history
    assert (history.period, len(history.dates)) == ("M", 19)
    daily_spend = gather(sold.assign(ds=dated).groupby(["ds", "channel"]).sum().reset_index(), spent, NO_MEASURES, "CN")
    by_month = spent.groupby(months)["spend"].sum()
    assert daily_spend.history.period == "M"
    np.testing.assert_allclose(daily_spend.history.spend[:, 0], by_month["2025-02":"2026-08"])


def test_one_channel_of_monthly_fees_does_not_make_a_daily_shop_monthly():
    sold, spent = daily(60)
    fees = pd.DataFrame({"ds": pd.date_range("2025-02-01", periods=12, freq="MS") + pd.Timedelta(days=10),
                         "channel": "agency", "spend": 310.0})  # fmt: skip
    history = gather(sold, pd.concat([spent, fees]), NO_MEASURES, "CN").history
    assert history.period == "W"
    agency = history.spend[:, history.channels.index("agency")]
    assert agency[history.dates == "2025-03-03"] == pytest.approx(70), "spread over the 31 days of March"
    two = pd.concat([spent, fees[:2]])
    assert gather(sold, two, NO_MEASURES, "CN").history.period == "W"


def test_monthly_is_one_amount_in_nearly_every_month_dated_alike():
    firsts = pd.date_range("2024-01-01", periods=12, freq="MS")
    assert once_a_month(firsts)
    assert once_a_month(pd.date_range("2024-01-31", periods=12, freq="ME"))
    assert not once_a_month(firsts[[0, 5, 11]]), "three fees in a year"
    assert not once_a_month(pd.date_range("2024-01-01", periods=60))
    assert not once_a_month(firsts[:1])


def test_discounts_that_no_file_tells_are_the_usual_ones():
    sold, spent = daily(60)
    rate = np.where(np.arange(len(sold)) // 7 % 4 == 0, 0.2, 0.1)
    told = sold.assign(discounts=rate * sold["gross"])
    half = told.assign(discounts=told["discounts"].where(told["ds"] > "2025-07-01"))
    usual = rate[np.asarray(told["ds"] > "2025-07-01")].mean()
    history = gather(half, spent, NO_MEASURES, "CN").history
    assert history.control_names == ("_discounts",)
    assert history.controls[:20, 0] == pytest.approx(usual), "no step where files begin to tell"
    assert history.sales[:20] == pytest.approx(7 * 1_000 * (1 - usual) * 0.6)
