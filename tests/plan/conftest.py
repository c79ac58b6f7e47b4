"""A small shop whose every number is written down here, so that tests can be worked by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import strategies as st

from shopplan.plan import Baseline, Channel, Initiative, Phase, Role, limits
from shopplan.plan.baseline import TAIL
from shopplan.response import Curve
from shopplan.scenario import Scenario
from shopplan.terms import HORIZON_MAX, LEVERS, Default, Target

CHANNELS = (
    Channel("search", "Search", "search", True),
    Channel("live", "Live", "live", True),
    Channel("organic", "Organic", "organic", False),
)
FLAT = {
    "budget": 20_000.0, "split:search": 0.6, "split:live": 0.4, "mix:search": 0.2, "mix:live": 0.2, "mix:organic": 0.6,
    "mix_months": 12, "return_rate": 0.1, "discount": 0.05, "margin": 0.4, "repeat_rate": 0.2, "return_recovery": 0.4,
    "fulfilment_cost": 5.0,
    "platform_fee": 0.05, "payment_fee": 0.006, "fixed_cost": 8_000.0, "technology_cost": 2_000.0,
    "roas:search": 3.0, "roas:live": 2.0, "bend:search": 0.4, "bend:live": 0.4, "carryover:search": 0.2,
    "carryover:live": 0.3, "headcount:marketing": 3, "headcount:service": 2, "pay:marketing": 5_000.0,
    "pay:service": 4_000.0, "pay_load": 0.3, "hire_to_need": 1, "automation": 0.3, "opening_cash": 300_000.0,
    "cash_reserve": 50_000.0, "dso": 15, "dpo": 30, "ad_prepay": 7, "stock_cover": 45, "lead_time": 20,
    "capex_months": 6, "capex_life": 36, "initiative_uplift:persona": 0.2, "initiative_start:persona": 2,
    "initiative_ramp:persona": 2, "initiative_chance:persona": 0.5, "initiative_cost:persona": 1_000.0,
    "return_delay": 7, "capex": 0.0, "budget_season": 0.0,
}  # fmt: skip
MEMBERS = {
    "": [""],
    "channel": [c.id for c in CHANNELS],
    "paid_channel": ["search", "live"],
    "role": ["marketing", "service"],
    "initiative": ["persona"],
}


def defaults() -> dict[str, Default]:
    out = {}
    for lever in LEVERS.values():
        for member in MEMBERS[lever.per]:
            key = f"{lever.id}:{member}" if member else lever.id
            value = -1.2 if lever.id == "elasticity" else FLAT.get(key, 0.0)
            out[key] = Default(float(value), "data", scale=100_000.0 if lever.relative and not value else 0.0)
    return out


def make(seasonal: bool = True) -> Baseline:
    months = np.arange(HORIZON_MAX + 12)
    season = 1 + 0.3 * np.sin(2 * np.pi * months / 12) if seasonal else np.ones(len(months))
    level = np.array([1_000.0, 600.0, 2_000.0])
    spend = np.array([12_000.0, 8_000.0, 0.0])
    history = pd.DataFrame({"month": pd.date_range("2025-01-01", periods=12, freq="MS")})
    for name, value in {
        "orders": 3_600.0,
        "net_sales": 314_640.0,
        "gross_margin": 125_856.0,
        "marketing": 20_000.0,
    }.items():
        history[name] = value
    kernel = 0.8 ** np.arange(TAIL)
    kernel *= 0.25 / kernel.sum()
    curves = {
        "search": Curve("search", 12_000.0, 3.0, 0.4, 0.2, 0.5, 0.5, "entered"),
        "live": Curve("live", 8_000.0, 2.0, 0.4, 0.3, 0.5, 0.5, "entered"),
    }
    return Baseline(
        version="test", currency="CNY", country="CN", template="000", start=date(2026, 1, 1), channels=CHANNELS,
        orders=level * season[:HORIZON_MAX, None], log_sd=np.full((HORIZON_MAX, 3), 0.1),
        memory=0.6 ** np.abs(np.subtract.outer(range(HORIZON_MAX), range(HORIZON_MAX))), cross=0.5, freedom=1e9,
        idle=np.zeros(3), season=season, event=np.zeros(HORIZON_MAX + 12), spend=np.tile(spend, (HORIZON_MAX, 1)),
        spend_history=np.tile(spend, (TAIL, 1)), new_history=np.tile(level * 0.8, (TAIL, 1)), curves=curves,
        kernel=kernel,
        aov=np.array([100.0, 80.0, 110.0]), conversion=np.array([0.02, 0.05, 0.03]), discount=np.full(3, 0.05),
        return_rate=np.full(3, 0.1), margin=np.full(3, 0.4), platform_fee=np.full(3, 0.05),
        ratio_sd={"aov": 0.02, "margin": 0.02, "returns": 0.05, "repeat": 0.1}, daily_cv=0.3, monthly_sales=314_640.0,
        monthly_cogs=188_784.0, defaults=defaults(), roles=(Role("marketing"), Role("service", 2_000.0, True)),
        initiatives=(Initiative("persona", "conversion", 0.15, 0.25, "001 #63"),),
        phases=(Phase("start", 3, (("people", 0.6),), "000 #45"), Phase("later", 57, (), "000 #49")),
        targets=(Target("year", "", "net_sales", 4_000_000.0, 12, "year", "test"),), history=history,
    )  # fmt: skip


@pytest.fixture(scope="session")
def shop() -> Baseline:
    """Seasonal shop: three channels, two of them paid, one initiative, two roles."""
    return make()


@pytest.fixture(scope="session")
def make_shop() -> Callable[..., Baseline]:
    """Build a shop that differs in some fields."""

    def build(seasonal: bool = True, **fields: object) -> Baseline:
        return replace(make(seasonal), **fields)

    return build


@pytest.fixture(scope="session")
def with_defaults(make_shop) -> Callable[..., Baseline]:
    """Build a shop with some defaults set to other values: ``with_defaults(repeat_rate=0.0, ...)``."""

    def build(values: dict[str, float], seasonal: bool = False, **fields: object) -> Baseline:
        own = {k: replace(d, value=values.get(k, d.value)) for k, d in defaults().items()}
        return make_shop(seasonal, defaults=own, **fields)

    return build


@pytest.fixture(scope="session")
def plain_shop(with_defaults) -> Baseline:
    """Flat shop without repeat orders, returns, discount and ads: one month is like the other, all orders organic."""
    none = {"repeat_rate": 0.0, "return_rate": 0.0, "discount": 0.0, "budget": 0.0}
    return with_defaults(
        none,
        kernel=np.zeros(TAIL),
        discount=np.zeros(3),
        return_rate=np.zeros(3),
        spend=np.zeros((HORIZON_MAX, 3)),
        spend_history=np.zeros((TAIL, 3)),
    )


@pytest.fixture(scope="session")
def any_scenario() -> Callable[..., Scenario]:
    """Draw a scenario: up to ten levers anywhere between their limits, and a horizon."""

    def draw(data: st.DataObject, shop: Baseline, without: tuple[str, ...] = (), horizon: int = 0) -> Scenario:
        keys = sorted(k for k in shop.defaults if k.partition(":")[0] not in without)
        values = {}
        for key in data.draw(st.lists(st.sampled_from(keys), max_size=10, unique=True), label="levers"):
            span = limits(key, shop)
            part = data.draw(st.one_of(st.sampled_from([0.0, 1.0]), st.floats(0, 1)), label=key)
            value = span.low + part * (span.high - span.low)
            values[key] = round(value) if key.partition(":")[0] in SWITCHES else value
        months = horizon or data.draw(st.sampled_from([3, 7, 12, 24, 36, 60]), label="horizon")
        return Scenario(horizon=months).with_values(values)

    return draw


SWITCHES = tuple(x.id for x in LEVERS.values() if x.unit == "switch")
