"""What must not stand together in one fact file; each check runs inside the transaction of an import."""

from __future__ import annotations

import duckdb

from shopplan.ingest.tables import DEMO, Receipt
from shopplan.terms import ShopplanError


def currency(cur: duckdb.DuckDBPyConnection) -> str:
    """ISO code of the stored money; empty while there is none."""
    rows = cur.execute("SELECT currency FROM batches WHERE currency <> '' LIMIT 1").fetchall()
    return str(rows[0][0]) if rows else ""


def check_company(cur: duckdb.DuckDBPyConnection, receipt: Receipt) -> None:
    """Refuse facts that must not stand beside those already stored."""
    stored = {bool(row[0]) for row in cur.execute("SELECT DISTINCT format = ? FROM batches", [DEMO]).fetchall()}
    if stored and stored != {receipt.format == DEMO}:
        hint = "remove the stored data first" if receipt.format == DEMO else "let the import replace the demo shop"
        raise ShopplanError("demo and real figures cannot be mixed", receipt.file, hint)
    if "," in receipt.currency:
        message = f"the file is in {receipt.currency.replace(',', ', ')}, and a shop is kept in one currency"
        raise ShopplanError(message, receipt.file, "export the orders of each currency into a file of its own")
    stored_currency = currency(cur)
    if stored_currency and receipt.currency and receipt.currency != stored_currency:
        message = f"the file is in {receipt.currency}, the stored data in {stored_currency}"
        raise ShopplanError(message, receipt.file, "import files of one currency")


_OVERLAPS = {
    "orders": """
        SELECT count(DISTINCT (order_id, channel)) FROM order_lines WHERE batch_id = $batch
        AND (order_id, channel) IN (SELECT (order_id, channel) FROM order_lines WHERE batch_id <> $batch)""",
    "days of sales": """
        WITH spans AS (
            SELECT batch_id, "day", channel, true AS daily FROM sales_daily
            UNION SELECT batch_id, CAST("at" AS DATE), channel, false FROM order_lines
        )
        SELECT count(DISTINCT (new."day", new.channel)) FROM spans AS new JOIN spans AS old USING ("day", channel)
        WHERE new.batch_id = $batch AND (old.daily OR new.daily)
        AND (old.batch_id <> $batch OR old.daily <> new.daily)""",
    "days of spend": """
        SELECT count(DISTINCT (new."day", new.channel))
        FROM spend_daily AS new JOIN spend_daily AS old USING ("day", channel)
        WHERE new.batch_id = $batch AND old.batch_id <> $batch""",
    "days of a measure": """
        SELECT count(DISTINCT (new."day", new.channel, measure))
        FROM measures_daily AS new JOIN measures_daily AS old USING ("day", channel, measure)
        WHERE new.batch_id = $batch AND old.batch_id <> $batch""",
}
"""Order lines of different orders may share a day; everything else is stored once a day and channel."""


def check_overlap(cur: duckdb.DuckDBPyConnection, batch: int, file: str) -> None:
    """Refuse an import that would count something a second time."""
    for what, sql in _OVERLAPS.items():
        count = cur.execute(sql, {"batch": batch}).fetchall()[0][0]
        if count:
            hint = "remove the earlier import on the Data page, then import this file again"
            raise ShopplanError(f"{count} {what} of this file are already stored by an earlier import", file, hint)
