"""Bands and odds of plans, on simulated shops whose future is known.

``python -m benchmarks.bench_odds [first seed] [shops]``. There are two families: the demo shop with other sizes,
growth, noise, season and years of history, and shops that owe it nothing (`wandering_shops`). A plan is made from the
days before a cut, with nothing decided, and judged by what came after it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from benchmarks import wandering_shops
from shopplan.demo import Settings, generate, load_settings
from shopplan.plan import Baseline, run
from shopplan.plan.assemble import assemble, believed_curves
from shopplan.plan.evidence import gather
from shopplan.plan.facts import Entered, Facts
from shopplan.plan.learned import learn
from shopplan.plan.templates import load
from shopplan.scenario import Scenario
from shopplan.terms import Target

Array = np.ndarray
MONTHS = (3, 6, 12)
"""Months of the plan whose totals are judged."""
DRAWS = 1_000
FACTORS = (0.95, 1.0, 1.05, 1.1, 1.15, 1.2, 1.3)
"""Milestones: so many times what was sold in the same months a year before."""
BINS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


@dataclass(frozen=True, slots=True)
class Judged:
    """One shop: where the truth fell among the draws of each total, and what odds its milestones were given.

    ``rank`` is the share of draws below what came true, ``miss`` the plan's mean over it less one, by `MONTHS`;
    ``odds`` and ``met`` run over `MONTHS` x `FACTORS`.
    """

    rank: Array
    miss: Array
    odds: Array
    met: Array


def shop(seed: int) -> Settings:
    """The demo shop with other sizes, growth, noise, season, stock-out and length of history."""
    rng = np.random.default_rng([seed, 77])
    base = load_settings()
    cut = cut_of(seed)
    start = (cut - pd.DateOffset(years=int(rng.choice([2, 3, 4])))).date()
    channels = []
    for c in base.channels:
        size = float(np.exp(rng.normal(0, 0.5)))
        ads = c.ads
        if ads:
            growth, overclaim = float(rng.normal(0.15, 0.12)), ads.overclaim * float(np.exp(rng.normal(0, 0.2)))
            roas = ads.roas * float(np.exp(rng.normal(0, 0.25)))
            ads = replace(ads, spend_per_month=ads.spend_per_month * size, spend_growth=growth, overclaim=overclaim,
                          roas=roas, pauses=())  # fmt: skip
        trend = float(rng.normal(0.08, 0.12))
        channels.append(replace(c, orders_per_day=c.orders_per_day * size, growth=trend, ads=ads, first=None))
    months = [1 + (m - 1) * float(np.exp(rng.normal(0, 0.4))) for m in base.demand.months]
    demand = replace(base.demand, common_noise=base.demand.common_noise * float(np.exp(rng.normal(0, 0.3))),
                     months=[m / (sum(months) / 12) for m in months])  # fmt: skip
    out = replace(base.stock_out, days=0)
    end = (cut + pd.DateOffset(months=max(MONTHS), days=-1)).date()
    return replace(base, seed=seed, start=start, end=end, channels=tuple(channels), demand=demand, stock_out=out)


def cut_of(seed: int) -> pd.Timestamp:
    """First planned month: another month of the year for each shop, since festivals move."""
    return pd.Timestamp("2027-01-01") + pd.DateOffset(months=7 * seed % 12)


def demo(seed: int) -> tuple[Baseline, Array]:
    """The plan's baseline from the days before the cut, and net sales of the twelve months from it."""
    settings = shop(seed)
    made, cut = generate(settings), cut_of(seed)
    sales, spend = (_major(f) for f in (made.sales_daily, made.spend_daily))
    truth = _came(sales, cut)
    sales, spend = sales[sales["ds"] < cut], spend[spend["ds"] < cut]
    measures = made.measures_daily.rename(columns={"day": "ds"})
    cohorts = made.cohorts[made.cohorts["cohort"] < cut]
    seen = (pd.to_datetime(cohorts["cohort"]).dt.to_period("M") + cohorts["age"].to_numpy()).dt.to_timestamp() < cut
    names = _named([c.id for c in settings.channels], [c.kind for c in settings.channels])
    facts = _facts(seed, settings.currency, names, sales, _monthly(spend), cohorts[seen.to_numpy()])
    template = load("000")
    evidence = gather(sales, spend, measures[measures["ds"] < cut], settings.country)
    learned = learn(evidence, believed_curves(facts, Entered(), template), {}) if evidence else None
    return assemble(facts, Entered(), template, learned), truth


def wandering(seed: int) -> tuple[Baseline, Array]:
    """The same of a shop of another kind, of which nothing is known but daily orders and net sales."""
    made = wandering_shops.make(seed)
    unknown = ("new_orders", "keyed_orders", "units", "discounts", "returns", "cogs", "sessions")
    sales = made.sales.assign(gross=made.sales["net"], **dict.fromkeys(unknown, np.nan))
    past = sales[sales["ds"] < made.cut]
    ids = list(past["channel"].unique())
    spend = pd.DataFrame({"month": pd.to_datetime([]), "channel": [], "spend": [], "attributed": []})
    cohorts = pd.DataFrame({"cohort": pd.to_datetime([]), "age": [], "customers": [], "orders": []})
    facts = _facts(seed, "CNY", _named(ids, ["organic"] * len(ids)), past, spend, cohorts)
    return assemble(facts, Entered(), load("000")), _came(sales, made.cut)


FAMILIES: dict[str, Callable[[int], tuple[Baseline, Array]]] = {"demo": demo, "wandering": wandering}


def _came(sales: pd.DataFrame, cut: pd.Timestamp) -> Array:
    after = sales[sales["ds"] >= cut]
    return np.asarray(after.groupby(after["ds"].dt.to_period("M"))["net"].sum().to_numpy()[: max(MONTHS)])


def _named(ids: list[str], kinds: list[str]) -> pd.DataFrame:
    return pd.DataFrame({"id": ids, "name": ids, "kind": kinds})


def _facts(
    seed: int, currency: str, names: pd.DataFrame, sales: pd.DataFrame, spend: pd.DataFrame, cohorts: pd.DataFrame
) -> Facts:
    daily = sales.groupby("ds")[["net"]].sum().reset_index()
    return Facts(f"odds-{seed}", currency, names, _monthly(sales), spend, cohorts, daily)


def _major(frame: pd.DataFrame) -> pd.DataFrame:
    money = {c.removesuffix("_minor"): frame[c] / 100 for c in map(str, frame) if c.endswith("_minor")}
    major = frame.assign(**money).rename(columns={"day": "ds"})
    return major.assign(keyed_orders=major["orders"].astype(float)) if "orders" in major else major


def _monthly(frame: pd.DataFrame) -> pd.DataFrame:
    month = frame["ds"].dt.to_period("M").dt.to_timestamp()
    numbers = frame.select_dtypes("number").columns
    by_month = frame.assign(month=month).groupby(["month", "channel"])[list(numbers)]
    return by_month.sum(min_count=1).reset_index()


def judge(seed: int, family: str = "demo") -> Judged:
    """The plan of one shop, nothing decided, against what came true."""
    baseline, truth = FAMILIES[family](seed)
    result = run(Scenario(horizon=max(MONTHS)), baseline, DRAWS)
    paths = result.flows["net_sales"][:, 1:]
    ahead, came = paths.cumsum(axis=0), truth.cumsum()
    at = [m - 1 for m in MONTHS]
    mean = result.path("net_sales").cumsum()
    before = baseline.history["net_sales"].to_numpy(float)[-max(MONTHS) :].cumsum()
    wanted = np.array([[f * before[m] for f in FACTORS] for m in at])
    targets = [
        Target(f"t{m}{k}", "", "net_sales", float(wanted[i, k]), m, "total")
        for i, m in enumerate(MONTHS) for k in range(len(FACTORS))
    ]  # fmt: skip
    odds = np.array([m.odds for m in result.milestones(tuple(targets))]).reshape(wanted.shape)
    met = np.array([came[m] >= wanted[i] for i, m in enumerate(at)])
    rank = np.array([(ahead[m] < came[m]).mean() for m in at])
    return Judged(rank, np.array([mean[m] / came[m] - 1 for m in at]), odds, met)


def brier(odds: Array, met: Array) -> tuple[float, float]:
    """Mean squared error of the odds (shops, factors), and of the climatology (Murphy, 1973).

    The climatology knows how often each factor is met in all of the shops.
    """
    return float(np.square(odds - met).mean()), float(np.square(met.mean(axis=0) - met).mean())


def reliability(odds: Array, met: Array) -> Iterator[tuple[str, int, float, float]]:
    """By span of odds: how many milestones, their mean odds, and the share that was met."""
    for low, high in pairwise(BINS):
        inside = (odds >= low) & ((odds < high) if high < 1 else (odds <= high))
        if inside.any():
            yield f"{low:.0%} to {high:.0%}", int(inside.sum()), float(odds[inside].mean()), float(met[inside].mean())


def report(judged: list[Judged]) -> None:
    """Print coverage, bias, reliability and Brier scores."""
    rank = np.array([j.rank for j in judged])
    miss = np.array([j.miss for j in judged])
    print(f"{len(judged)} shops\nmonths  in 80 %  below P10  above P90  mean miss")
    for i, m in enumerate(MONTHS):
        inside = ((rank[:, i] >= 0.1) & (rank[:, i] <= 0.9)).mean()
        low, high = (rank[:, i] < 0.1).mean(), (rank[:, i] > 0.9).mean()
        print(f"{m:6} {inside:8.0%} {low:10.0%} {high:10.0%} {miss[:, i].mean():+10.1%}")
    odds, met = (np.array([getattr(j, name) for j in judged], dtype=float) for name in ("odds", "met"))
    print("\nodds            milestones  mean odds   met")
    for label, count, said, came in reliability(odds.ravel(), met.ravel()):
        print(f"{label:16} {count:9} {said:10.0%} {came:6.0%}")
    for i, m in enumerate(MONTHS):
        ours, climatology = brier(odds[:, i], met[:, i])
        print(f"Brier score at month {m}: {ours:.3f}, climatology {climatology:.3f}")


def main(first: int = 600, shops: int = 50) -> None:
    """Judge a run of seeds of both families."""
    with threadpool_limits(1):
        for family in FAMILIES:
            print(f"\n{family}: ", end="")
            report([judge(seed, family) for seed in range(first, first + shops)])


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
