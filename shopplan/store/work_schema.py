"""The tables of people's work, their version, and how SQLite is set up to keep them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from shopplan.terms import Said, ShopplanError

NAME_LENGTH = 120
VERSION_LOCK = 7072108
"""A number that nothing else on the server locks, in all likelihood."""

metadata = sa.MetaData()
scenarios = sa.Table(
    "scenarios",
    metadata,
    sa.Column("id", sa.String(16), primary_key=True),
    sa.Column("name", sa.String(NAME_LENGTH), nullable=False),
    sa.Column("template", sa.String(24), nullable=False),
    sa.Column("body", sa.JSON, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("created", sa.String(32), nullable=False),
    sa.Column("updated", sa.String(32), nullable=False),
    sa.Column("updated_by", sa.String(80), nullable=False),
)
targets = sa.Table(
    "targets",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("name", sa.String(NAME_LENGTH), nullable=False),
    sa.Column("metric", sa.String(40), nullable=False),
    sa.Column("threshold", sa.Float, nullable=False),
    sa.Column("due", sa.Integer, nullable=False),
    sa.Column("window", sa.String(10), nullable=False),
    sa.Column("source", sa.String(80), nullable=False),
)
settings = sa.Table(
    "settings",
    metadata,
    sa.Column("key", sa.String(80), primary_key=True),
    sa.Column("value", sa.JSON, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
)
kept = sa.Table(
    "kept",
    metadata,
    sa.Column("kind", sa.String(20), primary_key=True),
    sa.Column("key", sa.String(80), primary_key=True),
    sa.Column("at", sa.String(32), nullable=False),
    sa.Column("body", sa.JSON, nullable=False),
)
audit_log = sa.Table(
    "audit_log",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("at", sa.String(32), nullable=False),
    sa.Column("who", sa.String(80), nullable=False),
    sa.Column("action", sa.String(40), nullable=False),
    sa.Column("what", sa.JSON, nullable=False),
)
versions = sa.Table("schema_version", metadata, sa.Column("version", sa.Integer, primary_key=True, autoincrement=False))

_ONLY_GROWS = "the audit log only grows"


def _refusal(name: str, when: str) -> str:
    return (
        f"CREATE TRIGGER IF NOT EXISTS audit_log_no_{name} BEFORE {when} "
        f"BEGIN SELECT RAISE(ABORT, '{_ONLY_GROWS}'); END"
    )


GUARDS = tuple(
    sa.DDL(sql).execute_if(dialect=dialect)
    for dialect, sql in (
        ("sqlite", _refusal("update", "UPDATE ON audit_log")),
        ("sqlite", _refusal("delete", "DELETE ON audit_log")),
        # INSERT OR REPLACE deletes without a word to the trigger of deletions
        (
            "sqlite",
            _refusal("replace", "INSERT ON audit_log WHEN EXISTS (SELECT 1 FROM audit_log WHERE id = NEW.id)"),
        ),
        (
            "postgresql",
            "CREATE OR REPLACE FUNCTION audit_log_only_grows() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{_ONLY_GROWS}'; END $$",
        ),
        (
            "postgresql",
            "CREATE OR REPLACE TRIGGER audit_log_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log "
            "FOR EACH STATEMENT EXECUTE FUNCTION audit_log_only_grows()",
        ),
    )
)
"""What keeps the rows of the audit log as they are, whoever opens the store with whatever tool."""
for _guard in GUARDS:
    sa.event.listen(audit_log, "after_create", _guard)


def _to_2(con: sa.Connection) -> None:
    """Version 1 had no number, its audit log could be replaced, and the oldest had no table of kept results."""
    kept.create(con, checkfirst=True)
    versions.create(con, checkfirst=True)
    for guard in GUARDS:
        guard(audit_log, con)


MIGRATIONS: tuple[Callable[[sa.Connection], None], ...] = (_to_2,)
"""Migration n brings a store from version n + 1 to n + 2; one is never edited once it has been used. A new store is
made as the tables above are, and needs none."""
VERSION = len(MIGRATIONS) + 1


def upgrade(con: sa.Connection) -> None:
    """Make the tables of a new store, or bring those of an older version up to date; in the caller's transaction.

    Raises
    ------
    ShopplanError
        When a newer version of the program made the store.
    """
    if con.dialect.name == "postgresql":  # processes that start at the same time take turns
        con.execute(sa.select(sa.func.pg_advisory_xact_lock(VERSION_LOCK)))
    version = _version(con)
    if version > VERSION:
        newer = Said("the file has version {version}, newer than this program", version=version)
        raise ShopplanError(newer, con.engine.url.render_as_string(hide_password=True), "update the program")
    if not version:
        metadata.create_all(con)
    for migrate in MIGRATIONS[version - 1 :] if version else ():
        migrate(con)
    if version != VERSION:
        con.execute(sa.delete(versions))
        con.execute(sa.insert(versions).values(version=VERSION))


def _version(con: sa.Connection) -> int:
    """0 of a store without tables, 1 of one from before they were numbered."""
    tables = sa.inspect(con)
    if tables.has_table(versions.name):
        return int(con.execute(sa.select(sa.func.max(versions.c.version))).scalar_one() or 0)
    return int(tables.has_table(audit_log.name))


def prepare_sqlite(engine: sa.Engine) -> None:
    """WAL, every commit on the disk before it counts, and writers that wait for each other."""

    @sa.event.listens_for(engine, "connect")
    def _connect(dbapi: Any, _record: Any) -> None:
        dbapi.isolation_level = None  # transactions are begun below, not by the driver
        for pragma in ("busy_timeout=5000", "journal_mode=WAL", "synchronous=FULL"):
            dbapi.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def _begin(con: sa.Connection) -> None:
        # a writer takes the lock at once: a read lock that has to grow fails when another writer was quicker
        con.exec_driver_sql("BEGIN IMMEDIATE" if con.get_execution_options().get("write") else "BEGIN")
