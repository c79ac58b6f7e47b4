"""The eleven sample exports, against the figures that came with them."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from shopplan.ingest import read

FOLDER = Path(__file__).parents[2].parent / "shared" / "data" / "exports"
ENCODINGS = {"taobao": "gb18030", "zhitongche": "gb18030", "google": "utf-16", "tmall": "xlsx"}


@pytest.fixture(scope="module")
def expected():
    if not FOLDER.exists():
        pytest.skip("the samples ../shared/data/exports are not here")
    return json.loads((FOLDER / "expected.json").read_text("utf-8"))


def money(value):
    return Decimal(str(value)).quantize(Decimal("0.01"))


def test_rows_dates_and_currencies_are_as_stated(expected):
    for name, want in expected.items():
        receipt = read(FOLDER / name).receipt
        assert receipt.rows_read == want["data_rows"] + want.get("totals_rows", 0), name
        assert receipt.header_line == want["header_line"], name
        assert receipt.delimiter == want.get("delimiter", ""), name
        assert receipt.encoding == next((e for word, e in ENCODINGS.items() if name.startswith(word)), "utf-8"), name
        assert receipt.currency == want.get("currency", "CNY")[:3], name
        assert receipt.orders == want.get("orders") or "tmall" in name, name
        totals = sum(left.count for left in receipt.rows_left_out if left.reason == "totals_row")
        assert totals == want.get("totals_rows", 0), name
        assert receipt.rows_read == receipt.rows_kept + sum(left.count for left in receipt.rows_left_out), name
        if "date_min" in want:
            assert (receipt.date_from, receipt.date_to) == (want["date_min"], want["date_max"])


def test_spend_is_as_stated(expected):
    for name, want in expected.items():
        if "spend" in want:
            sums = read(FOLDER / name).receipt.sums
            assert sums["spend"] == money(want["spend"]), name
            assert sums.get("attributed", 0) == want.get("platform_claimed_revenue", sums.get("attributed", 0)), name


def test_shop_money_is_as_stated(expected):
    shopify = read(FOLDER / "shopify_orders_export.csv").receipt
    want = expected["shopify_orders_export.csv"]
    assert shopify.sums["file_total"] == money(want["sum_total"])
    assert shopify.sums["refunds"] == money(want["sum_refunded"])
    assert {part.status: part.orders for part in shopify.by_status} == want["by_status"]
    left = sum(part.sum for part in shopify.rows_left_out)
    assert shopify.sums["net"] == money(want["sum_total"]) - left - money(want["sum_refunded"])
    amazon = read(FOLDER / "amazon_all_orders_report.txt").receipt
    assert amazon.sums["gross"] == money(expected["amazon_all_orders_report.txt"]["sum_item_price"])
    taobao = read(FOLDER / "taobao_ExportOrderList_gbk.csv").receipt
    want = expected["taobao_ExportOrderList_gbk.csv"]
    assert taobao.sums["net"] == money(want["sum_actually_paid"])
    closed = next(left for left in taobao.rows_left_out if left.reason == "cancelled")
    assert (closed.count, closed.sum) == (want["closed_orders"], money(want["closed_value"]))
    tmall = read(FOLDER / "tmall_order_detail.xlsx").receipt
    assert tmall.sums["net"] == money(expected["tmall_order_detail.xlsx"]["sum_paid_excluding_refunded"])
    douyin = read(FOLDER / "douyin_orders_utf8bom.csv").receipt
    want = expected["douyin_orders_utf8bom.csv"]
    assert douyin.sums["gross"] - douyin.sums["discounts"] == money(want["sum_payable"])
    assert douyin.sums["refunds"] == money(want["sum_refunded_orders"])


def test_an_empty_report_says_so(expected):
    parsed = read(FOLDER / "oceanengine_empty_report.csv")
    assert dict(parsed.frames) == {}
    assert any("no rows" in problem.message for problem in parsed.receipt.problems)
