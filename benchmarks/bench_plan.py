"""Speed of the planning model: time of a run, and how it grows with draws, months and channels.

Every run moves a lever, so nothing is answered from a cache; the random inputs are made once per shop, horizon and
number of draws, as they are in the app, and their making is timed apart.
"""

from __future__ import annotations

import gc
import statistics
import time

import numpy as np
import pandas as pd

from shopplan.plan import Baseline, run
from shopplan.plan.assemble import assemble
from shopplan.plan.draws import prepare
from shopplan.plan.facts import Entered, Facts
from shopplan.plan.templates import load
from shopplan.scenario import Scenario
from shopplan.terms import SEED_DEFAULT

MONTHS, CHANNELS = 36, 8
LIMITS_MS = {0: 2.0, 1_000: 40.0}
"""What a move of a lever may cost at 36 months and 8 channels on one core, by draws."""
KINDS = ("search", "live", "content", "private", "social", "marketplace", "organic", "offline")
DRAWS = (0, 300, 1_000)


def shop(channels: int) -> Baseline:
    """A shop with three years of monthly sales and spend in so many channels, made up but always the same."""
    rng = np.random.default_rng(5)
    months = pd.date_range("2023-01-01", periods=36, freq="MS")
    season = 1 + 0.25 * np.sin(2 * np.pi * np.arange(36) / 12)
    kinds = [KINDS[i % len(KINDS)] for i in range(channels)]
    ids = [f"c{i}" for i in range(channels)]
    sales, spend = [], []
    for i, channel in enumerate(ids):
        orders = np.round(1_000 * (1 + i / 4) * season * rng.lognormal(0, 0.05, 36))
        gross = orders * (80 + 10 * i)
        net = gross * 0.95 * 0.92
        sales.append(
            pd.DataFrame({
                "month": months, "channel": channel, "orders": orders, "new_orders": np.round(orders * 0.75),
                "keyed_orders": orders, "units": orders, "gross": gross, "discounts": gross * 0.05,
                "returns": gross * 0.95 * 0.08, "net": net, "cogs": net * 0.6, "sessions": orders / 0.02,
            })
        )  # fmt: skip
        if kinds[i] != "organic":
            paid = gross * 0.06
            spend.append(pd.DataFrame({"month": months, "channel": channel, "spend": paid, "attributed": paid * 3}))
    days = pd.date_range(months[0], "2025-12-31")
    facts = Facts(
        version=f"bench-{channels}",
        currency="CNY",
        channels=pd.DataFrame({"id": ids, "name": ids, "kind": kinds}),
        sales=pd.concat(sales, ignore_index=True),
        spend=pd.concat(spend, ignore_index=True),
        cohorts=pd.DataFrame({"cohort": pd.to_datetime([]), "age": [], "customers": [], "orders": []}),
        daily=pd.DataFrame({"ds": days, "net": 1_000 * rng.lognormal(0, 0.3, len(days))}),
    )
    return assemble(facts, Entered(), load("000"))


Case = tuple[Baseline, int, int]
"""A shop, the months planned and the draws."""


def once(case: Case, price: float) -> float:
    """Milliseconds of one run with two levers moved."""
    baseline, months, draws = case
    scenario = Scenario(horizon=months).with_values({"price": price, "growth": price / 2})
    start = time.perf_counter()
    run(scenario, baseline, draws)
    return 1e3 * (time.perf_counter() - start)


def median_ms(case: Case, runs: int) -> float:
    """Median time of a run; the mean of the runs would tell of other programs."""
    once(case, 0.0)
    return statistics.median(once(case, price) for price in np.linspace(-0.2, 0.2, runs))


def growth(small: Case, large: Case, runs: int = 60) -> float:
    """Median ratio of the times of two cases, run in turns so that both meet the same load."""
    once(small, 0.0)
    once(large, 0.0)
    return statistics.median(once(large, price) / once(small, price) for price in np.linspace(-0.2, 0.2, runs))


def prepare_ms(baseline: Baseline, draws: int) -> float:
    """Time to make the random inputs once."""
    prepare.cache_clear()
    start = time.perf_counter()
    prepare(baseline, MONTHS, draws, SEED_DEFAULT)
    return 1e3 * (time.perf_counter() - start)


def main() -> bool:
    """Print the tables; whether the limits hold."""
    start = time.perf_counter()
    shops = {channels: shop(channels) for channels in (4, CHANNELS, 16)}
    print(f"three shops made in {time.perf_counter() - start:.1f} s")
    gc.collect()
    gc.freeze()
    held = True
    print(f"\nOne run, {MONTHS} months x {CHANNELS} channels, median\n   draws       ms    limit")
    for draws in DRAWS:
        took = median_ms((shops[CHANNELS], MONTHS, draws), 60 if draws else 400)
        limit = LIMITS_MS.get(draws)
        held &= limit is None or took <= limit
        print(f"{draws:8,} {took:8.2f} {f'{limit:8.0f}' if limit else '       -'}")
    print(f"random inputs of 1,000 draws, once per shop: {prepare_ms(shops[CHANNELS], 1_000):.0f} ms")
    print("\nGrowth against half of it (2.0 is linear)")
    eight, long = shops[CHANNELS], 60
    for label, small, large in (
        ("draws 1,000 / 500", (eight, MONTHS, 500), (eight, MONTHS, 1_000)),
        ("draws 2,000 / 1,000", (eight, MONTHS, 1_000), (eight, MONTHS, 2_000)),
        ("months 60 / 30, 1,000 draws", (eight, long // 2, 1_000), (eight, long, 1_000)),
        ("channels 8 / 4, 1,000 draws", (shops[4], MONTHS, 1_000), (eight, MONTHS, 1_000)),
        ("channels 16 / 8, 1,000 draws", (eight, MONTHS, 1_000), (shops[16], MONTHS, 1_000)),
    ):
        print(f"{label:30} {growth(small, large):5.2f}")
    print("\nlimits hold" if held else "\na limit is broken")
    return held
