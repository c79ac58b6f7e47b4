"""Bands of totals on small shops whose future is known, and what makes them as wide as they are."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t as student

from shopplan.forecast import spans
from shopplan.plan.draws import _forecast_error
from shopplan.plan.outlook import expected, look_ahead
from shopplan.plan.shortfall import in_stock, missing_share

MONTHS, AHEAD, SHOPS = 30, 12, 16


def shops(trade: float):
    """Shops of three channels; with ``trade`` customers wander between them, which their total does not feel."""
    for seed in range(SHOPS):
        rng = np.random.default_rng([seed, 11])
        n = MONTHS + AHEAD
        season = 0.15 * np.cos(2 * np.pi * (np.arange(n) / 12 - rng.random()))
        moves = np.cumsum(rng.normal(0, trade, (n, 3)), axis=0)
        log = moves - moves.mean(axis=1, keepdims=True) + np.cumsum(rng.normal(0, 0.012, (n, 1)), axis=0)
        log += rng.normal(0, 0.02, (n, 3)) + season[:, None]
        index = pd.date_range("2022-01-01", periods=n, freq="MS")
        yield pd.DataFrame(1e4 * np.exp(log), index, list("abc"))


def scores(trade: float) -> np.ndarray:
    """(shops, 3) errors of the totals of 3, 6 and 12 months, in the standard deviations of the plan's draws."""
    found = []
    for net in shops(trade):
        ahead = look_ahead(net[:MONTHS], net.index[MONTHS].date())
        size = ahead.net[:AHEAD] * ahead.log_sd[:AHEAD]
        between = np.full((3, 3), ahead.cross)
        np.fill_diagonal(between, 1.0)
        came = net[MONTHS:].sum(axis=1).to_numpy()
        row = []
        for m in (3, 6, 12):
            variance = np.einsum("tc,ud,cd,tu->", size[:m], size[:m], between, ahead.memory[:m, :m])
            row.append((came[:m].sum() - ahead.net[:m].sum()) / np.sqrt(variance))
        found.append(row)
    return np.array(found)


@pytest.fixture(scope="module")
def trading():
    return scores(0.06)


def test_bands_of_totals_hold_about_four_in_five(trading):
    found = np.concatenate([scores(0.0), trading])
    inside = np.abs(found) < student.ppf(0.9, 7.5)
    assert (inside.mean(axis=0) > 0.68).all()
    assert (inside.mean(axis=0) < 0.92).all()


def test_back_tested_totals_set_the_width_of_bands(trading, monkeypatch):
    """Where channels take from each other, their errors alone would make the total's band far too wide."""
    monkeypatch.setattr(spans, "PRIOR_TESTS", 1e9)
    untested = scores(0.06)
    ours, without = (np.sqrt(np.square(found).mean()) for found in (trading, untested))
    assert ours > 1.1 * without


@pytest.mark.parametrize(("times", "least", "most"), [(0.4, 0.7, 0.9), (1.0, 0.99, 1.01), (2.0, 1.3, 1.8)])
def test_bands_widen_as_far_as_totals_missed_and_never_all_the_way(times, least, most):
    """Two series of 24 tested months that err together: the width goes some way from 1 to how far they missed."""
    sd = np.tile([3.0, 6.0, 12.0], (8, 1))
    tested = spans.Spans((24, 21, 19, 17, 16, 14, 13, 12), (3, 6, 12), times * sd, sd)
    assert least < spans.width([tested, tested], 1.0) < most
    assert spans.width([tested, tested], 0.0) > spans.width([tested, tested], 1.0)
    few = spans.Spans(tested.ago[-1:], (3, 6, 12), tested.missed[:1], sd[:1])
    assert abs(spans.width([few], 0.0) - 1) <= abs(spans.width([tested], 0.0) - 1)
    assert spans.width([], 0.3) == 1.0


def test_noise_averages_out_over_a_year_and_a_wandering_level_does_not():
    def year(wanders: bool) -> float:
        """Standard deviation of a year's mean error against that of a month's."""
        rng = np.random.default_rng(5)
        moves = rng.normal(0, 0.06, (48, 3))
        net = 1e4 * np.exp(moves.cumsum(axis=0) if wanders else moves)
        index = pd.date_range("2022-01-01", periods=48, freq="MS")
        ahead = look_ahead(pd.DataFrame(net, index, list("abc")), pd.Timestamp("2026-01-01").date())
        size = ahead.log_sd[:12, 0]
        return float(np.sqrt(size @ ahead.memory[:12, :12] @ size) / 12 / size.mean())

    assert year(wanders=False) < 0.62
    assert year(wanders=True) > 0.75


def test_channels_that_now_and_then_sell_nothing_widen_the_plans_band(make_shop):
    """Three channels, each idle in about 15 % of its months: the forecast, its band and the draws know it."""
    rng, n = np.random.default_rng(4), MONTHS + AHEAD
    net = 1e4 * np.exp(rng.normal(0, 0.08, (n, 3))) * (rng.random((n, 3)) >= 0.15)
    index = pd.date_range("2022-01-01", periods=n, freq="MS")
    ahead = look_ahead(pd.DataFrame(net, index, list("abc"))[:MONTHS], index[MONTHS].date())
    assert ((ahead.idle > 0.05) & (ahead.idle < 0.3)).sum() >= 2
    same = {"aov": np.ones(3), "discount": np.zeros(3), "return_rate": np.zeros(3)}
    shop = make_shop(orders=ahead.net, idle=ahead.idle, log_sd=ahead.log_sd, **same)
    band, came = expected(shop, AHEAD), net[MONTHS:].sum(axis=1)
    assert np.mean((came >= band["lo"]) & (came <= band["hi"])) > 0.6
    drawn = np.einsum("tcn,tc->tn", _forecast_error(shop, AHEAD, 2000, np.random.default_rng(1)), ahead.net[:AHEAD])
    inside = (drawn >= band["lo"].to_numpy()[:, None]) & (drawn <= band["hi"].to_numpy()[:, None])
    assert 0.72 < inside.mean() < 0.92
    assert drawn[:, 1:].mean() == pytest.approx(ahead.net[:AHEAD].sum(axis=1).mean(), rel=0.03)


def days(months: int = 36, seed: int = 3) -> pd.DataFrame:
    """A shop by day with weekdays, a season and a festival each November."""
    ds = pd.date_range("2023-01-01", periods=months * 30, freq="D")
    rng = np.random.default_rng(seed)
    log = 0.2 * np.cos(2 * np.pi * ds.day_of_year / 365.25) + 0.3 * (ds.day_of_week >= 5) + rng.normal(0, 0.1, len(ds))
    festival = (ds.month == 11) & (ds.day >= 9) & (ds.day <= 13)
    closed = (ds.month == 2) & (ds.day >= 3) & (ds.day <= 14)
    return pd.DataFrame({"ds": ds, "net": 1e3 * np.exp(log + 1.2 * festival - 1.0 * closed)})


def test_weeks_without_stock_are_found_and_made_good():
    whole = days()
    assert missing_share(whole) == {}, "neither a festival nor a yearly rest is a shortfall"
    short = whole.assign(net=whole["net"].where(~whole["ds"].between("2025-04-05", "2025-04-22"), whole["net"] * 0.3))
    missing = missing_share(short)
    assert [f"{month:%Y-%m}" for month in missing] == ["2025-04"]
    month = whole["ds"].dt.to_period("M").dt.to_timestamp()
    wanted, sold = (frame["net"].groupby(month).sum().to_frame("all") for frame in (whole, short))
    np.testing.assert_allclose(in_stock(sold, missing), wanted, rtol=0.03)
    assert 1 - sold.loc["2025-04-01", "all"] / wanted.loc["2025-04-01", "all"] > 0.3


def test_a_new_level_is_no_shortfall():
    whole = days()
    for since in ("2025-02-20", f"{whole['ds'].iloc[-9]:%Y-%m-%d}"):
        lower = whole.assign(net=whole["net"].where(whole["ds"] < since, whole["net"] * 0.6))
        assert missing_share(lower) == {}


def test_months_alone_show_no_shortfall():
    by_month = pd.DataFrame({"ds": pd.date_range("2023-01-01", periods=36, freq="MS"), "net": 1e4})
    assert missing_share(by_month) == {}
    assert missing_share(by_month[:0]) == {}
