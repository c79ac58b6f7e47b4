"""A receipt as a small table for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from shopplan.ingest.receipt import Receipt, plain

HEADER = ("part", "name", "currency", "count", "amount")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def receipt_csv(receipt: Receipt) -> str:
    """The account of an import, a row each: ``file``, ``sum``, ``left_out``, ``status``, ``change`` and ``note``.

    Text that a spreadsheet would take for a formula gets an apostrophe in front.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows([_safe(cell) for cell in row[:3]] + list(row[3:]) for row in _rows(receipt))
    return out.getvalue()


def _rows(r: Receipt) -> Iterator[tuple[str, str, str, object, str]]:
    """Part, name, currency, count and amount."""
    for name in ("file", "sha256", "format", "kind", "encoding", "date_from", "date_to"):
        yield "file", f"{name}: {getattr(r, name)}", "", "", ""
    for name in ("rows_read", "rows_kept", "orders"):
        yield "file", name, "", getattr(r, name), ""
    several = {"": r.sums, **r.by_currency} if r.by_currency else {r.currency: r.sums}
    for code, sums in several.items():
        yield from (("sum", name, code, "", plain(value)) for name, value in sums.items())
    for left in r.rows_left_out:
        yield "left_out", left.reason, left.currency or r.currency, left.count, plain(left.sum)
    for part in r.by_status:
        yield "status", part.status, part.currency, part.orders, plain(part.sum)
    for change in r.changes:
        counts = {"new": change.new, "updated": change.updated, "unchanged": change.unchanged}
        yield from (("change", f"{change.what} {name}", "", count, "") for name, count in counts.items())
    yield from (("note", str(problem), "", "", "") for problem in r.problems)


def _safe(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
