"""The fact file: how it is opened and locked down, and its tables by numbered migrations."""

from __future__ import annotations

import contextlib
import re
import secrets
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb

from shopplan.terms import Said, ShopplanError

_HELD = re.compile(r"\block\b|being used by another process", re.IGNORECASE)
_HOLDER = re.compile(r"lock is held in (.+?) \(PID (\d+)\)")
STORAGE_VERSION = "v1.5.0"
"""Older DuckDB tools can open files of this version."""

READ_MS = 30_000
"""The longest a statement of a reader may take. The monthly sales of five million order lines took 5 s on a busy
two-core machine, so a shop of some twenty million is read still, and a runaway statement does not hold the app."""

_SETTINGS = (
    "SET GLOBAL TimeZone='UTC'",
    "SET allowed_directories=[]",
    "SET memory_limit='2GB'",
    "SET threads=2",
    "SET max_temp_directory_size='4GB'",
    f"SET GLOBAL max_execution_time={READ_MS}",
    "SET SESSION max_execution_time=0",
    "SET autoinstall_known_extensions=false",
    "SET autoload_known_extensions=false",
    "SET allow_community_extensions=false",
    "SET enable_external_access=false",
    "SET lock_configuration=true",
)
"""In this order: the last two make the others final. What is GLOBAL holds on cursors, which start from it and not from
their connection. The connection itself, which alone writes, has no limit of time: an import of millions of rows is
settled in one statement, however slow the disk, and migrations run before all this."""

SCOPED = ("order_lines", "order_items", "order_refunds", "settlements", "orders_left")
"""Tables whose rows belong to orders; ``scope`` says within what an order number names one order."""

_PLATFORM = """
    CASE WHEN format LIKE 'tmall%' THEN 'taobao'
    WHEN split_part(format, '_', 1) IN
        ('taobao', 'jd', 'douyin', 'pinduoduo', 'xiaohongshu', 'amazon', 'shopify', 'woocommerce')
    THEN split_part(format, '_', 1) ELSE '' END
"""

MIGRATIONS = (
    """
    CREATE TABLE meta (key VARCHAR PRIMARY KEY, value VARCHAR NOT NULL);
    CREATE TABLE batches (
        batch_id INTEGER NOT NULL, sha256 VARCHAR NOT NULL, file VARCHAR NOT NULL, format VARCHAR NOT NULL,
        kind VARCHAR NOT NULL, imported_at TIMESTAMP NOT NULL, rows_kept BIGINT NOT NULL, currency VARCHAR NOT NULL,
        date_from DATE, date_to DATE, receipt VARCHAR NOT NULL
    );
    CREATE TABLE channels (id VARCHAR NOT NULL, name VARCHAR NOT NULL, kind VARCHAR NOT NULL);
    CREATE TABLE order_lines (
        batch_id INTEGER NOT NULL, order_id VARCHAR NOT NULL, "at" TIMESTAMP NOT NULL, channel VARCHAR NOT NULL,
        sku VARCHAR, product VARCHAR, units DOUBLE, gross_minor BIGINT NOT NULL, discounts_minor BIGINT,
        returns_minor BIGINT, cogs_minor BIGINT, customer_key BIGINT, currency VARCHAR NOT NULL
    );
    CREATE TABLE sales_daily (
        batch_id INTEGER NOT NULL, "day" DATE NOT NULL, channel VARCHAR NOT NULL, orders BIGINT, new_orders BIGINT,
        units DOUBLE, gross_minor BIGINT NOT NULL, discounts_minor BIGINT, returns_minor BIGINT, cogs_minor BIGINT,
        sessions BIGINT, currency VARCHAR NOT NULL
    );
    CREATE TABLE spend_daily (
        batch_id INTEGER NOT NULL, "day" DATE NOT NULL, channel VARCHAR NOT NULL, spend_minor BIGINT NOT NULL,
        impressions BIGINT, clicks BIGINT, attributed_minor BIGINT, currency VARCHAR NOT NULL
    );
    CREATE TABLE measures_daily (
        batch_id INTEGER NOT NULL, "day" DATE NOT NULL, channel VARCHAR NOT NULL, measure VARCHAR NOT NULL,
        value DOUBLE NOT NULL
    );
    """,
    """
    ALTER TABLE order_lines ADD COLUMN line_key VARCHAR;
    ALTER TABLE order_lines ADD COLUMN status VARCHAR;
    ALTER TABLE spend_daily ADD COLUMN campaign VARCHAR;
    CREATE TABLE order_items (
        batch_id INTEGER NOT NULL, order_id VARCHAR NOT NULL, channel VARCHAR NOT NULL, line_key VARCHAR NOT NULL,
        sku VARCHAR, product VARCHAR, units DOUBLE, listed_minor BIGINT, status VARCHAR, currency VARCHAR NOT NULL
    );
    CREATE TABLE order_refunds (
        batch_id INTEGER NOT NULL, order_id VARCHAR NOT NULL, channel VARCHAR NOT NULL, line_key VARCHAR NOT NULL,
        "at" TIMESTAMP, returns_minor BIGINT NOT NULL, currency VARCHAR NOT NULL
    );
    CREATE TABLE settlements (
        batch_id INTEGER NOT NULL, order_id VARCHAR NOT NULL, channel VARCHAR NOT NULL, line_key VARCHAR NOT NULL,
        "at" TIMESTAMP NOT NULL, entry VARCHAR, amount_minor BIGINT NOT NULL, currency VARCHAR NOT NULL
    );
    """,
    f"""
    ALTER TABLE order_lines ADD COLUMN live BOOLEAN DEFAULT true;
    ALTER TABLE sales_daily ADD COLUMN live BOOLEAN DEFAULT true;
    ALTER TABLE spend_daily ADD COLUMN live BOOLEAN DEFAULT true;
    ALTER TABLE measures_daily ADD COLUMN live BOOLEAN DEFAULT true;
    ALTER TABLE order_items ADD COLUMN live BOOLEAN DEFAULT true;
    ALTER TABLE order_refunds ADD COLUMN live BOOLEAN DEFAULT true;
    ALTER TABLE settlements ADD COLUMN live BOOLEAN DEFAULT true;
    ALTER TABLE order_lines ADD COLUMN scope VARCHAR DEFAULT '';
    ALTER TABLE order_items ADD COLUMN scope VARCHAR DEFAULT '';
    ALTER TABLE order_refunds ADD COLUMN scope VARCHAR DEFAULT '';
    ALTER TABLE settlements ADD COLUMN scope VARCHAR DEFAULT '';
    UPDATE order_lines SET scope = {_PLATFORM} FROM batches WHERE batches.batch_id = order_lines.batch_id;
    UPDATE order_items SET scope = {_PLATFORM} FROM batches WHERE batches.batch_id = order_items.batch_id;
    UPDATE order_refunds SET scope = {_PLATFORM} FROM batches WHERE batches.batch_id = order_refunds.batch_id;
    UPDATE settlements SET scope = {_PLATFORM} FROM batches WHERE batches.batch_id = settlements.batch_id;
    CREATE TABLE orders_left (
        batch_id INTEGER NOT NULL, order_id VARCHAR NOT NULL, channel VARCHAR NOT NULL, live BOOLEAN DEFAULT true,
        scope VARCHAR DEFAULT ''
    );
    """,
)
"""No unique indexes on what is deleted and inserted in one transaction: DuckDB would see the old rows still.

Migration n brings the file from version n to n + 1; a migration is never edited once it has been used."""


def connect(path: Path) -> duckdb.DuckDBPyConnection:
    """The locked-down connection to a fact file, created and brought up to date where needed.

    Raises
    ------
    ShopplanError
        When another process holds the file, when it is no fact file, or a newer version made it.
    """
    if path.is_dir():
        raise ShopplanError("this is a folder, not a file", str(path), "name a file in it, for example shop.duckdb")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = Said("the folder cannot be made ({reason})", reason=error.strerror)
        raise ShopplanError(reason, str(path.parent)) from error
    con = _open(path)
    try:
        migrate(con, path.name)
        for setting in _SETTINGS:
            con.execute(setting)
    except ShopplanError:
        con.close()
        raise
    return con


def migrate(con: duckdb.DuckDBPyConnection, name: str) -> None:
    """Run the migrations that the file has not seen, each in a transaction of its own."""
    con.execute("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)")
    version = con.execute("SELECT coalesce(max(version), 0) FROM schema_version").fetchall()[0][0]
    if version > len(MIGRATIONS):
        newer = Said("the file has version {version}, newer than this program", version=version)
        raise ShopplanError(newer, name, "update the program")
    for number in range(version, len(MIGRATIONS)):
        with transaction(con):
            con.execute(MIGRATIONS[number])
            con.execute("INSERT INTO schema_version VALUES (?)", [number + 1])
    if not con.execute("SELECT 1 FROM meta WHERE key = 'customer_salt'").fetchall():
        rows = [["customer_salt", secrets.token_hex(32)], ["store_id", secrets.token_hex(4)], ["changes", "0"]]
        with transaction(con):
            for row in rows:
                con.execute("INSERT INTO meta VALUES (?, ?)", row)


@contextlib.contextmanager
def transaction(con: duckdb.DuckDBPyConnection, keep: bool = True) -> Iterator[duckdb.DuckDBPyConnection]:
    """All or nothing: commits at the end of the block, rolls back when anything is raised in it or not to be kept."""
    con.execute("BEGIN")
    done = False
    try:
        yield con
        if keep:
            con.execute("COMMIT")
            done = True
    finally:
        if not done:
            with contextlib.suppress(duckdb.TransactionException):  # a failed COMMIT has already ended it
                con.execute("ROLLBACK")


def _open(path: Path, retry: bool = True) -> duckdb.DuckDBPyConnection:
    try:
        return duckdb.connect(str(path), config={"storage_compatibility_version": STORAGE_VERSION})
    except duckdb.IOException as error:
        if not _HELD.search(str(error)):
            raise ShopplanError("the file is not a usable shop database", path.name, "restore a backup") from error
        if not retry:
            raise _held(path, str(error)) from error
    time.sleep(0.3)  # a command that is about to end often holds it for a moment only
    return _open(path, retry=False)


def _held(path: Path, message: str) -> ShopplanError:
    """That another process has the file open: which one, as far as DuckDB tells, and what to do."""
    hint = "if it is the app, import and plan on its pages, or stop it first; if it is a command, wait for its end"
    holder = _HOLDER.search(message)
    if holder is None:
        return ShopplanError("another program has the shop database open", str(path), hint)
    template = "another program has the shop database open: {program}, process {pid}"
    return ShopplanError(Said(template, program=Path(holder[1]).name, pid=holder[2]), str(path), hint)
