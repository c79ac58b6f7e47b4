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


def insert(cur: duckdb.DuckDBPyConnection, batch: int, table: str, frame: pd.DataFrame, scope: str) -> None:
    """Add rows of an import to a fact table; channels get their ids, customers become keyed hashes."""
    found = {name: channel(name) for name in frame["channel"].unique() if name}
    for one in found.values():
        if not cur.execute("SELECT 1 FROM channels WHERE id = ?", [one.id]).fetchall():
            cur.execute("INSERT INTO channels VALUES (?, ?, ?)", [one.id, one.name, one.kind])
    ids = {"": "", **{name: one.id for name, one in found.items()}}
    frame = frame.assign(batch_id=batch, channel=frame["channel"].map(ids))
    if table in SCOPED:
        platform, _, given = scope.partition("/")
        frame = frame.assign(scope=f"{platform}/{channel(given).id}" if given else platform)
    if "customer" in frame:
        salt = cur.execute("SELECT value FROM meta WHERE key = 'customer_salt'").fetchall()[0][0]
        frame = frame.assign(customer_key=_customer_keys(frame["customer"], bytes.fromhex(salt)))
        frame = frame.drop(columns="customer")
    columns = ", ".join(f'"{name}"' for name in frame.columns)
    cur.register("incoming", pa.Table.from_pandas(frame, preserve_index=False))
    cur.execute(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM incoming")
    cur.unregister("incoming")


def _customer_keys(customers: pd.Series, salt: bytes) -> pd.Series:
    """Keyed hash of each customer (63 bits of HMAC-SHA256), null where there is none."""
    codes, names = pd.factorize(customers)
    begun = [hashlib.sha256(bytes(byte ^ pad for byte in salt.ljust(64, b"\0"))) for pad in (0x36, 0x5C)]
    keys = np.frombuffer(b"".join(_hmac(name, *begun) for name in names.tolist()), dtype=">u8") >> np.uint64(1)
    found = pd.Series(np.append(keys, 0).astype("int64")[codes], index=customers.index, dtype="Int64")
    return found.mask((customers.isna() | (customers == "")).to_numpy())


def _hmac(name: str, inner: hashlib._Hash, outer: hashlib._Hash) -> bytes:
    """The first eight bytes of HMAC-SHA256 (RFC 2104), whose two hashes have begun with the key."""
    inner, outer = inner.copy(), outer.copy()
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
