"""An order that a later export says is cancelled or refunded counts no longer, and counts again once that is undone."""

from pathlib import Path

import pytest

from shopplan.ingest import Source, read
from shopplan.store import FactStore

SAMPLES = Path(__file__).parents[1] / "data" / "formats"
GENERIC = b"Order ID,Date,Status,Amount\nA1,2026-01-13,paid,100.00\nA2,2026-01-14,paid,30.00\n"
DETAIL = (
    "主订单编号,子订单编号,商品标题,购买数量,买家实付金额,订单状态,退款状态,订单创建时间,订单付款时间\n"
    "81,81,杯,1,60.00,交易成功,没有申请退款,2026-06-01 10:00:00,2026-06-01 10:01:00\n"
    "82,82,杯,1,40.00,交易成功,没有申请退款,2026-06-02 10:00:00,2026-06-02 10:01:00\n"
).encode()
CASES = {
    "generic cancelled": (GENERIC, [("A1,2026-01-13,paid", "A1,2026-01-13,Cancelled")], 100),
    "generic refunded": (GENERIC, [("A1,2026-01-13,paid", "A1,2026-01-13,Refunded")], 100),
    "generic blank": (GENERIC, [("A1,2026-01-13,paid,100.00", "A1,2026-01-13,voided,")], 100),
    "shopify voided": ("shopify_orders.csv", [("mia.lang@example.org,paid", "mia.lang@example.org,voided")], 95),
    "shopify refunded": (
        "shopify_orders.csv",
        [("mia.lang@example.org,paid", "mia.lang@example.org,refunded"), ('door",0.00', 'door",95.00')],
        95,
    ),
    "woocommerce cancelled": ("woocommerce_orders.csv", [("501,Completed", "501,Cancelled")], 59.9),
    "woocommerce refunded": ("woocommerce_orders.csv", [("501,Completed", "501,Refunded")], 59.9),
    "woocommerce analytics": ("woocommerce_analytics.csv", [("601,€55.00,completed", "601,€55.00,cancelled")], 55),
    "amazon orders": ("amazon_orders.txt", [("T23:10:00+00:00\tShipped", "T23:10:00+00:00\tCancelled")], 35),
    "amazon sale report": ("amazon_sale_report.csv", [("Shipped - Delivered to Buyer", "Cancelled")], 406),
    "taobao": ("taobao_orders.csv", [('"200.00","交易成功"', '"0.00","交易关闭"')], 200),
    "tmall detail": (DETAIL, [("60.00,交易成功,没有申请退款", "60.00,交易关闭,退款成功")], 60),
    "tmall report": (
        "tmall_order_report.csv",
        [("2,21.00,21.00", "2,21.00,0.00"), ("0:00,0.00\n3", "0:00,21.00\n3")],
        21,
    ),
    "jd": ("jd_orders.csv", [("270.00,完成", "270.00,已取消")], 270),
    "douyin closed": ("douyin_orders.csv", [("已完成,-", "已关闭,-")], 100),
    "douyin refunded": ("douyin_orders.csv", [("已完成,-", "已关闭,退款成功")], 100),
    "pinduoduo": ("pinduoduo_orders.csv", [("已收货", "已取消")], 45),
    "pinduoduo refunded": ("pinduoduo_orders.csv", [("已收货", "已收货，退款成功")], 45),
    "xiaohongshu": ("xiaohongshu_orders.csv", [("P71,已完成", "P71,已取消")], 100),
}


def changed(content, swaps):
    """The file with other words, in its own encoding."""
    encoding = "gb18030" if b"\xb6\xa9\xb5\xa5" in content else "utf-8"
    text = content.decode(encoding)
    for old, new in swaps:
        assert old in text
        text = text.replace(old, new)
    return text.encode(encoding)


@pytest.mark.parametrize("name", CASES)
def test_an_order_that_is_cancelled_later_counts_no_longer(tmp_path, name):
    sample, swaps, worth = CASES[name]
    first = sample if isinstance(sample, bytes) else (SAMPLES / sample).read_bytes()
    store = FactStore.open(tmp_path / "shop.duckdb")
    store.commit(read(first, "first.csv"))
    before = store.monthly_sales()["net"].sum()
    later = tmp_path / "later.csv"
    later.write_bytes(changed(first, swaps))
    receipt = store.commit(Source(later, later.name, {}))
    assert store.monthly_sales()["net"].sum() == pytest.approx(before - worth)
    (change,) = [one for one in receipt.changes if one.what == "orders"]
    assert (change.new, change.updated) == (0, 1)
    assert [one.count for one in receipt.replaced if one.what == "orders"]
    store.remove_batch(int(store.batches()["batch_id"].iloc[0]))
    assert store.monthly_sales()["net"].sum() == before
    store.close()


def test_a_file_of_cancelled_orders_only_takes_them_out(tmp_path):
    store = FactStore.open(tmp_path / "shop.duckdb")
    store.commit(read(GENERIC, "first.csv"))
    version = store.data_version()
    only = read(b"Order ID,Date,Status,Amount\nA1,2026-01-13,cancelled,100.00\nA2,2026-01-14,unpaid,\n", "only.csv")
    assert [(left.reason, left.count) for left in only.receipt.rows_left_out] == [("cancelled", 1), ("unpaid", 1)]
    receipt = store.commit(only)
    assert (receipt.rows_read, receipt.rows_kept, receipt.orders, receipt.orders_kept) == (2, 0, 2, 0)
    assert (receipt.sums["gross"], receipt.sums["net"], receipt.date_from) == (0, 0, "")
    assert [(one.new, one.updated, one.unchanged) for one in receipt.changes] == [(0, 2, 0)]
    assert store.monthly_sales().empty
    assert store.data_version() != version
    assert store.commit(only).already_imported
    store.remove_batch(int(store.batches()["batch_id"].iloc[0]))
    assert store.monthly_sales()["net"].sum() == 130
    store.close()


def test_a_cancelled_order_that_nobody_stated_before_changes_nothing(tmp_path):
    store = FactStore.open(tmp_path / "shop.duckdb")
    receipt = store.commit(read(b"Order ID,Date,Amount,Status\nA1,2026-01-13,10,cancelled\n", "a.csv"))
    assert (receipt.rows_kept, receipt.replaced) == (0, ())
    assert store.currencies() == ()
    assert store.monthly_sales().empty
    store.close()
