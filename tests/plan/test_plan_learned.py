"""Curves learned from a shop's own sales and spend: what they are made of, how near the truth, and what a plan does."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from shopplan.demo import generate
from shopplan.plan import run
from shopplan.plan.assemble import assemble, believed_curves
from shopplan.plan.draws import prepare
from shopplan.plan.evidence import gather
from shopplan.plan.facts import Entered, Facts
from shopplan.plan.learned import Learned, learn
from shopplan.plan.tables import curve_points, margin_of_sales, next_money, planned_curve
from shopplan.plan.templates import load
from shopplan.response import Entry, Experiment, anchored_curves
from shopplan.scenario import Scenario

T = load("000")


@pytest.fixture(scope="module")
def demo():
    """Daily frames of the demo shop in major units, its truth, and the curves believed before the fit."""
    shop = generate()
    frames = []
    for frame in (shop.sales_daily, shop.spend_daily):
        money = [c for c in frame if c.endswith("_minor")]
        major = frame.assign(**{c.removesuffix("_minor"): frame[c] / 100 for c in money}).rename(columns={"day": "ds"})
        frames.append(major.assign(keyed_orders=major["orders"]) if "orders" in major else major)
    sold, spent = frames
    month = spent["ds"].dt.to_period("M").dt.to_timestamp()
    monthly = spent.assign(month=month).groupby(["month", "channel"], as_index=False)[["spend", "attributed"]].sum()
    ids = sorted(monthly["channel"].unique())
    believed = {c.channel: c for c in anchored_curves(monthly, pd.DataFrame({"id": ids, "kind": ids}))}
    measures = shop.measures_daily.rename(columns={"day": "ds"})
    return gather(sold, spent, measures, "CN"), believed, shop.truth["curves"]


@pytest.fixture(scope="module")
def learned(demo):
    evidence, believed, _ = demo
    return learn(evidence, believed, {})


def true_returns(truth, at):
    """ROAS and slope of the demo's own curve at a spend a month."""
    kappa, slope, reference = truth["kappa"], truth["slope"], truth["reference_spend"]
    height = truth["roas"] * reference * (1 + (kappa / reference) ** slope)
    whole = kappa**slope + at**slope
    return height * at ** (slope - 1) / whole, height * slope * at ** (slope - 1) * kappa**slope / whole**2


def test_learned_curves_are_nearer_the_truth_than_those_believed_before(demo, learned):
    _, believed, truth = demo
    errors = {"roas": ([], []), "slope": ([], [])}
    for channel, one in learned.curves.items():
        at = one.curve.reference_spend
        roas, slope = true_returns(truth[channel], at)
        for side, curve in enumerate((believed[channel], one.curve)):
            errors["roas"][side].append(abs(np.log(float(curve.sales(at)) / at / roas)))
            errors["slope"][side].append(abs(np.log(float(curve.marginal_roas(at)) / slope)))
    for before, after in errors.values():
        assert np.mean(after) < 0.6 * np.mean(before)
    inside = [abs(np.log(one.curve.roas / true_returns(truth[c], one.curve.reference_spend)[0])) < 2 * one.curve.roas_sd
              for c, one in learned.curves.items()]  # fmt: skip
    assert sum(inside) >= 4
    assert {one.curve.source for one in learned.curves.values()} == {"fitted", "blended"}


def test_what_is_kept_is_what_was_learned(learned):
    again = Learned.from_dict(json.loads(json.dumps(learned.to_dict())))
    assert again.through == learned.through
    assert again.checks == learned.checks
    for channel, one in learned.curves.items():
        assert again.curves[channel].curve == one.curve
        pd.testing.assert_frame_equal(again.curves[channel].points, one.points, rtol=1e-5, check_dtype=False)
        kept, read = again.curves[channel].reading, one.reading
        assert kept.contribution.lo == pytest.approx(read.contribution.lo, rel=1e-5)
        assert (kept.confidence, kept.saturation) == (read.confidence, pytest.approx(read.saturation, rel=1e-5))
    assert (again.base, again.since) == (pytest.approx(learned.base, rel=1e-5), learned.since)
    np.testing.assert_allclose(again.correlation, learned.correlation, atol=1e-5)
    assert len(json.dumps(learned.to_dict())) < 20_000


def test_the_last_year_sales_are_those_of_channels_and_base(demo, learned):
    sales = demo[0].history.sales[-52:].sum()
    read = [one.reading for one in learned.curves.values()]
    assert learned.base + sum(r.contribution.value for r in read) == pytest.approx(sales, rel=0.01)
    for r in read:
        assert r.carry_in + r.in_period == pytest.approx(r.contribution.value)
        assert r.in_period + r.still_to_come == pytest.approx(r.roas.value * r.spend, rel=1e-6)


def test_curves_from_before_readings_were_kept_can_still_be_used(learned):
    old = json.loads(json.dumps(learned.to_dict()))
    for row in old["curves"]:
        read = row.pop("reading")
        row |= {"confidence": read["confidence"], "half_life": read["half_life"]}
    for key in ("base", "since", "currency"):
        old.pop(key)
    again = Learned.from_dict(old)
    assert np.isnan(again.base)
    for channel, one in learned.curves.items():
        assert again.usable({})[channel] == one.curve
        assert again.curves[channel].confidence == one.confidence


def known() -> Facts:
    """Two even years of a shop with two of the demo's channels: 10,000 of spend a month, of which 30,000 is claimed."""
    months = pd.date_range("2024-01-01", periods=24, freq="MS")
    parts = []
    for channel, orders in (("search", 1_000.0), ("live", 600.0), ("organic", 2_000.0)):
        gross = orders * 100.0
        parts.append(pd.DataFrame({
            "month": months, "channel": channel, "orders": orders, "new_orders": 0.7 * orders, "keyed_orders": orders,
            "units": orders, "gross": gross, "discounts": 0.05 * gross, "returns": 0.095 * gross,
            "net": 0.855 * gross, "cogs": 0.6 * 0.855 * gross, "sessions": 40 * orders,
        }))  # fmt: skip
    spent = [pd.DataFrame({"month": months, "channel": c, "spend": 10_000.0, "attributed": 30_000.0})
             for c in ("search", "live")]  # fmt: skip
    ids = ["search", "live", "organic"]
    return Facts(
        "v1", "CNY", pd.DataFrame({"id": ids, "name": ids, "kind": ids}), pd.concat(parts, ignore_index=True),
        pd.concat(spent, ignore_index=True), pd.DataFrame(columns=["cohort", "age", "customers", "orders"]),
        pd.DataFrame({"ds": pd.date_range("2024-01-01", "2025-12-31"), "net": 10_000.0}),
    )  # fmt: skip


def shop_with(learned, **entries):
    return assemble(known(), Entered(channels=entries), T, learned)


def small(learned, channels=("search", "live"), scale=0.1):
    """The learned curves of some channels, in a smaller shop's money."""
    kept = {
        c: replace(one, curve=replace(one.curve, reference_spend=one.curve.reference_spend * scale))
        for c, one in learned.curves.items()
        if c in channels
    }
    at = [2 * list(learned.curves).index(c) + k for c in kept for k in (0, 1)]
    return replace(learned, curves=kept, correlation=learned.correlation[np.ix_(at, at)])


def test_the_baseline_uses_them_and_says_so(learned):
    own = small(learned)
    shop = shop_with(own)
    for channel in ("search", "live"):
        curve = own.curves[channel].curve
        assert shop.curves[channel] == curve
        assert shop.defaults[f"roas:{channel}"].source == "data"
        assert shop.defaults[f"roas:{channel}"].note == curve.source
        assert shop.defaults[f"bend:{channel}"].source == "data"
        assert run(Scenario(), shop).values[f"roas:{channel}"] == curve.roas
    assert shop_with(None).curves["search"].source == "platform"


def test_what_is_typed_after_the_fit_counts(learned):
    shop = shop_with(small(learned), search=Entry(roas=1.25))
    assert shop.curves["search"].source == "entered"
    assert shop.default("roas:search") == 1.25
    assert shop.curves["live"].source == "fitted"


def test_an_implausible_fit_is_left_out_and_the_reason_kept(learned):
    own = small(learned)
    stopped = replace(own, curves={**own.curves, "live": replace(own.curves["live"], stopped="implausible_roas")})
    shop = shop_with(stopped)
    assert shop.curves["live"].source == "platform"
    assert shop.curves["search"].source == "fitted"
    assert shop.learned.curves["live"].stopped == "implausible_roas"


def test_draws_hold_the_spread_and_the_links_of_the_fit(learned):
    own = replace(small(learned), correlation=np.array([[1, 0, -0.8, 0], [0, 1, 0, 0], [-0.8, 0, 1, 0], [0, 0, 0, 1]]))
    shop = shop_with(own)
    drawn = np.log(prepare(shop, 12, 4_000, 1).roas[:2, 1:])
    order = [c.id for c in shop.channels[:2]]
    assert drawn.std(axis=1) == pytest.approx([own.curves[c].curve.roas_sd for c in order], rel=0.05)
    assert np.corrcoef(drawn)[0, 1] == pytest.approx(-0.8, abs=0.03)


def test_the_next_thousand_is_worth_its_slope_and_its_band_holds_it(learned):
    result = run(Scenario(), shop_with(small(learned)))
    worth, low, high = next_money(result, "search", 10_000.0)
    slope = float(planned_curve(result, "search").marginal_roas(10_500.0))
    assert worth == pytest.approx(1_000 * slope * margin_of_sales(result), rel=0.01)
    assert margin_of_sales(result) == pytest.approx(0.4 * 0.9)
    assert 0 < low < worth < high
    points = curve_points(result, "search", (5_000.0, 10_000.0))
    inner = points["spend"] > 0
    assert (points["lo"] < points["sales"])[inner].all()
    assert (points["sales"] < points["hi"])[inner].all()


def test_an_experiment_pulls_the_curve_and_a_share_cuts_it(demo, learned):
    evidence, believed, _ = demo
    test = Experiment("content", "2026-06-01", "2026-08-30", 1.35, 1.65, roas=True)
    with_test = learn(evidence, believed, {}, (test,)).curves["content"].curve
    free = learned.curves["content"].curve
    assert abs(np.log(with_test.roas / 1.5)) < abs(np.log(free.roas / 1.5)) / 2
    assert with_test.roas_sd < 0.6 * free.roas_sd
    cut = learn(evidence, believed, {"search": Entry(incremental=0.5)}).curves["search"].curve
    assert cut.roas < 0.75 * learned.curves["search"].curve.roas


def test_believed_curves_are_those_before_any_fit():
    curves = believed_curves(known(), Entered(), T)
    assert {c.source for c in curves.values()} == {"platform"}


def test_a_channel_that_spent_nothing_for_a_year_keeps_its_curve():
    """What it brought in the last year is nothing, which is no implausible return."""
    rng = np.random.default_rng(4)
    days = pd.date_range("2023-01-02", periods=7 * 110)
    ads, old = (np.repeat(100 * np.exp(0.4 * rng.standard_normal(110)), 7) for _ in range(2))
    old[7 * 50 :] = 0.0
    gross = 1_000 + 400 * ads / (100 + ads) + 400 * old / (100 + old)
    sold = pd.DataFrame({"ds": days, "channel": "own", "orders": gross / 50, "new_orders": 0.0, "keyed_orders": 0.0,
                         "gross": gross * np.exp(0.02 * rng.standard_normal(len(days))), "discounts": 0.0})  # fmt: skip
    spent = pd.concat([pd.DataFrame({"ds": days, "channel": c, "spend": x}) for c, x in (("ads", ads), ("old", old))])
    made = learn(gather(sold, spent, pd.DataFrame({"ds": [], "channel": [], "measure": [], "value": []}), "DE"), {}, {})
    assert made.curves["old"].stopped == ""
    assert made.curves["old"].reading.spend == 0
    assert "paused" in {c.code for c in made.checks if c.channel == "old"}
    assert np.isnan(Learned.from_dict(json.loads(json.dumps(made.to_dict()))).curves["old"].reading.roas.value)
