"""Curves of the demo shop against its saved truth: believed before the fit, and fitted.

``python -m benchmarks.bench_curves [first seed] [shops]``. The first row is the demo shop itself, the others draw it
anew with further seeds and know all of its weeks or only the last ones. Errors are mean absolute log errors over the
paid channels, of the return on last year's mean spend and of the return on the next unit of money. What is claimed for
the demo's channels is nearly exact for three of five, in every seed: a second row has beliefs that are as far off as
they say they may be.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from shopplan.demo import Demo, generate, load_settings
from shopplan.plan.evidence import gather
from shopplan.plan.learned import learn
from shopplan.response import anchored_curves

WEEKS = (156, 60, 30)
NORMAL_90 = 1.645


def true_returns(truth: Mapping[str, float], spend: float) -> tuple[float, float]:
    """ROAS and marginal ROAS of the demo's own curve at a spend a month."""
    kappa, slope, reference = truth["kappa"], truth["slope"], truth["reference_spend"]
    height = truth["roas"] * reference * (1 + (kappa / reference) ** slope)
    whole = kappa**slope + spend**slope
    return (height * spend ** (slope - 1) / whole,
            height * slope * spend ** (slope - 1) * kappa**slope / whole**2)  # fmt: skip


def major(frame: pd.DataFrame) -> pd.DataFrame:
    """Daily facts in major units, as the store gives them."""
    money = {c.removesuffix("_minor"): frame[c] / 100 for c in map(str, frame) if c.endswith("_minor")}
    out = frame.assign(**money).rename(columns={"day": "ds"})
    return out.assign(keyed_orders=out["orders"]) if "orders" in out else out


def errors(shop: Demo, country: str, weeks: int, seed: int | None = None) -> dict[str, list[float]]:
    """Absolute log errors of ROAS and mROAS, believed and fitted, and whether the 90 % interval holds; by channel.

    With a ``seed`` beliefs are drawn around the truth, as far off as they say they may be.
    """
    frames = [major(shop.sales_daily), major(shop.spend_daily), shop.measures_daily.rename(columns={"day": "ds"})]
    start = frames[0]["ds"].max() - pd.Timedelta(weeks=weeks)
    sold, spent, measures = (f[f["ds"] > start] for f in frames)
    month = spent["ds"].dt.to_period("M").dt.to_timestamp()
    monthly = spent.assign(month=month).groupby(["month", "channel"], as_index=False)[["spend", "attributed"]].sum()
    ids = sorted(monthly["channel"].unique())
    believed = {c.channel: c for c in anchored_curves(monthly, pd.DataFrame({"id": ids, "kind": ids}))}
    if seed is not None:
        draws = np.random.default_rng([seed, weeks])
        for channel, curve in believed.items():
            true = true_returns(shop.truth["curves"][channel], curve.reference_spend)[0]
            believed[channel] = replace(curve, roas=true * np.exp(curve.roas_sd * draws.standard_normal()))
    evidence = gather(sold, spent, measures, country)
    out: dict[str, list[float]] = {}
    for channel, one in learn(evidence, believed, {}).curves.items() if evidence else ():
        at = one.curve.reference_spend
        roas, slope = true_returns(shop.truth["curves"][channel], at)
        for name, curve in (("believed", believed[channel]), ("fitted", one.curve)):
            found = (
                float(np.asarray(curve.sales(np.array(at)))) / at,
                float(np.asarray(curve.marginal_roas(np.array(at)))),
            )
            for kind, got, true in zip(("roas", "mroas"), found, (roas, slope), strict=True):
                out.setdefault(f"{kind} {name}", []).append(abs(float(np.log(got / true))))
        inside = abs(float(np.log(one.curve.roas / roas))) < NORMAL_90 * one.curve.roas_sd
        out.setdefault("inside 90 %", []).append(float(inside))
    return out


def report(label: str, rows: list[dict[str, list[float]]]) -> None:
    """One line: means over channels and shops."""
    means = {key: float(np.mean([x for row in rows for x in row[key]])) for key in rows[0]}
    print(f"{label:28}", "  ".join(f"{key} {value:.3f}" for key, value in means.items()), flush=True)


def main(first: int = 1, shops: int = 6) -> None:
    """Print all rows."""
    base = load_settings()
    report("demo shop", [errors(generate(), base.country, max(WEEKS))])
    seeds = range(first, first + shops)
    made = [generate(replace(base, seed=seed)) for seed in seeds]
    for weeks in WEEKS:
        label = f"seeds {first} to {seeds[-1]}, {weeks} weeks"
        report(label, [errors(shop, base.country, weeks) for shop in made])
        drawn = [errors(shop, base.country, weeks, seed) for shop, seed in zip(made, seeds, strict=True)]
        report("  beliefs drawn", drawn)


if __name__ == "__main__":
    with threadpool_limits(1):
        main(*map(int, sys.argv[1:3]))
