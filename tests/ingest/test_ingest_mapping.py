"""Any table: guesses, a mapping, and the next file of the same shape."""

import pytest

from shopplan.ingest import ImportRefused, Mapping, guess, read
from shopplan.terms import ShopplanError

TEXT = "Beleg;Wann;Artikel;Stück;Betrag;Kunde\nB1;13.01.2026;Becher;2;20,50;K1\nB2;14.01.2026;Kanne;1;40,00;K2\n"
HEADER = ("Beleg", "Wann", "Artikel", "Stück", "Betrag", "Kunde")
COLUMNS = {"Beleg": "order_id", "Wann": "date", "Artikel": "product", "Stück": "units", "Betrag": "gross"}
MAPPING = Mapping("sales", COLUMNS, HEADER)


def test_a_table_that_nobody_knows_is_read_by_its_mapping():
    with pytest.raises(ImportRefused):
        read(TEXT.encode(), "b.csv")
    parsed = read(TEXT.encode(), "b.csv", mapping=MAPPING, currency="EUR")
    assert (parsed.receipt.format, parsed.receipt.sums["net"]) == ("order_lines", 60.5)
    assert parsed.frames["order_lines"]["order_id"].tolist() == ["B1", "B2"]


def test_the_next_file_may_have_its_columns_in_another_order():
    text = "KUNDE;Betrag;Beleg; Wann;Artikel;Stück\nK3;1,50;B3;15.01.2026;Becher;1\n"
    assert read(text.encode(), "c.csv", mapping=MAPPING, currency="EUR").receipt.sums["net"] == 1.5


def test_a_file_of_another_shape_is_not_read_by_the_mapping():
    with pytest.raises(ImportRefused):
        read(TEXT.replace("Kunde", "Land").encode(), "d.csv", mapping=MAPPING)


def test_a_mapping_survives_its_file():
    again = Mapping.from_json(MAPPING.to_json())
    assert again == MAPPING
    assert again.fingerprint == Mapping("spend", {}, tuple(reversed(HEADER))).fingerprint


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", "null", '{"version": 9, "kind": "sales", "columns": {}, "header": []}', MAPPING.to_json()[:-9],
     MAPPING.to_json().replace("order_id", "os.system"), MAPPING.to_json().replace('"sales"', '"magic"')],
)  # fmt: skip
def test_what_is_no_mapping_is_refused(text):
    with pytest.raises(ShopplanError):
        Mapping.from_json(text)


def test_a_mapping_without_a_needed_column_says_so():
    with pytest.raises(ImportRefused, match="no column for date"):
        read(TEXT.encode(), "b.csv", mapping=Mapping("sales", {"Betrag": "net"}, HEADER))


def test_guesses_come_from_names_and_cells():
    header = ["Order number", "Purchase date", "Net amount EUR", "When", "Remark", "Campaign"]
    rows = [["1", "2026-01-13", "5.50", "2026-01-14", "fine", "A"], ["2", "2026-01-14", "6.50", "2026-01-14", "", "B"]]
    found = {name: (meaning, confidence) for name, meaning, confidence in guess(header, rows)}
    assert found["Order number"] == ("order_id", 1.0)
    assert found["Purchase date"] == ("date", 1.0)
    assert found["Net amount EUR"][0] == "net"
    assert 0.2 < found["Net amount EUR"][1] < 1
    assert found["Remark"] == ("", 0.0)
    assert found["When"][0] in ("", "date")
    assert len({meaning for meaning, _ in found.values() if meaning}) == len([m for m, _ in found.values() if m])


def test_a_name_whose_cells_do_not_fit_counts_for_less():
    (_, meaning, confidence), *_ = guess(["Amount"], [["a lot"], ["little"]])
    assert (meaning, confidence) == ("", 0.0)
