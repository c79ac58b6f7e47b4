"""What pages are built of: title, charts with their legend and table, plain tables, findings."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import streamlit as st

from shopplan.charts import CHARTS, legend, spec
from shopplan.i18n import Style, finding, refusal
from shopplan.plan import Note
from shopplan.terms import ShopplanError
from shopplan.ui import explain, sayings, state, words
from shopplan.ui.frames import FRAMES, Columns, arrow
from shopplan.ui.words import t

if TYPE_CHECKING:
    from shopplan.ui.live import Live

DATA_LEGENDS = ("headcount", "orders_by_source", "channel_sales", "channel_mix", "spend")
"""Charts whose legend names what the data hold, in the order of the stack."""


def title(page: str, age: str = "") -> None:
    """Title of a page, the question it answers, and how old its data are."""
    aside = f'<p class="data-age">{escape(age)}</p>' if age else ""
    question = escape(t(f"page.{page}.question"))
    st.html(f'<div class="page-title"><h1>{escape(t(f"page.{page}"))}</h1><p>{question}</p>{aside}</div>')


def problem(error: ShopplanError) -> None:
    """Why there is no plan to draw, and what to do about it."""
    st.error(t("page.no_plan"))
    st.text(refusal(state.prefs().lang, error))


def section(text: str) -> None:
    """Heading of a part of a page."""
    st.html(f'<h2 class="section">{escape(text)}</h2>')


@dataclass(frozen=True, slots=True, eq=False)
class Chart:
    """A chart that is ready to be placed.

    Attributes
    ----------
    name : str
        Its row in `charts.CHARTS`.
    head : str
        The sentence above it.
    table : Table
        The columns that it draws.
    entries : collection of (label, color)
        Its legend, where the data name it.
    about : str
        What stands behind the numbers of the sentence.
    """

    name: str
    head: str
    table: pa.Table
    entries: Collection[tuple[str, str]] = ()
    about: str = ""


def made(name: str, columns: Columns, head: str, about: str = "") -> Chart:
    """A chart of given columns under a given sentence."""
    entries = dict.fromkeys(zip(columns["label"], columns["color"], strict=True)) if name in DATA_LEGENDS else ()
    return Chart(name, head, arrow(columns), entries, about)


def chart(live: Live, name: str) -> Chart:
    """A chart of the working plan under what it says."""
    about = "" if live.moving else explain.of(live, name)  # nobody can point at it while a thumb is held
    return made(name, FRAMES[name](live), sayings.of(live, name), about)


def place(one: Chart, style: Style, dark: bool) -> None:
    """Draw a chart with its sentence, its legend and, where the reader wants it, the table behind it."""
    flags = [key for key, column in CHARTS[one.name].columns.items() if column.unit == "flag"]
    shown = legend(
        one.name, style.lang, dark, one.entries, {key for key in flags if not pc.any(one.table[key]).as_py()}
    )
    st.html(f"<h2{told(one.about, 'chart-title', reach=True)}>{escape(one.head)}</h2>{shown}")
    drawn = spec(one.name, style.lang, style.currency, dark, style.numbers)
    st.vega_lite_chart(one.table, drawn, key=f"chart-{one.name}", theme=None, width="stretch")
    if state.prefs().tables:
        frame = _readable(style, one.name, one.table.to_pandas())
        hows = {_column(c): words.how(x.how) for c, x in CHARTS[one.name].columns.items() if x.how}
        told_of = {c: st.column_config.Column(help=about) for c, about in hows.items() if c in frame}
        st.dataframe(frame, hide_index=True, key=f"table-{one.name}", column_config=told_of)


def told(about: str, kind: str = "", reach: bool = False) -> str:
    """HTML attributes of what explains itself to who points at it or, where ``reach``, goes there by keyboard."""
    if not about:
        return f' class="{kind}"' if kind else ""
    stop = ' tabindex="0"' if reach else ""
    return f' class="{f"{kind} told".strip()}"{stop} aria-description="{escape(about).replace(chr(10), "&#10;")}"'


def _column(name: str) -> str:
    """Heading of a column of a chart's table."""
    return words.known("column", name, words.known("metric", name, words.known("chart.word", name)))


_HELPERS = ("color", "rank", "odds_text", "target_at", "target_below", "today", "label_at", "low_label", "about",
            "role", "category", "channel")  # fmt: skip
"""Columns that place or colour marks, repeat another as text, or name by an id what ``label`` names in words."""
_CODED = ("state", "kind")


def _readable(style: Style, name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """The frame as a reader wants it: words for headings, months by name, the plan before what is past."""
    out = frame[[c for c in CHARTS[name].columns if c in frame and c not in _HELPERS]]
    if "history" in out:
        out = out.sort_values("history", key=pd.Series.notna, kind="stable")
    out = out.assign(**{c: [t(f"chart.word.{code}") for code in out[c]] for c in _CODED if c in out})
    for column, about in CHARTS[name].columns.items():
        if column in out and about.unit == "month":
            out[column] = [style.month(m) if m == m and m is not None else "" for m in out[column]]
        elif column in out and about.unit in ("money", "fraction", "count", "people", "days", "ratio"):
            out[column] = [style.value(about.unit, v, full=True) for v in out[column]]
        elif column in out:
            out[column] = out[column].fillna("")
    return out.rename(columns=_column)


WIDE = 3
"""Columns that a phone has room for."""
Cell = str | tuple[str, str]
"""A text, or a text and what stands behind its number."""


def table(
    head: Sequence[Cell], rows: Sequence[Sequence[Cell]], numbers: Collection[int] = (), caption: str = ""
) -> None:
    """A small table of texts, the columns in ``numbers`` to the right; redrawn at no cost while a lever moves."""
    st.html(table_html(head, rows, numbers, caption))


def table_html(
    head: Sequence[Cell], rows: Sequence[Sequence[Cell]], numbers: Collection[int] = (), caption: str = ""
) -> str:
    """The HTML of a table.

    It scrolls inside its own box where it is wider than the window; the box takes the keyboard's focus for that. One
    of many columns is a list of its rows on a phone, each value beside the heading of its column.
    """
    kind = ["num" if i in numbers else "" for i in range(len(head))]
    cells = "".join(_cell("th", h, kind[i], ' scope="col"', reach=True) for i, h in enumerate(head))
    names = [h if isinstance(h, str) else h[0] for h in head]
    wide = len(head) > WIDE
    body = "".join(f"<tr>{''.join(_body_cells(row, kind, names if wide else ()))}</tr>" for row in rows)
    above = f"<caption>{escape(caption)}</caption>" if caption else ""
    name = escape(caption or names[0])
    return (
        f'<div class="table-box" tabindex="0" role="region" aria-label="{name}">'
        f'<table class="plain{" wide" if wide else ""}">{above}<thead><tr>{cells}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _body_cells(row: Sequence[Cell], kind: Sequence[str], names: Sequence[str]) -> Iterator[str]:
    yield _cell("th", row[0], "", ' scope="row"')
    beside = [f' data-head="{escape(name)}"' for name in names] or [""] * len(row)
    yield from (_cell("td", cell, kind[i], beside[i]) for i, cell in enumerate(row) if i)


def _cell(tag: str, cell: Cell, kind: str, scope: str = "", reach: bool = False) -> str:
    shown, about = (cell, "") if isinstance(cell, str) else cell
    return f"<{tag}{scope}{told(about, kind, reach)}>{escape(shown)}</{tag}>"


def findings(live: Live) -> str:
    """HTML of what the plan wants said, in one calm list; empty it keeps its place, so that no chart below moves.

    It also marks a plan that is as it was saved: the bar above, which no move of a lever draws anew, hides its word of
    changes then.
    """
    items = "".join(
        f"<li{told(explain.note(live, n), reach=True)}>{escape(note(live, n))}</li>" for n in live.result.notes
    )
    saved = "" if state.standing().changed else " data-saved"
    return f'<ul class="findings" role="status"{saved}>{items}</ul>'


def note(live: Live, row: Note) -> str:
    """A finding in words, its numbers formatted."""
    return finding(live.style, row.code, row.values, tuple(live.result.months.date))
