"""What a plan wants said, in words: the codes of findings with their numbers formatted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from shopplan.i18n.catalogue import has, text
from shopplan.i18n.numbers import Style

_UNITS = {"utilisation": "fraction", "share": "fraction", "most": "fraction", "cash": "money", "gap": "fraction"}


def finding(style: Style, code: str, values: Iterable[tuple[str, float | str]], months: Sequence[date]) -> str:
    """A finding in a sentence.

    Parameters
    ----------
    style : Style
    code : str
        ``note.<code>`` is in the catalogue.
    values : iterable of (name, value)
        A ``month`` is an index into ``months``; an ``amount`` is in the currency ``of``.
    months : sequence of date
        The planned months.
    """
    shown = {}
    given = dict(values)
    for name, value in given.items():
        if name == "role":
            key = f"role.{value}"
            shown[name] = text(style.lang, key) if has(style.lang, key) else str(value)
        elif name == "month":
            shown[name] = style.month(months[int(value)])
        elif name == "amount":  # in a currency of its own
            shown[name] = replace(style, currency=str(given["of"])).money(float(value), full=True)
        elif name in _UNITS:
            shown[name] = style.value(_UNITS[name], float(value))
        else:
            shown[name] = str(value)
    return text(style.lang, f"note.{code}", **shown)
