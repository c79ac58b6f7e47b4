"""A strip of key figures, each against the saved scenario, each with its formula and parts.

Its script also shows what stands behind the other numbers of the page, marked by `cards.told`.

The styles are not isolated: they also make the container of the strip with the key ``kpi`` stick under the header. It
sticks within the block that holds it, so mount it in the body of the page or fragment itself, not in a
container of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import streamlit as st

_HERE = Path(__file__).parent
_mount = st.components.v2.component(
    "shopplan_kpi_strip",
    js=(_HERE / "kpi_strip.js").read_text(encoding="utf-8"),
    css=(_HERE / "kpi_strip.css").read_text(encoding="utf-8"),
    isolate_styles=False,
)


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure; every text is already formatted and in the reader's language.

    Attributes
    ----------
    id : str
        The metric's id.
    label, value : str
    delta : str
        Difference from the saved scenario with its sign or arrow, which carries the direction without colour.
    tone : {"good", "bad", "neutral"}
        Whether the shop wants a difference in that direction.
    note : str
        Small text beside the difference, for example the month of the low point.
    formula : str
        In words; with ``parts`` it is the popover.
    parts : tuple of (label, value)
        The figures that the formula joins.
    """

    id: str
    label: str
    value: str
    delta: str = ""
    tone: Literal["good", "bad", "neutral"] = "neutral"
    note: str = ""
    formula: str = ""
    parts: tuple[tuple[str, str], ...] = ()


def kpi_strip(key: str, tiles: Sequence[Tile], *, label: str) -> None:
    """Draw the strip: eight tiles in a row, four on a narrow window.

    Parameters
    ----------
    key : str
    tiles : sequence of Tile
    label : str
        Accessible name of the whole strip.
    """
    _mount(key=key, data={"label": label, "tiles": [asdict(tile) for tile in tiles]})
