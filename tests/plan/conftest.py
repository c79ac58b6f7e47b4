"""A small shop whose every number is written down here, so that tests can be worked by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from shopplan.plan import Baseline, Channel, Initiative, Phase, Role
from shopplan.plan.baseline import TAIL
from shopplan.response import Curve
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
        "net_sales": 307_800.0,
        "gross_margin": 123_120.0,
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
        version="test", currency="CNY", template="000", start=date(2026, 1, 1), channels=CHANNELS,
        orders=level * season[:HORIZON_MAX, None], log_sd=np.full((HORIZON_MAX, 3), 0.1), autocorr=0.6, cross=0.5,
        season=season, event=np.zeros(HORIZON_MAX + 12), spend=np.tile(spend, (HORIZON_MAX, 1)),
        spend_history=np.tile(spend, (TAIL, 1)), new_history=np.tile(level * 0.8, (TAIL, 1)), curves=curves,
        kernel=kernel,
        aov=np.array([100.0, 80.0, 110.0]), conversion=np.array([0.02, 0.05, 0.03]), discount=np.full(3, 0.05),
        return_rate=np.full(3, 0.1), margin=np.full(3, 0.4), platform_fee=np.full(3, 0.05),
        ratio_sd={"aov": 0.02, "margin": 0.02, "returns": 0.05, "repeat": 0.1}, daily_cv=0.3, monthly_sales=307_800.0,
        monthly_cogs=184_680.0, defaults=defaults(), roles=(Role("marketing"), Role("service", 2_000.0, True)),
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
