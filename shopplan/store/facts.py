"""The shop's facts in one DuckDB file: imports go in whole or not at all, reads come out as frames.

One process owns the file. The object may be shared between threads: writers take turns on the connection, which has
no limit of time, and every reader takes a cursor of its own, which has one.
"""

from __future__ import annotations

import contextlib
import json
import os
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import duckdb
import ibis
import pandas as pd

from shopplan.ingest.sheet import Unlike
from shopplan.ingest.source import Source
from shopplan.ingest.tables import DEMO, FACT_TABLES, Parsed, Receipt, receipt_from_dict, typed
from shopplan.store import queries
from shopplan.store.checks import check_company
from shopplan.store.pace import Pace, Progress, ahead
from shopplan.store.schema import connect, transaction
from shopplan.store.standing import SCRATCH, settle
from shopplan.store.view import Unconverted, View
from shopplan.store.writing import Rows, delete, insert_batch, next_change, put_receipt
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
        """A cursor for one reading in one thread."""
        return self._con.cursor()

    # --- writing ---------------------------------------------------------------------------------
    def commit(
        self,
        parsed: Parsed | Source,
        replace_demo: bool = False,
        progress: Callable[[Progress], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
        keep: bool = True,
    ) -> Receipt:
        """Store one import, in one transaction.

        Orders and days that an earlier import states too count from this one only, see `standing`.

        Parameters
        ----------
        parsed : Parsed or Source
            A source is stored chunk by chunk while it is read.
        replace_demo : bool
            Take the demo shop out in the same transaction; without it, own data are refused beside it.
        progress : callable, optional
            Told after every chunk how far it is.
        cancelled : callable, optional
            Asked after every chunk whether to stop.
        keep : bool
            False takes all back at the end: the receipt says what the import would have done.

        Returns
        -------
        Receipt
            With ``already_imported`` set, and nothing changed, when the same file is stored already. Nothing is
            stored either of a file that states nothing, such as a report without rows.

        Raises
        ------
        ShopplanError
            When demo and real facts would mix, or sales would count twice.
        Cancelled
            When ``cancelled`` said so; nothing is stored.
        """
        if isinstance(parsed, Parsed) and not any(map(len, parsed.frames.values())):
            return parsed.receipt
        try:
            return self._commit(parsed, replace_demo, Pace(parsed.name, progress, cancelled), keep)
        except Unlike:
            if isinstance(parsed, Source):
                parsed.survey()
            return self._commit(parsed, replace_demo, Pace(parsed.name, progress, cancelled), keep)

    def _commit(self, parsed: Parsed | Source, replace_demo: bool, pace: Pace, keep: bool) -> Receipt:
        """Store one import."""
        sha256 = parsed.receipt.sha256 if isinstance(parsed, Parsed) else parsed.sha256
        with self._write(keep) as cur:
            known = cur.execute("SELECT receipt FROM batches WHERE sha256 = ?", [sha256]).fetchall()
            if known:
                return replace(receipt_from_dict(json.loads(known[0][0])), already_imported=True)
            if replace_demo:
                delete(cur, "format = ?", DEMO)
            batch = next_change(cur)
            rows = Rows(cur, batch)
            for frames, fraction in ahead(parsed.parts()):
                for table, frame in frames.items():
                    if table not in FACT_TABLES:
                        raise ShopplanError("there is no such fact table", table)
                    rows.add(table, typed(table, frame), parsed.scope)
                pace.step(sum(map(len, frames.values())), fraction)
            rows.finish()
            receipt = parsed.receipt if isinstance(parsed, Parsed) else parsed.receipt()
            check_company(cur, receipt)
            insert_batch(cur, batch, receipt)
            receipt = settle(cur, batch, receipt)
            put_receipt(cur, batch, receipt)
        return receipt

    def remove_batch(self, batch_id: int) -> None:
        """Take one import out again, whole.

        Raises
        ------
        ShopplanError
            When there is no such import.
        """
        with self._write() as cur:
            if not delete(cur, "batch_id = ?", batch_id):
                raise ShopplanError("there is no such import", str(batch_id), "the Data page lists the imports")
            next_change(cur)

    def remove_demo(self) -> None:
        """Take the demo shop out; does nothing when there is none."""
        with self._write() as cur:
            if delete(cur, "format = ?", DEMO):
                next_change(cur)

    @contextlib.contextmanager
    def _write(self, keep: bool = True) -> Iterator[duckdb.DuckDBPyConnection]:
        with self._writing:
            with transaction(self._con, keep):
                yield self._con
                for name in SCRATCH:
                    self._con.execute(f"DROP TABLE IF EXISTS temp.{name}")
            with contextlib.suppress(duckdb.TransactionException):  # a reader is at work: the next one will do
                self._con.execute("CHECKPOINT")

    # --- reading ---------------------------------------------------------------------------------
    def monthly_sales(self, view: View | None = None) -> pd.DataFrame:
        """Sales a month and channel.

        Parameters
        ----------
        view : View, optional
            Currency, rates and channel map; the most frequent currency alone by default.

        Returns
        -------
        DataFrame
            month (first day), channel, orders, new_orders, keyed_orders, units, gross, discounts, returns, net,
            cogs, sessions; major units, NaN where a channel's data never say. See `queries.sales`.
        """
        return self._frame(view, "sales", "M").rename(columns={"ds": "month"})

    def daily_sales(self, view: View | None = None) -> pd.DataFrame:
        """Sales a day and channel: ds and the columns of `monthly_sales`."""
        return self._frame(view, "sales", "D")

    def monthly_spend(self, view: View | None = None) -> pd.DataFrame:
        """Ad spend a month and channel: month, channel, spend, impressions, clicks, attributed (major units)."""
        return self._frame(view, "spend", "M").rename(columns={"ds": "month"})

    def daily_spend(self, view: View | None = None) -> pd.DataFrame:
        """Ad spend a day and channel: ds and the columns of `monthly_spend`."""
        return self._frame(view, "spend", "D")

    def monthly_settled(self, view: View | None = None) -> pd.DataFrame:
        """What platforms paid for stored orders, by month of the order: month, channel, orders, net, settled.

        Net less settled is what they kept; see `queries.settled`.
        """
        return self._frame(view, "settled", "M").rename(columns={"ds": "month"})

    def daily_measures(self, view: View | None = None) -> pd.DataFrame:
        """Other daily measures: ds, channel (empty: the whole shop), measure, value."""
        return self._frame(view, "measures")

    def unconverted(self, view: View) -> tuple[Unconverted, ...]:
        """Money that a view leaves out, because its currency needs a rate."""
        if set(self.currencies()) <= {view.currency}:
            return ()
        return view.missing(*(self._read(_sql(name, "M")) for name in ("sales", "spend")))

    def cohorts(self) -> pd.DataFrame:
        """Repeat behaviour: cohort (month of first order), age (months), customers, orders; empty without customers."""
        return self._read(_sql("cohorts"))

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

    def has_sales(self) -> bool:
        """Whether any sales are on file, in whatever currency."""
        sql = " UNION ALL ".join(
            f"(SELECT 1 FROM {table} WHERE live LIMIT 1)" for table in ("order_lines", "sales_daily")
        )
        return bool(self.cursor().execute(sql).fetchall())

    def currencies(self) -> tuple[str, ...]:
        """ISO codes of the stored money, the most frequent first."""
        sql = "SELECT currency, rows_kept FROM batches WHERE currency <> '' AND rows_kept > 0"
        rows = self.cursor().execute(sql).fetchall()
        count: Counter[str] = Counter()
        for codes, kept in rows:
            first, *others = codes.split(",")
            count.update({first: kept, **dict.fromkeys(others, 0)})
        return tuple(code for code, _ in count.most_common())

    def currency(self) -> str:
        """The most frequent currency of the stored money; empty while there is none."""
        return next(iter(self.currencies()), "")

    def data_version(self) -> str:
        """Text that differs after every import and removal, and between files."""
        rows = self.cursor().execute("SELECT key, value FROM meta WHERE key IN ('store_id', 'changes')").fetchall()
        meta = dict(rows)
        return f"{meta['store_id']}-{meta['changes']}"

    def _read(self, sql: str) -> pd.DataFrame:
        try:
            return self.cursor().execute(sql).df()
        except duckdb.InterruptException as error:
            hint = "try again when the machine is less busy"
            raise ShopplanError("reading the facts took too long", self.path.name, hint) from error

    def _frame(self, view: View | None, query: str, *args: str) -> pd.DataFrame:
        frame = self._read(_sql(query, *args))
        by = [name for name in ("ds", "channel", "measure") if name in frame]
        frame = frame.astype({name: "str" for name in by if name != "ds"})
        return (view or View(self.currency())).of(frame, by)


@lru_cache(maxsize=32)
def _sql(query: str, *args: str) -> str:
    build: Callable[..., ibis.Table] = getattr(queries, query)
    return str(ibis.to_sql(build(*args), dialect="duckdb"))
