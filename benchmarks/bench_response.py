"""Response fits on data whose truth is known: the public example, beside PyMC-Marketing where it is installed apart,
and simulated shops with the advice drawn from them.

``python -m benchmarks.bench_response [first seed] [shops]``, with PEERS_PYTHON naming the interpreter of that
environment. Seeds 0 to 43 were used while the fit and the rule of its advice were made, and seeds 200 to 219 and 300 to
319 were looked at; the figures that count are those of other seeds.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from benchmarks.simulated_shops import FORMS, MARGIN, Array, SimulatedShop, Split, make_shop, possible_gain
from shopplan.response import Allocation, Returns, allocate, fit, fit_history, present_returns, read_history, readings
from shopplan.response.allocate import MATERIAL, SURE

SHARED = Path(__file__).resolve().parents[2] / "shared/data/response"
WINDOW, HOLDOUT = 26, 26
RULES = {
    "always": (0.0, 0.0), "chance .80": (0.8, 0.0), "chance .99": (0.99, 0.0), "in use": (SURE, MATERIAL),
}  # fmt: skip
"""Least chance of a gain and least gain that are tried for an advice."""
SPEND, CONTROLS, END = ("x1", "x2"), ("event_1", "event_2"), 36
"""Columns of the public example, and weeks held out at its end."""
EXAMPLE_TRUE = {"x1": 274_848.0, "x2": 65_906.0}
"""From the example's published recipe: 3000 and 2000 times the saturated adstock."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one shop was read, and what its advice did to its true sales."""

    seconds: float
    covered: Array
    below: Array
    share_error: Array
    spend_share_error: Array
    mape: float
    oracle: float
    within_bounds: float
    moved: dict[str, float]
    direction_right: bool
    profit: float


def judge(seed: int, weeks: int, split: Split) -> Outcome:
    """Fit a simulated shop on its first weeks and judge everything against its truth."""
    shop = make_shop(seed, weeks, 4 + seed // 5 % 3, FORMS[seed % 5], split, HOLDOUT)
    whole = read_history(shop.frame, "week", "sales", shop.channels, ["price"])
    start = time.process_time()
    fitted = fit_history(whole.head(weeks), margin=MARGIN)
    seconds = time.process_time() - start
    used = [shop.channels.index(c) for c in fitted.used]
    totals = fitted.sales(fitted.media.spend).sum(axis=0)
    true = shop.paths(shop.levels)[:weeks].sum(axis=0)[used]
    low, high = np.quantile(totals, (0.05, 0.95), axis=0)
    shares = (totals / totals.sum(axis=1, keepdims=True)).mean(axis=0)
    spent = fitted.media.spend.sum(axis=0)
    expected = fitted.expected(whole).mean(axis=0)[weeks:]
    moved, right, profit = _advice(replace(shop, pattern=shop.pattern[:weeks]), present_returns(fitted, WINDOW), used)
    return Outcome(
        seconds, (low <= true) & (true <= high), true < low, np.abs(shares - true / true.sum()),
        np.abs(spent / spent.sum() - true / true.sum()), _mape(expected, whole.sales[weeks:]),
        _mape(shop.mean[weeks:], whole.sales[weeks:]), possible_gain(replace(shop, pattern=shop.pattern[:weeks]), 0.3),
        moved, right, profit,
    )  # fmt: skip


def _mape(expected: Array, actual: Array) -> float:
    return float(np.mean(np.abs(expected / actual - 1)))


def _advice(shop: SimulatedShop, returns: Returns, used: list[int]) -> tuple[dict[str, float], bool, float]:
    """True change of media response by rule; whether the total goes the right way; what it earns."""
    now = shop.response(shop.levels)

    def cost(levels: Array) -> float:
        return float((shop.pattern * levels)[-WINDOW:].sum(axis=1).mean())

    def earned(levels: Array) -> float:
        return shop.response(levels) * MARGIN - cost(levels)

    def levels(found: Allocation) -> Array:
        multiples = np.ones(len(shop.levels))
        multiples[used] = found.proposed / found.present
        return shop.levels * multiples

    moved = {}
    for rule, (sure, material) in RULES.items():
        found = allocate(returns, sure=sure, material=material)
        moved[rule] = shop.response(levels(found)) / now - 1 if found.verdict == "better" else 0.0
    total = allocate(returns, "best", margin=MARGIN)
    more_pays = earned(shop.levels * 1.02) > earned(shop.levels)
    right = bool((total.proposed.sum() > total.present.sum()) == more_pays)
    return moved, right, (earned(levels(total)) - earned(shop.levels)) / (now * MARGIN)


def report(outcomes: list[Outcome], label: str) -> None:
    """Print one family's figures."""

    def every(name: str) -> Array:
        return np.concatenate([np.ravel(getattr(o, name)) for o in outcomes])

    print(
        f"{label}: {len(outcomes)} shops, 90 % intervals cover {every('covered').mean():.1%} "
        f"(truth below {every('below').mean():.1%}), share error {100 * every('share_error').mean():.1f} points "
        f"(shares of spend {100 * every('spend_share_error').mean():.1f}), "
        f"MAPE {every('mape').mean():.2%} / oracle {every('oracle').mean():.2%} = "
        f"{every('mape').mean() / every('oracle').mean():.2f}, {every('seconds').mean():.2f} s"
    )
    print(f"  best split within 30 %: {every('within_bounds').mean():+.2%}")
    for rule in RULES:
        moved = np.array([o.moved[rule] for o in outcomes])
        print(
            f"  {rule}: advised {np.mean(moved != 0):.0%}, "
            f"mean change {moved.mean():+.2%}, harmed {np.mean(moved < 0):.0%}, worst {moved.min():+.2%}"
        )
    print(
        f"  total: right way {every('direction_right').mean():.0%}, earns {every('profit').mean():+.2%} of media's, "
        f"harmed {np.mean(every('profit') < 0):.0%}",
        flush=True,
    )


def example() -> None:
    """The public example: shares, contributions, hold-out and processor seconds, ours and a peer's."""
    path = SHARED / "mmm_example.csv"
    if not path.exists():
        print("the public example is not beside the project: left out")
        return
    frame = pd.read_csv(path)
    start = time.process_time()
    fitted = fit(frame, "date_week", "y", SPEND, CONTROLS)
    found = readings(fitted)
    seconds = time.process_time() - start
    seen = len(frame) - END
    ahead = fit_history(fitted.history.head(seen)).expected(fitted.history).mean(axis=0)[seen:]
    share, error = found["x1"].share, _mape(ahead, fitted.history.sales[seen:])
    print(f"{'example':16}{'x1 share (true .8066)':>28}{'hold-out MAPE':>15}{'seconds':>9}{'sampling':>9}")
    print(f"{'shopplan':16}{_share(share.value, share.lo, share.hi):>28}{error:>15.2%}{seconds:>9.2f}{'':>9}")
    peer = _peer(path)
    if peer:
        theirs = _share(peer["share"], peer["share_lo"], peer["share_hi"])
        print(f"{'PyMC-Marketing':16}{theirs:>28}{peer['mape']:>15.2%}{peer['seconds']:>9.2f}{peer['sampling']:>9.2f}")
        print(f"  ours is {peer['seconds'] / seconds:.0f} times as fast, {peer['sampling'] / seconds:.0f} by sampling")
    for channel, true in EXAMPLE_TRUE.items():
        span = found[channel].contribution
        print(f"  {channel}: {span.value:,.0f} [{span.lo:,.0f}, {span.hi:,.0f}], true {true:,.0f}", flush=True)


def _share(value: float, lo: float, hi: float) -> str:
    return f"{value:.4f} [{lo:.3f}, {hi:.3f}]"


def _peer(path: Path) -> dict[str, float]:
    """What PyMC-Marketing found on the same file; nothing where it is not installed."""
    python = os.environ.get("PEERS_PYTHON")
    if not python:
        print("PyMC-Marketing is not installed apart: make bench-response does it")
        return {}
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "peer.json"
        columns = ("date_week", "y", ",".join(SPEND), ",".join((*CONTROLS, "t")))  # it has no trend of its own
        script = Path(__file__).with_name("response_peers.py")
        subprocess.run([python, str(script), str(path), str(out), *columns, str(END)], check=True, capture_output=True)
        return dict(json.loads(out.read_text("utf-8")))


def main(first: int = 500, shops: int = 20) -> None:
    """Print all tables."""
    example()
    for weeks in (130, 52, 26):
        for split in ("decent", "poor"):
            outcomes = [judge(seed, weeks, split) for seed in range(first, first + shops)]
            report(outcomes, f"{weeks} weeks, {split} split")


if __name__ == "__main__":
    with threadpool_limits(1):
        main(*(int(a) for a in sys.argv[1:3]))
