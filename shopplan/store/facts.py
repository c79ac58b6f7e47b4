"""The shop's facts in one DuckDB file: imports go in whole or not at all, reads come out as frames.

One process owns the file. The object may be shared between threads; every use takes a cursor of its own.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import hmac
import json
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import duckdb
import ibis
import pandas as pd

from shopplan.ingest.money import exponent
from shopplan.ingest.source import Source
from shopplan.ingest.tables import DEMO, FACT_TABLES, Parsed, Receipt, receipt_from_dict, typed
from shopplan.store import queries
from shopplan.store.channels import channel
from shopplan.store.checks import check_company, check_overlap
from shopplan.store.checks import currency as stored_currency
from shopplan.store.schema import connect, transaction
from shopplan.terms import ShopplanError


def default_path() -> Path:
    """Where the facts are: ``SHOPPLAN_DB``, else data/shop.duckdb below the working directory."""
    return Path(os.environ.get("SHOPPLAN_DB") or Path("data", "shop.duckdb"))


class FactStore:
    """Facts of one shop: order lines, daily sales, spend and other measures, each row with its import batch."""

    def __init__(self, path: Path, con: duckdb.DuckDBPyConnection) -> None:
        self.path = path
        self._con = con
        self._writing = threading.Lock()

    @classmethod
    def open(cls, path: str | Path) -> FactStore:
        """Open a fact file, creating it where there is none.

        Raises
        ------
        ShopplanError
            When another process holds the file or it is not a fact file of this program.
        """
        return cls(Path(path), connect(Path(path)))

    def close(self) -> None:
        """Close the file; the object cannot be used afterwards."""
        self._con.close()

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A cursor for one use in one thread."""
        return self._con.cursor()

    # --- writing ---------------------------------------------------------------------------------
    def commit(self, parsed: Parsed | Source, replace_demo: bool = False) -> Receipt:
        """Store one import, in one transaction.

        Parameters
        ----------
        parsed : Parsed or Source
            A source is stored chunk by chunk while it is read.
        replace_demo : bool
            Take the demo shop out in the same transaction; without it, own data are refused beside it.

        Returns
        -------
        Receipt
            With ``already_imported`` set, and nothing changed, when the same file is stored already. Nothing is
            stored either of a report without rows.

        Raises
        ------
        ShopplanError
            When demo and real facts or two currencies would mix, or orders or days would count twice.
        """
        if isinstance(parsed, Parsed) and not parsed.receipt.rows_kept:
            return parsed.receipt
        sha256 = parsed.receipt.sha256 if isinstance(parsed, Parsed) else parsed.sha256
        with self._write() as cur:
            known = cur.execute("SELECT receipt FROM batches WHERE sha256 = ?", [sha256]).fetchall()
            if known:
                return replace(receipt_from_dict(json.loads(known[0][0])), already_imported=True)
            if replace_demo:
                _delete(cur, "format = ?", DEMO)
            batch = _next_change(cur)
            for frames in [parsed.frames] if isinstance(parsed, Parsed) else parsed.chunks():
                for table, frame in frames.items():
                    if table not in FACT_TABLES:
                        raise ShopplanError("there is no such fact table", table)
                    self._insert(cur, batch, table, typed(table, frame))
            receipt = parsed.receipt if isinstance(parsed, Parsed) else parsed.receipt()
            check_company(cur, receipt)
            _insert_batch(cur, batch, receipt)
            check_overlap(cur, batch, receipt.file)
        return receipt

    def remove_batch(self, batch_id: int) -> None:
        """Take one import out again, whole.

        Raises
        ------
        ShopplanError
            When there is no such import.
        """
        with self._write() as cur:
            if not _delete(cur, "batch_id = ?", batch_id):
                raise ShopplanError("there is no such import", str(batch_id), "the Data page lists the imports")
            _next_change(cur)

    def remove_demo(self) -> None:
        """Take the demo shop out; does nothing when there is none."""
        with self._write() as cur:
            if _delete(cur, "format = ?", DEMO):
                _next_change(cur)

    @contextlib.contextmanager
    def _write(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with self._writing:
            cur = self.cursor()
            with transaction(cur):
                yield cur
            with contextlib.suppress(duckdb.TransactionException):  # a reader is at work: the next one will do
                cur.execute("CHECKPOINT")

    def _insert(self, cur: duckdb.DuckDBPyConnection, batch: int, table: str, frame: pd.DataFrame) -> None:
        found = {name: channel(name) for name in frame["channel"].unique() if name}
        for one in found.values():
            if not cur.execute("SELECT 1 FROM channels WHERE id = ?", [one.id]).fetchall():
                cur.execute("INSERT INTO channels VALUES (?, ?, ?)", [one.id, one.name, one.kind])
        ids = {"": "", **{name: one.id for name, one in found.items()}}
        frame = frame.assign(batch_id=batch, channel=frame["channel"].map(ids))
        if "customer" in frame:
            salt = cur.execute("SELECT value FROM meta WHERE key = 'customer_salt'").fetchall()[0][0]
            frame = frame.assign(customer_key=_customer_keys(frame["customer"], bytes.fromhex(salt)))
            frame = frame.drop(columns="customer")
        columns = ", ".join(f'"{name}"' for name in frame.columns)
        cur.register("incoming", frame)
        cur.execute(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM incoming")
        cur.unregister("incoming")

    # --- reading ---------------------------------------------------------------------------------
    def monthly_sales(self) -> pd.DataFrame:
        """Sales a month and channel.

        Returns
        -------
        DataFrame
            month (first day), channel, orders, new_orders, keyed_orders, units, gross, discounts, returns, net,
            cogs, sessions; major units, NaN where a channel's data never say. See `queries.sales`.
        """
        return self._frame("sales", "M").rename(columns={"ds": "month"})

    def daily_sales(self) -> pd.DataFrame:
        """Sales a day and channel: ds and the columns of `monthly_sales`."""
        return self._frame("sales", "D")

    def monthly_spend(self) -> pd.DataFrame:
        """Ad spend a month and channel: month, channel, spend, impressions, clicks, attributed (major units)."""
        return self._frame("spend", "M").rename(columns={"ds": "month"})

    def daily_spend(self) -> pd.DataFrame:
        """Ad spend a day and channel: ds and the columns of `monthly_spend`."""
        return self._frame("spend", "D")

    def daily_measures(self) -> pd.DataFrame:
        """Other daily measures: ds, channel (empty: the whole shop), measure, value."""
        return self._frame("measures")

    def cohorts(self) -> pd.DataFrame:
        """Repeat behaviour: cohort (month of first order), age (months), customers, orders; empty without customers."""
        return self._frame("cohorts")

    def channels(self) -> pd.DataFrame:
        """The channels that the facts name: id, name, kind."""
        return self.cursor().execute("SELECT id, name, kind FROM channels ORDER BY id").df()

    def batches(self) -> pd.DataFrame:
        """The imports, newest first: batch_id, file, format, kind, imported_at (UTC), rows_kept, currency, date_from,
        date_to, sha256."""
        names = "batch_id, file, format, kind, imported_at, rows_kept, currency, date_from, date_to, sha256"
        return self.cursor().execute(f"SELECT {names} FROM batches ORDER BY batch_id DESC").df()

    def receipt(self, batch_id: int) -> Receipt:
        """The receipt of one import."""
        rows = self.cursor().execute("SELECT receipt FROM batches WHERE batch_id = ?", [batch_id]).fetchall()
        if not rows:
            raise ShopplanError("there is no such import", str(batch_id), "the Data page lists the imports")
        return receipt_from_dict(json.loads(rows[0][0]))

    def is_demo(self) -> bool:
        """Whether the facts are those of the demo shop."""
        return bool(self.cursor().execute("SELECT 1 FROM batches WHERE format = ? LIMIT 1", [DEMO]).fetchall())

    def currency(self) -> str:
        """ISO code of the money in the store; empty while there is none."""
        return stored_currency(self.cursor())

    def data_version(self) -> str:
        """Text that differs after every import and removal, and between files."""
        rows = self.cursor().execute("SELECT key, value FROM meta WHERE key IN ('store_id', 'changes')").fetchall()
        meta = dict(rows)
        return f"{meta['store_id']}-{meta['changes']}"

    def _frame(self, query: str, *args: str) -> pd.DataFrame:
        cur = self.cursor()
        frame = cur.execute(_sql(query, *args)).df()
        unit = 10.0 ** exponent(stored_currency(cur))
        for name in [column for column in frame.columns if column.endswith("_minor")]:
            frame[name] = frame[name] / unit
        frame = frame.astype({name: "str" for name in frame.columns if name in ("channel", "measure")})
        order = [c for c in frame.columns if c not in ("net_minor", "cogs_minor", "sessions")]
        order += [c for c in ("net_minor", "cogs_minor", "sessions") if c in frame]
        return frame[order].rename(columns=lambda name: name.removesuffix("_minor"))


@lru_cache(maxsize=32)
def _sql(query: str, *args: str) -> str:
    build: Callable[..., ibis.Table] = getattr(queries, query)
    return str(ibis.to_sql(build(*args), dialect="duckdb"))


def _customer_keys(customers: pd.Series, salt: bytes) -> pd.Series:
    """Keyed hash of each customer (63 bits of HMAC-SHA256), null where there is none."""
    codes, names = pd.factorize(customers.where(customers.str.len() > 0))
    keys = [int.from_bytes(hmac.digest(salt, name.encode(), hashlib.sha256)[:8], "big") >> 1 for name in names]
    return pd.Series(pd.array([*keys, pd.NA], dtype="Int64")[codes], index=customers.index)


def _next_change(cur: duckdb.DuckDBPyConnection) -> int:
    """Count a change of the facts; an import takes the number as its batch id."""
    sql = "UPDATE meta SET value = CAST(CAST(value AS BIGINT) + 1 AS VARCHAR) WHERE key = 'changes' RETURNING value"
    return int(cur.execute(sql).fetchall()[0][0])


def _insert_batch(cur: duckdb.DuckDBPyConnection, batch: int, receipt: Receipt) -> None:
    row = [
        batch,
        receipt.sha256,
        receipt.file,
        receipt.format,
        receipt.kind,
        dt.datetime.now(dt.UTC).replace(tzinfo=None),
    ]
    row += [receipt.rows_kept, receipt.currency, receipt.date_from or None, receipt.date_to or None]
    row.append(json.dumps(receipt.to_dict(), ensure_ascii=False))
    cur.execute("INSERT INTO batches VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)


def _delete(cur: duckdb.DuckDBPyConnection, condition: str, value: str | int) -> int:
    """Delete the batches that meet a condition, with their rows and the channels that only they named."""
    batches = [row[0] for row in cur.execute(f"SELECT batch_id FROM batches WHERE {condition}", [value]).fetchall()]
    for table in (*FACT_TABLES, "batches"):
        cur.execute(f"DELETE FROM {table} WHERE list_contains(?, batch_id)", [batches])
    used = " UNION ".join(f"SELECT channel FROM {table}" for table in FACT_TABLES)
    cur.execute(f"DELETE FROM channels WHERE id NOT IN ({used})")
    return len(batches)
