"""How fast order lines become facts, beside a bare DuckDB load of the same file: ``make bench-import``.

Each load runs in a process of its own, so that its peak of memory is its own. Both write a fact file and leave it
checkpointed; the bare load parses, types and stores, and checks, recognises and hashes nothing.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

from shopplan.store.facts import FactStore

ROWS = 5_000_000
LIMIT = 3.0
_ORDERS = """COPY (SELECT
    'S' || lpad((i // 2)::VARCHAR, 9, '0') AS "order id",
    strftime(TIMESTAMP '2023-01-01' + to_seconds((i // 2) * 37), '%Y-%m-%d %H:%M:%S') AS "date",
    ['search', 'live', 'online', 'email'][(hash(i // 2) % 4 + 1)::INTEGER] AS channel,
    'SKU-' || lpad((hash(i * 7) % 5000)::VARCHAR, 4, '0') AS sku,
    'Product ' || (hash(i * 7) % 5000) || CASE WHEN i % 9 = 0 THEN ', "large"' ELSE ' plain' END AS product,
    1 + hash(i * 3) % 4 AS quantity,
    ((99 + hash(i * 5) % 40000) / 100)::DECIMAL(12, 2) AS amount,
    ((hash(i * 11) % 90) / 100)::DECIMAL(12, 2) AS discount,
    'C' || (hash((i // 2) * 13) % 900000) AS "customer id",
    CASE WHEN hash(i // 2) % 25 = 0 THEN 'cancelled' ELSE 'paid' END AS status
    FROM range({rows}) AS t(i)) TO '{path}' (HEADER, DELIMITER ',')"""


def generate(path: Path, rows: int) -> None:
    """Write order lines, two an order, some cancelled, some with quotes."""
    duckdb.connect().execute(_ORDERS.format(path=path, rows=rows))


def shopplan(path: Path, folder: Path) -> int:
    """Import as the command does; the rows that are kept."""
    from shopplan.ingest import read_all

    store = FactStore.open(folder / "shop.duckdb")
    kept = sum(store.commit(one).rows_kept for one in read_all(path, currency="EUR"))  # type: ignore[arg-type,misc]
    store.close()
    return kept


def bare(path: Path, folder: Path) -> int:
    """Load as DuckDB does by itself, with two threads as the store has."""
    con = duckdb.connect(str(folder / "bare.duckdb"), config={"threads": 2})
    con.execute(f"CREATE TABLE lines AS SELECT * FROM read_csv('{path}')")
    con.execute("CHECKPOINT")
    kept = con.execute("SELECT count(*) FROM lines WHERE status <> 'cancelled'").fetchall()[0][0]
    con.close()
    return int(kept)


def measured(how: str, path: Path, folder: Path) -> tuple[float, float, float, int]:
    """Seconds on the clock, seconds of processor time, peak memory in MB, rows."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.bench_import", how, path, folder], check=True, text=True, capture_output=True
    )
    clock, busy, peak, rows = done.stdout.split()
    return float(clock), float(busy), float(peak), int(rows)


def main(rows: int = ROWS) -> bool:
    """Print the table; whether the ratio is within its limit."""
    with tempfile.TemporaryDirectory(prefix="shopplan-bench-") as name:
        folder = Path(name)
        path = folder / "orders.csv"
        generate(path, rows)
        print(f"{rows:,} order lines, {path.stat().st_size / 1e6:,.0f} MB\n")
        print("| load | s | s of processor | peak, MB | rows kept |\n|---|---:|---:|---:|---:|")
        found = {how: measured(how, path, folder) for how in ("bare", "shopplan")}
    for how, (clock, busy, peak, kept) in found.items():
        print(f"| {how} | {clock:.1f} | {busy:.1f} | {peak:,.0f} | {kept:,} |")
    ratio, work = (found["shopplan"][i] / found["bare"][i] for i in (0, 1))
    print(f"\nratio {ratio:.1f} on the clock, {work:.1f} of processor time (at most {LIMIT:g} is aimed at)")
    return ratio <= LIMIT


def _one(how: str, path: Path, folder: Path) -> None:
    began, busy = time.monotonic(), time.process_time()
    rows = {"bare": bare, "shopplan": shopplan}[how](path, folder)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    print(time.monotonic() - began, time.process_time() - busy, peak, rows)


if __name__ == "__main__":
    if len(sys.argv) > 2:
        _one(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS)
