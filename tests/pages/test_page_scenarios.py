"""The bar of scenarios: the link that is shared, and what can be done now."""

from __future__ import annotations

from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest
from streamlit.testing.v1 import AppTest

from shopplan.scenario import Scenario, to_link
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
