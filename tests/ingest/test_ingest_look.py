"""A look into a file before it is stored: why it was recognised, its columns and rows, and nothing about buyers."""

import gzip
import io
import json
import zipfile
from pathlib import Path

import pytest

from shopplan.ingest import HIDDEN, Mapping, fingerprint, guess, likely_kind, look_large, looks, read

FORMATS = Path(__file__).resolve().parents[1] / "data" / "formats"
UNKNOWN = (
    "Liste vom Januar\n\nBeleg;Wann;Betrag;Bearbeiter;Kontakt;Kunde\n"
    "B1;03.04.2026;20,50;Ann;ann@shop.example;Li Wei\nB2;04.05.2026;40,00;Bo;+86 138 0013 8000;Wang\n"
)
HEADER = ("Beleg", "Wann", "Betrag", "Bearbeiter", "Kontakt", "Kunde")
COLUMNS = {"Beleg": "order_id", "Wann": "date", "Betrag": "gross"}


def look(name: str, data: bytes, **options):
    (one,) = looks(data, name, options)
    return one


@pytest.mark.parametrize("path", sorted(FORMATS.iterdir()), ids=lambda p: p.name)
def test_every_export_names_the_headers_that_told_it(path):
    one = look(path.name, path.read_bytes())
    assert one.shape.match.format.columns
    evidence = one.shape.evidence()
    assert evidence
    assert set(evidence) <= set(one.shape.header)
    assert len(one.shape.meanings()) == len(one.shape.header)


def test_what_is_shown_of_a_known_export_holds_no_buyer():
    one = look("orders.csv", (FORMATS / "taobao_orders.csv").read_bytes())
    shown = {name: one.shape.shown(place, 3) for place, name in enumerate(one.shape.header)}
    assert shown["订单编号"][0] == one.shape.rows[0][0]
    for name in ("买家会员名", "买家支付宝账号"):
        assert set(shown[name]) <= {HIDDEN, ""}


def test_an_unknown_table_has_a_shape_to_map_and_its_buyers_are_hidden():
    one = look("liste.csv", UNKNOWN.encode())
    assert one.parsed is None
    assert (one.shape.header, one.shape.header_line, one.shape.delimiter) == (HEADER, 3, ";")
    assert one.shape.match is None
    assert one.shape.shown(2, 2) == ("20,50", "40,00")
    assert one.shape.shown(4, 2) == (HIDDEN, HIDDEN)
    assert one.shape.shown(5, 2) == (HIDDEN, HIDDEN)


def test_what_is_no_table_has_no_shape():
    one = look("x.csv", b"\x89PNG\r\n" + bytes(300))
    assert (one.shape, one.parsed) == (None, None)
    assert "picture" in one.refusal.message


def test_an_archive_gives_a_look_at_each_of_its_files():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in ("taobao_orders.csv", "taobao_items.csv"):
            archive.write(FORMATS / name, name)
        archive.writestr("note.txt", "nothing here to see")
    found = list(looks(packed.getvalue(), "both.zip", {}))
    assert [one.name for one in found] == [
        "both.zip/taobao_orders.csv",
        "both.zip/taobao_items.csv",
        "both.zip/note.txt",
    ]
    assert [one.parsed is not None for one in found] == [True, True, False]
    (single,) = looks(gzip.compress((FORMATS / "jd_orders.csv").read_bytes()), "jd.csv.gz", {})
    assert single.parsed.receipt.format == "jd_orders"


def test_a_broken_archive_is_one_refusal():
    (one,) = looks(b"PK\x03\x04broken", "x.zip", {})
    assert one.refusal is not None
    assert one.shape is None


def test_a_large_file_is_looked_at_by_its_first_rows(tmp_path):
    path = tmp_path / "big.csv"
    rows = [f"A{i},2026-01-{i % 28 + 1:02d},{i}.50,2" for i in range(20_000)]
    path.write_text("\n".join(["Order ID,Date,Amount,Quantity", *rows]), "utf-8")
    one = look_large(path, "big.csv", {})
    assert one.shape.header == ("Order ID", "Date", "Amount", "Quantity")
    assert one.shape.rows[0][0] == "A0"
    assert one.parsed.read_through().rows_kept == 20_000
    assert one.sha256 == one.parsed.read_through().sha256


def test_a_remembered_mapping_reads_the_next_file_of_its_shape():
    mapping = Mapping("sales", COLUMNS, HEADER, currency="EUR", channel="laden", day_first=False)
    remembered = {mapping.fingerprint: mapping}
    one = look("liste.csv", UNKNOWN.encode(), remembered=remembered)
    frame = one.parsed.frames["order_lines"]
    assert one.parsed.receipt.currency == "EUR"
    assert frame["at"].dt.strftime("%m-%d").tolist() == ["03-04", "04-05"]
    assert set(frame["channel"]) == {"laden"}
    other = look("other.csv", b"Order ID,Date,Amount\n1,2026-01-02,3\n", remembered=remembered)
    assert other.parsed.receipt.format == "order_lines"


def test_a_mapping_counts_for_more_than_what_is_known_of_exports():
    text = b"Order ID,Date,Amount,Net\n1,2026-01-02,3,2\n"
    header = ("Order ID", "Date", "Amount", "Net")
    mapping = Mapping("sales", {"Order ID": "order_id", "Date": "date", "Net": "gross"}, header)
    assert read(text, "a.csv", currency="EUR").receipt.sums["gross"] == 3
    remembered = {fingerprint(header): mapping}
    assert read(text, "a.csv", currency="EUR", remembered=remembered).receipt.sums["gross"] == 2


def test_a_mapping_of_an_earlier_file_without_currency_and_order_is_read():
    old = {"version": 1, "kind": "sales", "columns": COLUMNS, "header": list(HEADER)}
    mapping = Mapping.from_json(json.dumps(old))
    assert (mapping.currency, mapping.channel, mapping.day_first) == ("", "", None)
    full = Mapping("sales", COLUMNS, HEADER, "EUR", "laden", True)
    assert Mapping.from_json(full.to_json()) == full


@pytest.mark.parametrize(
    ("header", "row", "kind", "meanings"),
    [
        (("Day", "Campaign", "Cost", "Clicks"), ("2026-01-02", "A", "3.10", "4"), "spend",
         ("date", "campaign", "spend", "clicks")),
        (("Day", "Revenue", "Cost of goods"), ("2026-01-02", "30.10", "4"), "sales", ("date", "net", "cogs")),
        (("Day", "Metric", "Value"), ("2026-01-02", "stock", "4"), "other", ("date", "measure", "value")),
        (("日期", "消耗", "点击数"), ("2026-01-02", "30.10", "4"), "spend", ("date", "spend", "clicks")),
    ],
)  # fmt: skip
def test_the_kind_of_a_table_is_guessed_and_its_columns_by_it(header, row, kind, meanings):
    assert likely_kind(header, [row]) == kind
    assert tuple(meaning for _, meaning, _ in guess(header, [row], kind)) == meanings


def test_the_only_column_of_amounts_is_guessed_whatever_its_name():
    rows = [("B1", "20,50", "Ann", "7"), ("B2", "40,00", "Bo", "8")]
    guessed = guess(("Beleg", "Betrag", "Bearbeiter", "Lager"), rows, "sales")
    assert [meaning for _, meaning, _ in guessed] == ["", "net", "", ""]
    assert guessed[1][2] < 0.6
    two = guess(("Beleg", "Betrag", "Lagerwert"), [("B1", "20,50", "3,10")], "sales")
    assert [meaning for _, meaning, _ in two] == ["", "", ""]
