"""Long imports are watched and stopped; older files are brought up to date; any overlap can be undone."""

import duckdb
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shopplan.ingest import Source, read
from shopplan.ingest import tables as tables_module
from shopplan.store import FactStore, schema, writing
from shopplan.store.pace import Cancelled, ahead
from shopplan.terms import ShopplanError

ROWS = "".join(f"O{i},2026-01-{i % 28 + 1:02d},live,10.00,paid\n" for i in range(60))
FILE = ("order id,date,channel,amount,status\n" + ROWS).encode()


def sources(tmp_path, monkeypatch):
    path = tmp_path / "big.csv"
    path.write_bytes(FILE)
    monkeypatch.setattr(tables_module, "PART", 7)
    return [Source(path, "big.csv", {}, 300), read(path)]


def test_progress_grows_to_the_whole_in_rows_and_fraction(store, tmp_path, monkeypatch):
    for parsed in sources(tmp_path, monkeypatch):
        seen = []
        store.commit(parsed, progress=seen.append)
        assert len(seen) > 3
        assert [p.rows for p in seen] == sorted({p.rows for p in seen})
        assert [p.fraction for p in seen] == sorted(p.fraction for p in seen)
        assert (seen[-1].rows, seen[-1].fraction, seen[-1].seconds_left) == (60, 1, 0)
        store.remove_batch(int(store.batches()["batch_id"].iloc[0]))


def test_a_stopped_import_leaves_everything_as_it_was(store, tmp_path, monkeypatch):
    store.commit(read(b"order id,date,channel,amount\nO1,2026-01-02,live,1\n", "small.csv"))
    before, version = store.monthly_sales(), store.data_version()
    for parsed in sources(tmp_path, monkeypatch):
        seen = []
        with pytest.raises(Cancelled, match="nothing of it is stored"):
            store.commit(parsed, progress=seen.append, cancelled=lambda seen=seen: len(seen) == 2)
        assert 0 < seen[-1].rows < 60
        assert store.data_version() == version
        pd.testing.assert_frame_equal(store.monthly_sales(), before)
    store.commit(parsed)
    assert store.monthly_sales()["net"].sum() == 600


def old_file(path, version):
    """A fact file as an earlier version of the program left it."""
    with duckdb.connect(str(path)) as con:
        con.execute("CREATE TABLE schema_version (version INTEGER NOT NULL)")
        for number in range(version):
            con.execute(schema.MIGRATIONS[number])
            con.execute("INSERT INTO schema_version VALUES (?)", [number + 1])
        con.execute("INSERT INTO meta VALUES ('customer_salt', 'ab'), ('store_id', 'x'), ('changes', '2')")
        receipt = '{"file": "o.csv", "sha256": "a", "format": "F", "kind": "sales", "sums": {}, "rows_left_out": []'
        batch = "INSERT INTO batches VALUES (?, ?, 'o.csv', ?, 'sales', '2026-01-01', 1, 'CNY', NULL, NULL, ?)"
        line = (
            'INSERT INTO order_lines (batch_id, order_id, "at", channel, gross_minor, currency) '
            "VALUES (?, ?, '2026-01-02', 'tmall', ?, 'CNY')"
        )
        for number, format_ in enumerate(("tmall_order_report", "order_lines"), 1):
            con.execute(batch, [number, str(number), format_, receipt + ', "problems": []}'])
            con.execute(line, [number, f"10{number}", 10000])
        con.execute("INSERT INTO channels VALUES ('tmall', 'Tmall', 'marketplace')")


@pytest.mark.parametrize("version", range(1, len(schema.MIGRATIONS)))
def test_an_older_file_is_brought_up_to_date_and_updated_by_new_imports(tmp_path, version):
    old_file(tmp_path / "old.duckdb", version)
    store = FactStore.open(tmp_path / "old.duckdb")
    assert store.monthly_sales()["net"].sum() == 200
    assert store.receipt(1).changes == ()
    refunds = "退款编号,订单编号,退款总额,退款状态\nR1,101,30,退款成功\n"
    store.commit(read(refunds.encode(), "r.csv"))
    store.commit(read(b"order id,date,channel,amount\n102,2026-01-02,tmall,55\n", "o2.csv", currency="CNY"))
    assert store.monthly_sales()["net"].sum() == 70 + 55
    store.close()


DAYS = st.integers(1, 5)
ORDERS = st.dictionaries(
    st.integers(1, 6),
    st.tuples(DAYS, st.integers(1, 99), st.integers(0, 9), st.sampled_from(["paid", "paid", "cancelled"])),
    min_size=1,
)
SPEND = st.dictionaries(st.tuples(DAYS, st.sampled_from(["", "A", "B"])), st.integers(1, 99), min_size=1)
REFUNDS = st.dictionaries(st.integers(1, 6), st.tuples(st.integers(1, 6), st.integers(1, 9)), min_size=1)


def as_file(kind, rows):
    if kind == "orders":
        lines = [f"O{k},2026-01-0{d},live,{a},{r},{s}" for k, (d, a, r, s) in rows.items()]
        head = "order id,date,channel,amount,refund,status"
    elif kind == "spend":
        lines = [f"2026-01-0{d},live,{c},{v}" for (d, c), v in rows.items()]
        head = "date,channel,campaign,spend"
    else:
        lines = [f"R{k},O{o},{v},退款成功" for k, (o, v) in rows.items()]
        head = "退款编号,订单编号,退款总额,退款状态"
    return read("\n".join([head, *lines]).encode(), f"{kind}.csv", currency="CNY")


FILES = st.one_of(
    st.tuples(st.just("orders"), ORDERS), st.tuples(st.just("spend"), SPEND), st.tuples(st.just("refunds"), REFUNDS)
)


def facts(store):
    frames = (store.daily_sales(), store.daily_spend(), store.channels())
    return [frame.to_csv(index=False) for frame in frames]


def stored(store, files):
    """Batch ids of the files that were not there yet."""
    done = [store.commit(file).already_imported for file in files]
    assert len(store.batches()) == done.count(False)
    return sorted(store.batches()["batch_id"])


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_import_undone_is_as_if_it_had_never_been(tmp_path_factory, data):
    files = []
    for kind, rows in data.draw(st.lists(FILES, min_size=2, max_size=4)):
        try:
            files.append(as_file(kind, rows))
        except ShopplanError:  # a file of cancelled orders alone is refused
            continue
    gone = data.draw(st.integers(0, max(len(files) - 1, 0)))
    folder = tmp_path_factory.mktemp("undo")
    one, other = FactStore.open(folder / "one.duckdb"), FactStore.open(folder / "other.duckdb")
    ids = stored(one, files)
    kept = list({file.receipt.sha256: file for file in files}.values())
    if gone < len(ids):
        before = facts(one)
        tried = one.commit(as_file("orders", {1: (1, 5, 0, "paid"), 2: (2, 5, 1, "paid")}), keep=False)
        assert tried.already_imported or facts(one) == before
        one.remove_batch(ids[gone])
        del kept[gone]
    stored(other, kept)
    assert facts(one) == facts(other)
    one.close()
    other.close()


@settings(max_examples=8, deadline=None)
@given(first=ORDERS, second=ORDERS)
def test_sums_reconcile_with_the_newest_statement_of_each_order(tmp_path_factory, first, second):
    store = FactStore.open(tmp_path_factory.mktemp("sums") / "shop.duckdb")
    newest = {}
    for rows in (first, second):
        if any(row[3] == "paid" for row in rows.values()):
            receipt = store.commit(as_file("orders", rows))
            newest |= rows
            counted = [c for c in receipt.changes if c.what == "orders"] if not receipt.already_imported else []
            assert all(c.new + c.updated + c.unchanged <= len(rows) for c in counted)
    wanted = sum(amount - refund for _, amount, refund, status in newest.values() if status == "paid")
    assert store.monthly_sales()["net"].sum() == wanted
    store.close()


@pytest.mark.parametrize("group", [1, 7, 60, 1000])
def test_rows_are_the_same_by_whatever_groups_they_are_stored(store, tmp_path, monkeypatch, group):
    monkeypatch.setattr(writing, "GROUP", group)
    for parsed in sources(tmp_path, monkeypatch):
        store.commit(parsed)
        rows = store.cursor().execute("SELECT order_id, gross_minor, live FROM order_lines ORDER BY rowid").fetchall()
        assert rows == [(f"O{i}", 1000, True) for i in range(60)]
        store.remove_batch(int(store.batches()["batch_id"].iloc[0]))


def test_what_is_made_ahead_comes_in_order_and_its_error_when_it_is_due():
    def items():
        yield from range(3)
        raise ValueError("the fourth")

    seen = []
    with pytest.raises(ValueError, match="the fourth"):
        seen += [seen.append(item) for item in ahead(items())]
    assert seen == [0, 1, 2]
    assert list(ahead(iter(()))) == []
