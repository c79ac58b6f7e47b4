"""Damaged files: whatever happens to a file, it is refused with a reason or every row of it is accounted for."""

import io
import warnings
from pathlib import Path

import openpyxl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from shopplan.ingest import read
from shopplan.ingest.records import Layout, _at_once, _with_care
from shopplan.terms import ShopplanError

DATA = Path(__file__).parents[1] / "data"
GOOD = [path.read_bytes() for folder in ("good", "formats") for path in sorted((DATA / folder).iterdir())]
PIECES = [
    b'"',
    b",",
    b";",
    b"\t",
    b"\n",
    b"\r",
    b"\x00",
    b"\xff",
    b"-",
    b".",
    b"9" * 25,
    b"\xef\xbb\xbf",
    b"$",
    b"(",
    b"",
]


def workbook():
    book = openpyxl.Workbook()
    book.active.append(["Order ID", "Date", "Product", "Quantity", "Amount"])
    book.active.append(["A1", "2026-01-13", "Mug", 1, 10.5])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


BOOK = workbook()


def damaged(content, damages):
    data = bytearray(content)
    for place, length, piece in damages:
        at = place % (len(data) + 1)
        data[at : at + length] = piece
    return bytes(data)


DAMAGES = st.lists(
    st.tuples(st.integers(0, 10_000), st.integers(0, 3), st.sampled_from(PIECES)), min_size=1, max_size=3
)


def check(data):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl warns of parts it does not know
        try:
            receipt = read(data, "damaged", period=("2026-09-01", "2026-09-03")).receipt
        except ShopplanError:
            return
    assert receipt.rows_read == receipt.rows_kept + sum(left.count for left in receipt.rows_left_out)
    for sums in receipt.by_currency.values() if receipt.by_currency else [receipt.sums]:
        if "gross" in sums:
            assert sums["net"] == sums["gross"] - sums.get("refunds", 0) - sums.get("discounts", 0)


@given(st.sampled_from(GOOD), DAMAGES)
@settings(max_examples=500)
def test_a_damaged_table_is_refused_or_adds_up(content, damages):
    check(damaged(content, damages))


@pytest.mark.nightly
@given(st.sampled_from(GOOD), DAMAGES)
@settings(max_examples=10_000)
def test_ten_thousand_damaged_tables_are_refused_or_add_up(content, damages):
    check(damaged(content, damages))


@given(st.sampled_from(GOOD), st.data())
@settings(max_examples=100)
def test_rows_taken_from_anywhere_are_refused_or_add_up(content, data):
    """Lines out, doubled or in another order: tables that are well formed and still wrong."""
    lines = content.splitlines(keepends=True)
    chosen = data.draw(st.lists(st.sampled_from(range(len(lines))), max_size=12))
    check(b"".join(lines[:2] + [lines[i] for i in chosen]))


@given(DAMAGES)
@example([(0, 0, b"")])
def test_a_damaged_workbook_is_refused_or_adds_up(damages):
    check(damaged(BOOK, damages))


@pytest.mark.parametrize(
    "data", [BOOK[: len(BOOK) // 2], BOOK[:-30], BOOK[:40] + BOOK[400:]], ids=["half", "tail", "hole"]
)
def test_a_cut_workbook_is_refused(data):
    with pytest.raises(ShopplanError, match="damaged"):
        read(data, "cut.xlsx")


@given(st.binary(max_size=300))
def test_any_bytes_are_refused_or_add_up(data):
    check(data)


TABLES = [data for data in GOOD if not data.startswith(b"PK") and b"\x00" not in data]


@given(st.sampled_from(TABLES), DAMAGES)
@settings(max_examples=300)
def test_what_is_read_at_once_is_what_care_reads(content, damages):
    """The quick reader of rows leaves to the careful one whatever the two would not read alike."""
    data = damaged(content, damages).decode("utf-8", "ignore").replace("\x00", "").encode()
    delimiter = max(",;\t", key=data.decode().count)
    layout = Layout("a.csv", delimiter, data.split(b"\n")[0].count(delimiter.encode()) + 1)
    found = _at_once(layout, data, 5)
    if found is not None:
        want = _with_care(layout, data.decode(), 5, last=True)
        assert found.cells.to_numpy().tolist() == want.cells.to_numpy().tolist()
        assert (found.lines.tolist(), found.starts.tolist()) == (want.lines.tolist(), want.starts.tolist())
        assert found.end == want.end
