"""The bar of scenarios: the link that is shared, and what can be done now."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from shopplan.scenario import Scenario, to_link
from shopplan.ui import targets
from tests.pages.test_pages import ROOT


@pytest.fixture
def typed(own):
    """A shop of three numbers with a saved scenario."""
    own.enter_numbers(420_000.0, 60_000.0, 0.41, date(2026, 10, 1), "CNY")
    return own, own.work.save_scenario(None, Scenario().with_values({"price": -0.03}), "Big push")


def session(**query: str) -> AppTest:
    app = AppTest.from_file(ROOT / "shopplan/ui/router.py", default_timeout=60)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert [e.value for e in app.exception] == []
    return app


def test_a_shared_link_leads_to_the_saved_scenario_and_its_changes_in_the_readers_language(typed):
    _, saved = typed
    changed = saved.scenario.with_values({"growth": 0.1})
    app = session(s=to_link(changed), id=f"{saved.id}~{saved.version}", lang="zh")
    app.button(key="share").click().run()
    (shown,) = [code.value for code in app.code]
    query = {name: values[0] for name, values in parse_qs(urlsplit(shown).query).items()}
    assert set(query) == {"s", "id"}
    other = session(**query)
    assert other.session_state["scenario"] == changed
    assert other.session_state["compare"].name == "Big push"
    assert other.session_state["prefs"].lang == "en"


def test_values_that_a_link_sets_out_of_range_are_named_with_what_they_are_now(typed):
    app = session(s="t000.h99.budget=99999999999.price=-50.nosuch=4", lang="en")
    (told,) = [unescape(w.value) for w in app.warning]
    assert told.split("\n\n")[0].endswith(": nosuch=4")
    assert "Price: −5,000.0% is now −30.0%" in told
    assert "Marketing budget a month: CN¥99,999,999,999 is now CN¥" in told
    assert "Planned months: 99 is now 60" in told
    again = session(s=app.query_params["s"], lang="en")
    assert len(again.warning) == 0
    assert again.session_state["scenario"] == app.session_state["scenario"]


def test_shares_that_a_link_sets_to_more_than_the_whole_are_named(typed):
    app = session(s="t000.h24.split:search=0.9.split:live=0.9", lang="zh")
    (told,) = [unescape(w.value) for w in app.warning]
    assert told.count("90.0% 改为 43.9%") == 2
    assert len(session(s=app.query_params["s"]).warning) == 0


def test_a_link_within_the_ranges_is_taken_without_a_word(typed):
    assert len(session(s="t000.h24.price=-0.3.split:search=0.4").warning) == 0


def able(app: AppTest) -> dict[str, bool]:
    return {key: not app.button(key=key).disabled for key in ("undo", "redo", "reset", "save")}


def bar(app: AppTest) -> str:
    return next(e.proto.body for e in app.get("html") if "scenario-name" in e.proto.body)


def test_the_bar_says_what_is_not_saved_and_offers_only_what_does_something(typed):
    shop, saved = typed
    app = session(id=f"{saved.id}~{saved.version}")
    assert "Unsaved changes" not in bar(app)
    assert able(app) == {"undo": False, "redo": False, "reset": False, "save": False}
    moved(app, 0.1)
    assert "Unsaved changes" in bar(app)
    assert able(app) == {"undo": True, "redo": False, "reset": True, "save": True}
    app.button(key="undo").click().run()
    assert "Unsaved changes" not in bar(app)
    assert able(app) == {"undo": False, "redo": True, "reset": False, "save": False}
    app.button(key="redo").click().run()
    app.button(key="save").click().run()
    assert "Unsaved changes" not in bar(app)
    assert able(app) == {"undo": True, "redo": False, "reset": False, "save": False}
    assert dict(shop.work.load(saved.id).scenario.values)["growth"] == 0.1


def moved(app: AppTest, growth: float) -> None:
    """A lever is set as the panel sets it, and its page runs."""
    past, now = app.session_state["history"], app.session_state["scenario"]
    app.session_state["history"] = replace(past, undo=(*past.undo, now))
    app.session_state["scenario"] = now.with_values({"growth": growth})
    app.run()


def test_the_default_plan_says_that_saving_asks_for_a_name(typed):
    app = session()
    assert not app.button(key="save").disabled
    assert "asked for a name" in app.button(key="save").help


def test_plans_of_different_lengths_say_over_which_months_they_are_compared(typed):
    _, saved = typed
    assert "first 24 months" in bar(session(s=to_link(replace(saved.scenario, horizon=36)), id=saved.id))
    assert "months" not in bar(session(id=saved.id))


def test_a_milestone_beyond_the_longest_plan_is_refused_with_a_word(typed, monkeypatch):
    shop, _ = typed
    row = {"name": "Far", "metric": "net_sales", "window": "month", "threshold": 1e6, "due": 99}
    monkeypatch.setattr(targets.st, "data_editor", lambda *_, **__: pd.DataFrame([row]))
    app = session().switch_page("../../pages/milestones.py").run()
    app.button(key="save-targets").click().run()
    assert [e.value for e in app.error] == ["A milestone is due in month 1 to 60 of the plan."]
    assert shop.work.targets() == ()
