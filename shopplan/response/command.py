"""The ``fit`` and ``allocate`` commands: from a CSV file to plain values that JSON can hold."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from shopplan.csv_file import read_csv
from shopplan.response.allocate import BOUNDS, advise_total, allocate
from shopplan.response.beliefs import units_differ
from shopplan.response.fit import fit_history
from shopplan.response.health import Check, checks
from shopplan.response.history import LEAST_PERIODS, History, read_history
from shopplan.response.reading import PRESENT, Reading, active_returns, readings
from shopplan.terms import Said, ShopplanError

MEANINGS = {
    "negative_base": "share of periods in which ads would have brought more than all sales",
    "implausible_roas": "a return that no ads bring",
    "prior_dominated": "what was believed before the data speaks, not the data",
    "collinear_spend": "its spend moves with that of other channels: their effects can hardly be told apart",
    "season_in_spend": "its spend follows season, trend and events: ads and season can hardly be told apart",
    "residual_memory": "what is unexplained goes on from period to period: intervals may be too narrow",
    "few_points": "periods for each number that is estimated",
    "few_spend_periods": "weeks with spend: a thin history",
    "late_start": "share of the history before its first spend",
    "paused": "weeks without spend at the end",
    "units_differ": "spend does not seem to be money of the same currency as sales",
    "odd_periods": "periods whose sales fit nothing and are not believed",
    "odd_spend": "highest spend over the highest but one: mistyped?",
    "total_far": "the total goes further than one step from the present",
    "step_far": "goes further than one step from the present",
}
"""What checks are about, for the tables of the commands."""


@dataclass(frozen=True, slots=True)
class Source:
    """A CSV file and the meaning of its columns."""

    csv: Path
    date: str
    target: str
    spend: Sequence[str]
    controls: Sequence[str] = ()

    def read(self) -> History:
        """The history in the file; a ShopplanError where it cannot be read."""
        frame = read_csv(self.csv, (self.date, self.target, *self.spend, *self.controls))
        return read_history(frame, self.date, self.target, self.spend, self.controls)


def fit_report(source: Source, holdout: int = 0, margin: float | None = None, level: float = 0.9) -> dict[str, Any]:
    """What ``shopplan fit`` prints: seconds of the fit, error of the held-out end, channels and checks.

    The channels are those of a fit to the whole history; ``holdout_mape`` is of a second fit that did not see the last
    ``holdout`` periods, but does see what was spent in them. With a margin, ``next_unit`` is what the next unit of
    money leaves after it is paid for; ``base`` are sales that no channel brought; ``odd`` are periods that are not
    believed.
    """
    history = source.read()
    if holdout and not 0 < holdout <= len(history.dates) - LEAST_PERIODS:
        most = len(history.dates) - LEAST_PERIODS
        template = "of {count} periods at most {most} can be held out, not {asked}"
        raise ShopplanError(Said(template, count=len(history.dates), most=most, asked=holdout))
    start = time.perf_counter()
    fitted = fit_history(history, margin=margin)
    read = readings(fitted, level=level)
    seconds = time.perf_counter() - start
    return {
        "seconds": round(seconds, 3),
        "base": float(fitted.base(fitted.history).mean(axis=0).sum()),
        "holdout_mape": _holdout_mape(history, holdout) if holdout else None,
        "channels": {channel: _plain(reading, margin) for channel, reading in read.items()},
        "odd": [f"{day:%Y-%m-%d}" for day in fitted.odd],
        "checks": [_finite(asdict(check)) for check in checks(fitted, read)],
    }


def _holdout_mape(history: History, holdout: int) -> float:
    seen = len(history.dates) - holdout
    expected = fit_history(history.head(seen)).expected(history).mean(axis=0)[seen:]
    actual = history.sales[seen:]
    sold = actual > 0
    return float(np.mean(np.abs(expected[sold] / actual[sold] - 1))) if sold.any() else math.nan


def _plain(reading: Reading, margin: float | None) -> dict[str, Any]:
    left = {} if margin is None else {"next_unit": margin * reading.mroas.value - 1}
    return _finite({
        "contribution": reading.contribution.value,
        "contribution_lo": reading.contribution.lo,
        "contribution_hi": reading.contribution.hi,
        "carry_in": reading.carry_in,
        "in_period": reading.in_period,
        "still_to_come": reading.still_to_come,
        "share": reading.share.value,
        "share_lo": reading.share.lo,
        "share_hi": reading.share.hi,
        "roas": reading.roas.value,
        "roas_lo": reading.roas.lo,
        "roas_hi": reading.roas.hi,
        "mroas": reading.mroas.value,
        "half_life": reading.half_life,
        "saturation": reading.saturation,
        "confidence": reading.confidence,
        **left,
    })  # fmt: skip


def _finite(values: dict[str, Any]) -> dict[str, Any]:
    """JSON has no word for a number that is not known but null."""
    return {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in values.items()}


def allocate_report(
    source: Source,
    total: float | Literal["present", "best"] = "present",
    window: int | None = None,
    bounds: float = BOUNDS,
    margin: float | None = None,
) -> dict[str, Any]:
    """What ``shopplan allocate`` prints: present and proposed spend by channel, gain, chance, verdict, certificate.

    Channels that spent nothing in the window stay at nothing: the step is a share of present spend. Whether more or
    less should be spent in total is said only where spend and sales are in one unit. ``gain`` is against the same
    total split as now (of the best total: against present spend), ``change`` against present spend. ``checks`` are
    those that failed, ``total_far`` and ``step_far`` among them where the total or a channel goes further than one
    step from the present.
    """
    history = source.read()
    window = min(PRESENT[history.period], len(history.dates)) if window is None else window
    if not 0 < window <= len(history.dates):
        raise ShopplanError(
            Said("the window is 1 to {most} periods, not {asked}", most=len(history.dates), asked=window)
        )
    other_units = units_differ(history)
    if total == "best" and other_units:
        raise ShopplanError("spend is not in the unit of sales", hint="no best total can be sought, name an amount")
    fitted = fit_history(history, margin=margin)
    returns, read = active_returns(fitted, window), readings(fitted)
    found = allocate(returns, total, bounds, fitted.margin)
    moved = dict(zip(found.channels, zip(found.present, found.proposed, strict=True), strict=True))
    whole = float(found.proposed.sum() / found.present.sum()) - 1
    steps = zip(found.channels, found.proposed / found.present - 1, strict=True)
    far = [_far("total_far", "", whole, bounds), *(_far("step_far", c, float(step), bounds) for c, step in steps)]
    return {
        "window": window,
        "total": float(found.proposed.sum()),
        "channels": {c: _split(one, *map(float, moved.get(c, (0.0, 0.0)))) for c, one in read.items()},
        "gain_in": "sales" if margin is None else "contribution",
        "gain_against": "present" if total in ("present", "best") else "same_total_split_as_now",
        "gain": found.gain,
        "gain_lo": found.gain_lo,
        "gain_hi": found.gain_hi,
        "change": found.change,
        "chance": found.chance,
        "verdict": found.verdict,
        "certificate": asdict(found.certificate),
        "units_differ": other_units,
        "total_advice": None if margin is None or other_units else asdict(advise_total(returns, margin)),
        "checks": [_finite(asdict(c)) for c in (*far, *checks(fitted, read)) if not c.passed],
    }


def _far(code: str, channel: str, step: float, bounds: float) -> Check:
    return Check(code, channel, step, bounds, abs(step) <= bounds * (1 + 1e-9))


def _split(one: Reading, present: float, proposed: float) -> dict[str, Any]:
    values = {"present": present, "proposed": proposed, "mroas": one.mroas.value, "confidence": one.confidence}
    return _finite(values)


def fit_table(out: dict[str, Any]) -> str:
    """`fit_report` for people."""
    left = any("next_unit" in c for c in out["channels"].values())
    head = f"{'channel':20}{'sales':>14}{'share':>8}{'ROAS':>10}{'from':>10}{'to':>10}{'mROAS':>10}"
    lines = [head + (f"{'next unit':>11}" if left else "") + "  sure"]
    for name, c in out["channels"].items():
        numbers = "".join(_cell(c[key]) for key in ("roas", "roas_lo", "roas_hi", "mroas"))
        numbers += _cell(c["next_unit"], 11) if left else ""
        lines.append(f"{name:20}{_cell(c['contribution'], 14, 0)}{c['share']:>8.1%}{numbers}  {c['confidence']}")
    lines.append(f"{'base':20}{_cell(out['base'], 14, 0)}")
    if out["holdout_mape"] is not None:
        lines.append(f"error on the held-out end: {out['holdout_mape']:.2%}")
    lines += [f"left out, for its sales fit nothing: {day}" for day in out["odd"]]
    return "\n".join([*lines, *_failed(out["checks"])])


def _failed(checks: list[dict[str, Any]]) -> list[str]:
    failed = [c for c in checks if not c["passed"]]
    return [f"check {' '.join(filter(None, (c['code'], c['channel'])))}: {_number(c['value'])}, limit {c['limit']:.3g}"
            f" ({MEANINGS[c['code']]})" for c in failed]  # fmt: skip


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3g}"


def _cell(value: float | None, width: int = 10, digits: int = 2) -> str:
    """A column of a table; a number that is too large or too small for it is written with its power of ten."""
    if value is None:
        return f"{'-':>{width}}"
    plain = f"{value:,.{digits}f}"
    lost = value != 0 and abs(value) < 0.5 * 10.0**-digits
    return f"{f'{value:.2e}' if lost or len(plain) >= width else plain:>{width}}"


def allocate_table(out: dict[str, Any]) -> str:
    """`allocate_report` for people."""
    lines = [f"{'channel':20}{'present':>14}{'proposed':>14}{'mROAS':>10}  sure"]
    lines += [
        f"{name:20}{_cell(c['present'], 14, 0)}{_cell(c['proposed'], 14, 0)}{_cell(c['mroas'])}  {c['confidence']}"
        for name, c in out["channels"].items()
    ]
    verdict = "better" if out["verdict"] == "better" else "no proven better split"
    other = out["gain_against"] != "present"
    against = "than the same total split as now" if other else "than now"
    lines.append(
        f"{verdict}: {out['gain']:,.0f} more of {out['gain_in']} {against} expected "
        f"({out['gain_lo']:,.0f} to {out['gain_hi']:,.0f}), chance of a gain {out['chance']:.0%}"
    )
    lines += [f"against present spend: {out['change']:+,.0f} of {out['gain_in']}"] if other else []
    if out["total_advice"]:
        advice = out["total_advice"]
        direction = advice["direction"] if advice["proven"] else "nothing is proven"
        lines.append(
            f"in total {direction}: the next unit brings {advice['mroas']:.2f}, "
            f"it must bring {advice['break_even']:.2f} (sure: {advice['chance']:.0%})"
        )
    elif out["units_differ"]:
        lines.append("spend is not in the unit of sales: how much to spend in total cannot be said")
    return "\n".join([*lines, *_failed(out["checks"])])
