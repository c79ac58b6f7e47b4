"""The fact file as a file: locked down, opened by one process, migrated by number."""

import os
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from shopplan.ingest import read
from shopplan.store import FactStore, default_path, schema
from shopplan.terms import ShopplanError

SAMPLE = Path(__file__).parents[1] / "data" / "good" / "order_lines.csv"
ORDERS = b"""order id,date,channel,quantity,amount,refund
O1,2026-01-05,live,2,100.00,0
O2,2026-01-20,search,1,130.00,0
"""


PROBES = (
    "SELECT * FROM read_csv('{outside}')",
    "SELECT * FROM '{outside}'",
    "SELECT * FROM read_text('{outside}')",
    "SELECT * FROM glob('{folder}/*')",
    "SELECT * FROM sniff_csv('{outside}')",
    "COPY (SELECT 1) TO '{folder}/out.csv'",
    "COPY batches FROM '{outside}'",
    "ATTACH '{folder}/other.duckdb'",
    "EXPORT DATABASE '{folder}/export'",
    "INSTALL httpfs",
    "LOAD httpfs",
    "CREATE SECRET s (TYPE s3)",
    "SET memory_limit='8GB'",
    "SET enable_external_access=true",
    "SET lock_configuration=false",
    "RESET threads",
)


@pytest.mark.parametrize("probe", PROBES)
def test_the_engine_refuses_to_leave_its_file(store, tmp_path, probe):
    (tmp_path / "secret.csv").write_text("a,b\n1,2\n")
    sql = probe.format(outside=tmp_path / "secret.csv", folder=tmp_path)
    with pytest.raises(duckdb.Error):
        store.cursor().execute(sql).fetchall()


def test_settings_hold_on_cursors_wherever_the_machine_stands(tmp_path):
    names = ("TimeZone", "max_execution_time", "memory_limit", "threads", "lock_configuration")
    code = (
        "import sys; from shopplan.store import FactStore\n"
        "store = FactStore.open(sys.argv[1])\n"
        f"sql = 'SELECT ' + ', '.join(f\"current_setting('{{n}}')\" for n in {names})\n"
        "print(store.cursor().execute(sql).fetchone(), store.cursor().cursor().execute(sql).fetchone(), sep='\\n')\n"
        "with store._write() as writer: print(writer.execute(sql).fetchone())"
    )
    call = [sys.executable, "-c", code, str(tmp_path / "shop.duckdb")]
    env = {**os.environ, "TZ": "Asia/Shanghai"}
    done = subprocess.run(call, capture_output=True, text=True, env=env, check=True)
    reader = str(("UTC", schema.READ_MS, "1.8 GiB", 2, True))
    assert done.stdout.splitlines() == [reader, reader, str(("UTC", 0, "1.8 GiB", 2, True))]


def test_a_reading_that_takes_too_long_ends_and_an_import_does_not(tmp_path, monkeypatch):
    short = tuple(setting.replace(f"={schema.READ_MS}", "=400") for setting in schema._SETTINGS)
    monkeypatch.setattr(schema, "_SETTINGS", short)
    store = FactStore.open(tmp_path / "shop.duckdb")
    long = "SELECT sum(a.range * b.range) AS x FROM range(1000) AS a, range(300000) AS b"
    with pytest.raises(ShopplanError, match="took too long"):
        store._read(long.replace("300000", "90000000"))
    with store._write() as writer:
        started = time.monotonic()
        writer.execute(long).fetchall()
        assert time.monotonic() - started > 0.4
    store.commit(read(ORDERS, "orders.csv"))
    assert store.monthly_sales()["net"].sum() == 230
    store.close()


def test_nothing_stays_at_work_after_an_import(store):
    store.commit(read(ORDERS, "a.csv"))
    receipt = store.commit(read(ORDERS.replace(b"100.00", b"90.00"), "b.csv"))
    assert receipt.changes[0].updated == 1
    store.remove_batch(1)
    with store._write() as writer:
        assert writer.execute("SELECT table_name FROM duckdb_tables() WHERE temporary").fetchall() == []


def test_old_tools_can_open_the_file(store):
    tags = store.cursor().execute("SELECT tags FROM duckdb_databases() WHERE NOT internal").fetchone()[0]
    assert tags["storage_version"].startswith("v1.5.0")


def test_another_process_is_told_who_has_the_file(store):
    for command in (["import", str(SAMPLE)], ["run"]):
        whole = [sys.executable, "-m", "shopplan", *command, "--db", str(store.path)]
        done = subprocess.run(whole, capture_output=True, text=True, check=False)
        assert done.returncode == 1
        assert f"process {os.getpid()}" in done.stderr
        assert "if it is the app, import and plan on its pages, or stop it first" in done.stderr
        assert str(store.path) in done.stderr
        assert "Traceback" not in done.stderr


def test_that_a_file_is_open_elsewhere_is_said_in_chinese(store):
    code = (
        "import sys; from shopplan.store import FactStore; from shopplan.terms import ShopplanError\n"
        "from shopplan.i18n import sentence\n"
        "try:\n    FactStore.open(sys.argv[1])\nexcept ShopplanError as error:\n    print(sentence('zh', error.whole))"
    )
    whole = [sys.executable, "-X", "utf8", "-c", code, str(store.path)]
    done = subprocess.run(whole, capture_output=True, text=True, check=False, encoding="utf-8")
    assert f"进程号 {os.getpid()}" in done.stdout, done.stderr
    assert "请在其页面中导入和规划" in done.stdout


def test_a_file_that_is_no_database_is_refused(tmp_path):
    path = tmp_path / "shop.duckdb"
    path.write_text("this is a letter, not a database, and it is long enough to look at" * 100)
    with pytest.raises(ShopplanError, match=r"shop.duckdb. the file is not a usable shop database"):
        FactStore.open(path)


def test_a_file_of_a_newer_version_is_refused(tmp_path):
    path = tmp_path / "shop.duckdb"
    FactStore.open(path).close()
    with duckdb.connect(str(path)) as con:
        con.execute("INSERT INTO schema_version VALUES (99)")
    with pytest.raises(ShopplanError, match="newer than this program"):
        FactStore.open(path)


def test_migrations_are_counted(store):
    assert store.cursor().execute("SELECT max(version) FROM schema_version").fetchone() == (len(schema.MIGRATIONS),)


ROWS_OF_1 = """
    INSERT INTO batches VALUES (1, 'abc', 'tmall.csv', 'tmall_orders', 'sales', TIMESTAMP '2026-02-01 08:00', 2, 'CNY',
        DATE '2026-01-05', DATE '2026-01-20', '{}'), (2, 'def', 'days.csv', 'sales_daily', 'sales',
        TIMESTAMP '2026-02-02 08:00', 1, 'CNY', DATE '2026-01-07', DATE '2026-01-07', '{}');
    INSERT INTO channels VALUES ('taobao', 'Taobao', 'paid'), ('live', 'Live', 'paid');
    INSERT INTO order_lines VALUES
        (1, 'A', TIMESTAMP '2026-01-05 10:00', 'taobao', 'S', 'Mug', 2, 10000, 500, 0, 4000, 17, 'CNY'),
        (1, 'B', TIMESTAMP '2026-01-20 10:00', 'taobao', 'S', 'Mug', 1, 5000, 0, 1000, 2000, NULL, 'CNY');
    INSERT INTO sales_daily VALUES (2, DATE '2026-01-07', 'live', 3, 2, 4, 7000, 0, 0, 3000, 90, 'CNY');
    INSERT INTO spend_daily VALUES (2, DATE '2026-01-07', 'live', 1250, 900, 30, NULL, 'CNY');
    INSERT INTO measures_daily VALUES (2, DATE '2026-01-07', '', 'stock', 4.5);
    INSERT INTO meta VALUES ('customer_salt', 'aa'), ('store_id', 'bb'), ('changes', '2');
    INSERT INTO schema_version VALUES (1)
"""


def test_a_file_of_the_first_version_keeps_its_rows(tmp_path):
    path = tmp_path / "shop.duckdb"
    with duckdb.connect(str(path)) as con:
        con.execute("CREATE TABLE schema_version (version INTEGER NOT NULL)")
        con.execute(schema.MIGRATIONS[0])
        con.execute(ROWS_OF_1)
    for _ in range(2):
        store = FactStore.open(path)
        assert store.monthly_sales().set_index("channel")["net"].to_dict() == {"taobao": 135, "live": 70}
        assert store.monthly_spend()["spend"].tolist() == [12.5]
        assert store.daily_measures()["value"].tolist() == [4.5]
        assert store.batches()["file"].tolist() == ["days.csv", "tmall.csv"]
        assert store.data_version() == "bb-2"
        sql = "SELECT order_id, customer_key, live, scope, line_key FROM order_lines ORDER BY 1"
        assert store.cursor().execute(sql).fetchall() == [
            ("A", 17, True, "taobao", None),
            ("B", None, True, "taobao", None),
        ]
        assert store.cursor().execute("SELECT max(version) FROM schema_version").fetchone() == (len(schema.MIGRATIONS),)
        store.close()
    store = FactStore.open(path)
    store.remove_batch(1)
    assert store.monthly_sales()["net"].tolist() == [70]
    store.close()


def test_the_place_of_the_facts_follows_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("SHOPPLAN_DB", str(tmp_path / "x.duckdb"))
    assert default_path() == tmp_path / "x.duckdb"
    monkeypatch.delenv("SHOPPLAN_DB")
    assert default_path().parts == ("data", "shop.duckdb")
