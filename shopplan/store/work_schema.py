"""The tables of people's work, and how SQLite is set up to keep them."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

NAME_LENGTH = 120

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
for _verb in ("UPDATE", "DELETE"):
    _trigger = (
        f"CREATE TRIGGER audit_log_no_{_verb.lower()} BEFORE {_verb} ON audit_log "
        "BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END"
    )
    sa.event.listen(audit_log, "after_create", sa.DDL(_trigger).execute_if(dialect="sqlite"))


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
