"""The forecast on the Growth page: what it expects, why, and how earlier forecasts did."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import streamlit as st

from shopplan.forecast import calendar, event_share
from shopplan.forecast.reconcile import TOTAL
from shopplan.forecast.study import SHORT
from shopplan.i18n import MISSING, Style, has
from shopplan.learning import HINDSIGHT
from shopplan.plan import Baseline
from shopplan.plan.occasions import Occasion, promotions
from shopplan.plan.outlook import MODEL_ENTERED, Seen, expected
from shopplan.terms import ShopplanError
from shopplan.ui import cards, occasions, state, words
from shopplan.ui.curve import Columns
from shopplan.ui.words import t

if TYPE_CHECKING:
    from shopplan.workspace import Shop

HISTORY, AHEAD = 24, 24
SHOWN_BACK = (3, 6, 12)
"""Months ago of the earlier forecasts that are drawn."""
LONG_BACK, MOSTLY = 6, 0.5
"""Months of a look back from which its share inside the band is worth a word, and below which it has one."""
LOOK_AGAIN = 3
LEDGER = {"made": "", "first": "", "year": "year_forecast", "true": "came_true", "miss": "miss", "inside": "inside"}
"""Columns of the ledger and what explains their numbers."""


def report(shop: Shop, template: str) -> None:
    """Forecast, models, hindsight, ledger and own occasions; nothing for a shop that only typed three numbers."""
    try:
        baseline = shop.baseline(template) if shop.ready else None
    except ShopplanError:  # the board above says why
        baseline = None
    if baseline is None or MODEL_ENTERED in baseline.models.values():
        return
    style = Style(state.prefs().lang, baseline.currency, state.prefs().numbers)
    found = shop.learning.hindsight()
    cards.section(t("growth.forecast"))
    about = words.how("wape") if _judged(found) else ""
    chart = cards.made("forecast", _columns(baseline, style, found, shop.occasions()), _head(found, style), about)
    cards.place(chart, style, st.context.theme.type == "dark")
    _models(baseline, style)
    _found(baseline, style, found)
    _hindsight(shop, baseline, style, found)
    _ledger(shop, baseline, style)
    occasions.desk(shop, baseline.start)


Hindsight = Seen | None


def _head(found: Hindsight, style: Style) -> str:
    """How the longest look back did, where there is one."""
    scores = _whole(found.scores if found else pd.DataFrame())
    if scores.empty:
        return t("chart.forecast")
    longest = scores.sort_values("back").iloc[-1]
    return t("growth.judge", months=int(longest["back"]), wape=style.percent(float(longest["wape"])))


def _judged(found: Hindsight) -> bool:
    return found is not None and not _whole(found.scores).empty


def _whole(rows: pd.DataFrame) -> pd.DataFrame:
    """Those of a look back that are about the whole shop."""
    return rows[rows["unique_id"] == TOTAL] if len(rows) else rows


def _columns(baseline: Baseline, style: Style, found: Hindsight, special: Iterable[Occasion]) -> Columns:
    """History and forecast on one time line with events, then the earlier forecasts in rows of their own."""
    past, ahead = baseline.history.tail(HISTORY), expected(baseline, AHEAD)
    actual, k, n = past["net_sales"].to_numpy(float), min(HISTORY, len(past)), AHEAD
    gap, joined = np.full(k, np.nan), np.full(k, np.nan)
    joined[-1:] = actual[-1:]
    months = [*past["month"], *ahead["month"]]
    seen = _whole(found.made if found else pd.DataFrame())
    if len(seen):
        seen = seen[seen["back"].isin(SHOWN_BACK)]
    made = [t("growth.made_before", month=style.month(pd.Timestamp(c))) for c in seen.get("cutoff", ())]
    m = len(seen)
    empty = np.full(m, np.nan)
    own = [pd.Timestamp(x) for x in months] + ([pd.Timestamp(x) for x in seen["ds"]] if m else [])
    before = seen["yhat"].to_numpy(float) if m else empty
    return {
        "month": np.array(own, dtype="datetime64[us]"),
        "history": np.concatenate([actual, np.full(n, np.nan), empty]),
        "mean": np.concatenate([joined, ahead["mean"], empty]),
        "lo": np.concatenate([joined, ahead["lo"], empty]),
        "hi": np.concatenate([joined, ahead["hi"], empty]),
        "before": np.concatenate([gap, np.full(n, np.nan), before]),
        "made": [None] * (k + n) + made,
        "event": [*_events(months, baseline.country, special), *([None] * m)],
    }


def _events(months: list[Any], country: str, special: Iterable[Occasion]) -> list[str | None]:
    """Names of the shop events in each month, the longest first; None in a month without one."""
    index = pd.DatetimeIndex(months)
    rows = calendar(index[0].date(), (index[-1] + pd.offsets.MonthEnd(0)).date(), country)
    shares = event_share(index, pd.concat([rows, promotions(special)], ignore_index=True))
    named = [row[row > 0].sort_values(ascending=False).index for _, row in shares.iterrows()]
    return [" · ".join(words.known("event", e) for e in row) if len(row) else None for row in named]


def _models(baseline: Baseline, style: Style) -> None:
    """Which models stand behind each channel, and why."""
    rows = []
    for c in baseline.channels:
        if c.id in baseline.models:
            weights = baseline.weights.get(c.id, ())
            parts = baseline.models[c.id].split("+")
            shares = [style.odds(w) for w in weights] + [""] * (len(parts) - len(weights))
            named = (t("growth.member", model=words.known("model", p), share=s).strip()
                     for p, s in zip(parts, shares, strict=True))  # fmt: skip
            rows.append((words.channel(c), " + ".join(named)))
    cards.table([t("word.channel"), t("growth.model")], rows, caption=t("growth.models"))
    used = dict.fromkeys(part for name in baseline.models.values() for part in name.split("+"))
    short = all(SHORT in name for name in baseline.models.values())
    st.caption(t("growth.why.short" if short else "growth.why"))
    told = [p for p in used if has(style.lang, f"model.{p}.about")]
    about = [(words.known("model", p), t(f"model.{p}.about")) for p in told]
    with st.expander(t("growth.models.about")):
        cards.table([t("growth.model"), t("growth.models.does")], about)
    if baseline.missing:
        months = (f"{style.month(pd.Timestamp(m))} ({style.percent(share)})" for m, share in baseline.missing.items())
        st.caption(t("growth.missing", months=" · ".join(months)))


def _found(baseline: Baseline, style: Style, found: Hindsight) -> None:
    """What was odd in the history, the newest first."""
    if found is None or found.found.empty:
        return
    names = {c.id: words.channel(c) for c in baseline.channels}
    rows = []
    for row in found.found.sort_values("ds", ascending=False, kind="stable").to_dict("records"):
        code, value, usual = row["found"], _number(row["value"]), _number(row["usual"])
        shown = {"value": style.money(value), "usual": style.money(usual), "count": f"{value:.0f}",
                 "change": style.percent(usual - 1)}  # fmt: skip
        channel = names.get(row["unique_id"], row["unique_id"])
        rows.append((style.month(row["ds"]), channel, t(f"found.{code}", **shown)))
    with st.expander(t("growth.found", count=len(rows))):
        cards.table([t("word.month"), t("word.channel"), t("growth.found.what")], rows)


def _hindsight(shop: Shop, baseline: Baseline, style: Style, found: Hindsight) -> None:
    """How forecasts from 1, 3, 6 and 12 months ago did, by channel and for the whole shop."""
    if found is None:
        if shop.learning.failed(HINDSIGHT):
            st.caption(t("learning.failed"))
        else:
            _watch(shop)
        return
    # one channel is the whole shop
    scores = _whole(found.scores) if len(baseline.models) == 1 else found.scores
    if scores.empty:
        st.caption(t("growth.hindsight.short"))
        return
    names = {c.id: words.channel(c) for c in baseline.channels} | {TOTAL: t("word.total_shop")}
    rows = []
    for row in scores.sort_values("back", kind="stable").to_dict("records"):
        ago = int(row["back"])
        rows.append(
            (
                names.get(row["unique_id"], row["unique_id"]),
                t("growth.month_ago") if ago == 1 else t("growth.months_ago", months=ago),
                style.ratio(_number(row["mase"])),
                style.percent(_number(row["wape"])),
                style.percent(_number(row["bias"])),
                style.percent(_number(row["cover-80"])),
            )
        )
    named = (("word.channel",), ("growth.back",), ("growth.mase", "mase"), ("growth.wape", "wape"),
             ("growth.bias", "bias"), ("growth.cover", "cover"))  # fmt: skip
    head = [words.headed(*h) for h in named]
    longest = [row for row in rows if row[1] == rows[-1][1]]
    cards.table(head, longest, numbers=range(2, 6), caption=t("growth.hindsight"))
    if len(longest) < len(rows):
        with st.expander(t("growth.hindsight.all")):
            cards.table(head, rows, numbers=range(2, 6))
    st.caption(t("growth.hindsight.read"))
    if narrow := _narrow(scores):
        st.caption(t("growth.hindsight.narrow", months=narrow[0], share=style.percent(narrow[1])))


def _narrow(scores: pd.DataFrame) -> tuple[int, float] | None:
    """Months ago and share inside the band where a look back of the whole shop was left by most of its months."""
    far = scores[(scores["unique_id"] == TOTAL) & (scores["back"] >= LONG_BACK)].sort_values("back")
    if far.empty or not float(far.iloc[-1]["cover-80"]) < MOSTLY:
        return None
    return int(far.iloc[-1]["back"]), float(far.iloc[-1]["cover-80"])


def _number(value: Any) -> float:
    return float("nan") if value is None else float(value)


@st.fragment(run_every=LOOK_AGAIN)
def _watch(shop: Shop) -> None:
    st.caption(t("growth.hindsight.busy"))
    if not shop.learning.busy(HINDSIGHT):
        st.rerun()


def _ledger(shop: Shop, baseline: Baseline, style: Style) -> None:
    """Every forecast that a plan used, with what came true of it."""
    known = baseline.history.set_index(pd.to_datetime(baseline.history["month"]))["net_sales"]
    rows = [_entry(row, known, style) for row in reversed(shop.learning.ledger())]
    head = [words.headed(f"growth.ledger.{name}", about) for name, about in LEDGER.items()]
    if rows:
        cards.table(head, rows, numbers=range(2, 6), caption=t("growth.ledger"))
    else:
        st.html(f"<p>{escape(t('growth.ledger.none'))}</p>")


def _entry(row: dict[str, Any], known: pd.Series, style: Style) -> tuple[str, ...]:
    months = pd.date_range(row["start"], periods=len(row["mean"]), freq="MS")
    own = row["currency"] == style.currency
    style = style if own else replace(style, currency=row["currency"])
    over = months.isin(known.index) & own
    made = (style.moment(datetime.fromisoformat(row["at"])), style.month(date.fromisoformat(row["start"])),
            style.money(sum(row["mean"][:12])))  # fmt: skip
    if not over.any():
        return (*made, t("growth.ledger.waiting" if own else "growth.ledger.no_rate"), MISSING, MISSING)
    actual = known[months[over]].to_numpy(float)
    mean, low, high = (np.array(row[name], dtype=float)[over] for name in ("mean", "lo", "hi"))
    inside = int(((actual >= low) & (actual <= high)).sum())
    return (*made, style.money(float(actual.sum())), style.percent(float(mean.sum() / actual.sum() - 1)),
            t("growth.ledger.of", inside=inside, months=len(actual)))  # fmt: skip
