"""The account of an import as tables, on a page, on paper and as a file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from html import escape
from pathlib import Path
from typing import NamedTuple

from shopplan.i18n import MINUS, Style
from shopplan.ingest import Receipt
from shopplan.ingest.money import exponent
from shopplan.ui.cards import table_html
from shopplan.ui.words import known, said, t

PRINT_CSS = Path(__file__).with_name("receipt.css")


class Table(NamedTuple):
    """A small table: see `cards.table`."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    numbers: tuple[int, ...] = ()
    caption: str = ""


COUNTS = ("impressions", "clicks")
"""Sums that are no money."""


def amount(value: Decimal, currency: str = "") -> str:
    """An amount with the decimals that its currency has; one without a currency with its own."""
    places = exponent(currency) if currency else max(0, -int(value.as_tuple().exponent))
    return f"{value:,.{places}f}".replace("-", MINUS)


def span(first: str, last: str, style: Style) -> str:
    """Two ISO dates as a reader writes them; one where they are the same."""
    return " – ".join(style.date(date.fromisoformat(day)) for day in dict.fromkeys((first, last)) if day)


def account(r: Receipt, style: Style) -> list[Table]:
    """All tables of a receipt that have rows."""
    tables = [facts(r, style), sums(r), changes(r), replaced(r), left_out(r), statuses(r), notes(r)]
    return [one for one in tables if one.rows]


def facts(r: Receipt, style: Style) -> Table:
    """Counts, dates and currency."""
    rows = [(t("files.read"), f"{r.rows_read:,}"), (t("files.kept"), f"{r.rows_kept:,}")]
    if r.orders is not None:
        rows.append((t("imports.orders_in"), f"{r.orders:,}"))
        if r.orders_kept is not None and r.orders_kept != r.orders:
            rows.append((t("imports.orders_kept"), f"{r.orders_kept:,}"))
    if r.date_from:
        rows.append((t("files.span"), span(r.date_from, r.date_to, style)))
    if r.currency:
        rows.append((t("settings.currency"), r.currency.replace(",", ", ")))
    return Table([t("word.name"), t("word.value")], rows, (1,))


def sums(r: Receipt) -> Table:
    """Sums by currency: money in the columns of its currency, counts in the first."""
    codes = list(r.by_currency) or [r.currency]
    by = dict(r.by_currency) or {codes[0]: {}}
    names = dict.fromkeys([*r.sums, *(name for parts in by.values() for name in parts)])
    rows = []
    for name in names:
        values = {code: by[code].get(name) for code in codes}
        if name in r.sums:
            values[codes[0]] = r.sums[name]
        cells = [
            "" if value is None else amount(value, "" if name in COUNTS else code) for code, value in values.items()
        ]
        rows.append((known("sum", name), *cells))
    return Table([t("imports.sum"), *codes], rows, tuple(range(1, len(codes) + 1)), t("imports.sums"))


def left_out(r: Receipt) -> Table:
    """Rows that are not kept, by reason, and the money in them."""
    rows = [
        (known("reason", x.reason), f"{x.count:,}", _money(x.sum, x.currency, r) if x.sum else "")
        for x in r.rows_left_out
    ]
    return Table([t("imports.reason"), t("word.rows"), t("word.amount")], rows, (1, 2), t("files.left_out"))


def _money(value: Decimal, currency: str, r: Receipt) -> str:
    """An amount, with its currency where the file has several."""
    several = "," in r.currency
    return f"{amount(value, currency)} {currency}" if several else amount(value, currency or r.currency)


def statuses(r: Receipt) -> Table:
    """What the orders of each status state."""
    rows = [(x.status or t("word.none"), f"{x.orders:,}", _money(x.sum, x.currency, r)) for x in r.by_status]
    return Table([t("word.status"), t("imports.orders"), t("word.amount")], rows, (1, 2), t("imports.by_status"))


def changes(r: Receipt) -> Table:
    """What is new, updated and unchanged."""
    rows = [(known("change", c.what), f"{c.new:,}", f"{c.updated:,}", f"{c.unchanged:,}") for c in r.changes]
    head = [t("imports.what"), t("imports.new"), t("imports.updated"), t("imports.unchanged")]
    return Table(head, rows, (1, 2, 3), t("imports.changes"))


def replaced(r: Receipt) -> Table:
    """Earlier imports that this one states again in part."""
    rows = [(f"{x.batch}: {x.file}", known("change", x.what), f"{x.count:,}") for x in r.replaced]
    return Table([t("imports.earlier"), t("imports.what"), t("imports.count")], rows, (2,), t("imports.overlap"))


def notes(r: Receipt) -> Table:
    """What was assumed or looks odd, with row and column."""
    return Table([t("imports.notes")], [(said(str(problem)),) for problem in r.problems])


def page(r: Receipt, style: Style, made: str) -> str:
    """The receipt as an HTML page of its own, to print or to keep."""
    title = t("imports.receipt_of", file=r.file)
    about = [
        t("imports.read_as", format=known("format", r.format), kind=known("kind", r.kind)),
        t("imports.imported_at", time=made),
        f"SHA-256: {r.sha256}",
    ]
    body = "".join(f"<p>{escape(line)}</p>" for line in about)
    body += "".join(table_html(*one) for one in account(r, style))
    return (
        f'<!doctype html><html lang="{style.lang}"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{PRINT_CSS.read_text('utf-8')}</style></head><body><h1>{escape(title)}</h1>{body}</body></html>"
    )
