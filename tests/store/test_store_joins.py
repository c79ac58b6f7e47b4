"""Files that belong together: the same facts whatever the order in which they arrive."""

from itertools import permutations

import pandas as pd
import pytest

from shopplan.ingest import read
from shopplan.store import FactStore

ORDERS = """订单编号,买家会员名,买家支付宝账号,总金额,买家实际支付金额,订单状态,订单创建时间,订单付款时间,宝贝标题
1001,a,x,100,90,交易成功,2026-08-01 10:00:00,2026-08-01 10:01:00,杯
1002,b,x,50,50,退款成功,2026-08-02 10:00:00,2026-08-02 10:01:00,盘
1003,c,x,60,60,交易成功,2026-08-03 10:00:00,2026-08-03 10:01:00,碗
"""
ITEMS = """订单编号,标题,价格,购买数量,外部系统编号,商品属性,套餐信息,备注,订单状态,商家编码
1001,杯,25,4,,,,,交易成功,S1
1002,盘,50,1,,,,,退款成功,S2
1003,碗,20,3,,,,,交易成功,S3
"""
REFUNDS = """退款编号,订单编号,退款总额,退款状态,退款完结时间
R1,1002,30,退款成功,2026-09-02 10:00:00
R2,1003,10,退款成功,2026-09-03 10:00:00
R3,1003,5,退款关闭,2026-09-03 10:00:00
"""


@pytest.fixture
def store(tmp_path):
    opened = FactStore.open(tmp_path / "shop.duckdb")
    yield opened
    opened.close()


def parsed(text, name):
    return read(text.encode(), name)


FILES = {"orders": parsed(ORDERS, "o.csv"), "items": parsed(ITEMS, "i.csv"), "refunds": parsed(REFUNDS, "r.csv")}


@pytest.mark.parametrize("names", list(permutations(FILES)))
def test_orders_items_and_refunds_join_in_any_order(store, names):
    for name in names:
        store.commit(FILES[name])
    row = store.monthly_sales().iloc[0]
    assert (row["month"], row["orders"], row["units"]) == (pd.Timestamp("2026-08-01"), 3, 8)
    assert (row["gross"], row["discounts"], row["returns"], row["net"]) == (210, 10, 40, 160)


def test_a_refund_stands_for_the_one_that_the_status_told_until_it_is_taken_out(store):
    store.commit(FILES["orders"])
    assert store.monthly_sales()["returns"].tolist() == [50]
    store.commit(FILES["refunds"])
    assert store.monthly_sales()["returns"].tolist() == [40]
    store.remove_batch(2)
    assert store.monthly_sales()["returns"].tolist() == [50]


def test_a_second_refund_of_an_order_adds_and_the_same_one_does_not(store):
    store.commit(FILES["orders"])
    store.commit(FILES["refunds"])
    more = REFUNDS.replace("R3,1003,5,退款关闭", "R3,1003,7,退款成功")
    receipt = store.commit(parsed(more, "r2.csv"))
    assert [(c.what, c.new, c.updated, c.unchanged) for c in receipt.changes] == [("refunds", 1, 0, 2)]
    assert store.monthly_sales()["returns"].tolist() == [47]


def test_refunds_without_their_orders_wait_and_say_so(store):
    receipt = store.commit(FILES["refunds"])
    assert any("2 refunds belong to orders that no import holds yet" in str(p) for p in receipt.problems)
    assert len(store.monthly_sales()) == 0
    assert not any("refunds belong" in str(p) for p in store.commit(FILES["orders"]).problems)


def test_what_was_paid_net_of_refunds_is_not_reduced_again(store):
    times = "交易成功,2026-08-03 10:00:00,2026-08-03 10:01:00,碗"
    rows = ("1002,b,x,50,20", "1003,c,x,60,50", "1004,d,x,70,60")
    paid_net = ORDERS.splitlines()[0] + "\n" + "\n".join(f"{row},{times}" for row in rows)
    store.commit(parsed(paid_net, "o.csv"))
    before = store.monthly_sales().iloc[0]
    assert (before["net"], before["discounts"]) == (130, 50)
    store.commit(FILES["refunds"])
    after = store.monthly_sales().iloc[0]
    assert (after["net"], after["discounts"], after["returns"]) == (130, 10, 40)


DOUYIN = """主订单编号,子订单编号,选购商品,商品数量,商家编码,订单应付金额,运费,订单提交时间,支付完成时间,订单状态
5001,5001,杯,1,S,100,0,2026-08-01 10:00:00,2026-08-01 10:00:00,已完成
5002,5002,杯,1,S,80,0,2026-08-01 11:00:00,2026-08-01 11:00:00,已完成
"""
SETTLED = """结算时间,订单号,子订单号,结算金额,结算账户,结算单类型
2026-08-20 01:00:00,'5001,'5001,94,聚合账户,已结算
2026-08-21 01:00:00,'5001,'5001,-4,聚合账户,已结算
"""


def test_settlements_attach_fees_and_are_no_sales(store):
    store.commit(parsed(SETTLED, "s.csv"))
    assert len(store.monthly_sales()) == 0
    store.commit(parsed(DOUYIN, "d.csv"))
    assert store.monthly_sales()["net"].tolist() == [180]
    assert store.monthly_settled()[["orders", "net", "settled"]].to_numpy().tolist() == [[1, 100, 90]]
    later = SETTLED + "2026-08-22 01:00:00,'5002,'5002,70,聚合账户,已结算\n"
    receipt = store.commit(parsed(later, "s2.csv"))
    assert [(c.new, c.updated, c.unchanged) for c in receipt.changes] == [(1, 0, 2)]
    assert store.monthly_settled()["settled"].tolist() == [160]


def test_amazon_refunds_of_a_later_month_leave_the_sale_in_place(store):
    head = (
        "date/time,settlement id,type,order id,sku,description,quantity,marketplace,product sales,"
        "promotional rebates,selling fees,total\n"
    )
    sale = '"Aug 1, 2026 10:00:00 AM PDT",1,Order,111-1,S,Mug,1,amazon.com,50,0,-5,45\n'
    refund = '"Sep {} 2026 10:00:00 AM PDT",2,Refund,111-1,S,Mug,1,amazon.com,-{},0,1,-{}\n'
    store.commit(parsed(head + sale, "aug.csv"))
    store.commit(parsed(head + refund.format("2,", 20, 19), "sep.csv"))
    store.commit(parsed(head + refund.format("2,", 20, 19) + refund.format("9,", 5, 4), "sep2.csv"))
    sales = store.monthly_sales()
    assert (sales["gross"].sum(), sales["returns"].tolist(), sales["orders"].sum()) == (50, [0, 25], 1)
