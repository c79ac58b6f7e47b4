"""A page with every control and a chart, to try the controls on without the product around them."""

import time

import pandas as pd
import streamlit as st

from shopplan.scenario import give_way
from shopplan.ui.components.kpi_strip import Tile, kpi_strip
from shopplan.ui.components.lever_panel import (
    LeverGroup,
    LeverView,
    Lock,
    Move,
    PanelEvent,
    PanelWords,
    Reset,
    lever_panel,
)

DEFAULTS = {"budget": 50_000.0, "a": 0.5, "b": 0.3, "c": 0.2, "start": 2.0, "hire": 0.0}
WORDS = PanelWords(
    "About {label}",
    "Reset {label}",
    "Lock {label}",
    "{label}, exact value",
    "at most {value}",
    "stays at {value}",
    "from {low} to {high}",
)
BARS = {"mark": "bar", "encoding": {"x": {"field": "n"}, "y": {"field": "v", "type": "quantitative"}}, "height": 500}
BARS["encoding"]["y"]["scale"] = {"domain": [0, 100_000]}

st.set_page_config(layout="wide")
values = st.session_state.setdefault("values", dict(DEFAULTS))
locks = st.session_state.setdefault("locks", set())
events = st.session_state.setdefault("events", [])


def handle(event: PanelEvent) -> None:
    events.append(event)
    match event:
        case Move(("a" | "b" | "c") as key, value, _):
            values.update(give_way({k: values[k] for k in "abc"}, key, value, locks))
        case Move(key, value, _):
            values[key] = value
        case Lock(key, locked):
            (locks.add if locked else locks.discard)(key)
        case Reset(key):
            values[key] = DEFAULTS[key]


def lever(key: str, label: str, low: float, high: float, step: float, **options: object) -> LeverView:
    return LeverView(
        key, label, values[key], low, high, step, DEFAULTS[key], changed=values[key] != DEFAULTS[key], **options
    )


def share(key: str) -> LeverView:
    shown = {"scale": 100, "decimals": 1, "suffix": "%", "lockable": True, "locked": key in locks}
    others = set("abc") - {key}
    shown["most"] = 1 - sum(values[k] for k in others & locks)
    shown["least"] = shown["most"] if others <= locks else None
    return lever(key, f"Share {key.upper()}", 0, 1, 0.01, **shown)


@st.fragment
def board() -> None:
    time.sleep(float(st.query_params.get("slow", 0)))
    tiles = [Tile(f"tile{i}", f"Figure {i}", f"{values['budget'] * (i + 1):,.0f}") for i in range(7)]
    tiles.append(
        Tile("cash", "Cash low", "12", "▲ 3", "good", "May", "opening + flow", (("Opening", "10"), ("Flow", "2")))
    )
    kpi_strip("kpi", tiles, label="Key figures")
    left, right = st.columns([1, 2])
    with right:
        st.vega_lite_chart(pd.DataFrame({"n": ["x"], "v": [values["budget"]]}), BARS, key="bars")
        st.text(f"events: {len(events)}")
        st.text(f"last: {events[-1] if events else None}")
        st.text(f"held: {sum(isinstance(e, Move) and e.moving for e in events)}")
        lever_panel(
            "other",
            [LeverGroup("rest", "", (lever("start", "Start", 0, 11, 1, kind="month", options=tuple("JFMAMJJASOND")),))],
            words=WORDS,
            on_event=handle,
        )
    with left:
        budget = lever(
            "budget", "Budget", 0, 100_000, 1_000, prefix="¥", help="What is spent.", source="Last 12 months."
        )
        folded = LeverGroup("people", "People", (lever("hire", "Hire to need", 0, 1, 1, kind="switch"),), open=False)
        split = LeverGroup(
            "split", "Split", (share("a"), share("b"), share("c")), note=f"{sum(values[k] for k in 'abc'):.0%}"
        )
        groups = [LeverGroup("budget", "Budget", (budget,)), split, folded]
        lever_panel("main", groups, words=WORDS, on_event=handle)


board()
