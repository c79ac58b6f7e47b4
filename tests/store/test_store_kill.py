"""kill -9 while an import runs or is tried: the store is as before or as after it, and nothing is needed to go on."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from shopplan.cli import main
from shopplan.ingest.tables import FACT_TABLES
from shopplan.store import FactStore

KILLS = 50
TRIALS = 10
ORDERS = 2_000
SERVER = """
import os, sys
from shopplan import workspace
from shopplan.cli import main
from shopplan.ingest import source
source.CHUNK = 1 << 14
for line in sys.stdin:
    db, *files = line.rstrip("\\n").split("\\t")
    pid = os.fork()
    if not pid:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os._exit(main(["import", *files, "--db", db]))
    print(pid, flush=True)
    print(os.waitpid(pid, 0)[1], flush=True)
"""
"""Pays for the Python imports once; every trial is a process of its own that runs the real command."""


class Server:
    """Starts imports in processes of their own and kills them."""

    def __init__(self) -> None:
        env = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        self.process = subprocess.Popen([sys.executable, "-c", SERVER], text=True, env=env, **pipes)

    def run(self, db: Path, *files: Path, seconds: float | None = None) -> tuple[int, float]:
        """Import files, killed after so many seconds; the wait status of the process and how long it ran."""
        print(db, *files, sep="\t", file=self.process.stdin, flush=True)
        pid, began = int(self.process.stdout.readline()), time.monotonic()
        if seconds is not None:
            time.sleep(seconds)
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return int(self.process.stdout.readline()), time.monotonic() - began


@pytest.fixture
def server():
    one = Server()
    yield one
    one.process.stdin.close()
    one.process.wait(10)
    one.process.stdout.close()


def orders(path: Path, first: int, count: int, amount: int) -> Path:
    """Orders of two lines each, and every tenth cancelled."""
    rows = ["order id,date,channel,product,quantity,amount,status,customer"]
    for i in range(first, first + count):
        status = "cancelled" if i % 10 == 0 else "paid"
        day = f"2026-0{i % 9 + 1}-{i % 28 + 1:02d}"
        rows += [f"N{i},{day},live,Mug {j},1,{amount + j}.25,{status},c{i % 999}" for j in range(2)]
    path.write_text("\n".join(rows) + "\n", "utf-8")
    return path


def state(db: Path) -> dict[str, object]:
    """All that a store says: rows of every table that count, money, receipts, version."""
    store = FactStore.open(db)
    try:
        cur = store.cursor()
        rows = {t: cur.execute(f"SELECT live, count(*) FROM {t} GROUP BY 1 ORDER BY 1").fetchall() for t in FACT_TABLES}
        money = cur.execute("SELECT live, sum(gross_minor) FROM order_lines GROUP BY 1 ORDER BY 1").fetchall()
        receipts = cur.execute("SELECT batch_id, sha256, rows_kept, receipt FROM batches ORDER BY 1").fetchall()
        return {"rows": rows, "money": money, "receipts": receipts, "version": store.data_version()}
    finally:
        store.close()


def fresh(home: Path, folder: Path) -> Path:
    """A copy of the stores of one folder in another one."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(home, folder)
    return folder / "shop.duckdb"


def test_a_killed_import_leaves_the_store_as_before_or_as_after(server, tmp_path):
    home, trial = tmp_path / "home", tmp_path / "trial"
    home.mkdir()
    assert server.run(home / "shop.duckdb", orders(tmp_path / "old.csv", 0, 1_000, 10))[0] == 0
    new = orders(tmp_path / "new.csv", 500, ORDERS, 20)
    before = state(home / "shop.duckdb")
    db = fresh(home, trial)
    status, seconds = server.run(db, new)
    after = state(db)
    assert status == 0
    assert (len(before["receipts"]), len(after["receipts"])) == (1, 2)
    assert after["rows"]["order_lines"][0] == (False, 900)  # what the first file said of five hundred orders
    moments = np.random.default_rng(20260131)
    shares = moments.permutation((np.arange(KILLS) + moments.random(KILLS)) / KILLS)
    found, db = [], fresh(home, trial)
    while len(found) < KILLS:
        status, ran = server.run(db, new, seconds=shares[len(found)] * seconds)
        now = state(db)
        if not os.WIFSIGNALED(status):  # it was faster than the one that was timed
            seconds = ran
        else:
            assert os.WTERMSIG(status) == signal.SIGKILL
            assert now in (before, after)
            found.append(now == after)
            if len(found) % 10 == 0:  # going on after crashes is no different from beginning anew
                assert main(["import", str(new), "--db", str(db)]) == 0
                now = state(db)
                assert now == after
        if now == after:
            db = fresh(home, trial)
    assert not all(found)


def test_a_killed_trial_leaves_the_store_as_it_was(server, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    db = home / "shop.duckdb"
    assert server.run(db, orders(tmp_path / "old.csv", 0, 1_000, 10))[0] == 0
    before = state(db)
    trial = (orders(tmp_path / "new.csv", 500, ORDERS, 20), Path("--dry-run"))
    status, seconds = server.run(db, *trial)
    assert status == 0
    assert state(db) == before
    for share in np.linspace(0.1, 0.95, TRIALS):
        server.run(db, *trial, seconds=share * seconds)
        assert state(db) == before
