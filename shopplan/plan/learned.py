"""Response curves learned from the shop's own sales and spend, small enough to be kept and used again as they are."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

import numpy as np
import pandas as pd

from shopplan.forecast import calendar
from shopplan.plan.evidence import QUIET, Evidence
from shopplan.response import (
    Beliefs,
    Check,
    Curve,
    Entry,
    Experiment,
    History,
    behind,
    checks,
    correlation,
    curves_from_fit,
    fit_history,
    readings,
    tested_spend,
)
from shopplan.response.bridge import LAST_YEAR
from shopplan.response.curve import CurveSource
from shopplan.response.reading import Confidence, Reading, Span
from shopplan.response.transform import Array

SURE: tuple[Confidence, ...] = ("strong", "fair")
"""Confidence with which a curve counts as fitted; below it what was believed before still weighs: it is blended."""
WHOLE_STOPS = ("negative_base", "units_differ")
CHANNEL_STOPS = ("implausible_roas", "odd_spend")
"""Checks that stop curves from being used when they fail: those of the whole fit, and those of one channel."""
ALIKE = 0.01
"""Curves that differ by less than this share are the same."""
POINTS = 36
"""Months that are shown behind a curve."""


@dataclass(frozen=True, eq=False)
class LearnedCurve:
    """One channel's curve and what is shown of it.

    Attributes
    ----------
    curve : Curve
        First-order sales after discounts, before returns; "fitted" or "blended".
    entry : Entry
        What was typed when it was fitted; where that has changed since, what is typed counts.
    reading : Reading
        Of the last year; its amounts are NaN in what was kept before readings were.
    points : DataFrame
        ``month, spend, sales``: see `response.behind`.
    stopped : str
        Check that keeps the curve from being used; empty when it is used.
    """

    curve: Curve
    entry: Entry
    reading: Reading
    points: pd.DataFrame
    stopped: str = ""

    @property
    def confidence(self) -> Confidence:
        """How sure the return is, in a word."""
        return self.reading.confidence

    def converted(self, factor: float) -> LearnedCurve:
        """The same with all money times a factor."""
        money = self.points.assign(spend=self.points["spend"] * factor, sales=self.points["sales"] * factor)
        curve = replace(self.curve, reference_spend=self.curve.reference_spend * factor)
        return replace(self, curve=curve, reading=self.reading.times(factor), points=money)


@dataclass(frozen=True, eq=False)
class Learned:
    """All curves of one fit.

    ``correlation`` is that of log ROAS and logit bend, channel by channel in the order of ``curves``. ``base`` are the
    sales since ``since``, the first day of the last year, that no channel brought; NaN where it was not kept. All
    money is in ``currency``; empty where that was not kept. ``merged`` are the channels that counted under others.
    """

    through: str
    periods: int
    curves: Mapping[str, LearnedCurve]
    correlation: Array
    checks: tuple[Check, ...]
    experiments: tuple[Experiment, ...] = ()
    base: float = math.nan
    since: str = ""
    currency: str = ""
    merged: Mapping[str, str] = field(default_factory=dict)
    source: str = field(default="", compare=False)
    """What it was learned from: changes with the data and with what was typed."""

    def usable(self, entries: Mapping[str, Entry]) -> dict[str, Curve]:
        """Curves that may be used beside what is typed now."""
        return {
            channel: one.curve
            for channel, one in self.curves.items()
            if not one.stopped and _typed(one.entry) == _typed(entries.get(channel, Entry()))
        }

    def alike(self, other: Learned) -> bool:
        """Whether no curve differs from the other's by more than is worth a decision."""
        if {c: one.stopped for c, one in self.curves.items()} != {c: one.stopped for c, one in other.curves.items()}:
            return False
        named = [(one.curve, other.curves[channel].curve) for channel, one in self.curves.items()]
        read = [[(c.reference_spend, c.roas, c.roas_sd, c.bend) for c in pair] for pair in named]
        return bool(np.allclose([mine for mine, _ in read], [its for _, its in read], rtol=ALIKE))

    def only(self, channels: Collection[str]) -> Learned:
        """The curves of some channels."""
        at = [2 * i + k for i, channel in enumerate(self.curves) if channel in channels for k in (0, 1)]
        kept = {channel: one for channel, one in self.curves.items() if channel in channels}
        return replace(self, curves=kept, correlation=self.correlation[np.ix_(at, at)])

    def converted(self, factor: float, currency: str) -> Learned:
        """The same in another currency, one unit of the present one being worth ``factor`` of it."""
        curves = {channel: one.converted(factor) for channel, one in self.curves.items()}
        return replace(self, curves=curves, base=self.base * factor, currency=currency)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; numbers keep six digits, which is far below what is known of them."""
        rows = []
        for one in self.curves.values():
            points = one.points.assign(month=one.points["month"].dt.strftime("%Y-%m"))
            shown = {c: [x if isinstance(x, str) else float(f"{x:.6g}") for x in points[c]] for c in points}
            rows.append({**asdict(one), "reading": _short(asdict(one.reading)), "points": shown})
        return {
            "through": self.through, "periods": self.periods, "curves": rows,
            "correlation": [[float(f"{x:.6g}") for x in row] for row in self.correlation],
            "checks": [asdict(c) for c in self.checks], "experiments": [asdict(e) for e in self.experiments],
            **_short({"base": self.base}), "since": self.since, "currency": self.currency, "merged": dict(self.merged),
            "source": self.source,
        }  # fmt: skip

    @classmethod
    def from_dict(cls, kept: Mapping[str, Any]) -> Learned:
        """The inverse of `to_dict`."""
        curves = {}
        for row in kept["curves"]:
            points = pd.DataFrame(row["points"])
            points["month"] = pd.to_datetime(points["month"], format="%Y-%m")
            curve = Curve(**row["curve"])
            read = _reading(row.get("reading", row))
            curves[curve.channel] = LearnedCurve(curve, Entry(**row["entry"]), read, points, row["stopped"])
        tests = tuple(Experiment(**e) for e in kept["experiments"])
        found = tuple(Check(**c) for c in kept["checks"])
        matrix = np.array(kept["correlation"], dtype=float)
        base = kept.get("base")
        return cls(
            kept["through"], kept["periods"], curves, matrix, found, tests, math.nan if base is None else base,
            kept.get("since", ""), kept.get("currency", ""), kept.get("merged", {}),
            kept["source"],
        )  # fmt: skip


def _short(values: Any) -> Any:
    """Numbers to six digits, which is far below what is known of them; null for what is not known."""
    if isinstance(values, dict):
        return {key: _short(value) for key, value in values.items()}
    return values if not isinstance(values, float) else float(f"{values:.6g}") if math.isfinite(values) else None


def _reading(row: Mapping[str, Any]) -> Reading:
    """The inverse of `_short`; a row from before readings were kept has its confidence and half-life."""
    blank = {f.name: Span(math.nan, math.nan, math.nan) if f.type == "Span" else math.nan for f in fields(Reading)}
    known = {f.name: row[f.name] for f in fields(Reading) if row.get(f.name) is not None}
    spans = {
        name: Span(**{k: math.nan if x is None else x for k, x in value.items()})
        for name, value in known.items()
        if isinstance(value, dict)
    }
    return Reading(**{**blank, **known, **spans})


def _typed(entry: Entry) -> tuple[float | None, ...]:
    """What overrules a curve that was fitted without it."""
    return entry.roas, entry.bend, entry.carryover


def learn(
    evidence: Evidence,
    believed: Mapping[str, Curve],
    entries: Mapping[str, Entry],
    experiments: Iterable[Experiment] = (),
) -> Learned:
    """Fit the curves; what was believed of each channel before is the prior of its return.

    Parameters
    ----------
    evidence : Evidence
        Its sales are those of first orders, so that the curves are in the unit of a plan.
    believed : mapping of channel id to Curve
        Entered, claimed or assumed curves (`anchored_curves`).
    entries : mapping of channel id to Entry
    experiments : iterable of Experiment
        One whose spend lies in periods that are not whole yet counts once they are.
    """
    history = evidence.history
    tests = tuple(e for e in experiments if _told(history, e))
    known = {c: curve for c, curve in believed.items() if c in history.channels and curve.roas > 0}
    shares = {c: entries[c].incremental for c in history.channels if c in entries}
    beliefs = Beliefs(
        {c: curve.roas for c, curve in known.items()},
        {c: curve.roas_sd for c, curve in known.items()},
        {c: share for c, share in shares.items() if share is not None},
        tests,
    )
    last = history.ends[-1]
    days = calendar(history.dates[0].date(), last.date(), evidence.country)
    fit = fit_history(history, pd.concat([days, evidence.promotions], ignore_index=True), beliefs)
    year = min(LAST_YEAR[history.period], len(history.dates))
    read, points = readings(fit, year), behind(fit)
    failed = (c for c in checks(fit, readings(fit)) if not c.passed)  # a channel may have spent nothing for a year
    late = [Check("spend_late", channel, float(days), QUIET, False) for channel, days in evidence.late.items()]
    found = (*late, *failed)
    curves = {}
    for channel, curve in curves_from_fit(fit).items():
        reading, entry = read[channel], entries.get(channel, Entry())
        curves[channel] = LearnedCurve(
            _as_typed(curve, entry, reading.confidence in SURE), entry, reading,
            points[channel].tail(POINTS).reset_index(drop=True), _stopped(found, channel),
        )  # fmt: skip
    base, since = float(fit.base(history).mean(axis=0)[-year:].sum()), f"{history.dates[-year]:%Y-%m-%d}"
    return Learned(f"{last:%Y-%m-%d}", len(history.dates), curves, correlation(fit), found, tests, base, since)


def _told(history: History, test: Experiment) -> bool:
    """Whether a test lies in the history: one of a return in part, one of sales as a whole."""
    whole = history.dates[0] <= pd.Timestamp(test.start) and pd.Timestamp(test.end) <= history.ends[-1]
    if test.channel not in history.channels or not (test.roas or whole):
        return False
    return bool(tested_spend(history, test).any())


def _as_typed(curve: Curve, entry: Entry, sure: bool) -> Curve:
    """The curve with the bend and the carry-over that were typed, if any, and the name of its source."""
    source: CurveSource = "fitted" if sure else "blended"
    typed = {k: getattr(entry, k) for k in ("bend", "carryover") if getattr(entry, k) is not None}
    return replace(curve, source=source, note=source, **typed)


def _stopped(found: tuple[Check, ...], channel: str) -> str:
    for check in found:
        if check.code in WHOLE_STOPS or (check.code in CHANNEL_STOPS and check.channel == channel):
            return check.code
    return ""
