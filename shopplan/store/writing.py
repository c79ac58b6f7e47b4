"""Rows of an import on their way into the fact file, and out of it again; `facts` holds the transactions."""

from __future__ import annotations

import datetime as dt
import hashlib
import json

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from shopplan.ingest.tables import FACT_TABLES, Receipt
from shopplan.store.channels import channel
from shopplan.store.schema import SCOPED
from shopplan.store.standing import withdraw

GROUP = 122_880
"""Rows that DuckDB packs together: stored by so many, they are packed once and never moved again."""


class Rows:
    """Rows of one import on their way into the fact tables; channels get their ids, customers become keyed hashes.

    They are stored by whole groups of rows; what is left of them waits for more, or for the end.
    """

    def __init__(self, cur: duckdb.DuckDBPyConnection, batch: int) -> None:
        self._cur, self._batch = cur, batch
        self._channels = {"": ""}
        self._waiting: dict[str, pa.Table] = {}
        salt = bytes.fromhex(cur.execute("SELECT value FROM meta WHERE key = 'customer_salt'").fetchall()[0][0])
        self._begun = [hashlib.sha256(bytes(byte ^ pad for byte in salt.ljust(64, b"\0"))) for pad in (0x36, 0x5C)]

    def add(self, table: str, frame: pd.DataFrame, scope: str) -> None:
        """Take in rows of a fact table, see `tables.typed`."""
        columns = {name: pa.Array.from_pandas(frame[name]) for name in frame.columns}
        columns["batch_id"] = pa.repeat(pa.scalar(self._batch, pa.int32()), len(frame))
        columns["channel"] = self._ids(columns["channel"])
        if table in SCOPED:
            platform, _, given = scope.partition("/")
            columns["scope"] = pa.repeat(f"{platform}/{channel(given).id}" if given else platform, len(frame))
        if "customer" in columns:
            columns["customer_key"] = self._keys(columns.pop("customer"))
        rows = pa.table(columns)
        waiting = self._waiting.pop(table, None)
        rows = rows if waiting is None else pa.concat_tables([waiting, rows])
        whole = len(rows) - len(rows) % GROUP
        for start in range(0, whole, GROUP):
            self._store(table, rows.slice(start, GROUP))
        self._waiting[table] = rows.slice(whole)

    def finish(self) -> None:
        """Store what waits."""
        for table, rows in self._waiting.items():
            self._store(table, rows)
        self._waiting.clear()

    def _store(self, table: str, rows: pa.Table) -> None:
        columns = ", ".join(f'"{name}"' for name in rows.column_names)
        # what is registered in a transaction would stay in memory until its end
        incoming = self._cur.from_arrow(rows)
        incoming.query("incoming", f"INSERT INTO {table} ({columns}) SELECT {columns} FROM incoming")

    def _ids(self, names: pa.Array | pa.ChunkedArray) -> pa.Array:
        """Ids of channels, those of new ones are stored."""
        coded = pa.chunked_array(names).combine_chunks().dictionary_encode()
        known = coded.dictionary.to_pylist()
        for name in known:
            if name not in self._channels:
                found = channel(name)
                self._channels[name] = found.id
                if not self._cur.execute("SELECT 1 FROM channels WHERE id = ?", [found.id]).fetchall():
                    self._cur.execute("INSERT INTO channels VALUES (?, ?, ?)", [found.id, found.name, found.kind])
        return pa.array([self._channels[name] for name in known], pa.string()).take(coded.indices)

    def _keys(self, customers: pa.Array | pa.ChunkedArray) -> pa.Array:
        """Keyed hash of each customer (63 bits of HMAC-SHA256), null where there is none."""
        coded = pa.chunked_array(customers).combine_chunks().dictionary_encode()
        names = coded.dictionary.to_pylist()
        keys = np.frombuffer(b"".join([self._hmac(name or "") for name in names]), dtype=">u8") >> np.uint64(1)
        known = pa.array(keys.astype("int64"), mask=np.array([not name for name in names], dtype=bool))
        return known.take(coded.indices)

    def _hmac(self, name: str) -> bytes:
        """The first eight bytes of HMAC-SHA256 (RFC 2104), whose two hashes have begun with the key."""
        inner, outer = self._begun[0].copy(), self._begun[1].copy()
        inner.update(name.encode())
        outer.update(inner.digest())
        return outer.digest()[:8]


def next_change(cur: duckdb.DuckDBPyConnection) -> int:
    """Count a change of the facts; an import takes the number as its batch id."""
    sql = "UPDATE meta SET value = CAST(CAST(value AS BIGINT) + 1 AS VARCHAR) WHERE key = 'changes' RETURNING value"
    return int(cur.execute(sql).fetchall()[0][0])


def insert_batch(cur: duckdb.DuckDBPyConnection, batch: int, receipt: Receipt) -> None:
    """Add an import to the list; `put_receipt` completes it."""
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    row = [batch, receipt.sha256, receipt.file, receipt.format, receipt.kind, now, receipt.rows_kept]
    row += [receipt.currency, receipt.date_from or None, receipt.date_to or None, ""]
    cur.execute("INSERT INTO batches VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)


def put_receipt(cur: duckdb.DuckDBPyConnection, batch: int, receipt: Receipt) -> None:
    """Keep the receipt of an import."""
    text = json.dumps(receipt.to_dict(), ensure_ascii=False)
    cur.execute("UPDATE batches SET receipt = ? WHERE batch_id = ?", [text, batch])


def delete(cur: duckdb.DuckDBPyConnection, condition: str, value: str | int) -> int:
    """Delete the batches that meet a condition, with their rows and the channels that only they named."""
    batches = [row[0] for row in cur.execute(f"SELECT batch_id FROM batches WHERE {condition}", [value]).fetchall()]
    for batch in batches:
        withdraw(cur, batch)
    used = " UNION ".join(f"SELECT channel FROM {table}" for table in FACT_TABLES)
    cur.execute(f"DELETE FROM channels WHERE id NOT IN ({used})")
    return len(batches)
