"""A panel of levers that reports while a thumb is moving.

One mounted component draws the whole panel. The browser sends the newest position only when the page
has answered the previous one: the answer is the sequence number that the panel's own data carry back.
A fragment that is interrupted by a newer message never finishes its charts, so mount the panel as the
last element of the fragment (make the columns first, fill the panel's column last).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Literal

import streamlit as st

_HERE = Path(__file__).parent
_mount = st.components.v2.component(
    "shopplan_lever_panel",
    js=(_HERE / "lever_panel.js").read_text(encoding="utf-8"),
    css=(_HERE / "lever_panel.css").read_text(encoding="utf-8"),
)


@dataclass(frozen=True, slots=True)
class LeverView:
    """One lever as it is shown; every text is already in the reader's language.

    Attributes
    ----------
    key : str
        Comes back in events, for example ``split:live``.
    label : str
        Also the accessible name of the slider.
    value, low, high, step, default : float
        In the lever's unit; ``low < high``, ``step > 0``.
    kind : {"number", "switch", "month"}
        ``switch`` is a checkbox between ``low`` and ``high``; ``month`` shows ``options[value - low]``.
    scale, decimals, prefix, suffix
        Shown is ``prefix + value * scale + suffix`` with that many decimals: 0.35 with scale 100, one
        decimal and ``%`` is ``35.0 %``.
    options : tuple of str
        Names of the whole steps from ``low`` to ``high``.
    help, source : str
        What the lever does, and where its default comes from.
    least, most : float, optional
        Lowest and highest value it can take now, where locked shares leave less than ``low`` to ``high``.
    lockable, locked, changed, disabled : bool
        What can be locked is a share: those of a group total 1.
    """

    key: str
    label: str
    value: float
    low: float
    high: float
    step: float
    default: float
    kind: Literal["number", "switch", "month"] = "number"
    scale: float = 1.0
    decimals: int = 0
    prefix: str = ""
    suffix: str = ""
    options: tuple[str, ...] = ()
    help: str = ""
    source: str = ""
    least: float | None = None
    most: float | None = None
    lockable: bool = False
    locked: bool = False
    changed: bool = False
    disabled: bool = False


_FIELDS = tuple(field.name for field in fields(LeverView))


@dataclass(frozen=True, slots=True)
class LeverGroup:
    """Levers under one heading that folds; without a label they stand bare.

    ``note`` is a short text at the heading's end, for example the total of the shares.
    """

    id: str
    label: str
    levers: tuple[LeverView, ...]
    open: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True)
class PanelWords:
    """The panel's own words; ``{label}`` stands for the lever's label.

    ``most`` says what locked shares leave (``{value}``) to who wants more, ``stuck`` that they leave no choice,
    ``range`` what the lever takes (``{low}`` to ``{high}``) to who typed something else.
    """

    about: str
    reset: str
    lock: str
    value: str
    most: str
    stuck: str
    range: str


@dataclass(frozen=True, slots=True)
class Move:
    """The user set a lever; while ``moving`` the thumb is still held."""

    key: str
    value: float
    moving: bool


@dataclass(frozen=True, slots=True)
class Lock:
    """The user locked or freed a share."""

    key: str
    locked: bool


@dataclass(frozen=True, slots=True)
class Reset:
    """The user put a lever back to its default."""

    key: str


PanelEvent = Move | Lock | Reset


def lever_panel(
    key: str,
    groups: Sequence[LeverGroup],
    *,
    words: PanelWords,
    on_event: Callable[[PanelEvent], None],
    locale: str = "en",
) -> None:
    """Draw a panel; mount it last in the fragment that redraws with it.

    Parameters
    ----------
    key : str
        One key a panel; several panels may stand on a page.
    groups : sequence of LeverGroup
    words : PanelWords
    on_event : callable
        Called with each event before the fragment runs, so what it stores is what the run sees.
    locale : str
        BCP 47 tag for grouping and decimal signs in the number fields.
    """
    _mount(
        key=key,
        data={
            "seq": _event(key).get("seq", 0),
            "locale": locale,
            "words": asdict(words),
            "groups": [_plain(group) for group in groups],
        },
        on_event_change=lambda: on_event(parse(_event(key))),
    )


def _plain(group: LeverGroup) -> dict[str, Any]:
    """The group for JSON; `asdict` would copy every text of every lever at every move."""
    levers = [{name: getattr(lever, name) for name in _FIELDS} for lever in group.levers]
    return {"id": group.id, "label": group.label, "levers": levers, "open": group.open, "note": group.note}


def parse(event: Mapping[str, Any]) -> PanelEvent:
    """The typed form of what the browser sent."""
    match event["type"]:
        case "lock":
            return Lock(str(event["key"]), bool(event["locked"]))
        case "reset":
            return Reset(str(event["key"]))
        case _:
            return Move(str(event["key"]), float(event["value"]), bool(event["moving"]))


def _event(key: str) -> Mapping[str, Any]:
    return (st.session_state.get(key) or {}).get("event") or {}
