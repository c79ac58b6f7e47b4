"""Files that mean harm or are no tables: each is refused with its reason, and nothing in a cell is ever run."""

import gzip
import io
import zipfile
from pathlib import Path

import openpyxl
import pytest

from shopplan.ingest import ImportRefused, read, read_all
from shopplan.store import FactStore

FORMATS = Path(__file__).parents[1] / "data" / "formats"
TABLE = b"Date,Net sales\n2026-01-13,10\n"
ORDERS = b"order id,date,product,amount\n1,2026-01-13,Mug,10\n"


def packed(**files):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as out:
        for name, content in files.items():
            out.writestr(name, content)
    return stream.getvalue()


def test_an_archive_gives_each_of_its_files():
    data = packed(**{"a.csv": TABLE, "deep/b.csv": ORDERS, "__MACOSX/a.csv": b"x", "c.csv": b"no table"})
    found = list(read_all(data, "all.zip"))
    assert [one.receipt.file for one in found[:2]] == ["all.zip/a.csv", "all.zip/b.csv"]
    assert isinstance(found[2], ImportRefused)
    assert len({one.receipt.sha256 for one in found[:2]}) == 2
    with pytest.raises(ImportRefused, match="holds 3 files"):
        read(data, "all.zip")
    assert read(packed(**{"a.csv": TABLE}), "one.zip").receipt.sums["net"] == 10


BOMB = packed(**{f"{i}.csv": b"0" * 3_000_000 for i in range(3)})
REFUSED = {
    "bomb": (BOMB, "grows beyond"),
    "packed bomb": (gzip.compress(b"0" * 50_000_000), "unpacks to more than"),
    "many files": (packed(**{f"{i}.csv": TABLE for i in range(101)}), "holds 101 files"),
    "a way out": (packed(**{"../../etc/passwd": TABLE}), "outside of itself"),
    "a root": (packed(**{"/etc/passwd": TABLE}), "outside of itself"),
    "a drive": (packed(**{"C:/a.csv": TABLE}), "outside of itself"),
    "backslashes": (packed(**{"..\\a.csv": TABLE}), "outside of itself"),
    "a nested archive": (packed(**{"a.zip": packed(**{"a.csv": TABLE})}), "inside an archive"),
    "a nested packed file": (gzip.compress(gzip.compress(TABLE)), "inside an archive"),
    "an empty archive": (packed(), "holds no files"),
    "half an archive": (packed(**{"a.csv": TABLE * 99})[:-40], "archive is damaged"),
    "a long line": (b"a," * 5_000_000, "longer than 4 MB"),
    "a long line below": (TABLE + b"x" * 5_000_000, "longer than 4 MB"),
    "a million columns": (b",".join(b"c%d" % i for i in range(100_000)) + b"\n1,2\n", "columns"),
    "zeros": (TABLE + b"2026-01-14,\x00\x0011\n", "encoding of the file is not known"),
    "a web page": (b"<html><table><tr><td>a</td></tr></table></html>", "a web page"),
    "json": (b'[{"a": 1}]', "JSON"),
    "a program": (b"\x7fELF\x02\x01\x01" + bytes(range(256)) * 20, "not known"),
    "an old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "an old Excel file"),
}


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_harm_is_refused_with_a_hint(name):
    data, words = REFUSED[name]
    with pytest.raises(ImportRefused, match=words) as caught:
        read(data, "orders.csv")
    assert caught.value.hint


def test_formulas_stay_text():
    text = 'order id,date,product,amount\n"=1+1",2026-01-13,"=cmd|\' /C calc\'!A0",10\n="0042",2026-01-13,@SUM(A1),5\n'
    lines = read(text.encode(), "o.csv").frames["order_lines"]
    assert lines["product"].tolist() == ["=cmd|' /C calc'!A0", "@SUM(A1)"]
    assert lines["order_id"].tolist() == ["=1+1", "0042"]
    with pytest.raises(ImportRefused, match="'=2\\+3' is not a number"):
        read(b"order id,date,product,amount\n1,2026-01-13,Mug,=2+3\n", "o.csv")


def test_a_formula_of_a_workbook_is_not_computed():
    book = openpyxl.Workbook()
    book.active.append(["Date", "Net sales"])
    book.active.append(["2026-01-13", "=1+1"])
    stream = io.BytesIO()
    book.save(stream)
    with pytest.raises(ImportRefused, match="the cell is empty"):
        read(stream.getvalue(), "f.xlsx")


def test_sheets_with_one_header_are_read_on_and_others_are_named():
    book = openpyxl.Workbook()
    for title, day in (("May", "2026-05-01"), ("June", "2026-06-01")):
        sheet = book.create_sheet(title)
        sheet.append(["Date", "Net sales"])
        sheet.append([day, 5])
    book.create_sheet("Notes").append(["made by hand"])
    stream = io.BytesIO()
    book.save(stream)
    receipt = read(stream.getvalue(), "y.xlsx").receipt
    assert (receipt.rows_read, receipt.sums["net"]) == (2, 10)
    assert any("Notes" in problem.message for problem in receipt.problems)


SECRETS = (
    *("mia.lang", "Hauptstr", "Berg", "jon.b", "Roth", "eva.roth", "Lindenweg", "Adler", "555-0102", "陆小雨"),
    *("文三路", "13900001111", "deer@example", "小鹿", "林一", "13700001111", "jd_lin", "示例路", "周*", "Köln"),
    *("RENO", "411001"),
)


@pytest.mark.parametrize("path", sorted(FORMATS.iterdir()), ids=lambda path: path.name)
def test_no_buyer_reaches_the_store(path, tmp_path):
    store = FactStore.open(tmp_path / "shop.duckdb")
    parsed = read(path, period=("2026-09-01", "2026-09-03"))
    if "," not in parsed.receipt.currency:  # a store keeps one currency
        store.commit(parsed)
    store.close()
    content = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert [secret for secret in SECRETS if secret.encode() in content] == []


def test_a_report_without_rows_stores_nothing(tmp_path):
    store = FactStore.open(tmp_path / "shop.duckdb")
    version = store.data_version()
    receipt = store.commit(read(b"Date,Net sales\n", "empty.csv"))
    assert (receipt.rows_read, receipt.rows_kept) == (0, 0)
    assert any("no rows" in problem.message for problem in receipt.problems)
    assert store.batches().empty
    assert store.data_version() == version
    store.close()
