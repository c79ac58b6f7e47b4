"""Parts of the Data page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import pandas as pd
import streamlit as st

from shopplan.charts import CHARTS, legend, spec
from shopplan.i18n import Style, finding
from shopplan.plan import Baseline, Channel
from shopplan.plan.run import typed_left_out
from shopplan.response import Entry
from shopplan.terms import METRICS, ShopplanError, split_key
from shopplan.ui import state, welcome, words
from shopplan.ui.cards import section, table
from shopplan.ui.imports import channels, checks, expected, mappings, rates, receipts, saving, sections, upload
from shopplan.ui.words import t
from shopplan.workspace import Shop


def _style(shop: Shop) -> Style:
    return Style(state.prefs().lang, shop.currency(), state.prefs().numbers)


def _baseline(shop: Shop) -> Baseline | None:
    """The baseline, or None where there is none; the live pages say why."""
    try:
        return shop.baseline(state.scenario().template) if shop.ready else None
    except ShopplanError:
        return None


def page(shop: Shop) -> None:
    """Bringing files first; below one section at a time: checks, imports, channels, currencies and what was typed.

    What is below is drawn first, in its place: it takes longest, and after an import what it said before would stand
    under the word that all is stored.
    """
    top, below = st.container(), st.container()
    with below:
        _section(shop)
    with top:
        _bring(shop)


def _bring(shop: Shop) -> None:
    """Files to bring, and what they can hold."""
    if not shop.ready:
        st.write(t("data.nothing" if shop.facts.batches().empty else "welcome.no_sales"))
    elif shop.facts.is_demo():
        st.caption(t("data.demo_makes_way"))
    upload.bring(shop, "data")
    expected.columns()


def _section(shop: Shop) -> None:
    """The section that is open."""
    found = checks.found(shop)
    parts: dict[str, Callable[[Shop], None]] = {
        "imports": receipts.listed,
        "channels": channels.editor,
        "rates": rates.editor,
        "typed": typed,
        "mappings": mappings.listed,
        "assumptions": assumptions,
    }
    chosen = sections.choose({"checks": len(found), "imports": len(shop.facts.batches())})
    if chosen == "checks":
        checks.listed(shop, found)
        held(shop)
    else:
        parts[chosen](shop)


def typed(shop: Shop) -> None:
    """Present spend and return by channel, for what no file says."""
    baseline = _baseline(shop)
    if baseline is None:
        st.write(t("data.nothing"))
        return
    _start(shop, baseline)
    entered = shop.entered().channels
    paid = [c for c in baseline.channels if c.paid]
    frame = pd.DataFrame(
        {
            "channel": [words.channel(c) for c in paid],
            "spend": [entered[c.id].spend if c.id in entered else None for c in paid],
            "roas": [entered[c.id].roas if c.id in entered else None for c in paid],
            "used": [_used(shop, baseline, c.id) for c in paid],
        }
    ).astype({"spend": "float64", "roas": "float64"})
    c = st.column_config
    columns = {
        "channel": c.TextColumn(t("word.channel"), disabled=True),
        "spend": c.NumberColumn(t("data.typed.spend"), min_value=0.0),
        "roas": c.NumberColumn(t("data.typed.roas"), min_value=0.0, help=t("lever.roas.help")),
        "used": c.TextColumn(t("data.typed.used"), disabled=True),
    }
    with st.form("present-spend", border=False):  # nothing is drawn anew, and lost, between two cells
        edited = st.data_editor(
            frame,
            hide_index=True,
            column_config=columns,
            placeholder=t("data.typed.empty"),
            key=f"typed-{shop.version()}",
        )
        if not st.form_submit_button(t("action.save"), type="primary", key="save-typed"):
            return
    _keep(shop, paid, edited, entered)


def _start(shop: Shop, baseline: Baseline) -> None:
    """What the plan starts from, and what was typed that it cannot start from."""
    budget = baseline.defaults["budget"]
    typed_in = "entered" if budget.source == "entered" else "no_spend"
    told = "has_spend" if len(shop.history().spend) else typed_in
    spend = _style(shop).money(budget.value, full=True)
    st.write(words.escaped(t(f"data.typed.{told}", spend=spend, source=words.source(budget))))
    for note in typed_left_out(baseline):
        st.write(words.escaped(finding(_style(shop), note.code, note.values, ())))


def _keep(shop: Shop, paid: list[Channel], edited: pd.DataFrame, entered: Mapping[str, Entry]) -> None:
    """Store what was typed by channel and say what changed."""
    rows = zip(paid, edited["spend"], edited["roas"], strict=True)
    entries = {
        x.id: replace(entered.get(x.id, Entry()), spend=s if s == s else None, roas=r if r == r else None)
        for x, s, r in rows
    }
    changed = [words.channel(c) for c in paid if entries[c.id] != entered.get(c.id, Entry())]
    total = sum(entry.spend or 0.0 for entry in entries.values())
    told = t("data.typed.saved", channels=words.said(", ").join(changed), spend=_style(shop).money(total))
    saving.save(
        lambda: shop.enter_channels(entries, state.who()), words.escaped(told if changed else t("state.unchanged"))
    )


def _used(shop: Shop, baseline: Baseline, channel: str) -> str:
    """The return in use and where it comes from."""
    default = baseline.defaults[f"roas:{channel}"]
    return t("data.typed.in_use", value=_style(shop).ratio(default.value), source=words.source(default))


def held(shop: Shop) -> None:
    """Net sales held by month and channel, gaps marked."""
    if shop.facts.batches().empty:
        return
    sales = shop.history().sales
    if sales.empty:
        return
    section(t(CHARTS["history_quality"].title))
    names = {c["id"]: words.known("channel", c["id"], c["name"]) for c in shop.channels().to_dict("records")}
    months = pd.date_range(sales["month"].min(), sales["month"].max(), freq="MS")
    grid = pd.MultiIndex.from_product([sales["channel"].unique(), months], names=["channel", "month"])
    held = sales.assign(month=pd.to_datetime(sales["month"])).set_index(["channel", "month"])["net"].reindex(grid)
    begun = held.notna().groupby("channel").cummax()  # months before a channel began are no gaps
    frame = held[begun].rename("value").reset_index()
    frame["label"] = frame["channel"].map(names)
    dark = st.context.theme.type == "dark"
    st.html(legend("history_quality", state.prefs().lang, dark))
    drawn = spec("history_quality", state.prefs().lang, shop.currency(), dark, state.prefs().numbers)
    st.vega_lite_chart(frame, drawn, key="chart-history_quality", theme=None, width="stretch")


def assumptions(shop: Shop) -> None:
    """Every value that does not come from the shop's data, and where it comes from; what was typed can be retyped."""
    _typed_numbers(shop)
    baseline = _baseline(shop)
    if baseline is None:
        st.write(t("data.nothing"))
        return
    style = _style(shop)
    rows = [
        (words.lever(key, baseline), words.unit_value(style, split_key(key)[0].unit, d.value), words.source(d))
        for key, d in baseline.defaults.items()
        if d.source != "data"
    ]
    rows += [
        (t(f"metric.{metric}"), style.value(METRICS[metric].unit, d.value), words.source(d))
        for metric, d in baseline.assumed.items()
    ]
    st.write(t("data.assumptions.about", count=len(rows)))
    table([t("word.lever"), t("word.default"), t("word.source")], rows, numbers=(1,))


def _typed_numbers(shop: Shop) -> None:
    """The three numbers of a shop without files, to look at and to change."""
    now = shop.entered()
    if now.as_of is None or not shop.facts.batches().empty:
        return
    section(t("data.numbers"))
    st.write(t("data.numbers.about", month=_style(shop).month(now.as_of)))
    welcome.numbers(shop, t("action.save"))
