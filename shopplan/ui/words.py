"""Names as the reader knows them: channels, roles, levers, sources and formulas in the session's language."""

from __future__ import annotations

import re
from datetime import date

from shopplan import i18n
from shopplan.i18n import Style, has, sentence, text
from shopplan.plan import Baseline, Channel
from shopplan.plan.templates import asked
from shopplan.terms import Default, ShopplanError, Target, Unit, split_key
from shopplan.ui import state


def t(key: str, /, **values: object) -> str:
    """Text of a key in the session's language."""
    return text(state.prefs().lang, key, **values)


def said(words: str) -> str:
    """A sentence of an error or a receipt in the session's language."""
    return sentence(state.prefs().lang, words)


def refused(error: ShopplanError) -> str:
    """Why something cannot be, and what to do about it, as markdown that shows every sign literally."""
    return escaped(i18n.refusal(state.prefs().lang, error))


def known(kind: str, id_: str, fallback: str = "") -> str:
    """Name of something that may be in the catalogue (``role.service``), else the fallback or its id."""
    key = f"{kind}.{id_}"
    return t(key) if has(state.prefs().lang, key) else fallback or id_


def channel(c: Channel) -> str:
    """A channel by its catalogue name, else as the shop calls it."""
    return known("channel", c.id, c.name)


def member(key: str, baseline: Baseline) -> str:
    """Name of the family member in a lever key; empty for a lever with one value."""
    lever, item = split_key(key)
    match lever.per:
        case "":
            return ""
        case "channel" | "paid_channel":
            return channel(next(c for c in baseline.channels if c.id == item))
        case _:
            return known(lever.per, item)


def lever(key: str, baseline: Baseline) -> str:
    """Label of a lever: ``Price change``, or ``Share of acquisition: Live stream`` for one of a family."""
    label, item = t(f"lever.{key.partition(':')[0]}"), member(key, baseline)
    return t("word.of_item", label=label, item=item) if item else label


def source(default: Default) -> str:
    """Where a default comes from, in words."""
    kind = t(f"source.{default.source}")
    if not default.note or default.note == "assumption":
        return kind
    return t("source.noted", kind=kind, note=known("source.note", default.note, row(default.note)))


def row(source_id: str) -> str:
    """``000 #22`` as the plan's name and row; other ids as they are."""
    if not re.fullmatch(r"\d{3} #\d+", source_id):
        return known("source", source_id)
    plan, number = source_id.split(" #")
    return t("source.row", plan=known("template", plan), row=number)


def formula(metric: str) -> str:
    """``Net sales = Gross sales − Discounts − Returns``; the definition in words where there is no formula."""
    return i18n.formula(state.prefs().lang, metric)


def how(name: str) -> str:
    """How a number comes about: the formula of a metric, or the text ``how.<name>``."""
    return i18n.how(state.prefs().lang, name)


def headed(key: str, about: str = "") -> str | tuple[str, str]:
    """Heading of a column of a table, with how its numbers come about where it is one of numbers."""
    return (t(key), how(about)) if about else t(key)


def unit_value(style: Style, unit: Unit, value: float, months: tuple[date, ...] = ()) -> str:
    """A value in its unit; an index of a month becomes the month's name where the months are given."""
    if unit == "month" and months:
        return style.month(months[min(int(value), len(months) - 1)])
    return style.value(unit, value)


def target(row: Target) -> str:
    """A milestone's name: as typed, else the template's with the figure that it asks for."""
    if row.name:
        return row.name
    percent = asked().get((row.id, row.source))
    return t(f"target.{row.id}", percent=percent) if percent else t(f"metric.{row.metric}")


_MARKS = {ord(sign): f"&#{ord(sign)};" for sign in "\\`*_{}[]()<>#+-!|~$:"}


def escaped(text: str) -> str:
    """Text of a user as Streamlit's markdown shows it literally."""
    return text.translate(_MARKS)
