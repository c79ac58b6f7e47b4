"""Anchored curves pass through what the shop knows, bend as asked, and doubt is drawn without moving the mean."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopplan.response import PRIORS, Curve, Entry, anchor, anchored_curves, draw
from shopplan.terms import CHANNEL_KINDS, ShopplanError


def curve(**changes):
    values = {"channel": "live", "reference_spend": 50_000.0, "roas": 3.0, "bend": 0.4, "carryover": 0.2}
    doubt = {"roas_sd": 0.5, "bend_sd": 0.5, "source": "entered"}
    return Curve(**values | doubt | changes)


spends = st.floats(100, 1e7)
bends = st.floats(0.05, 0.95)
returns = st.floats(0.1, 20)


@given(spends, returns, bends)
def test_the_curve_passes_through_the_anchor_with_the_asked_elasticity(spend, roas, bend):
    c = curve(reference_spend=spend, roas=roas, bend=bend)
    assert c.sales(spend) == pytest.approx(roas * spend)
    assert c.marginal_roas(spend) == pytest.approx(roas * bend)


@given(spends, returns, bends, st.floats(0.01, 10))
def test_marginal_roas_is_the_slope(spend, roas, bend, multiple):
    c = curve(reference_spend=spend, roas=roas, bend=bend)
    x, step = spend * multiple, spend * multiple * 1e-4
    slope = (c.sales(x + step) - c.sales(x - step)) / (2 * step)
    assert c.marginal_roas(x) == pytest.approx(slope, rel=1e-4)


def test_zero_spend_brings_nothing_and_no_spend_brings_more_than_the_ceiling():
    c = curve()
    assert c.sales(0.0) == 0.0
    assert c.sales(1e12) < c.parameters()[0]
    assert (np.diff(c.sales(np.linspace(0, 500_000, 200))) > 0).all()


def test_a_channel_without_spend_has_a_flat_zero_curve():
    unpaid = curve(reference_spend=0.0)
    assert (unpaid.sales([0.0, 1e6]) == 0).all()
    assert (unpaid.marginal_roas([0.0, 1e6]) == 0).all()


def test_a_lower_bend_is_more_bent():
    assert curve(bend=0.4).sales(100_000) < curve(bend=0.6).sales(100_000)


@pytest.mark.parametrize("changes", [{"reference_spend": -1.0}, {"roas": -1.0}, {"bend": 1.0}, {"carryover": 1.0}])
def test_impossible_curves_are_refused_with_the_channel_named(changes):
    with pytest.raises(ShopplanError, match="live"):
        curve(**changes)


def test_draws_keep_the_mean_roas_and_stay_possible():
    curves = (curve(), curve(channel="search", roas=2.0, roas_sd=0.2, bend=0.6))
    roas, bend = draw(curves, np.random.default_rng(1).standard_normal((40_000, 2, 2)))
    np.testing.assert_allclose(roas.mean(axis=0), [3.0, 2.0], rtol=0.02)
    np.testing.assert_allclose(np.log(roas).std(axis=0), [0.5, 0.2], rtol=0.02)
    np.testing.assert_allclose(np.median(bend, axis=0), [0.4, 0.6], rtol=0.02)
    assert ((bend > 0) & (bend < 1)).all()
    vmax, kappa = anchor([50_000.0, 50_000.0], roas, bend)
    assert vmax.shape == kappa.shape == (40_000, 2)


CHANNELS = pd.DataFrame({"id": ["ads", "live", "store", "free"], "kind": ["search", "live", "offline", "organic"]})


def spend_frame(**last_year):
    months = pd.date_range("2025-01-01", periods=18, freq="MS")
    rows = [{"month": m, "channel": c, "spend": s, "attributed": a} for c, (s, a) in last_year.items() for m in months]
    return pd.DataFrame(rows, columns=["month", "channel", "spend", "attributed"])


def test_each_channel_with_spend_gets_a_curve_and_the_best_known_return():
    spend = spend_frame(ads=(20_000.0, 100_000.0), live=(10_000.0, np.nan))
    ads, live, store = anchored_curves(spend, CHANNELS, {"store": Entry(spend=5_000.0, roas=1.8, bend=0.5)})
    assert (ads.source, live.source, store.source) == ("platform", "template", "entered")
    assert ads.roas == pytest.approx(5.0 * PRIORS["search"].incrementality)
    assert live.roas == pytest.approx(PRIORS["live"].roas * PRIORS["live"].incrementality)
    assert live.note == "000 #23"
    assert (store.reference_spend, store.roas, store.bend) == (5_000.0, 1.8, 0.5)
    assert ads.roas_sd < live.roas_sd


def test_an_entered_return_beats_the_platform_claim_uncut():
    (ads,) = anchored_curves(spend_frame(ads=(20_000.0, 100_000.0)), CHANNELS, {"ads": Entry(roas=2.2)})
    assert (ads.roas, ads.source, ads.reference_spend) == (2.2, "entered", 20_000.0)


def test_the_reference_is_the_last_year_and_pauses_do_not_lower_it():
    spend = spend_frame(ads=(20_000.0, np.nan))
    spend.loc[:5, "spend"] = 900_000.0  # half a year that is longer ago than twelve months
    spend.loc[10:12, "spend"] = 0.0
    (ads,) = anchored_curves(spend, CHANNELS)
    assert ads.reference_spend == pytest.approx(20_000.0)


def test_no_spend_at_all_gives_no_curve():
    assert anchored_curves(spend_frame(), CHANNELS) == ()


def test_every_kind_that_can_be_paid_has_a_prior_that_says_where_it_comes_from():
    assert set(PRIORS) == set(CHANNEL_KINDS) - {"organic"}
    for prior in PRIORS.values():
        assert prior.source
        assert 0 < prior.incrementality <= 1
        assert 0 <= prior.weekly_carryover < 1
