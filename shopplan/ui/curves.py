"""Parts of the Budget page about response curves: one channel in full, new curves to accept, and what people know."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from html import escape
from math import exp, isfinite
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import streamlit as st

from shopplan.i18n import Style
from shopplan.learning import CURVES
from shopplan.plan import Baseline
from shopplan.plan.learned import Learned, LearnedCurve
from shopplan.response import Curve, Entry, Experiment, Span
from shopplan.terms import ShopplanError
from shopplan.ui import cards, curve, state, words
from shopplan.ui.words import t
from shopplan.workspace import CURRENCIES

if TYPE_CHECKING:
    from shopplan.ui.live import Live
    from shopplan.workspace import Shop

NINE_OF_TEN = 1.645
"""Standard deviations of a normal that hold nine of ten cases on either side of its middle."""
LOOK_AGAIN = 3
"""Seconds between looks at a fit that is under way."""
EFFECTS = ("roas", "sales")
TEST = ("channel", "start", "end", "effect", "lo", "hi", "currency", "level", "tested")
"""Columns of the table of lift tests."""
TEST_NUMBERS = ("lo", "hi", "level", "tested")


def channel(live: Live) -> None:
    """The curve of one channel, picked by the reader, and what is known about it."""
    names = {c.id: words.channel(c) for c in curve.paid(live)}
    if not names:
        return
    st.segmented_control(
        t("curve.pick"), list(names), format_func=names.__getitem__, default=next(iter(names)), key=curve.PICK
    )
    cards.place(cards.chart(live, "curve"), live.style, live.dark)
    items = "".join(f"<li>{escape(line)}</li>" for line in curve.facts(live, curve.chosen(live)))
    st.html(f'<ul class="findings">{items}</ul>')


def news(live: Live) -> None:
    """New curves that wait for a yes or a no, beside those in use."""
    new = live.shop.learning.waiting()
    with st.container(key="curve-news"):
        if new is None:
            return
        st.info(t("curves.new", day=_day(live.style, new)))
        head = (("word.channel",), ("curves.roas_now", "roas_at"), ("curves.roas_new", "roas_at"),
                ("curves.mroas_now", "mroas"), ("curves.mroas_new", "mroas"), ("word.confidence",))  # fmt: skip
        rows = [_beside(live, new, c.id, words.channel(c)) for c in curve.paid(live) if c.id in new.curves]
        cards.table([words.headed(*h) for h in head], rows, numbers=range(1, 5))
        with st.container(horizontal=True):
            if st.button(t("curves.accept"), type="primary", key="accept-curves"):
                live.shop.learning.accept(state.who())
                st.rerun()
            if st.button(t("curves.keep"), key="keep-curves"):
                live.shop.learning.decline(state.who())
                st.rerun()


def _beside(live: Live, new: Learned, channel: str, name: str) -> tuple[str, ...]:
    """A row: returns now and then, at the spend of now."""
    now, then = live.baseline.curves[channel], new.curves[channel]
    at = now.reference_spend
    if then.stopped:
        return name, _roas(live, now, at), t("word.none"), _mroas(live, now, at), t("word.none"), t(
            f"check.{then.stopped}.short")  # fmt: skip
    return (name, _roas(live, now, at), _roas(live, then.curve, at), _mroas(live, now, at),
            _mroas(live, then.curve, at), t(f"confidence.{then.confidence}"))  # fmt: skip


def _roas(live: Live, one: Curve, at: float) -> str:
    """ROAS at a spend, with the range that holds nine of ten cases."""
    if not at:
        return t("word.none")
    roas, reach = float(one.sales(at)) / at, exp(NINE_OF_TEN * one.roas_sd)
    show = live.style.ratio
    return t("word.with_span", value=show(roas), lo=show(roas / reach), hi=show(roas * reach))


def _mroas(live: Live, one: Curve, at: float) -> str:
    return live.style.ratio(float(np.asarray(one.marginal_roas(at))))


def _day(style: Style, one: Learned) -> str:
    return style.date(date.fromisoformat(one.through))


def desk(shop: Shop, template: str) -> None:
    """Where the curves come from, and what people know of them: experiments and incremental shares."""
    try:
        baseline = shop.baseline(template) if shop.ready else None
    except ShopplanError:  # the board above says why
        baseline = None
    if baseline is None or not any(c.paid for c in baseline.channels):
        return
    cards.section(t("curves.own"))
    style = Style(state.prefs().lang, baseline.currency, state.prefs().numbers)
    _standing(shop, baseline, style)
    if baseline.learned is not None and isfinite(baseline.learned.base) and not _unused(baseline.learned):
        _brought(baseline, baseline.learned, style)
    with st.expander(t("curves.shares")):
        _shares(shop, baseline)
    with st.expander(t("curves.experiments")):
        _experiments(shop, baseline)


def _standing(shop: Shop, baseline: Baseline, style: Style) -> None:
    """Which data the curves in use are from, and whether new ones are being made."""
    learned = baseline.learned
    if learned is None:
        st.write(t("curve.no_fit"))
    elif _unused(learned):
        st.write(t("curves.stopped", day=_day(style, learned), periods=learned.periods))
    else:
        asked = "curves.unasked" if shop.learning.state().get("unasked") else "curves.accepted"
        st.write(f"{t(asked, day=_day(style, learned), periods=learned.periods)} {t('curves.apart')}")
    if shop.learning.busy(CURVES):
        _watch(shop)
    elif shop.learning.failed(CURVES):
        st.caption(t("learning.failed"))


def _unused(learned: Learned) -> bool:
    """Whether no curve of a fit is used: then what it says of the last year is not to be believed either."""
    return all(one.stopped for one in learned.curves.values())


def _brought(baseline: Baseline, learned: Learned, style: Style) -> None:
    """What the last year's spend brought by channel, and what came without it."""
    named = (("word.channel",), ("brought.spend",), ("brought.sales", "brought_sales"),
             ("brought.share", "brought_share"), ("metric.roas", "brought_roas"), ("brought.mroas", "brought_mroas"),
             ("brought.carry_in", "brought_carry_in"), ("brought.to_come", "brought_to_come"),
             ("brought.half_life", "brought_half_life"), ("brought.saturation", "brought_saturation"),
             ("word.confidence",))  # fmt: skip
    known = {words.channel(c): learned.curves[c.id] for c in baseline.channels if c.id in learned.curves}
    rows = [(name, *_reading(style, one)) for name, one in known.items()]
    total = learned.base + sum(one.reading.contribution.value for one in known.values())
    since, until = (style.date(date.fromisoformat(day)) for day in (learned.since, learned.through))
    amounts = {"total": style.money(total), "base": style.money(learned.base)}
    about = t("brought.about", since=since, until=until, share=style.percent(learned.base / total), **amounts)
    cards.section(t("brought"))
    cards.table([words.headed(*n) for n in named], rows, numbers=range(1, len(named) - 1), caption=about)


def _reading(style: Style, one: LearnedCurve) -> tuple[str, ...]:
    """Cells of a channel; in place of how sure it is, why it is not used."""

    def span(found: Span, show: Callable[[float], str]) -> str:
        if not isfinite(found.value):
            return t("word.none")
        return t("word.with_span", value=show(found.value), lo=show(found.lo), hi=show(found.hi))

    read = one.reading
    half_life = t("brought.weeks", weeks=f"{read.half_life:.1f}") if isfinite(read.half_life) else t("word.none")
    return (
        style.money(read.spend), span(read.contribution, style.money), span(read.share, style.percent),
        span(read.roas, style.ratio), span(read.mroas, style.ratio), style.money(read.carry_in),
        style.money(read.still_to_come), half_life, style.percent(read.saturation),
        t(f"check.{one.stopped}.short") if one.stopped else t(f"confidence.{one.confidence}"),
    )  # fmt: skip


@st.fragment(run_every=LOOK_AGAIN)
def _watch(shop: Shop) -> None:
    st.caption(t("curves.busy"))
    if not shop.learning.busy(CURVES):
        st.rerun()


def _shares(shop: Shop, baseline: Baseline) -> None:
    """Share of a channel's sales that would not have come anyway, to be changed."""
    st.write(t("curves.shares.about"))
    entered = shop.entered().channels
    paid = [c for c in baseline.channels if c.paid]
    known = [entered.get(c.id, Entry()).incremental for c in paid]
    frame = pd.DataFrame({"channel": [words.channel(c) for c in paid],
                          "share": [x * 100 if x else None for x in known]}).astype({"share": "float64"})  # fmt: skip
    c = st.column_config
    columns = {
        "channel": c.TextColumn(t("word.channel"), disabled=True),
        "share": c.NumberColumn(t("curves.share"), min_value=1.0, max_value=100.0, help=t("curves.share.help")),
    }
    edited = st.data_editor(
        frame, hide_index=True, column_config=columns, placeholder=t("data.typed.empty"), key=f"shares-{shop.version()}"
    )
    if st.button(t("action.save"), type="primary", key="save-shares"):
        typed = {x.id: None if s != s else s / 100 for x, s in zip(paid, edited["share"], strict=True)}
        entries = {**entered, **{i: replace(entered.get(i, Entry()), incremental=s) for i, s in typed.items()}}
        _kept(lambda: shop.enter_channels(entries, state.who()), shop)


def _experiments(shop: Shop, baseline: Baseline) -> None:
    """Lift tests: a table to change, add to and save."""
    st.write(t("curves.experiments.about"))
    tests = shop.learning.experiments()
    names = _names(baseline, tests)
    used = {(e.channel, e.start, e.end) for e in (baseline.learned.experiments if baseline.learned else ())}
    waiting = [f"{names[e.channel]} {e.start} – {e.end}" for e in tests if (e.channel, e.start, e.end) not in used]
    if waiting:
        st.caption(words.escaped(t("curves.experiments.waiting", tests=", ".join(waiting))))
    rows = [
        (names[e.channel], e.start, e.end, EFFECTS[0 if e.roas else 1], e.lo, e.hi, e.currency or baseline.currency,
         round(100 * e.level), 100 * e.tested)
        for e in tests
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=list(TEST)).astype(dict.fromkeys(TEST_NUMBERS, "float64"))
    edited = st.data_editor(
        frame.astype(dict.fromkeys(set(TEST) - set(TEST_NUMBERS), "str")), num_rows="dynamic", hide_index=True,
        column_config=_test_columns(names, [baseline.currency, *(e.currency for e in tests if e.currency)]),
        key=f"tests-{len(tests)}-{shop.learning.source()}",
    )  # fmt: skip
    if st.button(t("action.save"), type="primary", key="save-tests"):
        _kept(lambda: shop.learning.set_experiments(read_tests(edited, names), state.who()), shop)


def _names(baseline: Baseline, tests: Iterable[Experiment]) -> dict[str, str]:
    """Names of the paid channels and of those that were tested, each another one."""
    shown = {c.id: words.channel(c) for c in baseline.channels if c.paid}
    names = {**{e.channel: words.known("channel", e.channel) for e in tests}, **shown}
    twice = {name for name in names.values() if list(names.values()).count(name) > 1}
    return {id_: f"{name} ({id_})" if name in twice else name for id_, name in names.items()}


def _test_columns(names: dict[str, str], currencies: Iterable[str]) -> dict[str, Any]:
    """What the columns hold; none is required, since rows that lack a value would vanish instead of being refused."""
    c = st.column_config
    day: dict[str, Any] = {"help": t("curves.test.day"), "validate": r"^\d{4}-\d{2}-\d{2}$"}
    percent: dict[str, Any] = {"min_value": 1.0, "max_value": 100.0}
    codes = list(dict.fromkeys((*currencies, *CURRENCIES)))
    return {
        "channel": c.SelectboxColumn(t("word.channel"), options=list(names.values())),
        "start": c.TextColumn(t("curves.test.start"), **day),
        "end": c.TextColumn(t("curves.test.end"), **day),
        "effect": c.SelectboxColumn(
            t("curves.test.effect"), options=EFFECTS, format_func=lambda e: t(f"curves.test.{e}"), default=EFFECTS[0]
        ),
        "lo": c.NumberColumn(t("curves.test.lo")),
        "hi": c.NumberColumn(t("curves.test.hi")),
        "currency": c.SelectboxColumn(t("curves.test.currency"), options=codes, default=codes[0]),
        "level": c.NumberColumn(t("curves.test.level"), default=90.0, **percent),
        "tested": c.NumberColumn(t("curves.test.tested"), default=100.0, help=t("curves.test.tested.help"), **percent),
    }


def read_tests(edited: pd.DataFrame, names: Mapping[str, str]) -> tuple[Experiment, ...]:
    """The rows of the table as experiments; whoever leaves level or tested share empty means 90 and 100 %.

    Parameters
    ----------
    edited : DataFrame
        Columns `TEST`, the channel by its name.
    names : mapping of channel id to name

    Raises
    ------
    ShopplanError
        For a row that lacks a value.
    """
    needed = ["channel", "start", "end", "lo", "hi"]
    ids = {name: id_ for id_, name in names.items()}
    rows = edited.assign(channel=edited["channel"].map(lambda name: ids.get(name, name)))
    filled = rows[rows[needed].notna().any(axis=1)]
    half = filled[filled[needed].isna().any(axis=1)]
    if len(half):
        raise ShopplanError("a test lacks a value", str(half["channel"].fillna("").iloc[0]), "fill in all of its row")
    rest = {"level": 90.0, "tested": 100.0, "effect": EFFECTS[0], "currency": ""}
    return tuple(
        Experiment(
            str(r["channel"]), str(r["start"]), str(r["end"]), float(r["lo"]), float(r["hi"]),
            r["effect"] == EFFECTS[0], float(r["level"]) / 100, float(r["tested"]) / 100, str(r["currency"]),
        )
        for r in filled.fillna(rest).to_dict("records")
    )  # fmt: skip


def _kept(save: Any, shop: Shop) -> None:
    """Save, then let the curves follow in the background; what cannot be saved is said."""
    try:
        save()
    except ShopplanError as error:
        st.error(words.refused(error))
        return
    shop.learning.refresh()
    st.rerun()
