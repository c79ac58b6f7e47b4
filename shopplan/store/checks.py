"""What must not stand together in one fact file; each check runs inside the transaction of an import."""

from __future__ import annotations

import duckdb

from shopplan.ingest.tables import DEMO, Receipt
from shopplan.terms import Said, ShopplanError


def check_company(cur: duckdb.DuckDBPyConnection, receipt: Receipt) -> None:
    """Refuse facts that must not stand beside those already stored."""
    stored = {bool(row[0]) for row in cur.execute("SELECT DISTINCT format = ? FROM batches", [DEMO]).fetchall()}
    if stored and stored != {receipt.format == DEMO}:
        hint = "remove the stored data first" if receipt.format == DEMO else "let the import replace the demo shop"
        raise ShopplanError("demo and real figures cannot be mixed", receipt.file, hint)


def check_totals(cur: duckdb.DuckDBPyConnection, batch: int, file: str) -> None:
    """Refuse totals of days beside the orders of the same channel and days: one of them would count twice."""
    count = cur.execute(
        """SELECT count(DISTINCT (channel, "day")) FROM sales_daily AS totals JOIN (
            SELECT DISTINCT batch_id, channel, CAST("at" AS DATE) AS "day" FROM order_lines
            WHERE EXISTS (SELECT 1 FROM sales_daily)
        ) AS orders USING (channel, "day") WHERE $batch IN (totals.batch_id, orders.batch_id)""",
        {"batch": batch},
    ).fetchall()[0][0]
    if count:
        message = "of {count} days and channels there would be both single orders and totals of the day"
        hint = "keep one of the two: remove the earlier import on the Data page, or give this file a channel of its own"
        raise ShopplanError(Said(message, count=count), file, hint)


def check_dates(cur: duckdb.DuckDBPyConnection, batch: int, file: str) -> None:
    """Refuse orders whose numbers are stored with quite other dates: they are orders of another shop.

    Some thousands of the orders that two imports state (the table ``shared``) tell enough.
    """
    shared, apart = cur.execute(
        """WITH days AS (
            SELECT scope, order_id, batch_id = $batch AS own, min("at") AS day FROM order_lines
            WHERE gross_minor > 0 AND (scope, order_id) IN (SELECT (k0, k1) FROM shared LIMIT 10000) GROUP BY ALL
        )
        SELECT count(*), count(*) FILTER (abs(date_diff('day', old.day, new.day)) > 31)
        FROM days AS new JOIN days AS old USING (scope, order_id) WHERE new.own AND NOT old.own""",
        {"batch": batch},
    ).fetchall()[0]
    if apart * 2 > shared:
        message = "orders of the file have the numbers of stored orders of other dates, as orders of another shop do"
        raise ShopplanError(message, file, "give the files of each shop a channel of its own")


def check_scopes(cur: duckdb.DuckDBPyConnection, batch: int, file: str) -> None:
    """Refuse orders that are stored with the same number, time and amount as orders of another channel."""
    count = cur.execute(
        """WITH own AS (SELECT DISTINCT scope FROM order_lines WHERE batch_id = $batch),
        others AS (
            SELECT DISTINCT scope FROM order_lines WHERE scope NOT IN (FROM own)
            AND split_part(scope, '/', 1) IN (SELECT split_part(scope, '/', 1) FROM own)
        )
        SELECT count(DISTINCT new.order_id) FROM order_lines AS new JOIN order_lines AS old
        ON (new.order_id, new."at", new.gross_minor) = (old.order_id, old."at", old.gross_minor)
        WHERE new.batch_id = $batch AND new.gross_minor > 0 AND old.live AND old.scope IN (FROM others)""",
        {"batch": batch},
    ).fetchall()[0][0]
    total = cur.execute("SELECT count(DISTINCT order_id) FROM order_lines WHERE batch_id = ?", [batch]).fetchall()[0][0]
    if count and count * 2 >= total:
        message = "{count} orders of this file are already stored under another channel"
        hint = "name the same channel as before, or remove the earlier import on the Data page"
        raise ShopplanError(Said(message, count=count), file, hint)
