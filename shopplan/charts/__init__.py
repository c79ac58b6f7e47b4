"""Vega-Lite specs without data, one a chart, and the legends that stand above them.

A page draws ``st.vega_lite_chart(frame, spec(name, lang, currency, dark), key=name, theme=None)``. The frame holds the
columns of ``CHARTS[name]``; nothing in a spec depends on data, so a moving lever changes data only and the
chart in the browser stays what it is.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import altair as alt

from shopplan.charts.chart import Chart, Column
from shopplan.charts.legend import legend
from shopplan.charts.look import Look
from shopplan.charts.rows import CHARTS
from shopplan.charts.theme import PALETTE, SOURCES, channel_color, config
from shopplan.i18n import Style, text

__all__ = ["CHARTS", "PALETTE", "SOURCES", "Chart", "Column", "channel_color", "legend", "spec"]

DRAWN_BY = {"embedOptions": {"renderer": "canvas"}}
"""Otherwise Vega's embedding draws SVG, which costs the browser a third more at every move of a lever."""


@lru_cache(maxsize=256)
def spec(name: str, lang: str, currency: str, dark: bool, numbers: str = "") -> dict[str, Any]:
    """Vega-Lite spec of a chart without its data; made once, so callers must not change it.

    Parameters
    ----------
    name : str
        One of `CHARTS`.
    lang : {"en", "zh"}
    currency : str
        ISO code.
    dark : bool
        For the dark theme.
    numbers : str
        Number style of `shopplan.i18n.Style`; empty for the custom of the language.

    Raises
    ------
    KeyError
        When there is no such chart.
    """
    row = CHARTS[name]
    look = Look(Style(lang, currency, numbers), dark)
    height = alt.Step(row.height) if row.by_row else row.height
    chart = row.build(look).properties(
        width="container",
        height=height,
        description=text(lang, row.alt),
        autosize=alt.AutoSizeParams(type="fit-x" if row.by_row else "fit", contains="padding"),
        padding={"left": 4, "right": 8, "top": 6, "bottom": 4},
    )
    return {**_without_data(chart.to_dict(validate=False)), "config": config(look.ink), "usermeta": DRAWN_BY}


def _without_data(drawn: Any) -> Any:
    """A spec without the empty datasets that Altair gives each layer; sequences are no data."""
    if isinstance(drawn, list):
        return [_without_data(part) for part in drawn]
    if isinstance(drawn, dict):
        return {
            key: _without_data(part) for key, part in drawn.items() if key != "datasets" and not _is_data(key, part)
        }
    return drawn


def _is_data(key: str, part: Any) -> bool:
    return key == "datasets" or (key == "data" and "sequence" not in part)
