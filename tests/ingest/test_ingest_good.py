"""Files that must import, whatever their encoding, marks and separators."""

import gzip
import io
from decimal import Decimal
from pathlib import Path
from typing import get_args

import openpyxl
import pandas as pd
import pytest

from shopplan.i18n import LANGUAGES, has
from shopplan.ingest import COLUMNS, FORMATS, account, read, sample_csv
from shopplan.ingest.headers import names
from shopplan.ingest.receipt import Kind, Reason

GOOD = Path(__file__).parents[1] / "data" / "good"
DOCUMENTED = [row.id for row in FORMATS if not row.columns]


@pytest.mark.parametrize("path", sorted(GOOD.iterdir()), ids=lambda path: path.name)
def test_every_good_file_keeps_what_it_says(path):
    """Every good file says the same three days: 300.50 net of 320.50 gross, 20.00 refunded."""
    parsed = read(path)
    receipt = parsed.receipt
    assert receipt.rows_read == receipt.rows_kept + sum(left.count for left in receipt.rows_left_out)
    assert receipt.sums["gross"] == Decimal("1320.50")
    assert receipt.sums["refunds"] == Decimal("20.00")
    assert receipt.sums["net"] == Decimal("1300.50")
    assert (receipt.date_from, receipt.date_to) == ("2026-01-13", "2026-01-15")


@pytest.mark.parametrize("format", DOCUMENTED)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_sample_of_every_documented_table_reads_back_as_itself(format, lang):
    parsed = read(sample_csv(format, lang).encode(), "sample.csv")
    assert parsed.receipt.format == format
    assert parsed.receipt.rows_kept == 2
    assert parsed.receipt.problems == ()


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: f"{column.id}-{column.formats[0]}")
def test_no_name_stands_for_two_columns_of_one_table(column):
    for other in COLUMNS:
        if other is not column and set(other.formats) & set(column.formats):
            assert not set(names(other)) & set(names(column))


LINES = [
    ["订单编号", "下单时间", "商品名称", "数量", "金额", "退款金额", "渠道"],
    ["2026000000000000001", "2026-01-13 09:00:00", "杯子", "2", "320.50", "20.00", "直播"],
]


def as_csv(rows, sep=","):
    return "\n".join(sep.join(row) for row in rows) + "\n"


@pytest.mark.parametrize(
    ("encoding", "said"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("gbk", "gb18030"),
        ("gb18030", "gb18030"),
        ("utf-16", "utf-16"),
        ("utf-16-be", "utf-16-be"),
    ],
)
@pytest.mark.parametrize("sep", [",", ";", "\t", "|"])
def test_encoding_and_separator_are_found(encoding, said, sep):
    rows = [*LINES, *[["A-" + str(i), *LINES[1][1:]] for i in range(40)]] if encoding == "utf-16-be" else LINES
    text = as_csv(rows, sep)
    if encoding == "utf-16-be":
        text = text.replace("杯子", "cup").replace("直播", "live")
    parsed = read(text.encode(encoding), "orders.csv")
    assert parsed.receipt.encoding == said
    assert parsed.receipt.delimiter == sep
    assert parsed.receipt.currency == "CNY"
    assert parsed.frames["order_lines"]["order_id"].iloc[0] == "2026000000000000001"
    assert parsed.frames["order_lines"]["channel"].iloc[0] in ("直播", "live")


def test_western_text_is_not_taken_for_chinese():
    text = "Order ID;Date;Product;Quantity;Amount\n" + "".join(
        f"A{i};13.01.2026;Müllbeutel größe für Küche;1;1.234,50\n" for i in range(20)
    )
    parsed = read(text.encode("cp1252"), "auftraege.csv")
    assert parsed.frames["order_lines"]["product"].iloc[0] == "Müllbeutel größe für Küche"
    assert parsed.receipt.sums["gross"] == Decimal("24690.00")
    assert any("encoding" in problem.message for problem in parsed.receipt.problems)


@pytest.mark.parametrize(
    ("cells", "total"),
    [
        (["1,234.50", "5.00"], "1239.50"),
        (["1.234,50", "5,00"], "1239.50"),
        (["1 234,50", "5,00"], "1239.50"),
        (["1'234.50", "5.00"], "1239.50"),
        (["$1,234.50", "$5.00"], "1239.50"),
        (["1,234.50 USD", "5.00 USD"], "1239.50"),
        (["1,234", "5"], "1239.00"),
        (["1.234.567", "5"], "1234572.00"),
        ([".50", "1.00"], "1.50"),
        (["0,125", "1,00"], "1.13"),
    ],
)
def test_marks_are_decided_for_the_whole_column(cells, total):
    text = "Date\tNet sales\n" + "".join(f"2026-01-1{i}\t{cell}\n" for i, cell in enumerate(cells))
    receipt = read(text.encode(), "sales.csv").receipt
    assert receipt.sums["net"] == Decimal(total)


@pytest.mark.parametrize(
    ("cells", "first", "said"),
    [
        (["13/02/2026", "01/03/2026"], "2026-02-13", False),
        (["02/13/2026", "03/01/2026"], "2026-02-13", False),
        (["01/02/2026", "02/02/2026", "03/02/2026"], "2026-02-01", True),
        (["02/01/2026", "02/02/2026", "02/03/2026"], "2026-02-01", True),
        (["2026年2月13日", "2026年3月1日"], "2026-02-13", False),
        (["20260213", "20260301"], "2026-02-13", False),
        (["Feb 13, 2026", "Mar 1, 2026"], "2026-02-13", False),
        (["13 Feb 2026 10:00 PM", "1 March 2026"], "2026-02-13", False),
        (["2026-02-13T23:59:00+08:00", "2026-03-01T00:00:00+08:00"], "2026-02-13", False),
    ],
)
def test_the_order_of_a_date_is_decided_for_the_whole_column(cells, first, said):
    text = "Date;Net sales\n" + "".join(f"{cell};10\n" for cell in cells)
    receipt = read(text.encode(), "sales.csv", currency="EUR").receipt
    assert receipt.date_from == first
    assert any("order of day and month" in problem.message for problem in receipt.problems) is said


def test_a_packed_file_and_a_workbook_read_like_the_plain_file():
    text = as_csv(LINES)
    plain = read(text.encode(), "a.csv")
    packed = read(gzip.compress(text.encode()), "a.csv.gz")
    book = openpyxl.Workbook()
    book.active.append(["a note above the table"])
    book.active.append(LINES[0])
    book.active.append([LINES[1][0], pd.Timestamp(LINES[1][1]), "杯子", 2, 320.5, 20, "直播"])
    stream = io.BytesIO()
    book.save(stream)
    sheet = read(stream.getvalue(), "a.xlsx")
    assert sheet.receipt.header_line == 2
    for other in (packed, sheet):
        pd.testing.assert_frame_equal(other.frames["order_lines"], plain.frames["order_lines"])


def test_cancelled_and_unpaid_orders_are_left_out_with_their_money():
    text = (
        "Order ID,Date,Product,Quantity,Amount,Status\n"
        "1,2026-01-13,a,1,10.00,paid\n2,2026-01-13,a,1,20.00,Cancelled\n3,2026-01-13,a,1,,未付款\n,,,,,\n"
    )
    receipt = read(text.encode(), "o.csv").receipt
    left = {part.reason: (part.count, part.sum) for part in receipt.rows_left_out}
    assert left == {"cancelled": (1, 20), "unpaid": (1, 0), "empty_row": (1, 0)}
    assert receipt.sums["net"] == 10


def test_a_negative_quantity_is_a_return_and_no_order():
    text = "Order ID,Date,Product,Quantity,Unit price\n1,2026-01-13,a,3,10.00\n2,2026-01-13,a,-1,10.00\n"
    parsed = read(text.encode(), "o.csv")
    assert parsed.receipt.sums == {"gross": 30, "refunds": 10, "net": 20}
    assert parsed.receipt.orders == 1
    assert parsed.frames["order_lines"]["units"].tolist() == [3, 0]


def test_what_was_paid_decides_and_is_said():
    text = (
        "Order ID,Date,Product,Quantity,Unit price,Paid\n1,2026-01-13,a,2,10.00,18.00\n2,2026-01-13,a,1,10.00,12.50\n"
    )
    receipt = read(text.encode(), "o.csv").receipt
    assert receipt.sums == {"gross": Decimal("32.50"), "discounts": 2, "net": Decimal("30.50")}
    assert any("1 rows the amount paid differs" in problem.message for problem in receipt.problems)


def test_sales_and_spend_in_one_table_become_both_facts():
    parsed = read(b"date,channel,revenue,ad spend\n2026-01-13,live,100,20\n2026-01-14,live,110,\n", "s.csv")
    assert parsed.frames["sales_daily"]["gross_minor"].tolist() == [10000, 11000]
    assert parsed.frames["spend_daily"]["spend_minor"].tolist() == [2000, 0]


def test_sales_in_an_ads_report_are_what_the_platform_claims():
    parsed = read(
        "日期,花费,展现量,点击量,成交金额\n2026-01-13,20,1000,30,100\n".encode("gbk"), "ads.csv", channel="search"
    )
    assert list(parsed.frames) == ["spend_daily"]
    row = parsed.frames["spend_daily"].iloc[0]
    assert (row["channel"], row["spend_minor"], row["attributed_minor"], row["clicks"]) == ("search", 2000, 10000, 30)


def test_currencies_without_or_with_three_places_keep_their_minor_units():
    text = "Date,Net sales ({})\n2026-01-13,1234.567\n2026-01-14,1.5\n"
    yen = read(text.format("JPY").encode(), "s.csv")
    dinar = read(text.format("KWD").encode(), "s.csv")
    assert yen.frames["sales_daily"]["gross_minor"].tolist() == [1235, 2]
    assert yen.receipt.sums["rounding"] == Decimal("-0.933")
    assert dinar.frames["sales_daily"]["gross_minor"].tolist() == [1234567, 1500]


@pytest.mark.parametrize(
    ("header", "cell", "given", "want"),
    [
        ("Net sales (USD)", "5", "", "USD"),
        ("Net sales (net)", "5", "", "USD"),
        ("Net sales", "£5", "", "GBP"),
        ("Net sales", "¥5", "", "CNY"),
        ("Net sales", "¥5", "JPY", "JPY"),
        ("Net sales", "$5", "CAD", "CAD"),
        ("Net sales", "£5", "EUR", "GBP"),
        ("Net sales", "5", "EUR", "EUR"),
        ("销售额", "5", "", "CNY"),
    ],
)
def test_the_currency_comes_from_the_file_before_anything_else(header, cell, given, want):
    receipt = read(f"Date,{header}\n2026-01-13,{cell}\n".encode(), "s.csv", currency=given).receipt
    assert receipt.currency == want
    assumed = not given and want in ("USD", "CNY") and cell == "5" and "USD" not in header
    assert any("assumed" in problem.message for problem in receipt.problems) is assumed


def test_gbk_text_is_found_far_down_a_file_of_plain_text():
    text = "Order ID,Date,Product,Amount\n" + "".join(f"A{i},2026-01-13,Mug,1.00\n" for i in range(12_000))
    parsed = read((text + "Z,2026-01-13,青花瓷杯,1.00\n").encode("gbk"), "o.csv")
    assert parsed.frames["order_lines"]["product"].iloc[-1] == "青花瓷杯"


def test_line_breaks_and_separators_in_quotes_belong_to_the_cell():
    text = 'Order ID,Date,Product,Quantity,Amount\n1,2026-01-13,"a, b\nc",1,10\n2,2026-01-14,"say ""hi""",1,5\n'
    parsed = read(text.encode(), "o.csv")
    assert parsed.frames["order_lines"]["product"].tolist() == ["a, b\nc", 'say "hi"']


def test_trailing_separators_and_blank_lines_are_no_trouble():
    text = "Date,Net sales,\r\n2026-01-13,10,\r\n\r\n2026-01-14,5,\r\n\r\n"
    assert read(text.encode(), "s.csv").receipt.rows_read == 2


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_name_in_a_receipt_has_words(lang):
    sums = {*account._SUMS.values(), "net", "file_total", "rounding", "shipping", "tax", "paid_by_platform"}
    wanted = [f"format.{row.id}" for row in FORMATS] + ["format.demo"]
    wanted += [f"reason.{reason}" for reason in get_args(Reason)] + [f"sum.{name}" for name in sums]
    wanted += [f"kind.{kind}" for kind in get_args(Kind)]
    assert [key for key in wanted if not has(lang, key)] == []


@pytest.mark.parametrize(
    ("header", "months"),
    [
        ("month,revenue", ["2026-01", "2026-02"]),
        ("月份,销售额", ["2026年1月", "2026年2月"]),
        ("统计月份,净销售额", ["2026/1", "2026/2"]),
        ("Month,Net sales", ["Jan 2026", "February 2026"]),
    ],
)
def test_monthly_totals_are_read_with_their_months_as_first_days(header, months):
    text = "\n".join([header, *(f"{month},{1000 + i}" for i, month in enumerate(months))])
    parsed = read(text.encode(), "months.csv")
    assert (parsed.receipt.date_from, parsed.receipt.date_to) == ("2026-01-01", "2026-02-01")
    assert parsed.receipt.sums["net"] == Decimal(2001)


def test_days_that_are_still_to_come_are_told():
    text = "date,net sales\n2026-01-01,100\n2062-07-20,90\n"
    said = [problem.message for problem in read(text.encode(), "late.csv").receipt.problems]
    assert "the file holds days that are still to come, the last one is 2062-07-20" in said
    assert not [p for p in read(b"date,net sales\n2026-01-01,100\n2026-01-02,90\n", "s.csv").receipt.problems
                if "still to come" in p.message]  # fmt: skip
