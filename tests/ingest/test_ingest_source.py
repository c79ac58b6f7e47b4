"""Large files: the same facts and the same receipt as when they are read whole."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from shopplan.ingest import ImportRefused, Source, open_source, read
from shopplan.store import FactStore

SAMPLES = Path(__file__).parents[1] / "data" / "formats"
NAMES = ("shopify_orders.csv", "shopify_two_currencies.csv", "jd_orders.csv", "zhitongche.csv", "google_ads_de.csv")


def chunked(path, chunk=1, **options):
    source = Source(path, path.name, options, chunk)
    chunks = list(source.chunks())
    assert len(chunks) > 1
    return chunks, source.receipt()


@pytest.mark.parametrize("name", NAMES)
def test_chunks_are_the_whole(name):
    whole = read(SAMPLES / name)
    chunks, receipt = chunked(SAMPLES / name)
    for table, frame in whole.frames.items():
        parts = pd.concat([part[table] for part in chunks if table in part and len(part[table])], ignore_index=True)
        pd.testing.assert_frame_equal(parts, frame, check_dtype=False)
    same = ("sha256", "rows_read", "rows_kept", "sums", "by_currency", "by_status", "orders", "date_from", "encoding")
    assert {key: getattr(receipt, key) for key in same} == {key: getattr(whole.receipt, key) for key in same}
    assert set(receipt.rows_left_out) == set(whole.receipt.rows_left_out)


def test_lines_of_an_order_stay_together(tmp_path):
    chunks, _ = chunked(SAMPLES / "shopify_orders.csv")
    assert [len(part["order_lines"]) for part in chunks if part] == [2, 1, 0]
    apart = tmp_path / "apart.csv"
    head, *rows = (SAMPLES / "jd_orders.csv").read_bytes().splitlines(keepends=True)
    apart.write_bytes(head + rows[0] + rows[2] + rows[1])
    with pytest.raises(ImportRefused, match="far apart"):
        chunked(apart)


def test_marks_and_date_orders_hold_for_all_chunks(tmp_path):
    path = tmp_path / "s.csv"
    path.write_text("Date;Net sales\n01.02.2026;1.234\n02.02.2026;5\n13.02.2026;1.000,50\n", "utf-8")
    _, receipt = chunked(path, currency="EUR")
    assert (receipt.sums["net"], receipt.date_from, receipt.date_to) == (2239.5, "2026-02-01", "2026-02-13")
    path.write_text("Date;Net sales\n13.02.2026;1\n02.13.2026;5\n", "utf-8")
    with pytest.raises(ImportRefused, match="two date orders"):
        chunked(path, currency="EUR")
    path.write_text("Date;Net sales\n13.02.2026;1.50\n14.02.2026;5,50\n", "utf-8")
    with pytest.raises(ImportRefused, match="two decimal marks"):
        chunked(path, currency="EUR")


def test_an_encoding_that_shows_late_is_found(tmp_path):
    path = tmp_path / "late.csv"
    plain = b"Order ID,Date,Product,Amount\n" + b"A1,2026-01-13,Mug,1.00\n" * 200_000
    path.write_bytes(plain + "Z,2026-01-14,青花瓷杯,1.00\n".encode("gbk"))
    source = open_source(path)
    *_, last = source.chunks()
    assert last["order_lines"]["product"].iloc[-1] == "青花瓷杯"
    assert source.receipt().encoding == "gb18030"
    path.write_bytes(plain + b"Z,2026-01-14,\x00,1.00\n")
    with pytest.raises(ImportRefused, match="binary data") as caught:
        open_source(path)
    assert caught.value.problems[0].row == 200_002


def test_a_source_is_stored_like_a_file(tmp_path):
    store = FactStore.open(tmp_path / "shop.duckdb")
    path = SAMPLES / "shopify_orders.csv"
    receipt = store.commit(Source(path, path.name, {}, 1))
    assert receipt.rows_kept == 3
    assert store.monthly_sales()["net"].sum() == 120
    assert store.commit(read(path)).already_imported
    version = store.data_version()
    bad = tmp_path / "bad.csv"
    row = b"#9,x@example.org,paid,2026-04-01 10:00:00,EUR,1,0,0,oops,,0,2026-04-01 10:00:00,1,Mug,1,M,,,,,,0\n"
    bad.write_bytes(path.read_bytes() + row)
    with pytest.raises(ImportRefused, match="'oops' is not a number"):
        store.commit(Source(bad, bad.name, {}, 1))
    assert (store.data_version(), len(store.batches())) == (version, 1)
    assert replace(store.receipt(1), problems=()) == replace(receipt, problems=())
    store.close()
