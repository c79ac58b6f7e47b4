"""Colours and the Vega-Lite configuration of every chart, light and dark.

The palette belongs to channels by their position and is the same on every page and in both themes: each
colour reaches a contrast of 3:1 on both backgrounds, and any two stay apart for people with protanopia,
deuteranopia or tritanopia (the tests compute both). Colour is never the only sign: lines differ in dash,
areas and bars are labelled, markers differ in shape.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

PALETTE = ("#3b7ac4", "#ae8d2d", "#a84088", "#2aa391", "#ac4b26", "#aa85ba", "#7a9155", "#925a56")
"""Channel colours by position; position 8 starts again at 0, with its label to tell it apart."""

SOURCES = {"organic": PALETTE[3], "paid": PALETTE[0], "repeat": PALETTE[1]}
"""Colours of the three sources of orders, bottom to top."""

CATEGORIES = {"people": PALETTE[0], "marketing": PALETTE[1], "technology": PALETTE[3], "other": PALETTE[5]}
"""Colours of the kinds of resources."""

STATES = {"met": "diamond", "on_track": "circle", "at_risk": "triangle-up", "off_track": "square"}
"""Marker shapes of a milestone's state."""


@dataclass(frozen=True, slots=True)
class Ink:
    """Colours of one theme; ``background`` and ``text`` are those of the app's own theme."""

    background: str
    text: str
    muted: str
    faint: str
    accent: str
    good: str
    bad: str


LIGHT = Ink("#ffffff", "#1d2733", "#5b6875", "#e4e8ed", "#1f5fa6", "#1f7a4d", "#b3392f")
DARK = Ink("#12171d", "#e3e8ee", "#9aa6b3", "#2b343f", "#6ea8e5", "#6cc79a", "#ef8a80")


def ink(dark: bool) -> Ink:
    """The colours of the dark or the light theme."""
    return DARK if dark else LIGHT


def state_colors(colors: Ink) -> dict[str, str]:
    """Colours of a milestone's state, in the order of `STATES`."""
    return {"met": colors.good, "on_track": colors.good, "at_risk": colors.accent, "off_track": colors.bad}


def channel_color(position: int) -> str:
    """Colour of the channel at a position (0 = first)."""
    return PALETTE[position % len(PALETTE)]


def config(colors: Ink) -> dict[str, Any]:
    """Vega-Lite ``config`` of one theme.

    Marks and axes are left out of the accessibility tree: the chart's description says what is drawn and
    the table behind it holds the numbers, where hundreds of unlabelled symbols would only be in the way.
    """
    return {
        "font": '"Source Sans", sans-serif',
        "mark": {"tooltip": None, "aria": False},
        "view": {"stroke": None},
        "axis": {
            "aria": False,
            "domain": False,
            "ticks": False,
            "gridColor": colors.faint,
            "labelColor": colors.muted,
            "labelFontSize": 11,
            "labelPadding": 6,
            "titleColor": colors.muted,
            "titleFontSize": 11,
            "titleFontWeight": "normal",
        },
        "axisX": {
            "grid": False,
            "labelSeparation": 8,
            "ticks": True,
            "tickColor": colors.faint,
            "domain": True,
            "domainColor": colors.faint,
        },
        "text": {"fontSize": 11, "color": colors.text},
        "line": {"strokeJoin": "round"},
    }
