"""The one channel whose curve the reader looks at: its columns for the chart, and what is said of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from shopplan.plan import Channel
from shopplan.plan.defaults import LEARNED
from shopplan.plan.tables import curve_points, margin_of_sales, next_money, planned_curve, present_spend
from shopplan.response import Check
from shopplan.ui import words
from shopplan.ui.words import t

if TYPE_CHECKING:
    from shopplan.plan.learned import LearnedCurve
    from shopplan.ui.live import Live

Columns = dict[str, Any]
"""Name of a column -> array or list, all of one length."""
PICK = "pick-curve"
"""Key of the widget that picks the channel."""
YEAR, MORE = 12, 1_000.0
SHARES = ("season_in_spend", "negative_base", "late_start")
COUNTS = ("odd_periods", "few_spend_periods", "paused", "spend_late")
"""Checks whose value is a share, or counts something."""


def paid(live: Live) -> list[Channel]:
    """Channels that money can be spent on."""
    return [c for c in live.baseline.channels if c.paid]


def chosen(live: Live) -> Channel:
    """The channel picked, else the first."""
    channels = paid(live)
    return next((c for c in channels if c.id == st.session_state.get(PICK)), channels[0])


def planned_spend(live: Live, channel: Channel) -> float:
    """Mean spend a month in the first planned year."""
    return float(live.result.channels["acquisition"][:YEAR, live.baseline.channels.index(channel)].mean())


def learned(live: Live, channel: Channel) -> LearnedCurve | None:
    """What the data say of a channel, whether it is used or not."""
    return live.baseline.learned.curves.get(channel.id) if live.baseline.learned else None


def one_curve(live: Live) -> Columns:
    """The curve of the chosen channel with its band and marks, then the months behind it."""
    channel = chosen(live)
    marks = (live.baseline.curves[channel.id].reference_spend, planned_spend(live, channel))
    own = curve_points(live.result, channel.id, marks)
    one, n = learned(live, channel), len(own["spend"])
    months = one.points if one else None
    k = len(months) if months is not None else 0
    gap, late = np.full(k, np.nan), np.full(n, np.nan)
    return {
        "spend": np.concatenate([own["spend"], months["spend"] if months is not None else gap]),
        **{name: np.concatenate([own[name], gap]) for name in ("sales", "lo", "hi")},
        "present": np.concatenate([own["spend"] == present_spend(live.baseline, channel.id), np.zeros(k, dtype=bool)]),
        "plan": np.concatenate([own["spend"] == marks[1], np.zeros(k, dtype=bool)]),
        "seen": np.concatenate([late, months["sales"] if months is not None else gap]),
        "seen_in": [None] * n + [live.style.month(m) for m in (months["month"] if months is not None else ())],
    }


def most_wanted(live: Live) -> tuple[Channel, float, float] | None:
    """The channel whose next money brings most sales beyond the planned spend, those sales and their gross margin."""
    found = []
    for c in paid(live):
        spend = planned_spend(live, c)
        before, after = planned_curve(live.result, c.id).sales(np.array([spend, spend + MORE]))
        found.append((float(after - before), c))
    sales, best = max(found, key=lambda pair: pair[0], default=(0.0, None))
    return (best, sales, sales * margin_of_sales(live.result)) if best and sales > 0 else None


def next_bit(live: Live, channel: Channel) -> dict[str, str]:
    """What the next 1,000 brings in margin beyond the planned spend, in words: more, value, lo, hi."""
    found = next_money(live.result, channel.id, planned_spend(live, channel), MORE)
    named = zip(("value", "lo", "hi"), found, strict=True)
    return {"more": live.style.money(MORE, full=True), **{name: live.style.money(x) for name, x in named}}


def confidence(live: Live, channel: Channel) -> str:
    """How sure the curve is, in a word or two."""
    return t(f"confidence.{_sure(live, channel)}")


def assumed(live: Live, channel: Channel) -> bool:
    """No spend of the shop stands behind the curve."""
    return _sure(live, channel) in ("unused", "believed")


def _sure(live: Live, channel: Channel) -> str:
    one = learned(live, channel)
    return one.confidence if one and live.baseline.curves[channel.id].source in LEARNED else "believed"


def facts(live: Live, channel: Channel) -> list[str]:
    """Sentences about the curve: where it comes from, how sure it is, what the checks of the fit found."""
    one, whole, curve = learned(live, channel), live.baseline.learned, live.baseline.curves[channel.id]
    lines = [words.source(live.baseline.defaults[f"roas:{channel.id}"])]
    if one is None or whole is None:
        return [*lines, t("curve.not_fitted" if whole else "curve.no_fit")]
    if one.stopped:
        why = next(said(live, c) for c in whole.checks if c.code == one.stopped and c.channel in ("", channel.id))
        return [*lines, t("curve.stopped", why=why)]
    if curve.source not in LEARNED:
        return [*lines, t("curve.typed_since")]
    lines.append(t(f"curve.says.{one.confidence}"))
    lines.append(t("curve.half_life", weeks=f"{one.reading.half_life:.1f}"))
    tests = sum(e.channel == channel.id for e in whole.experiments)
    lines += [t("curve.tests", count=tests)] if tests else []
    return lines + [said(live, c) for c in whole.checks if c.channel in ("", channel.id)]


def said(live: Live, check: Check) -> str:
    """A failed check in plain words."""
    if check.code in COUNTS:
        return t(f"check.{check.code}", value=f"{check.value:.0f}")
    value = live.style.percent(check.value) if check.code in SHARES else live.style.ratio(check.value)
    return t(f"check.{check.code}", value=value)
