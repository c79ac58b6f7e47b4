"""Bands of sums, over channels and over time, where some periods sell nothing and where channels err together."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t as student

from shopplan.forecast import error_model, forecast, reconciled, sum_band, totals

LEVELS = (80, 95)


def channels(y, start="2020-01-01", freq="MS"):
    """A long frame from (periods, channels)."""
    ds = pd.date_range(start, periods=len(y), freq=freq)
    return pd.concat(pd.DataFrame({"unique_id": f"c{i}", "ds": ds, "y": row}) for i, row in enumerate(np.transpose(y)))


def sells(rng, shape, idle, noise=0.1):
    return 1000 * np.exp(rng.normal(0, noise, shape)) * (rng.random(shape) >= idle)


@pytest.mark.parametrize("idle", [(0.0, 0.0), (0.1, 0.0), (0.2, 0.2), (0.15, 0.15, 0.15), (0.3, 0.1, 0.05, 0.0)])
def test_a_sum_holds_what_it_says_where_some_of_it_now_and_then_sells_nothing(idle):
    rng, share = np.random.default_rng(1), np.array(idle)
    came = sells(rng, (20_000, len(share)), share).sum(axis=1)
    middle, sd = 1000 * (1 - share)[None, :], np.full((1, len(share)), 0.1)
    for level in LEVELS:
        low, high = sum_band(middle, sd, share, 0.0, 1e9, level)
        assert np.mean((came >= low) & (came <= high)) > level / 100 - 0.07


def test_the_sum_of_one_series_is_that_series():
    middle, sd = np.array([[80.0]]), np.array([[0.3]])
    low, high = sum_band(middle, sd, np.array([0.2]), 0.4, 1e9, 80)
    assert low == 0, "a fifth of the periods sell nothing"
    assert high == pytest.approx(100 * np.exp(0.3 * 1.1503), rel=1e-3), "seven eighths of those that sell"


def test_nothing_to_sell_has_a_band_of_nothing():
    middle = np.array([[0.0, 0.0], [50.0, 0.0]])
    for level in LEVELS:
        low, high = sum_band(middle, np.full((2, 2), 0.1), np.array([0.1, 0.0]), 0.3, 9.0, level)
        assert (low[0], high[0]) == (0, 0)
        assert 40 < high[1] < 80


@pytest.mark.parametrize(("freq", "n", "h"), [("D", 120, 12), ("MS", 48, 12)])
def test_totals_of_channels_with_lone_zeros_hold(freq, n, h):
    """Each of two channels sells nothing in one period of every six."""
    held = []
    for seed in (1, 2):
        rng = np.random.default_rng(seed)
        none = np.arange(6)[None, :, None] == rng.integers(6, size=((n + h) // 6, 1, 2))
        y = np.where(none.reshape(n + h, 2), 0.0, sells(rng, (n + h, 2), 0.0))
        ahead = reconciled(channels(y[:n], freq=freq), h)
        whole, came = ahead[ahead["unique_id"] == "total"], y[n:].sum(axis=1)
        held.append([((came >= whole[f"lo-{p}"]) & (came <= whole[f"hi-{p}"])).mean() for p in LEVELS])
    eighty, ninety_five = np.mean(held, axis=0)
    assert eighty > 0.65
    assert ninety_five > 0.85


def test_the_total_of_closed_sundays_is_nothing_and_surely_so():
    days = pd.date_range("2026-01-01", periods=90)
    y = np.where(days.day_of_week == 6, 0.0, 100.0 + np.arange(90) % 5)
    ahead = reconciled(channels(np.column_stack([y, 2 * y]), "2026-01-01", "D"), 7, "D")
    numbers = ahead[ahead["ds"].dt.day_of_week == 6].drop(columns=["unique_id", "ds", "model"])
    assert (numbers == 0).all(axis=None)
    assert len(numbers) == 3


@pytest.mark.parametrize(("freq", "sold", "since"), [("MS", 40, 5), ("MS", 104, 26), ("D", 280, 220)])
def test_channels_that_stopped_add_up_to_nothing_however_long_ago(freq, sold, since):
    y = np.r_[np.full(sold, 100.0), np.zeros(since)]
    frame = channels(np.column_stack([y, y]), freq=freq)
    ahead = reconciled(frame, 3).drop(columns=["unique_id", "ds", "model"])
    whole = totals(frame, 3).drop(columns=["unique_id", "model"])
    assert (ahead == 0).all(axis=None)
    assert (whole == 0).all(axis=None)


def test_a_total_beside_a_channel_of_many_zeros_has_its_lone_zeros_and_no_band_below_nothing():
    """A channel that sells in every other month puts the sum on another way than logs."""
    rng = np.random.default_rng(3)
    steady, idle, odd = (sells(rng, 48, share) for share in (0.0, 0.2, 0.5))
    narrow, wide = (
        reconciled(channels(np.column_stack([one, odd / 10])), 6).query("unique_id == 'total'")
        for one in (steady, idle)
    )
    assert (wide["hi-80"] - wide["lo-80"]).mean() > 2 * (narrow["hi-80"] - narrow["lo-80"]).mean()
    assert (wide["lo-95"] >= 0).all()


def test_a_total_is_as_unsure_as_its_channels_where_they_err_together_and_surer_where_not():
    def width(y):
        frame = channels(y)
        whole, errors = reconciled(frame, 4).query("unique_id == 'total'"), error_model(frame, 4)
        reach = np.log(whole["hi-80"] / whole["lo-80"]) / (2 * student.ppf(0.9, errors.freedom))
        return float((reach / errors.sd.mean(axis=0)).mean()), errors.cross

    moves = np.random.default_rng(5).normal(0, 0.05, (40, 3)).cumsum(axis=0)
    (together, high), (apart, low) = (width(1e4 * np.exp(one)) for one in (moves[:, [0] * 3], moves))
    assert high > 0.7 > 0.4 > low
    assert together == pytest.approx(np.sqrt((1 + 2 * high) / 3), rel=0.03)
    assert apart == pytest.approx(np.sqrt((1 + 2 * low) / 3), rel=0.15)


def test_a_year_of_months_that_now_and_then_sell_nothing_is_less_sure():
    y = sells(np.random.default_rng(2), (48, 1), 0.0, 0.05)
    idle = y.copy()
    idle[[3, 9, 26, 30, 37, 42, 45]] = 0.0
    sure, unsure = (totals(channels(one), 12).iloc[0] for one in (y, idle))
    assert np.log(sure["hi-80"] / sure["lo-80"]) < 0.1
    # five of 24 months: each adds .26 of its square, twelve of them .15 of their sum
    assert np.log(unsure["hi-80"] / unsure["lo-80"]) == pytest.approx(2 * 1.3 * 0.15, rel=0.2)
    assert unsure["yhat"] == pytest.approx(sure["yhat"] * 19 / 24, rel=0.05)
    assert forecast(channels(idle), 1)["lo-80"].iloc[0] == 0
