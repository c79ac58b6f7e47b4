"""Legends as small HTML: they follow the page's text colour, wrap on a phone and cost no redraw of a chart."""

from __future__ import annotations

from collections.abc import Container, Iterable
from html import escape

from shopplan.charts.chart import Sign
from shopplan.charts.rows import CHARTS
from shopplan.charts.theme import Ink, ink
from shopplan.i18n import how, text

_LINES = {"line": "solid", "dashed": "dashed", "dotted": "dotted", "fine": "dotted"}
_GLYPHS = {"diamond": "◆", "ring": "◇", "dot": "●", "tick": "┃", "cross": "×", "down": "▼", "up": "▲"}


def legend(
    name: str, lang: str, dark: bool, entries: Iterable[tuple[str, str]] = (), absent: Container[str] = ()
) -> str:
    """HTML of a chart's legend.

    Parameters
    ----------
    name : str
        One of `CHARTS`.
    lang : {"en", "zh"}
    dark : bool
    entries : iterable of (label, colour)
        What depends on data, such as channels, in the order of the stack.
    absent : container of str
        Keys of the legend that mark no row of the data.

    Returns
    -------
    str
        One ``div``, or an empty text when there is nothing to say.
    """
    colors = ink(dark)
    items = [_item("square", color, label) for label, color in entries]
    items += [
        _item(sign, _color(colors, color), text(lang, f"chart.word.{key}"), _how(name, lang, key))
        for sign, color, key in CHARTS[name].legend
        if key not in absent
    ]
    if not items:
        return ""
    style = "display:flex;flex-wrap:wrap;gap:2px 14px;font-size:12px;line-height:18px;opacity:.9"
    return f'<div style="{style}">{"".join(items)}</div>'


def _color(colors: Ink, name: str) -> str:
    return name if name.startswith("#") else getattr(colors, name)


def _how(name: str, lang: str, key: str) -> str:
    """How the number behind an entry comes about: that of the column of the same name, or a text of the entry's own."""
    column = CHARTS[name].columns.get(key)
    return how(lang, column.how if column and column.how else key)


def _item(sign: Sign, color: str, label: str, about: str = "") -> str:
    outer = "display:inline-flex;align-items:center;gap:5px;white-space:nowrap"
    told = f' class="told" aria-description="{escape(about)}"' if about else ""
    return f'<span{told} style="{outer}">{_swatch(sign, color)}{escape(label)}</span>'


def _swatch(sign: Sign, color: str) -> str:
    if sign in _LINES:
        width = 1.5 if sign == "fine" else 2.5
        style = f"width:18px;border-top:{width}px {_LINES[sign]} {color}"
    elif sign in _GLYPHS:
        return f'<span aria-hidden="true" style="color:{color};font-size:14px;line-height:12px">{_GLYPHS[sign]}</span>'
    else:
        height, opacity = (10, ".35") if sign == "band" else (10, "1")
        style = f"width:{18 if sign == 'band' else 10}px;height:{height}px;background:{color};opacity:{opacity}"
    return f'<span aria-hidden="true" style="display:inline-block;{style}"></span>'
