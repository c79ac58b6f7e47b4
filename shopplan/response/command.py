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
from shopplan.response.allocate import advise_total, allocate
from shopplan.response.beliefs import units_differ
from shopplan.response.fit import fit_history
from shopplan.response.health import checks
from shopplan.response.history import LEAST_PERIODS, History, read_history
from shopplan.response.reading import Reading, present_returns, readings
from shopplan.terms import Said, ShopplanError


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
    ``holdout`` periods, but does see what was spent in them.
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
        "holdout_mape": _holdout_mape(history, holdout) if holdout else None,
        "channels": {channel: _plain(reading) for channel, reading in read.items()},
        "odd": [f"{day:%Y-%m-%d}" for day in fitted.odd],
        "checks": [_finite(asdict(check)) for check in checks(fitted, read)],
    }


def _holdout_mape(history: History, holdout: int) -> float:
    seen = len(history.dates) - holdout
    expected = fit_history(history.head(seen)).expected(history).mean(axis=0)[seen:]
    actual = history.sales[seen:]
    sold = actual > 0
    return float(np.mean(np.abs(expected[sold] / actual[sold] - 1))) if sold.any() else math.nan


def _plain(reading: Reading) -> dict[str, Any]:
    return _finite({
        "contribution": reading.contribution.value,
        "share": reading.share.value,
        "share_lo": reading.share.lo,
        "share_hi": reading.share.hi,
        "roas": reading.roas.value,
        "roas_lo": reading.roas.lo,
        "roas_hi": reading.roas.hi,
        "mroas": reading.mroas.value,
        "half_life": reading.half_life,
        "confidence": reading.confidence,
    })  # fmt: skip


def _finite(values: dict[str, Any]) -> dict[str, Any]:
    """JSON has no word for a number that is not known but null."""
    return {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in values.items()}


def allocate_report(
    source: Source, total: float | Literal["present", "best"], window: int, bounds: float, margin: float | None = None
) -> dict[str, Any]:
    """What ``shopplan allocate`` prints: present and proposed spend by channel, gain, chance, verdict, certificate.

    Whether more or less should be spent in total is said only where spend and sales are in one unit.
    """
    history = source.read()
    if not 0 < window <= len(history.dates):
        raise ShopplanError(
            Said("the window is 1 to {most} periods, not {asked}", most=len(history.dates), asked=window)
        )
    fitted = fit_history(history, margin=margin)
    returns = present_returns(fitted, window)
    found = allocate(returns, total, bounds, fitted.margin)
    rows = zip(found.channels, found.present, found.proposed, found.mroas, strict=True)
    return {
        "window": window,
        "total": float(found.proposed.sum()),
        "channels": {c: {"present": float(a), "proposed": float(b), "mroas": float(m)} for c, a, b, m in rows},
        "gain_in": "sales" if margin is None else "contribution",
        "gain": found.gain,
        "gain_lo": found.gain_lo,
        "gain_hi": found.gain_hi,
        "chance": found.chance,
        "verdict": found.verdict,
        "certificate": asdict(found.certificate),
        "units_differ": units_differ(history),
        "total_advice": None if margin is None or units_differ(history) else asdict(advise_total(returns, margin)),
    }


def fit_table(out: dict[str, Any]) -> str:
    """`fit_report` for people."""
    lines = [f"{'channel':20}{'sales':>14}{'share':>8}{'ROAS':>10}{'from':>10}{'to':>10}{'mROAS':>10}  sure"]
    for name, c in out["channels"].items():
        numbers = "".join(_cell(c[key]) for key in ("roas", "roas_lo", "roas_hi", "mroas"))
        lines.append(f"{name:20}{_cell(c['contribution'], 14, 0)}{c['share']:>8.1%}{numbers}  {c['confidence']}")
    if out["holdout_mape"] is not None:
        lines.append(f"error on the held-out end: {out['holdout_mape']:.2%}")
    lines += [f"left out, for its sales fit nothing: {day}" for day in out["odd"]]
    failed = [c for c in out["checks"] if not c["passed"]]
    lines += [f"check {c['code']} {c['channel']}: {c['value']:.3g}, limit {c['limit']:.3g}" for c in failed]
    return "\n".join(lines)


def _cell(value: float | None, width: int = 10, digits: int = 2) -> str:
    """A column of a table; a number that is too large or too small for it is written with its power of ten."""
    if value is None:
        return f"{'-':>{width}}"
    plain = f"{value:,.{digits}f}"
    lost = value != 0 and abs(value) < 0.5 * 10.0**-digits
    return f"{f'{value:.2e}' if lost or len(plain) >= width else plain:>{width}}"


def allocate_table(out: dict[str, Any]) -> str:
    """`allocate_report` for people."""
    lines = [f"{'channel':20}{'present':>14}{'proposed':>14}{'mROAS':>10}"]
    lines += [
        f"{name:20}{_cell(c['present'], 14, 0)}{_cell(c['proposed'], 14, 0)}{_cell(c['mroas'])}"
        for name, c in out["channels"].items()
    ]
    verdict = "better" if out["verdict"] == "better" else "no proven better split"
    lines.append(
        f"{verdict}: {out['gain']:,.0f} of {out['gain_in']} expected ({out['gain_lo']:,.0f} to {out['gain_hi']:,.0f}), "
        f"chance of a gain {out['chance']:.0%}"
    )
    if out["total_advice"]:
        advice = out["total_advice"]
        lines.append(
            f"in total {advice['direction']}: the next unit brings {advice['mroas']:.2f}, "
            f"it must bring {advice['break_even']:.2f} (sure: {advice['chance']:.0%})"
        )
    elif out["units_differ"]:
        lines.append("spend is not in the unit of sales: how much to spend in total cannot be said")
    return "\n".join(lines)
