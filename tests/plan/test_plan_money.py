"""Money: price, margin, returns, the budget as a share of sales, and cases whose arithmetic is known from elsewhere."""

from __future__ import annotations

from importlib import import_module

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopplan.plan import run
from shopplan.plan.money import lag
from shopplan.scenario import Scenario

WHOLE_BUDGET = {"line_experiments": 0.05, "line_reserve": 0.05}


def near(a, b, rel=1e-9):
    np.testing.assert_allclose(a, b, rtol=rel, atol=1e-7)


def ratio(after, before, metric):
    return after.total(metric) / before.total(metric)


def test_price_war(plain_shop):
    """Source plan 000 #2: price -12 %, volume +3 %; at 40 % margin revenue -9.4 % and gross profit -27.9 %.

    Volume +3 %: the elasticity is ln 1.03 / ln 0.88 = -0.2312. Revenue 0.88 * 1.03 = 0.9064.
    Gross profit (0.9064 - 0.6 * 1.03) / 0.4 = 0.2884 / 0.4 = 0.7210.
    """
    exact = float(np.log(1.03) / np.log(0.88))
    cut = {"price": -0.12} | {f"elasticity:{c}": exact for c in ("search", "live", "organic")}
    before, after = run(Scenario(horizon=6), plain_shop), run(Scenario(horizon=6).with_values(cut), plain_shop)
    assert ratio(after, before, "orders") == pytest.approx(1.03, abs=1e-9)
    assert ratio(after, before, "net_sales") == pytest.approx(1 - 0.0936, abs=1e-9)
    assert ratio(after, before, "gross_margin") == pytest.approx(1 - 0.279, abs=1e-9)
    assert before.total("gross_margin_rate") == pytest.approx(0.4)


def test_price_war_at_the_elasticity_the_preset_names(plain_shop):
    """At -0.25 volume rises 0.88 ** -0.25 = 1.03247, a quarter of a point more than the plan's round 3 %."""
    cut = {"price": -0.12} | {f"elasticity:{c}": -0.25 for c in ("search", "live", "organic")}
    before, after = run(Scenario(horizon=6), plain_shop), run(Scenario(horizon=6).with_values(cut), plain_shop)
    assert ratio(after, before, "orders") == pytest.approx(1.03, abs=0.003)
    assert ratio(after, before, "net_sales") == pytest.approx(1 - 0.094, abs=0.003)
    assert ratio(after, before, "gross_margin") == pytest.approx(1 - 0.279, abs=0.003)


@pytest.mark.parametrize(("markup", "margin"), [(0.30, 0.230769), (2 / 3, 0.4), (1.0, 0.5)])
def test_mark_up_is_on_cost_and_margin_on_sales(plain_shop, markup, margin):
    """Source plan 000, audit A5: cost +30 % is a margin of 23.1 %, and 40 % needs a mark-up of 66.7 %."""
    result = run(Scenario(horizon=3).with_values({"markup": markup}), plain_shop)
    assert result.path("gross_margin_rate") == pytest.approx(margin, abs=1e-6)


@pytest.mark.parametrize(("levers", "margin"), [({}, -0.2), ({"markup": 0.3}, -0.538462)])
def test_half_price(plain_shop, levers, margin):
    """Audit A5 again: at half price a 40 % item loses 20 % of its sales, one at cost +30 % loses 53.8 %."""
    result = run(Scenario(horizon=3).with_values(levers | {"discount": 0.5}), plain_shop)
    assert result.path("gross_margin_rate") == pytest.approx(margin, abs=1e-6)


def test_conversion_and_basket_multiply_sales_and_not_orders(plain_shop):
    """Audit C1: conversion +50 % and basket +30 % give 1.95 times the revenue on 1.5 times the orders."""
    before = run(Scenario(horizon=3), plain_shop)
    after = run(Scenario(horizon=3).with_values({"conversion": 0.5, "aov": 0.3}), plain_shop)
    assert ratio(after, before, "net_sales") == pytest.approx(1.95)
    assert ratio(after, before, "orders") == pytest.approx(1.5)
    assert ratio(after, before, "gross_margin") == pytest.approx(1.95)
    assert after.total("gross_margin_rate") == pytest.approx(0.4)


def test_levels_move_in_proportion_between_channels(with_defaults):
    """The lever names the mean; a channel with twice the returns keeps twice the returns."""
    shop = with_defaults({"return_delay": 0}, return_rate=np.array([0.08, 0.16, 0.0955]))
    before, after = (run(Scenario(horizon=3).with_values({"return_rate": x}), shop) for x in (0.1, 0.2))
    near(after.path("returns"), 2 * before.path("returns"))


def test_margin_at_the_defaults_is_the_default_margin(make_shop):
    """Returned goods are partly sold again, and still net sales less cost is 40 % of net sales."""
    assert run(Scenario(), make_shop(False)).path("gross_margin_rate") == pytest.approx(0.4)


def test_return_of_goods_costs_what_cannot_be_sold_again(make_shop):
    shop = make_shop(False)
    none, all_ = (run(Scenario().with_values({"return_recovery": x}), shop) for x in (0, 1))
    # cost of an order's goods is net * 0.6 / (1 - 0.1 * 0.4); all recovered goods: a tenth of the cost comes back
    sold = 314_640 * 0.6 / 0.96
    near(none.path("cogs"), sold)
    near(all_.path("cogs"), sold * 0.9)


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=24), st.floats(0, 2))
def test_a_delay_moves_returns_and_loses_none(flow, months):
    padded = np.array([*flow, 0.0, 0.0, 0.0])[:, None]
    late = lag(padded, months, 0.0)
    assert late.sum() == pytest.approx(padded.sum())
    t = np.arange(len(padded))
    assert (t @ late[:, 0]) == pytest.approx(t @ padded[:, 0] + months * padded.sum(), rel=1e-9, abs=1e-6)
    assert (late >= 0).all()


def test_returns_arrive_late_and_those_of_earlier_sales_come_first(with_defaults):
    shop = with_defaults({"return_delay": 0}, seasonal=True)
    at_once = run(Scenario(horizon=36), shop).path("returns")
    half = run(Scenario(horizon=36).with_values({"return_delay": 365.25 / 24}), shop).path("returns")
    before = 314_640 * 0.1 / 0.9
    near(half, (at_once + np.concatenate([[before], at_once[:-1]])) / 2)
    month = run(Scenario(horizon=36).with_values({"return_delay": 365.25 / 12}), shop).path("returns")
    near(month, np.concatenate([[before], at_once[:-1]]))


def test_a_flat_shop_does_not_feel_when_returns_arrive(make_shop):
    shop = make_shop(False)
    early, late = (run(Scenario().with_values({"return_delay": x}), shop) for x in (0, 60))
    near(early.path("net_sales"), 314_640)
    near(late.path("net_sales"), 314_640)
    near(late.path("cogs"), 188_784)


@given(st.floats(0.001, 0.5), st.data())
def test_budget_as_a_share_of_sales_is_that_share(shop, any_scenario, share, data):
    base = any_scenario(data, shop, without=("budget", "budget_share"))
    result = run(base.with_values({"budget_share": share}), shop)
    gap = [dict(n.values)["gap"] for n in result.notes if n.code == "budget_share_open"]
    net = np.maximum(result.path("net_sales"), 0)
    if not gap:
        np.testing.assert_allclose(result.path("marketing"), share * net, rtol=1e-8, atol=1e-6)
        assert result.total("marketing_share") == pytest.approx(share, rel=1e-7)


@pytest.mark.parametrize("share", [0.02, 0.08, 0.1, 0.3, 0.5])
def test_budget_share_converges_in_an_ordinary_shop(shop, share):
    result = run(Scenario(horizon=36).with_values({"budget_share": share} | WHOLE_BUDGET), shop, 5)
    assert result.notes == () or "budget_share_open" not in {n.code for n in result.notes}
    near(result.path("marketing_share"), share, rel=1e-8)
    assert (result.flows["marketing"] == result.flows["marketing"][:, :1]).all()


def test_a_share_that_feeds_itself_still_closes(shop):
    """Half of sales into ads that return 20 and hardly saturate: spend grows until saturation stops it."""
    wild = {f"{lever}:{c}": x for c in ("search", "live") for lever, x in (("roas", 20), ("bend", 0.95))}
    result = run(Scenario(horizon=60).with_values(wild | {"budget_share": 0.5}), shop)
    assert result.path("net_sales").min() > 10 * 314_640
    near(result.path("marketing_share"), 0.5, rel=1e-8)


def test_a_share_that_does_not_close_is_said(shop, monkeypatch):
    monkeypatch.setattr(import_module("shopplan.plan.run"), "SHARE_STEPS", 2)
    note = {n.code: dict(n.values) for n in run(Scenario().with_values({"budget_share": 0.4}), shop).notes}
    assert note["budget_share_open"]["gap"] > 1e-9


def test_budget_follows_season_events_and_growth(make_shop):
    event = np.where(np.arange(72) % 12 == 10, 1.0, 0.0)
    shop = make_shop(True, event=event)
    result = run(
        Scenario(horizon=24).with_values({"budget_season": 1, "budget_event": 0.5, "budget_growth": 0.2}), shop
    )
    shape = shop.season * (1 + 0.5 * event)
    near(result.path("marketing"), 20_000 * shape[:24] / shape[:12].mean() * 1.2 ** (np.arange(24) / 12))
    even = run(Scenario(horizon=24).with_values({"budget_season": 1, "budget_event": 0.5}), shop)
    near(even.path("marketing")[:12].mean(), 20_000)


def test_fees_and_fulfilment_have_their_base(make_shop):
    shop = make_shop(False)
    r = run(Scenario().with_values({"fulfilment_cost": 8, "platform_fee": 0.1, "payment_fee": 0.01}), shop)
    near(r.path("fulfilment"), 8 * r.path("orders"))
    near(r.path("platform_fees"), 0.1 * (r.path("gross_sales") - r.path("discounts")))
    near(r.path("payment_fees"), 0.01 * (r.path("gross_sales") - r.path("discounts")))


def test_cost_inflation_compounds_by_the_month(make_shop):
    shop = make_shop(False)
    r = run(Scenario().with_values({"cost_inflation": 0.21}), shop)
    near(r.path("cogs")[12] / r.path("cogs")[0], 1.21)
    near(r.path("cogs")[6] / r.path("cogs")[0], 1.1)
    near(r.path("cogs")[0], 188_784)
