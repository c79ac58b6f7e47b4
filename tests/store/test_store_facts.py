"""The fact store: all or nothing, nothing twice, nothing private, nothing outside its file."""

import threading
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from shopplan.ingest import of_frames, read
from shopplan.ingest.tables import FACT_TABLES
from shopplan.store import FactStore, schema
from shopplan.store import facts as facts_module
from shopplan.terms import ShopplanError

SAMPLE = Path(__file__).parents[1] / "data" / "good" / "order_lines.csv"
ORDERS = b"""order id,date,channel,product,quantity,amount,refund,cost,customer
O1,2026-01-05,live,Mug,2,100.00,0,40,zhang-wei-8613800001111
O2,2026-01-20,search,Mug,1,50.00,0,20,li-na@example.org
O3,2026-02-03,search,Mug,1,60.00,10.00,20,zhang-wei-8613800001111
O4,2026-02-05,search,Mug,1,30.00,0,10,
"""
SPEND = b"date,channel,spend,clicks\n2026-01-05,live,10,5\n2026-01-06,live,12.50,\n2026-02-05,search,3,1\n"


def test_sales_a_month_and_channel(store):
    store.commit(read(ORDERS, "orders.csv", currency="CNY"))
    sales = store.monthly_sales().set_index(["month", "channel"])
    january, february = pd.Timestamp("2026-01-01"), pd.Timestamp("2026-02-01")
    assert sales.loc[(january, "live"), ["orders", "units", "gross", "returns", "net", "cogs"]].tolist() == [
        1,
        2,
        100,
        0,
        100,
        40,
    ]
    assert sales.loc[(february, "search"), ["orders", "gross", "returns", "net"]].tolist() == [2, 90, 10, 80]
    assert sales["net"].sum() == 230
    assert sales["discounts"].isna().all()
    assert sales["sessions"].isna().all()


def test_first_orders_are_known_from_customers(store):
    store.commit(read(ORDERS, "orders.csv"))
    sales = store.monthly_sales().set_index(["month", "channel"])
    february = sales.loc[(pd.Timestamp("2026-02-01"), "search")]
    assert (february["orders"], february["keyed_orders"], february["new_orders"]) == (2, 1, 0)
    assert sales["new_orders"].sum() == 2
    cohorts = store.cohorts()
    assert cohorts[["age", "customers", "orders"]].to_numpy().tolist() == [[0, 2, 2], [1, 1, 1]]


def test_days_and_months_agree_and_daily_sales_join_order_lines(store):
    store.commit(read(ORDERS, "orders.csv", currency="USD"))
    daily = b"""date,channel,orders,new orders,net sales,sessions
2026-01-05,offline,4,3,200,50
2026-01-06,offline,2,,90,40
"""
    store.commit(read(daily, "shop.csv", currency="USD"))
    months, days = store.monthly_sales(), store.daily_sales()
    for name in ("orders", "new_orders", "gross", "returns", "net", "sessions"):
        assert months[name].sum() == days[name].sum()
    row = months.set_index("channel").loc["offline"]
    assert (row["orders"], row["keyed_orders"], row["new_orders"], row["sessions"]) == (6, 4, 3, 90)


def test_spend_and_measures(store):
    store.commit(read(SPEND, "spend.csv"))
    store.commit(read(b"date,channel,measure,value\n2026-01-05,,Stock out,1\n", "m.csv"))
    spend = store.monthly_spend()
    assert spend["spend"].tolist() == [22.5, 3]
    assert spend["clicks"].tolist() == [5, 1]
    assert spend["impressions"].isna().all()
    assert store.daily_measures()[["channel", "measure", "value"]].to_numpy().tolist() == [["", "stock_out", 1]]
    assert store.channels()["id"].tolist() == ["live", "search"]


def test_an_empty_store_gives_empty_frames_with_their_columns(store):
    for frame in (store.monthly_sales(), store.daily_sales(), store.monthly_spend(), store.cohorts(), store.channels()):
        assert len(frame) == 0
        assert len(frame.columns) >= 3
    assert store.currency() == ""
    assert not store.is_demo()


def test_the_same_file_twice_changes_nothing(store):
    parsed = read(ORDERS, "orders.csv")
    first = store.commit(parsed)
    version, sales = store.data_version(), store.monthly_sales()
    again = store.commit(read(ORDERS, "another name.csv"))
    assert (first.already_imported, again.already_imported) == (False, True)
    assert again.file == "orders.csv"
    assert store.data_version() == version
    pd.testing.assert_frame_equal(store.monthly_sales(), sales)


def test_removing_an_import_takes_out_all_of_it_and_no_more(store):
    store.commit(read(ORDERS, "orders.csv"))
    version, sales = store.data_version(), store.monthly_sales()
    store.commit(read(SPEND, "spend.csv"))
    newest = store.batches().iloc[0]
    assert newest["file"] == "spend.csv"
    store.remove_batch(int(newest["batch_id"]))
    pd.testing.assert_frame_equal(store.monthly_sales(), sales)
    assert len(store.monthly_spend()) == 0
    assert store.data_version() != version
    with pytest.raises(ShopplanError, match="no such import"):
        store.remove_batch(99)
    store.commit(read(SPEND, "spend.csv"))
    assert store.monthly_spend()["spend"].sum() == 25.5


def demo():
    frame = pd.DataFrame(
        {"day": pd.to_datetime(["2026-01-05"]), "channel": ["live"], "gross_minor": [100], "currency": ["CNY"]}
    )
    return of_frames("demo", {"sales_daily": frame}, "demo")


def test_demo_and_own_facts_never_mix(store):
    store.commit(demo())
    assert store.is_demo()
    own = read(ORDERS, "orders.csv", currency="EUR")
    with pytest.raises(ShopplanError, match="demo and real figures cannot be mixed"):
        store.commit(own)
    assert store.monthly_sales()["net"].sum() == 1
    store.commit(own, replace_demo=True)
    assert not store.is_demo()
    assert store.monthly_sales()["net"].sum() == 230
    assert store.channels()["id"].tolist() == ["live", "search"]
    with pytest.raises(ShopplanError, match="demo and real figures cannot be mixed"):
        store.commit(demo())


def test_removing_the_demo_leaves_an_empty_store(store):
    store.commit(demo())
    store.remove_demo()
    assert not store.is_demo()
    assert len(store.batches()) == len(store.channels()) == 0


def test_an_import_that_fails_between_two_tables_leaves_no_row(store, monkeypatch):
    both = read(b"date,channel,revenue,ad spend\n2026-01-13,live,100,20\n", "both.csv")
    add = facts_module.Rows.add

    def failing(rows, table, frame, scope):
        if table == "spend_daily":
            raise RuntimeError("the disk is full")
        add(rows, table, frame, scope)

    version = store.data_version()
    monkeypatch.setattr(facts_module.Rows, "add", failing)
    with pytest.raises(RuntimeError):
        store.commit(both)
    monkeypatch.undo()
    for table in (*FACT_TABLES, "batches", "channels"):
        assert store.cursor().execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)
    assert store.data_version() == version
    store.commit(both)
    assert store.monthly_spend()["spend"].sum() == 20


def test_no_customer_can_be_read_from_the_file(tmp_path):
    path = tmp_path / "shop.duckdb"
    store = FactStore.open(path)
    store.commit(read(ORDERS, "orders.csv"))
    assert len(store.cohorts()) == 2
    store.close()
    for file in tmp_path.iterdir():
        content = file.read_bytes()
        for secret in (b"zhang", b"8613800001111", b"li-na", b"example.org"):
            assert secret not in content


def test_customer_keys_differ_between_files(tmp_path):
    keys = []
    for name in ("a", "b"):
        store = FactStore.open(tmp_path / f"{name}.duckdb")
        store.commit(read(ORDERS, "orders.csv"))
        keys.append(store.cursor().execute("SELECT DISTINCT customer_key FROM order_lines ORDER BY 1").fetchall())
        store.close()
    assert keys[0] != keys[1]


def test_facts_survive_a_reopen(tmp_path):
    path = tmp_path / "below" / "shop.duckdb"
    store = FactStore.open(path)
    store.commit(read(ORDERS, "orders.csv"))
    version, sales = store.data_version(), store.monthly_sales()
    receipt = store.receipt(int(store.batches()["batch_id"].iloc[0]))
    store.close()
    store = FactStore.open(path)
    pd.testing.assert_frame_equal(store.monthly_sales(), sales)
    assert store.data_version() == version
    assert receipt.sums["net"] == 230
    store.close()


def test_tables_have_the_columns_that_imports_hand_over(store):
    for table, fields in FACT_TABLES.items():
        columns = [row[0] for row in store.cursor().execute(f'DESCRIBE "{table}"').fetchall()]
        want = ["customer_key" if field.name == "customer" else field.name for field in fields]
        assert set(columns) == {"batch_id", "live", *want} | ({"scope"} if table in schema.SCOPED else set())


def test_threads_read_while_imports_go_on(store):
    errors = []

    def reader():
        try:
            for _ in range(10):
                net = store.monthly_sales()["net"].sum()
                assert net % 10 == 0
        except (AssertionError, duckdb.Error) as error:
            errors.append(error)

    threads = [threading.Thread(target=reader) for _ in range(4)]
    for thread in threads:
        thread.start()
    for i in range(6):
        line = f"order id,date,channel,amount\nT{i},2026-01-05,live,4\nU{i},2026-01-05,live,6\n"
        store.commit(read(line.encode(), f"{i}.csv"))
    for thread in threads:
        thread.join()
    assert not errors
    assert store.monthly_sales()["net"].sum() == 60


def test_facts_that_did_not_come_from_a_file_are_checked():
    with pytest.raises(ShopplanError, match=r"sales_daily.gross_minor"):
        of_frames("x", {"sales_daily": pd.DataFrame({"day": [np.datetime64("2026-01-05")], "channel": ["a"]})}, "demo")
    with pytest.raises(ShopplanError, match="no such fact table"):
        of_frames("x", {"sales_hourly": pd.DataFrame()}, "demo")
