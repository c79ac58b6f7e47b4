"""The controls as Python sees them: what is sent to the browser, and what is made of its answers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from shopplan.ui.components.lever_panel import Lock, Move, Reset, parse

CONTROLS = Path(__file__).resolve().parents[1] / "browser" / "apps" / "controls.py"


@pytest.fixture(scope="module")
def mounted() -> dict[str, dict]:
    """Data that each component of the trial page was mounted with, by its key."""
    app = AppTest.from_file(str(CONTROLS)).run(timeout=20)
    assert not app.exception
    protos = [element.proto for element in app.get("bidi_component")]
    keys = ["kpi", "main", "other"]
    return {key: json.loads(proto.json) for key in keys for proto in protos if proto.id.endswith(f"-{key}")}


def test_two_panels_and_the_strip_mount_on_one_page(mounted):
    assert sorted(mounted) == ["kpi", "main", "other"]
    assert [group["id"] for group in mounted["main"]["groups"]] == ["budget", "split", "people"]
    assert len(mounted["kpi"]["tiles"]) == 8


def test_a_lever_carries_all_that_its_row_shows(mounted):
    shares = mounted["main"]["groups"][1]
    assert shares["note"] == "100%"
    first = shares["levers"][0]
    assert (first["label"], first["value"], first["scale"], first["suffix"]) == ("Share A", 0.5, 100, "%")
    assert first["lockable"]
    assert not first["locked"]
    assert mounted["other"]["groups"][0]["levers"][0]["options"][2] == "M"


def test_before_any_move_there_is_nothing_to_answer(mounted):
    assert mounted["main"]["seq"] == 0


def test_a_tile_carries_its_formula_and_parts(mounted):
    cash = mounted["kpi"]["tiles"][-1]
    assert (cash["delta"], cash["tone"], cash["note"]) == ("▲ 3", "good", "May")
    assert cash["parts"] == [["Opening", "10"], ["Flow", "2"]]


@pytest.mark.parametrize(
    ("sent", "event"),
    [
        (
            {"type": "move", "key": "split:live", "value": 0.35, "moving": True, "seq": 7},
            Move("split:live", 0.35, True),
        ),
        ({"type": "move", "key": "dso", "value": 30, "moving": False, "seq": 8}, Move("dso", 30.0, False)),
        ({"type": "lock", "key": "split:live", "locked": True, "seq": 9}, Lock("split:live", True)),
        ({"type": "reset", "key": "price", "seq": 10}, Reset("price")),
    ],
)
def test_what_the_browser_sends_becomes_a_typed_event(sent, event):
    assert parse(sent) == event
    assert type(parse(sent)) is type(event)
