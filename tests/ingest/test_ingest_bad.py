"""Every broken file is refused whole, with the row, the column and the reason."""

import gzip
from pathlib import Path

import pytest

from shopplan.ingest import ImportRefused, read
from shopplan.terms import ShopplanError

BAD = Path(__file__).parents[1] / "data" / "bad"
CASES = {
    "missing_date.csv": (1, "date", "no column for date"),
    "missing_money.csv": (1, "gross or net or unit_price", "no column for gross or net"),
    "unreadable_number.csv": (3, "Amount", "'ten' is not a number"),
    "unreadable_date.csv": (3, "Date", "'2026-02-30' is not a date"),
    "year_outside.csv": (2, "Date", "the year is outside 1990 to 2100"),
    "two_date_orders.csv": (2, "Date", "two date orders"),
    "two_decimal_marks.csv": (2, "Net sales", "two decimal marks ('10.50' and '10,50')"),
    "empty.csv": (0, "", "the file is empty"),
    "only_blanks.csv": (0, "", "the file is empty"),
    "empty_amount.csv": (2, "Amount", "the cell is empty"),
    "empty_order_id.csv": (2, "Order ID", "the cell is empty"),
    "picture_renamed.csv": (0, "", "this is a picture"),
    "binary.csv": (0, "", "encoding of the file is not known"),
    "control_characters.csv": (2, "", "binary data"),
    "encoding_broken_after_mark.csv": (2, "", "a character cannot be read"),
    "encoding_unknown.csv": (0, "", "encoding of the file is not known"),
    "unclosed_quote.csv": (2, "", "a quote is opened and never closed"),
    "text_after_quote.csv": (2, "", "badly quoted"),
    "duplicate_header.csv": (1, "amount", "names this column twice"),
    "long_row.csv": (3, "", "the row has 6 values, the header 5"),
    "short_row.csv": (2, "", "the row has 4 values, the header 5"),
    "no_header.csv": (0, "", "names two or more known columns"),
    "not_a_currency.csv": (0, "Currency", "'points' is not a currency code"),
    "total_on_every_line.csv": (0, "订单金额", "counted several times"),
    "too_large.csv": (2, "Net sales", "the number is too large"),
    "damaged.csv.gz": (0, "", "the packed file is damaged"),
    "damaged.xlsx": (0, "", "the workbook is damaged"),
    "archive.zip": (0, "", "the archive is damaged"),
    "negative_orders.csv": (3, "orders", "'-3' is below zero, and a count cannot be"),
    "no_money.csv": (0, "", "no row of the file can be kept"),
}


@pytest.mark.parametrize("name", sorted(CASES))
def test_a_broken_file_is_refused_with_its_reason(name):
    row, column, words = CASES[name]
    with pytest.raises(ImportRefused) as caught:
        read(BAD / name)
    first = caught.value.problems[0]
    assert (first.row, first.column) == (row, column)
    assert words in first.message
    assert str(caught.value).startswith(name)
    assert caught.value.hint
    if row:
        assert f"row {row}" in str(caught.value)


def test_every_broken_file_has_its_case():
    assert {path.name for path in BAD.iterdir()} == set(CASES)


def test_up_to_twenty_problems_are_listed_in_the_order_of_the_file():
    rows = "".join(f"A{i},2026-01-{13 if i % 2 else 45},x\n" for i in range(60))
    with pytest.raises(ImportRefused) as caught:
        read(("Order ID,Date,Amount\n" + rows).encode(), "many.csv")
    problems = caught.value.problems
    assert len(problems) == 20
    assert [problem.row for problem in problems] == sorted(problem.row for problem in problems)
    assert {problem.column for problem in problems} == {"Date", "Amount"}


def test_a_missing_file_is_said():
    with pytest.raises(ShopplanError, match=r"nowhere.csv. there is no such file"):
        read("nowhere.csv")


def test_a_bomb_is_refused():
    with pytest.raises(ImportRefused, match="unpacks to more than"):
        read(gzip.compress(b"0" * 50_000_000), "bomb.csv.gz")


def test_lines_are_counted_as_they_stand_in_the_file():
    text = 'a preamble\n\nOrder ID,Date,Product,Amount\n1,2026-01-13,"two\nlines",10\n\n2,2026-01-13,b,oops\n'
    with pytest.raises(ImportRefused) as caught:
        read(text.encode(), "o.csv")
    assert caught.value.problems[0].row == 7
