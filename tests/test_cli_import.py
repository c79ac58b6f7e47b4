"""The command that imports files: its receipts, what they changed, and how it ends."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from shopplan import cli_import, cli_shared
from shopplan.store import FactStore
from shopplan.workspace import Shop

DATA = Path(__file__).parent / "data"
GOOD, BAD, FORMATS = DATA / "good", DATA / "bad", DATA / "formats"


def test_an_import_prints_its_receipt_and_once_is_enough(call, tmp_path):
    db = tmp_path / "shop.duckdb"
    status, out, _ = call("import", GOOD / "order_lines.csv", "--db", db, "--json")
    (receipt,) = json.loads(out)
    assert status == 0
    assert receipt["rows_read"] == receipt["rows_kept"] + sum(r["count"] for r in receipt["rows_left_out"])
    status, out, _ = call("import", GOOD / "order_lines.csv", "--db", db)
    assert status == 0
    assert "nothing changed" in out


def test_a_bad_file_is_refused_whole_and_the_good_one_beside_it_is_kept(call, tmp_path):
    db = tmp_path / "shop.duckdb"
    status, out, err = call("import", BAD / "unreadable_number.csv", GOOD / "order_lines.csv", "--db", db, "--json")
    refused, kept = json.loads(out)
    assert (status, err) == (1, "")
    assert refused["file"] == "unreadable_number.csv"
    assert any(p["row"] == 3 and p["column"] == "Amount" and "ten" in p["message"] for p in refused["problems"])
    assert kept["rows_kept"] > 0
    shop = Shop.open(db)
    try:
        assert list(shop.facts.batches()["file"]) == ["order_lines.csv"]
    finally:
        shop.close()


def test_a_refusal_for_people_names_row_column_and_value(call, tmp_path):
    status, out, _ = call("import", BAD / "unreadable_number.csv", "--db", tmp_path / "shop.duckdb")
    assert status == 1
    assert "refused, nothing stored" in out
    assert "row 3" in out
    assert "Amount" in out


@pytest.mark.parametrize("name", ["order_lines.csv", "nosuch.csv"])
def test_a_trial_stores_nothing(call, tmp_path, name):
    db = tmp_path / "shop.duckdb"
    status, out, _ = call("import", GOOD / name, "--dry-run", "--db", db)
    assert status == (0 if name == "order_lines.csv" else 1)
    assert name in out
    assert not db.exists()


def test_an_import_without_a_file_is_a_wrong_call(call):
    assert call("import")[0] == 2


def test_a_folder_is_called_one_and_its_files_are_asked_for(call, tmp_path):
    (tmp_path / "exports").mkdir()
    status, out, _ = call("import", tmp_path / "exports", "--db", tmp_path / "shop.duckdb")
    assert status == 1
    assert "exports: this is a folder, not a file. name the files in it, such as folder/*.csv" in out
    status, _, err = call("import", GOOD / "order_lines.csv", "--mapping", tmp_path / "exports", "--dry-run")
    assert status == 1
    assert "this is a folder, not a file" in err


def test_an_import_reads_any_export_of_a_kind(call, tmp_path):
    db = tmp_path / "shop.duckdb"
    files = [FORMATS / "zhitongche.csv", FORMATS / "qianchuan_materials.csv"]
    period = ("--period", "2026-09-01..2026-09-03", "--kind", "spend")
    status, out, _ = call("import", *files, *period, "--db", db, "--json")
    zhitongche, qianchuan = json.loads(out)
    assert status == 0
    assert (zhitongche["format"], zhitongche["kind"], zhitongche["sums"]["spend"]) == ("zhitongche", "spend", "86.54")
    assert (qianchuan["date_from"], qianchuan["date_to"]) == ("2026-09-01", "2026-09-03")
    assert call("import", FORMATS / "shopify_orders.csv", "--kind", "spend", "--dry-run", "--db", db)[0] == 1


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["--currency", "ZZZ"], "ZZZ is no currency"),
        (["--period", "garbage"], "garbage is no period"),
        (["--period", "2026-09-03..2026-09-01"], "is no period"),
        (["--period", "2026-02-30"], "is no period"),
    ],
)
def test_a_currency_or_period_that_is_none_is_refused(call, tmp_path, argv, said):
    db = tmp_path / "shop.duckdb"
    status, out, err = call("import", GOOD / "order_lines.csv", "--db", db, *argv)
    assert (status, out) == (2, "")
    assert said in err
    assert not db.exists()


def test_a_period_that_the_file_does_not_need_is_said(call):
    argv = ("import", GOOD / "order_lines.csv", "--dry-run", "--period", "2020-01-01..2020-01-31")
    assert cli_import.UNUSED in call(*argv)[1]
    (receipt,) = json.loads(call(*argv, "--json")[1])
    assert cli_import.UNUSED in [problem["message"] for problem in receipt["problems"]]
    used = ("import", FORMATS / "zhitongche.csv", "--dry-run")
    assert cli_import.UNUSED not in call(*used)[1]


def test_who_has_no_name_on_the_system_is_logged_by_number(call, tmp_path, monkeypatch):
    def nameless():
        raise KeyError("getpwuid(): uid not found: 4711")

    monkeypatch.setattr(cli_shared.getpass, "getuser", nameless)
    monkeypatch.setattr(cli_shared.os, "getuid", lambda: 4711)
    db = tmp_path / "shop.duckdb"
    assert call("import", GOOD / "order_lines.csv", "--db", db)[0] == 0
    assert call("curves", "--keep", "--db", db)[0] in (0, 1)
    shop = Shop.open(db)
    assert {row.who for row in shop.work.audit() if row.action == "import.commit"} == {"uid 4711"}
    shop.close()


def test_an_archive_gives_a_receipt_a_file(call, tmp_path):
    path = tmp_path / "all.zip"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("a.csv", "Date,Net sales (EUR)\n2026-01-13,10\n")
        packed.writestr("b.csv", "nothing here\n")
    status, out, _ = call("import", path, "--dry-run", "--json")
    first, second = json.loads(out)
    assert status == 1
    assert (first["file"], first["sums"]["net"]) == ("all.zip/a.csv", "10")
    assert second["file"] == "all.zip/b.csv"
    assert "refused" in second


def test_a_mapping_is_read_from_its_file(call, tmp_path):
    table = tmp_path / "t.csv"
    table.write_text("Wann;Betrag\n13.01.2026;5,50\n", "utf-8")
    mapping = tmp_path / "m.json"
    columns = {"Wann": "date", "Betrag": "net"}
    text = json.dumps({"version": 1, "kind": "sales", "columns": columns, "header": list(columns)})
    mapping.write_text(text, "utf-8")
    status, out, _ = call("import", table, "--mapping", mapping, "--currency", "eur", "--dry-run", "--json")
    assert (status, json.loads(out)[0]["sums"]["net"]) == (0, "5.50")
    assert call("import", table, "--mapping", tmp_path / "none.json", "--dry-run")[0] == 1


def test_several_currencies_are_said_apart(call):
    status, out, _ = call("import", FORMATS / "shopify_two_currencies.csv", "--dry-run")
    assert status == 0
    assert "EUR net 42.34" in out


def test_a_large_file_is_imported_in_chunks(call, tmp_path, monkeypatch):
    from shopplan.ingest import source

    monkeypatch.setattr(source, "CHUNK", 100)
    path, db = FORMATS / "shopify_orders.csv", tmp_path / "shop.duckdb"
    for more in (("--dry-run",), ()):
        status, out, _ = call("import", path, "--db", db, "--json", *more)
        receipt = json.loads(out)[0]
        assert (status, receipt["format"], receipt["sums"]["net"]) == (0, "shopify_orders", "120")
    assert json.loads(call("import", path, "--db", db, "--json")[1])[0]["already_imported"]


HEAD = "order id,date,channel,amount\n"


def test_an_import_says_what_it_changed_and_a_trial_says_it_before(call, tmp_path):
    db, one, two = (tmp_path / name for name in ("shop.duckdb", "one.csv", "two.csv"))
    one.write_text(HEAD + "A,2026-01-05,live,10\nB,2026-01-05,live,20\n")
    two.write_text(HEAD + "B,2026-01-05,live,25\nC,2026-01-06,live,1\n")
    call("import", one, "--db", db)
    trial = json.loads(call("import", two, "--db", db, "--dry-run", "--json")[1])[0]
    assert trial["changes"] == [{"what": "orders", "new": 1, "updated": 1, "unchanged": 0}]
    assert trial["replaced"] == [{"batch": 1, "file": "one.csv", "what": "orders", "count": 1}]
    status, out, _ = call("import", two, "--db", db)
    assert status == 0
    assert "orders: 1 new, 1 updated, 0 unchanged. Overlaps one.csv." in out
    store = FactStore.open(db)
    assert store.monthly_sales()["net"].sum() == 36
    store.close()


def test_an_import_that_is_stopped_leaves_the_files_before_it(call, tmp_path, monkeypatch):
    db, receipt = tmp_path / "shop.duckdb", cli_import._receipt

    def stopped(parsed, *args):
        if parsed.name == "zhitongche.csv":
            raise KeyboardInterrupt
        return receipt(parsed, *args)

    monkeypatch.setattr(cli_import, "_receipt", stopped)
    status, out, err = call("import", GOOD / "order_lines.csv", FORMATS / "zhitongche.csv", "--db", db)
    assert status == 130
    assert "order_lines.csv: order_lines" in out
    assert "stopped; nothing of the file that was being read is stored" in err
    store = FactStore.open(db)
    assert store.batches()["file"].tolist() == ["order_lines.csv"]
    store.close()


def test_a_file_that_names_no_currency_is_taken_for_the_shops(call, tmp_path):
    db, named, plain = tmp_path / "shop.duckdb", tmp_path / "a.csv", tmp_path / "b.csv"
    days = [f"2026-01-{day:02d},100" for day in range(1, 21)]
    named.write_text("date,net,currency\n" + "".join(f"{day},GBP\n" for day in days))
    plain.write_text("date,net\n" + "".join(f"{day}\n" for day in days).replace("-01-", "-02-"))
    receipts = [json.loads(call("import", plain, "--db", db, "--dry-run", "--json")[1])]
    receipts += [json.loads(call("import", file, "--db", db, "--json")[1]) for file in (named, plain)]
    assert [receipt["currency"] for (receipt,) in receipts] == ["USD", "GBP", "GBP"]
    assert any("GBP is assumed" in problem["message"] for problem in receipts[2][0]["problems"])
