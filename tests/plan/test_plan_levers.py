"""Every lever moves every metric that its row in the registry says it moves."""

from __future__ import annotations

import numpy as np
import pytest

from shopplan.plan import limits, resolve, run
from shopplan.plan.levers import items
from shopplan.scenario import Scenario
from shopplan.terms import HORIZON_MAX, LEVERS, lever_key

# A lever that shapes something shows its effect when there is something to shape.
NEEDS = {
    "mix_start": {"mix:live": 0.4, "mix:search": 0.0},
    "mix_months": {"mix:live": 0.4, "mix:search": 0.0},
    "elasticity": {"price": 0.1},
    "repeat_start": {"repeat_rate": 0.5},
    "budget_growth": {"budget": 40_000},
    "bend": {"budget": 40_000},  # the curve goes through the reference spend whatever its bend
    "carryover": {"budget": 40_000},  # even spend is carried over into even spend
    "hire_month": {"headcount:marketing": 6, "headcount:service": 6},
    "hire_to_need": {"growth": 1.0},
    "capex_start": {"capex": 60_000},
    "capex_months": {"capex": 60_000},
    "capex_life": {"capex": 60_000},
    "initiative_uplift": {"initiative:persona": 1},
    "initiative_start": {"initiative:persona": 1, "initiative_uplift:persona": 2},
    "initiative_ramp": {"initiative:persona": 1, "initiative_uplift:persona": 2},
    "initiative_cost": {"initiative:persona": 1},
    "initiative_chance": {"initiative:persona": 1, "initiative_uplift:persona": 2},
    "initiative": {"initiative_uplift:persona": 2},
}
EVENT = np.where(np.arange(HORIZON_MAX + 12) % 12 == 10, 1.0, 0.0)


@pytest.fixture(scope="module")
def busy(make_shop):
    """The seasonal shop with a sales event every November."""
    return make_shop(True, event=EVENT)


@pytest.mark.parametrize("lever", LEVERS.values(), ids=lambda x: x.id)
def test_a_lever_moves_what_it_says(busy, lever):
    standing = Scenario(horizon=36).with_values(NEEDS.get(lever.id, {}))
    before = run(standing, busy)
    for member in items(lever, busy):
        key = lever_key(lever.id, member)
        span = limits(key, busy)
        ends = [run(standing.with_values({key: value}), busy) for value in (span.low, span.high)]
        still = [m for m in lever.moves if all(np.allclose(before.path(m), end.path(m), rtol=1e-9) for end in ends)]
        assert not still, f"{key} leaves {still} where they are"


def test_the_reserve_moves_odds_and_findings(shop):
    high = run(Scenario().with_values({"cash_reserve": 200_000, "opening_cash": 100_000}), shop)
    low = run(Scenario().with_values({"cash_reserve": 0, "opening_cash": 100_000}), shop)
    assert high.first_below_reserve() == 0
    assert low.first_below_reserve() is None
    assert high.cash_odds() < low.cash_odds()
    assert "cash_below_reserve" in {n.code for n in high.notes} - {n.code for n in low.notes}


@pytest.mark.parametrize("lever", LEVERS.values(), ids=lambda x: x.id)
def test_a_lever_at_its_default_changes_nothing(shop, lever):
    values = {k: shop.default(k) for m in items(lever, shop) for k in [lever_key(lever.id, m)]}
    plan, same = run(Scenario(), shop), run(Scenario().with_values(values), shop)
    assert all(plan.flows[m].tobytes() == same.flows[m].tobytes() for m in plan.flows)


# (lever, moved to, metric, direction of the metric's total)
SIGNS = [
    ("budget", 40000, "paid_orders", +1), ("budget", 40000, "cac", +1), ("budget_share", 0.2, "marketing", +1),
    ("traffic", 0.2, "sessions", +1), ("conversion", 0.2, "orders", +1),
    ("conversion", 0.2, "conversion_rate", +1), ("conversion", 0.2, "sessions", -1), ("aov", 0.2, "net_sales", +1),
    ("aov", 0.2, "cogs", +1), ("price", 0.1, "orders", -1), ("price", 0.1, "gross_margin_rate", +1),
    ("price", 0.1, "cogs", -1), ("discount", 0.2, "orders", +1), ("discount", 0.2, "gross_margin_rate", -1),
    ("repeat_rate", 0.4, "repeat_share", +1), ("return_rate", 0.2, "net_sales", -1),
    ("return_recovery", 1, "gross_margin", +1), ("margin", 0.5, "gross_margin", +1),
    ("cost_inflation", 0.1, "cogs", +1), ("fulfilment_cost", 8, "contribution", -1),
    ("platform_fee", 0.1, "contribution", -1), ("payment_fee", 0.01, "ebitda", -1),
    ("click_inflation", 0.4, "paid_orders", -1), ("roas:live", 4, "paid_orders", +1),
    ("pay_load", 0.5, "people", +1), ("pay_growth", 0.1, "people", +1),
    ("productivity", 0.5, "required_headcount", -1), ("automation", 0.6, "required_headcount", -1),
    ("dso", 60, "cash", -1), ("dpo", 60, "cash", +1), ("ad_prepay", 30, "cash", -1),
    ("stock_cover", 90, "cash", -1), ("lead_time", 60, "orders", -1), ("lead_time", 60, "lost_orders", +1),
    ("capex", 60000, "cash", -1), ("growth", 0.2, "orders", +1), ("elasticity:organic", -3, "orders", +0),
    ("line_reserve", 0.1, "acquisition", -1), ("line_reserve", 0.1, "marketing", +0),
]  # fmt: skip


@pytest.mark.parametrize(("key", "value", "metric", "sign"), SIGNS, ids=str)
def test_a_lever_moves_in_the_right_direction(shop, key, value, metric, sign):
    before, after = run(Scenario(), shop).total(metric), run(Scenario().with_values({key: value}), shop).total(metric)
    assert np.sign(round(after - before, 6)) == sign


def test_a_share_that_is_set_alone_stands_and_the_others_give_way(shop):
    values = resolve(Scenario().with_values({"mix:organic": 0.5}), shop)
    assert values["mix:organic"] == 0.5
    assert values["mix:search"] == pytest.approx(0.25)
    assert values["mix:live"] == pytest.approx(0.25)
