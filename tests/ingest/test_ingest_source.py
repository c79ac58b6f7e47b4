"""Large files: the same facts and the same receipt as when they are read whole."""

import csv
import gzip
import io
import zipfile
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from shopplan.ingest import ImportRefused, Source, looks_at, open_source, read, read_all
from shopplan.ingest import source as source_module
from shopplan.ingest.sheet import Unlike
from shopplan.store import FactStore

SAMPLES = Path(__file__).parents[1] / "data" / "formats"
NAMES = ("shopify_orders.csv", "shopify_two_currencies.csv", "jd_orders.csv", "zhitongche.csv", "google_ads_de.csv")


def chunked(path, chunk=1, **options):
    source = Source(path, path.name, options, chunk)
    try:
        chunks = list(source.chunks())
    except Unlike:
        source.survey()
        chunks = list(source.chunks())
    assert len(chunks) > 1 or path.name == "jd_orders.csv"  # two orders, the last of which ends the file
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
    assert [len(part["order_lines"]) for part in chunks if part] == [2, 1]
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


LATE = "Date;Net sales\n2026-02-01;1.234\n2026-02-02;5\n2026-02-03;1.000,50\n2026-02-04;2.000\n"


def test_rows_that_are_not_written_like_the_first_ones_are_read_as_the_whole_file_is(tmp_path):
    path = tmp_path / "late.csv"
    path.write_text(LATE, "utf-8")
    whole = read(path, currency="EUR").receipt
    store = FactStore.open(tmp_path / "shop.duckdb")
    stored = store.commit(Source(path, path.name, {"currency": "EUR"}, 1))
    assert stored.sums["net"] == whole.sums["net"] == Decimal("4239.5")
    assert store.monthly_sales()["net"].sum() == 4239.5
    assert Source(path, path.name, {"currency": "EUR"}, 1).read_through().sums == whole.sums
    path.write_text("Date;Net sales\n2026-01-02;1\n2026-01-03;2\n13.02.2026;3\n", "utf-8")
    assert Source(path, path.name, {"currency": "EUR"}, 1).read_through().date_to == "2026-02-13"
    path.write_text(LATE.replace("1.234", "12.34"), "utf-8")
    with pytest.raises(ImportRefused, match="two decimal marks"):
        store.commit(Source(path, path.name, {"currency": "EUR"}, 1))
    assert len(store.batches()) == 1
    store.close()


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


def test_packed_texts_are_read_in_chunks_like_the_plain_file(tmp_path, monkeypatch):
    monkeypatch.setattr(source_module, "CHUNK", 100)
    plain = SAMPLES / "shopify_orders.csv"
    want = read(plain).receipt
    packed, archive = tmp_path / "a.csv.gz", tmp_path / "a.zip"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as out:
        out.write(plain, "deep/orders.csv")
        out.writestr("__MACOSX/orders.csv", "x")
        out.writestr("small.csv", "no table")
    (one,) = read_all(packed)
    (first, second) = read_all(archive)
    assert (first.name, second.name) == ("a.zip/orders.csv", "a.zip/small.csv")
    assert isinstance(second, ImportRefused)
    for found, sha256 in ((one, read(packed).receipt.sha256), (first, want.sha256)):
        assert isinstance(found, Source)
        receipt = found.read_through()
        assert (receipt.sums, receipt.rows_left_out, receipt.sha256) == (want.sums, want.rows_left_out, sha256)
        assert [fraction for _, fraction in found.parts()][-1] == 1.0
    looks = list(looks_at(archive, "a.zip", {}))
    assert [look.shape is not None for look in looks] == [True, False]
    assert looks[0].again({}).parsed.read_through().sums == want.sums


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (gzip.compress(b"a,b\n" + b"0" * 60_000_000), "unpacks to more than"),
        (gzip.compress(gzip.compress(bytes(range(256)) * 9)), "inside an archive"),
        (gzip.compress(SAMPLES.joinpath("jd_orders.csv").read_bytes())[:-20], "damaged"),
    ],
)
def test_what_is_wrong_with_a_large_packed_text_is_said(tmp_path, monkeypatch, content, words):
    monkeypatch.setattr(source_module, "CHUNK", 100)
    path = tmp_path / "a.csv.gz"
    path.write_bytes(content)
    with pytest.raises(ImportRefused, match=words):
        next(read_all(path))
    (look,) = looks_at(path, path.name, {})
    assert words in look.refusal.message


@pytest.mark.parametrize(
    "text",
    [
        'a "quoted word" inside\n', '5" pipe\n', '"two\nlines"\n', '"say ""hi"""\n', '"a, b"\r\n', "plain\r",
        " \tpadded \n",
    ],
)  # fmt: skip
def test_a_cell_is_the_same_however_the_file_is_cut(tmp_path, text):
    """Rows in order are read at once, others with care, and a piece may end anywhere."""
    end = "\r\n" if text.endswith("\r\n") else text[-1]
    rows = [f"A{i},2026-01-13,{i}.50,{text if i % 3 else 'x' + end}" for i in range(12)]
    path = tmp_path / "cells.csv"
    path.write_bytes((f"Order ID,Date,Amount,Product{end}" + "".join(rows)).encode())
    want = list(csv.reader(io.StringIO(path.read_bytes().decode(), newline="")))
    for chunk in (1, 40, 97, 1000):
        found = Source(path, path.name, {}, chunk)
        products = [name for part in found.chunks() for name in part["order_lines"]["product"]]
        assert products == [row[3].strip() for row in want[1:]]
        assert found.receipt().rows_read == 12
