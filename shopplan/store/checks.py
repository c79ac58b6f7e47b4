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
