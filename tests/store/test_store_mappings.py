"""Mappings of columns are remembered in the store of people's work, and the command line reads by them too."""

import json

from shopplan.cli import main
from shopplan.ingest import Mapping
from shopplan.store.work import WorkStore, mappings_at
from shopplan.workspace import Shop

TABLE = "Beleg;Wann;Betrag\nB1;13.01.2026;20,50\nB2;14.01.2026;40,00\n"
MAPPING = Mapping("sales", {"Wann": "date", "Betrag": "net"}, ("Beleg", "Wann", "Betrag"), "EUR", day_first=True)


def test_mappings_of_columns_are_kept_by_the_shape_of_their_file(tmp_path):
    url = f"sqlite:///{tmp_path / 'work.sqlite'}"
    assert mappings_at(url) == {}
    assert not (tmp_path / "work.sqlite").exists()
    store = WorkStore.open(url)
    store.remember_mapping(MAPPING, who="ann")
    assert mappings_at(url) == {MAPPING.fingerprint: MAPPING}
    assert store.audit()[0].who == "ann"
    store.forget_mapping(MAPPING.fingerprint)
    assert store.mappings() == {}
    store.close()


def test_the_command_line_reads_by_remembered_mappings_and_by_the_file_of_one(tmp_path, capsys):
    path, db = tmp_path / "t.csv", tmp_path / "shop.duckdb"
    path.write_text(TABLE, "utf-8")
    call = ["import", str(path), "--json", "--db", str(db)]
    assert main([*call, "--dry-run"]) == 1
    (tmp_path / "m.json").write_text(MAPPING.to_json(), "utf-8")
    capsys.readouterr()
    assert main([*call, "--dry-run", "--mapping", str(tmp_path / "m.json")]) == 0
    assert json.loads(capsys.readouterr().out)[0]["sums"]["net"] == "60.50"
    shop = Shop.open(db)
    shop.work.remember_mapping(MAPPING)
    shop.close()
    for dry in (["--dry-run"], []):
        assert main([*call, *dry]) == 0
        (receipt,) = json.loads(capsys.readouterr().out)
        assert (receipt["sums"]["net"], receipt["currency"]) == ("60.50", "EUR")
