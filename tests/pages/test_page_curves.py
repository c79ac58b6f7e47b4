"""New curves on the Budget page: asked for, accepted, declined; and how earlier forecasts did on the Growth page."""

from __future__ import annotations

import gc
import shutil
from concurrent.futures import wait
from dataclasses import replace
from datetime import date
from html import unescape
from pathlib import Path

import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from shopplan.i18n import Style, text
from shopplan.plan.occasions import Occasion, check
from shopplan.response import Check, Experiment
from shopplan.terms import ShopplanError
from shopplan.ui import live, state
from shopplan.ui.curves import TEST as TEST_COLUMNS
from shopplan.ui.curves import read_tests
from shopplan.ui.occasions import COLUMNS, read_rows
from shopplan.workspace import Shop

ROOT = Path(__file__).resolve().parents[2]
TEST = Experiment("content", "2026-06-01", "2026-08-30", 1.35, 1.65, roas=True)


@pytest.fixture
def own(demo_home, tmp_path):
    shutil.copytree(demo_home, tmp_path / "home")
    opened = Shop.open(tmp_path / "home" / "shop.duckdb")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Shop, "open", classmethod(lambda cls: opened))
        patch.setattr(state, "who", lambda: "ann")
        live.shop.clear()
        yield opened
    st.cache_resource.clear()
    gc.unfreeze()
    wait(opened.learning._jobs.values())
    opened.close()


def launch(page, lang="en"):
    app = AppTest.from_file(ROOT / "shopplan/ui/router.py", default_timeout=60)
    app.query_params["lang"] = lang
    app.run()
    return app.switch_page(f"../../pages/{page}.py").run()


def said(app):
    return unescape(" ".join(e.proto.body for e in app.get("html")))


def test_new_curves_stand_beside_the_old_ones_until_one_is_chosen(own):
    before = own.baseline("000").curves["content"].roas
    own.learning.set_experiments((TEST,))
    new = own.learning.fit().curves["content"].curve
    app = launch("budget")
    assert [e.value for e in app.exception] == []
    assert "2026" in app.info[0].value
    assert f"{before:.2f}" in said(app)
    at = own.baseline("000").curves["content"].reference_spend
    assert f"{float(new.sales(at)) / at:.2f}" in said(app)
    app.button(key="accept-curves").click().run()
    assert own.baseline("000").curves["content"].roas == new.roas
    assert own.work.audit(1)[0].who == "ann"
    assert not app.info
    assert text("en", "curve.tests", count=1) in said(app)


def test_the_budget_page_says_what_the_last_year_brought_and_which_tests_wait(own):
    last = own.facts.daily_spend(own.view())["ds"].max()
    day = f"{pd.Timestamp(last):%Y-%m-%d}"
    own.learning.set_experiments((Experiment("content", day, day, 1.35, 1.65, roas=True),))
    app = launch("budget")
    learned, shown = own.learning.in_use(), said(app)
    for one in learned.curves.values():
        for found in (one.reading.share, one.reading.roas):
            assert f"{found.lo:.2f} to {found.hi:.2f}" in shown or f"({found.lo:.1%} to {found.hi:.1%})" in shown
    assert text("en", "brought") in shown
    assert any(f"Content seeding {day}" in c.value.replace("&#45;", "-") for c in app.caption)


def test_old_curves_can_be_kept(own):
    before = own.baseline("000").curves["content"].roas
    own.learning.set_experiments((TEST,))
    own.learning.fit()
    app = launch("budget", "zh")
    app.button(key="keep-curves").click().run()
    assert not app.info
    assert own.baseline("000").curves["content"].roas == before


def test_each_channel_says_where_its_curve_comes_from_and_how_sure_it_is(own):
    app = launch("budget")
    page = said(app)
    for key in ("curve.source.fitted", "curve.source.blended", "confidence.fair", "confidence.prior"):
        assert text("en", key) in page
    assert text("en", "curve.says.prior") in page, "content is shown first, and its data say little"
    app.session_state["pick-curve"] = "live"
    app.run()
    assert text("en", "curve.says.fair") in said(app)
    assert "follow season, trend and events" in said(app)


def test_earlier_forecasts_are_judged_once_they_are_made_again(own):
    app = launch("growth")
    assert text("en", "growth.hindsight.busy") in [e.value for e in app.caption]
    for job in own.learning._jobs.values():
        job.result()
    app.run()
    assert [e.value for e in app.exception] == []
    page = said(app)
    assert "made 12 months ago missed by" in page
    scores = own.learning.hindsight().scores
    whole = scores[(scores["unique_id"] == "total") & (scores["back"] == 12)].iloc[0]
    narrow = [c.value for c in app.caption if "only" in c.value and "inside the band" in c.value]
    assert bool(narrow) == (whole["cover-80"] < 0.5), "bands that did not hold are said"
    assert text("en", "word.total_shop") in page
    assert text("en", "growth.ledger.waiting") in page, "no month of the newest forecast is over"
    assert "Seasonal ARIMA" in page


def test_own_promotions_and_what_was_odd_are_on_the_growth_page(own):
    gone, ahead = (Occasion("No stock", "stock_out", f"{month}-03", f"{month}-05") for month in ("2026-03", "2027-03"))
    own.set_occasions((Occasion("Birthday", "promotion", "2026-03-02", "2026-03-15"), gone, ahead), "ann")
    own.learning.look_back()
    app = launch("growth", "zh")
    assert [e.value for e in app.exception] == []
    found = own.learning.hindsight().found
    shown = said(app)
    assert text("zh", "growth.found", count=len(found)) in [e.label for e in app.expander]
    assert text("zh", "found.launch") in shown
    charts = " ".join(str(c.proto) for c in app.get("vega_lite_chart"))
    assert "Birthday" in charts, "beside the festivals of its month"
    assert text("zh", "occasions") in [e.label for e in app.expander]
    (said_ahead,) = [unescape(c.value) for c in app.caption if "No stock" in c.value]
    assert "2027-03-05" in said_ahead
    assert "2026-03-05" not in said_ahead, "it is in the data"
    app.button(key="save-occasions").click().run()
    assert [e.value for e in app.exception] == []
    assert own.occasions()[0].name == "Birthday"


def test_a_half_filled_row_of_the_table_is_refused_and_an_empty_one_is_none():
    empty = dict.fromkeys(COLUMNS)
    sale = {"name": " Sale ", "kind": None, "start": "2026-03-02", "end": "2026-03-15"}
    assert read_rows(pd.DataFrame([empty, sale])) == (Occasion("Sale", "promotion", "2026-03-02", "2026-03-15"),)
    with pytest.raises(ShopplanError, match="not a date"):
        check(read_rows(pd.DataFrame([{**sale, "end": None}])))


def test_a_lift_test_without_its_channel_is_refused_and_names_are_read():
    names = {"content": "Content seeding", "xhs": "Xiaohongshu"}
    row = dict.fromkeys(TEST_COLUMNS) | {"start": "2026-06-01", "end": "2026-06-14", "lo": 1.0, "hi": 2.0}
    with pytest.raises(ShopplanError, match="lacks a value"):
        read_tests(pd.DataFrame([row]), names)
    (found,) = read_tests(pd.DataFrame([dict.fromkeys(TEST_COLUMNS), row | {"channel": "Xiaohongshu"}]), names)
    assert found == Experiment("xhs", "2026-06-01", "2026-06-14", 1.0, 2.0, roas=True)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_why_a_curve_is_not_used_is_said(own, lang):
    """A fit in which ads bring more than all sales."""
    own.baseline("000")
    learned = own.learning.in_use()
    wrong = Check("negative_base", "", 0.25, 0.05, False)
    stopped = {c: replace(one, stopped="negative_base") for c, one in learned.curves.items()}
    state_ = own.learning.state()["accepted"]
    own.learning._known[state_] = replace(learned, curves=stopped, checks=(wrong, *learned.checks))
    own._baselines.clear()
    app = launch("budget", lang)
    assert [e.value for e in app.exception] == []
    assert text(lang, "check.negative_base", value="25.0%") in said(app)
    assert text(lang, "brought") not in said(app), "what is not believed is not shown"
    day = Style(lang, "CNY").date(date.fromisoformat(learned.through))
    assert text(lang, "curves.stopped", day=day, periods=learned.periods) in [m.value for m in app.markdown]
