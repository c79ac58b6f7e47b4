"""Every export that is recognised: one sample with invented values, and what must come out of it."""

import csv
import io
from decimal import Decimal
from pathlib import Path

import pytest

from shopplan.ingest import FORMATS, ImportRefused, read

SAMPLES = Path(__file__).parents[1] / "data" / "formats"


def case(format, kind, rows, kept, orders, currency, span, encoding="utf-8", **sums):
    return format, kind, rows, kept, orders, currency, span, encoding, sums


JUNE = ("2026-06-01", "2026-06-01")
SEPTEMBER = ("2026-09-01", "2026-09-02")
CASES = {
    "shopify_orders.csv": case(
        "shopify_orders", "sales", 4, 3, 3, "EUR", ("2026-03-28", "2026-03-29"),
        gross="145", discounts="10", refunds="15", net="120", file_total="165",
    ),
    "woocommerce_orders.csv": case(
        "woocommerce_orders", "sales", 4, 3, 3, "USD", ("2026-04-02", "2026-04-03"),
        gross="89.80", discounts="5", refunds="10", net="74.80",
    ),
    "woocommerce_analytics.csv": case(
        "woocommerce_analytics", "sales", 2, 1, 2, "EUR", ("2026-04-02", "2026-04-02"), net="55.00"
    ),
    "amazon_transactions.csv": case(
        "amazon_transactions", "settlement", 4, 2, 1, "USD", SEPTEMBER,
        gross="1040", discounts="4", refunds="18", net="1018", file_total="70.01",
    ),
    "amazon_transactions_de.csv": case(
        "amazon_transactions", "settlement", 3, 2, 1, "EUR", ("2026-03-02", "2026-09-01"),
        gross="1040.50", discounts="1.50", refunds="10", net="1029",
    ),
    "amazon_sale_report.csv": case(
        "amazon_sale_report", "sales", 4, 2, 4, "INR", ("2026-04-30", "2026-05-01"),
        gross="100705", refunds="100299", net="406",
    ),
    "taobao_orders.csv": case(
        "taobao_orders", "sales", 3, 1, 3, "CNY", JUNE, "gb18030", gross="207", discounts="7", net="200", refunds="0"
    ),
    "taobao_items.csv": case("taobao_items", "items", 2, 2, 2, "CNY", ("", ""), "gb18030", listed="299"),
    "tmall_order_detail.xlsx": case(
        "tmall_order_detail", "sales", 3, 2, 2, "CNY", ("2026-06-21", "2026-06-21"), "xlsx",
        gross="298.80", discounts="9.95", refunds="99.80", net="189.05",
    ),
    "tmall_order_report.csv": case(
        "tmall_order_report", "sales", 4, 3, 4, "CNY", ("2020-02-20", "2020-02-20"),
        gross="215", refunds="94", net="121",
    ),
    "tmall_refunds.csv": case(
        "tmall_refunds", "refunds", 3, 1, 1, "CNY", ("2026-06-25", "2026-06-25"), "gb18030", refunds="99.80"
    ),
    "jd_orders.csv": case(
        "jd_orders", "sales", 3, 2, 2, "CNY", JUNE, "gb18030", gross="300", discounts="30", net="270"
    ),
    "douyin_orders.csv": case(
        "douyin_orders", "sales", 3, 2, 3, "CNY", ("2026-06-17", "2026-06-18"),
        gross="150", discounts="10", refunds="40", net="100", paid_by_platform="5",
    ),
    "douyin_settlement.csv": case(
        "douyin_settlement", "settlement", 4, 2, None, "CNY", ("2026-07-01", "2026-07-02"), settled="75"
    ),
    "pinduoduo_orders.csv": case(
        "pinduoduo_orders", "sales", 3, 2, 3, "CNY", ("2026-06-01", "2026-06-02"),
        gross="100", discounts="5", refunds="50", net="45",
    ),
    "xiaohongshu_orders.csv": case(
        "xiaohongshu_orders", "sales", 2, 1, 2, "CNY", JUNE, gross="120", discounts="20", net="100"
    ),
    "google_ads_campaigns.csv": case(
        "google_ads", "spend", 5, 2, None, "GBP", ("2026-09-01", "2026-09-03"),
        spend="1000.01", impressions="3001", clicks="30",
    ),
    "google_ads_de.csv": case(
        "google_ads", "spend", 3, 2, None, "EUR", ("2026-09-01", "2026-09-13"), "utf-16",
        spend="1235", impressions="66085", clicks="651", attributed="2000",
    ),
    "meta_ads_fr.csv": case(
        "meta_ads", "spend", 3, 2, None, "USD", ("2026-09-13", "2026-09-14"), "cp1252",
        spend="1235", impressions="11000", clicks="124", attributed="3000",
    ),
    "meta_ads_period.csv": case(
        "meta_ads", "spend", 2, 2, None, "EUR", ("2026-09-01", "2026-09-10"), spend="150.05", clicks="22"
    ),
    "tiktok_ads.csv": case("tiktok_ads", "spend", 3, 2, None, "USD", SEPTEMBER, spend="1244.56", clicks="303"),
    "zhitongche.csv": case(
        "zhitongche", "spend", 3, 2, None, "CNY", SEPTEMBER, "gb18030", spend="86.54", attributed="201.74"
    ),
    "wanxiangtai.csv": case(
        "wanxiangtai", "spend", 3, 2, None, "CNY", ("2026-09-01", "2026-09-01"), "gb18030", spend="120.75"
    ),
    "oceanengine.csv": case("oceanengine", "spend", 3, 2, None, "CNY", SEPTEMBER, spend="4679", clicks="1004"),
    "qianchuan_daily.csv": case("qianchuan", "spend", 2, 2, None, "CNY", SEPTEMBER, spend="400", attributed="1000"),
    "qianchuan_empty.csv": case("qianchuan", "spend", 0, 0, None, "CNY", ("", ""), spend="0"),
}  # fmt: skip
APART = {"amazon_orders.txt", "shopify_two_currencies.csv", "qianchuan_materials.csv"}


@pytest.mark.parametrize("name", sorted(CASES))
def test_a_sample_gives_its_figures(name):
    format, kind, rows, kept, orders, currency, span, encoding, sums = CASES[name]
    receipt = read(SAMPLES / name).receipt
    assert (receipt.format, receipt.kind, receipt.encoding) == (format, kind, encoding)
    assert (receipt.rows_read, receipt.rows_kept, receipt.orders) == (rows, kept, orders)
    assert receipt.rows_read == receipt.rows_kept + sum(left.count for left in receipt.rows_left_out)
    assert (receipt.currency, receipt.date_from, receipt.date_to) == (currency, *span)
    assert {name: receipt.sums[name] for name in sums} == {name: Decimal(value) for name, value in sums.items()}


def test_every_sample_has_its_case_and_every_format_its_sample():
    assert {path.name for path in SAMPLES.iterdir()} == set(CASES) | APART
    tried = {case[0] for case in CASES.values()} | {"amazon_orders"}
    assert {format.id for format in FORMATS if format.columns} - tried == {"online_retail"}


@pytest.mark.parametrize("name", sorted(set(CASES) - {"google_ads_campaigns.csv"}))
def test_the_order_of_the_columns_does_not_matter(name):
    if name.endswith(".xlsx") or name.startswith("amazon_transactions"):
        pytest.skip("a workbook, or a file with lines above its header")
    receipt = read(SAMPLES / name).receipt
    text = (SAMPLES / name).read_bytes().decode(receipt.encoding).lstrip("\ufeff")
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=receipt.delimiter))
    head = receipt.header_line - 1
    width = len(rows[head])
    turned = rows[:head] + [list(reversed([*row, *[""] * width][:width])) for row in rows[head:]]
    out = io.StringIO()
    csv.writer(out, delimiter=receipt.delimiter).writerows(turned)
    again = read(out.getvalue().encode(), "turned.csv").receipt
    assert (again.format, again.sums, again.orders) == (receipt.format, receipt.sums, receipt.orders)
    assert again.rows_left_out == receipt.rows_left_out


def test_order_money_is_divided_over_the_lines_to_the_cent():
    lines = read(SAMPLES / "shopify_orders.csv").frames["order_lines"]
    assert lines["gross_minor"].tolist() == [6300, 4200, 4000]  # 95.00 paid and 10.00 off, by 60 to 40
    assert lines["discounts_minor"].tolist() == [600, 400, 0]
    assert lines["returns_minor"].tolist() == [0, 0, 1500]
    assert lines["at"].dt.strftime("%m-%d %H").tolist() == ["03-28 22", "03-28 22", "03-29 09"]
    assert lines["line_key"].tolist() == ["MUG-1", "POT-1", "POT-1"]


def test_currencies_of_one_file_are_kept_apart():
    parsed = read(SAMPLES / "shopify_two_currencies.csv")
    receipt = parsed.receipt
    assert receipt.currency == "EUR,JPY"
    assert receipt.by_currency["EUR"]["net"] == Decimal("42.34")
    assert (receipt.by_currency["JPY"]["gross"], receipt.by_currency["JPY"]["net"]) == (1500, 0)
    assert [(left.reason, left.currency, left.sum) for left in receipt.rows_left_out] == [("cancelled", "JPY", 700)]
    lines = parsed.frames["order_lines"]
    assert lines[["currency", "gross_minor"]].to_numpy().tolist() == [
        ["EUR", 2000],
        ["EUR", 1000],
        ["JPY", 1500],
        ["EUR", 1234],
    ]
    assert receipt.to_dict()["sums"]["EUR"]["net"] == "42.34"
    amazon = read(SAMPLES / "amazon_orders.txt").receipt
    assert {code: sums["net"] for code, sums in amazon.by_currency.items()} == {"EUR": 35, "PLN": 99}
    assert (amazon.orders, amazon.orders_kept) == (3, 2)


def test_a_currency_without_a_row_of_its_own_is_that_of_most_rows():
    text = "Date,Net sales,Currency\n2026-01-13,10,EUR\n2026-01-14,10,\n2026-01-15,10,USD\n2026-01-16,1,EUR\n"
    assert read(text.encode(), "s.csv").receipt.by_currency["EUR"]["net"] == 21


def test_a_report_without_days_is_refused_until_the_period_is_given():
    path = SAMPLES / "qianchuan_materials.csv"
    with pytest.raises(ImportRefused, match="does not say on which days") as caught:
        read(path)
    assert "split by day" in caught.value.hint
    parsed = read(path, period=("2026-09-01", "2026-09-03"))
    days = parsed.frames["spend_daily"]
    assert days.groupby("campaign")["spend_minor"].apply(list).to_dict() == {
        "开箱": [10000] * 3,
        "试穿": [3333, 3333, 3334],
    }
    with pytest.raises(ImportRefused, match="not a period"):
        read(path, period=("2026-09-03", "2026-09-01"))


def test_rows_of_a_period_are_spread_and_add_up():
    parsed = read(SAMPLES / "meta_ads_period.csv")
    days = parsed.frames["spend_daily"]
    assert len(days) == 20
    assert days.groupby("campaign")[["spend_minor", "impressions", "clicks"]].sum().to_numpy().tolist() == [
        [5000, 500, 5],
        [10005, 1003, 17],
    ]
    assert any("spread evenly" in problem.message for problem in parsed.receipt.problems)


def test_rows_of_one_day_and_campaign_become_one_fact():
    text = "日期,推广计划,关键词,花费,展现量\n2026-09-01,日常,衬衫,1.10,10\n2026-09-01,日常,袜子,2.20,20\n"
    days = read(text.encode("gbk"), "a.csv").frames["spend_daily"]
    assert days[["campaign", "spend_minor", "impressions"]].to_numpy().tolist() == [["日常", 330, 30]]


def test_the_channel_is_the_platform_unless_another_is_given():
    path = SAMPLES / "google_ads_de.csv"
    assert read(path).receipt.channels == ("google",)
    assert read(path, channel="search").receipt.channels == ("search",)


def test_a_table_with_a_channel_column_is_nobodys_export():
    text = "Date,Channel,Campaign name,Cost,Impressions,Reach\n2026-09-01,live,A,5,10,3\n"
    receipt = read(text.encode(), "a.csv").receipt
    assert (receipt.format, receipt.channels) == ("spend_daily", ("live",))


def test_statuses_reconcile_to_the_file():
    receipt = read(SAMPLES / "shopify_orders.csv").receipt
    stated = {(part.status, part.currency): (part.orders, part.sum) for part in receipt.by_status}
    assert stated == {("paid", "EUR"): (1, 95), ("partially_refunded", "EUR"): (1, 40), ("voided", "EUR"): (1, 30)}
    assert sum(part.sum for part in receipt.by_status) == receipt.sums["file_total"]
    left = sum(part.sum for part in receipt.rows_left_out)
    assert receipt.sums["file_total"] == receipt.sums["net"] + receipt.sums["refunds"] + left


def test_a_refund_that_is_taken_out_already_is_not_subtracted_again():
    receipt = read(SAMPLES / "tmall_order_report.csv").receipt
    assert receipt.sums["net"] == 21 + 0 + 100
    assert any("not subtracted again" in problem.message for problem in receipt.problems)
    later = (SAMPLES / "tmall_order_report.csv").read_text("utf-8").replace("37.00,0.00", "37.00,37.00")
    later = later.replace("157.00,100.00", "157.00,157.00")  # an export that leaves the refund inside
    assert read(later.encode(), "later.csv").receipt.sums["net"] == 21 + 0 + 100


def test_ids_that_a_spreadsheet_rounded_are_refused():
    text = (SAMPLES / "taobao_items.csv").read_bytes().decode("gb18030").replace("4500000000000000011", "4.5E+18")
    with pytest.raises(ImportRefused, match="lost its last digits"):
        read(text.encode(), "a.csv")


def test_a_kind_leaves_only_its_formats():
    text = b"Date,Revenue,Ad spend\n2026-01-01,10,5\n"
    assert read(text, "a.csv").receipt.format == "sales_and_spend_daily"
    assert read(text, "a.csv", kind="spend").receipt.format == "spend_daily"
