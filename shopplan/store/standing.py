"""What counts where imports overlap: facts stay as each import states them, and the newest statement counts.

An import states units: orders, or days of a channel. A row is live while no later import states its unit. Rows that are
not live stay, so that taking an import out brings back what it had replaced: what is live follows from the imports that
are there and from their order alone. Everything here runs inside the transaction of an import or a removal.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import duckdb

from shopplan.ingest.tables import FACT_TABLES, Change, Problem, Receipt, Replaced, What
from shopplan.store.checks import check_dates, check_scopes, check_totals
from shopplan.terms import Said


@dataclass(frozen=True, slots=True)
class _Unit:
    """What the rows of a table state.

    Attributes
    ----------
    what : What
    keys : tuple of three SQL expressions
        They name the unit of a row.
    live : str
        SQL that says whether a row ``t`` of a unit that several imports state counts; ``newest`` is the last of them.
    """

    what: What
    keys: tuple[str, str, str]
    live: str = "t.batch_id = newest"


_SALE = "TIMESTAMP '1970-01-01'"
_PART = f"""CASE WHEN gross_minor = 0 AND returns_minor > 0 THEN "at" ELSE {_SALE} END"""
"""A return on a line of its own is known by its time: a later file may hold it without the sale, or the sale alone."""
_BREAKDOWN = """NOT EXISTS (
    SELECT 1 FROM spend_daily AS n WHERE (n.channel, n."day") = (t.k0, t.k1) AND n.batch_id > t.batch_id AND (
        coalesce(n.campaign, '') IN ('', coalesce(t.campaign, '')) OR coalesce(t.campaign, '') = ''
        OR (SELECT format FROM batches WHERE batch_id = n.batch_id)
            <> (SELECT format FROM batches WHERE batch_id = t.batch_id)
    )
)"""
"""Campaigns of one kind of report stand side by side; a total and its parts do not, nor do two breakdowns."""

_UNITS = {
    "order_lines": _Unit("orders", ("scope", "order_id", _PART)),
    "order_items": _Unit("items", ("scope", "order_id", "''")),
    "order_refunds": _Unit("refunds", ("scope", "order_id", "line_key")),
    "settlements": _Unit("settlements", ("scope", "order_id", '"at"')),
    "sales_daily": _Unit("days_of_sales", ("channel", '"day"', "''")),
    "spend_daily": _Unit("days_of_spend", ("channel", '"day"', "''"), _BREAKDOWN),
    "measures_daily": _Unit("days_of_measures", ("channel", '"day"', "measure")),
}

SCRATCH = ("shared", "before", "after")
"""Temporary tables that are at work here; of no use once it is done."""


def settle(cur: duckdb.DuckDBPyConnection, batch: int, receipt: Receipt) -> Receipt:
    """Let a new import count instead of what earlier ones state of the same orders and days.

    Returns
    -------
    Receipt
        With its changes and the imports that it overlaps.

    Raises
    ------
    ShopplanError
        When it cannot be told whether sales would count twice.
    """
    check_totals(cur, batch, receipt.file)
    changes: list[Change] = []
    replaced: list[Replaced] = []
    for table, unit in _UNITS.items():
        if not _states(cur, table, batch):
            continue
        shared = _share(cur, table, batch)
        if table == "order_lines":
            check_scopes(cur, batch, receipt.file)
        if shared and table == "order_lines":
            check_dates(cur, batch, receipt.file)
        if shared:
            _digest(cur, table, "before", batch)
            _decide(cur, table)
            _digest(cur, table, "after")
            replaced += _replaced(cur, unit.what)
        changes.append(_change(cur, table, batch, shared))
    problems = (*receipt.problems, *_waiting(cur, batch))
    return replace(receipt, changes=tuple(changes), replaced=tuple(replaced), problems=problems)


def withdraw(cur: duckdb.DuckDBPyConnection, batch: int) -> None:
    """Delete an import with its rows, and let count again what it had replaced."""
    for table in _UNITS:
        shared = _states(cur, table, batch) and _share(cur, table, batch)
        for one in (table, "orders_left") if table == "order_lines" else (table,):
            cur.execute(f"DELETE FROM {one} WHERE batch_id = ?", [batch])
        if shared:
            _decide(cur, table)
    cur.execute("DELETE FROM batches WHERE batch_id = ?", [batch])


def _rows(table: str) -> str:
    """SQL of the rows of a table with the key of their unit: k0, k1, k2."""
    keys = ", ".join(f"{key} AS k{i}" for i, key in enumerate(_UNITS[table].keys))
    return f"(SELECT *, rowid AS place, {keys} FROM {table})"


def _stated(table: str) -> str:
    """SQL of the units that imports state, of those too that a later one leaves out."""
    left = f"UNION ALL SELECT batch_id, scope, order_id, {_SALE} FROM orders_left" * (table == "order_lines")
    return f"(SELECT batch_id, k0, k1, k2 FROM {_rows(table)} {left})"


def _states(cur: duckdb.DuckDBPyConnection, table: str, batch: int) -> bool:
    return bool(cur.execute(f"SELECT 1 FROM {_stated(table)} WHERE batch_id = ? LIMIT 1", [batch]).fetchall())


def _share(cur: duckdb.DuckDBPyConnection, table: str, batch: int) -> int:
    """Keep the units that an import and another one state as the table ``shared``; their number."""
    if not cur.execute(f"SELECT 1 FROM {_stated(table)} WHERE batch_id <> ? LIMIT 1", [batch]).fetchall():
        return 0
    made = cur.execute(
        f"""CREATE OR REPLACE TEMP TABLE shared AS SELECT DISTINCT k0, k1, k2 FROM {_stated(table)}
        WHERE batch_id = $batch AND (k0, k1, k2) IN (SELECT (k0, k1, k2) FROM {_stated(table)} WHERE batch_id <> $batch)
        """,
        {"batch": batch},
    )
    return int(made.fetchall()[0][0])


def _decide(cur: duckdb.DuckDBPyConnection, table: str) -> None:
    """Say of the rows of shared units whether they count."""
    cur.execute(
        f"""UPDATE {table} SET live = decided.live FROM (
            SELECT place, {_UNITS[table].live} AS live FROM {_rows(table)} AS t JOIN (
                SELECT k0, k1, k2, max(batch_id) AS newest
                FROM {_stated(table)} JOIN shared USING (k0, k1, k2) GROUP BY ALL
            ) USING (k0, k1, k2)
        ) AS decided WHERE {table}.rowid = decided.place AND {table}.live <> decided.live"""
    )


def _digest(cur: duckdb.DuckDBPyConnection, table: str, name: str, without: int = 0) -> None:
    """Keep what counts of each shared unit and import as a table of digests."""
    fields = (field.name.replace("customer", "customer_key") for field in FACT_TABLES[table])
    columns = ", ".join(f'"{field}"' for field in fields)
    cur.execute(
        f"""CREATE OR REPLACE TEMP TABLE {name} AS SELECT k0, k1, k2, batch_id, sum(hash({columns})) AS digest
        FROM {_rows(table)} JOIN shared USING (k0, k1, k2) WHERE live AND batch_id <> $without GROUP BY ALL""",
        {"without": without},
    )


def _replaced(cur: duckdb.DuckDBPyConnection, what: What) -> list[Replaced]:
    """The imports of which something counts no longer, newest first."""
    rows = cur.execute(
        """SELECT batch_id, file, count(*) FROM before LEFT JOIN after USING (k0, k1, k2, batch_id)
        JOIN batches USING (batch_id) WHERE after.digest IS DISTINCT FROM before.digest
        GROUP BY ALL ORDER BY batch_id DESC"""
    ).fetchall()
    return [Replaced(int(batch), str(file), what, int(count)) for batch, file, count in rows]


def _change(cur: duckdb.DuckDBPyConnection, table: str, batch: int, shared: int) -> Change:
    own = f"SELECT DISTINCT k0, k1, k2 FROM {_rows(table)} WHERE batch_id = ?"
    total = cur.execute(f"SELECT count(*) FROM ({own})", [batch]).fetchall()[0][0]
    if not shared:
        return Change(_UNITS[table].what, total)
    known, updated, stated = cur.execute(
        """WITH old AS (SELECT k0, k1, k2, sum(digest) AS digest FROM before GROUP BY ALL),
        new AS (SELECT k0, k1, k2, sum(digest) AS digest, bool_or(batch_id = $batch) AS own FROM after GROUP BY ALL)
        SELECT count(*), count(*) FILTER (new.digest IS DISTINCT FROM old.digest), count(*) FILTER (own)
        FROM old LEFT JOIN new USING (k0, k1, k2)""",
        {"batch": batch},
    ).fetchall()[0]
    return Change(_UNITS[table].what, total - stated, updated, known - updated)


_WAITING = {
    "order_refunds": "{count} refunds belong to orders that no import holds yet; they count when the orders are there",
    "order_items": "{count} items belong to orders that no import holds yet; the file of the orders says what was paid",
}


def _waiting(cur: duckdb.DuckDBPyConnection, batch: int) -> list[Problem]:
    """What is stored and waits for its orders."""
    found = []
    for table, said in _WAITING.items():
        if not _states(cur, table, batch):
            continue
        count = cur.execute(
            f"""SELECT count(*) FROM {table} AS own WHERE batch_id = ? AND NOT EXISTS (
                SELECT 1 FROM order_lines AS sold
                WHERE live AND sold.scope = own.scope AND sold.order_id = own.order_id
            )""",
            [batch],
        ).fetchall()[0][0]
        found += [Problem(0, "", Said(said, count=count))] * bool(count)
    return found
