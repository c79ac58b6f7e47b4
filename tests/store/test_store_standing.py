"""Imports that overlap: the newest statement of an order or a day counts, and undo brings the older one back."""

import pandas as pd
import pytest

from shopplan.ingest import read
from shopplan.store import FactStore
from shopplan.terms import ShopplanError


@pytest.fixture
def store(tmp_path):
    opened = FactStore.open(tmp_path / "shop.duckdb")
    yield opened
    opened.close()


def orders(*rows, header="order id,date,channel,amount,refund,status"):
    return read("\n".join([header, *rows]).encode(), "orders.csv", currency="CNY")


def change(receipt, what="orders"):
    return next((c.new, c.updated, c.unchanged) for c in receipt.changes if c.what == what)


def net(store):
    return round(float(store.monthly_sales()["net"].sum()), 2)


AUGUST = orders("O1,2026-08-01,live,100,0,paid", "O2,2026-08-02,live,50,0,paid", "O3,2026-08-30,live,30,0,paid")
SEPTEMBER = orders("O2,2026-08-02,live,50,20,paid", "O3,2026-08-30,live,30,0,paid", "O4,2026-09-03,live,7,0,paid")


def test_an_overlapping_export_updates_by_order_and_undo_restores(store):
    first = store.commit(AUGUST)
    assert change(first) == (3, 0, 0)
    assert first.replaced == ()
    before = store.monthly_sales()
    second = store.commit(SEPTEMBER)
    assert change(second) == (1, 1, 1)
    assert [(r.batch, r.what, r.count) for r in second.replaced] == [(1, "orders", 2)]
    assert net(store) == 100 + 30 + 30 + 7
    assert store.monthly_sales()["orders"].sum() == 4
    store.remove_batch(2)
    pd.testing.assert_frame_equal(store.monthly_sales(), before)


def test_taking_out_the_older_of_two_leaves_the_newer(store):
    store.commit(AUGUST)
    store.commit(SEPTEMBER)
    store.remove_batch(1)
    assert net(store) == 30 + 30 + 7


def test_an_order_that_is_cancelled_later_counts_no_more(store):
    store.commit(AUGUST)
    later = store.commit(orders("O1,2026-08-01,live,100,0,cancelled", "O5,2026-08-31,live,1,0,paid"))
    assert change(later) == (1, 1, 0)
    assert net(store) == 81
    store.remove_batch(2)
    assert net(store) == 180


def test_an_order_moved_to_another_channel_counts_once(store):
    store.commit(AUGUST)
    store.commit(orders("O1,2026-08-01,search,100,0,paid"))
    assert store.monthly_sales().set_index("channel")["net"].to_dict() == {"live": 80, "search": 100}


def test_what_an_import_would_do_is_known_before(store):
    store.commit(AUGUST)
    version, sales = store.data_version(), store.monthly_sales()
    tried = store.commit(SEPTEMBER, keep=False)
    assert (change(tried), store.data_version(), len(store.batches())) == ((1, 1, 1), version, 1)
    pd.testing.assert_frame_equal(store.monthly_sales(), sales)
    done = store.commit(SEPTEMBER)
    assert (done.changes, done.replaced) == (tried.changes, tried.replaced)
    assert store.receipt(2) == done


def spend(*rows, header="date,channel,campaign,spend"):
    return read("\n".join([header, *rows]).encode(), "spend.csv", currency="CNY")


def test_spend_updates_by_day_and_campaign(store):
    store.commit(spend("2026-08-01,live,A,10", "2026-08-01,live,B,5", "2026-08-02,live,A,1"))
    again = store.commit(spend("2026-08-01,live,A,12", "2026-08-03,live,A,2"))
    assert change(again, "days_of_spend") == (1, 1, 0)
    assert store.daily_spend()["spend"].tolist() == [17, 1, 2]
    store.remove_batch(2)
    assert store.daily_spend()["spend"].tolist() == [15, 1]


def test_a_total_and_its_campaigns_never_add_up(store):
    store.commit(spend("2026-08-01,live,A,10", "2026-08-01,live,B,5", "2026-08-02,live,A,1"))
    store.commit(spend("2026-08-01,live,16", header="date,channel,spend"))
    assert store.daily_spend()["spend"].tolist() == [16, 1]
    store.commit(spend("2026-08-01,live,A,11", "2026-08-01,live,B,6"))
    assert store.daily_spend()["spend"].tolist() == [17, 1]
    store.remove_batch(2)
    assert store.daily_spend()["spend"].tolist() == [17, 1]


def test_two_breakdowns_of_the_same_spend_never_add_up(store):
    google = (
        b"Campaign report\nAugust 1, 2026 - August 2, 2026\n"
        b"Day,Campaign,Campaign ID,Currency code,Cost,Impressions,Clicks\n2026-08-01,Brand,1,CNY,10.00,5,1\n"
    )
    store.commit(read(google, "google.csv"))
    store.commit(spend("2026-08-01,google,Shopping and brand,10", "2026-08-02,google,Shopping and brand,4"))
    assert store.daily_spend()["spend"].tolist() == [10, 4]


def test_days_of_sales_and_measures_update(store):
    store.commit(read(b"date,channel,sales\n2026-08-01,live,5\n2026-08-02,live,5\n", "d.csv", currency="CNY"))
    store.commit(read(b"date,channel,sales\n2026-08-02,live,6\n2026-08-03,live,1\n", "e.csv", currency="CNY"))
    assert store.daily_sales()["net"].tolist() == [5, 6, 1]
    for value in (b"1", b"0"):
        store.commit(read(b"date,channel,measure,value\n2026-08-01,live,stock out," + value + b"\n", "m.csv"))
    assert store.daily_measures()["value"].tolist() == [0]


def test_single_orders_and_totals_of_the_same_days_are_refused(store):
    store.commit(AUGUST)
    totals = b"date,channel,sales\n2026-08-01,live,5\n2026-08-03,live,5\n"
    with pytest.raises(ShopplanError, match="of 1 days and channels there would be both") as caught:
        store.commit(read(totals, "days.csv", currency="CNY"))
    assert "remove the earlier import" in caught.value.hint
    store.commit(read(totals.replace(b"live", b"offline"), "days.csv", currency="CNY"))
    assert net(store) == 190


SHOP = b"Name,Financial Status,Paid at,Currency,Total,Created at,Lineitem quantity,Lineitem name,Lineitem price\n"


def test_shops_with_the_same_order_numbers_stay_apart(store):
    ours = SHOP + b"#1001,paid,2026-01-05 10:00:00,EUR,10,2026-01-05 10:00:00,1,Mug,10\n"
    theirs = SHOP + b"#1001,paid,2026-07-09 10:00:00,EUR,99,2026-07-09 10:00:00,1,Vase,99\n"
    store.commit(read(ours, "a.csv"))
    with pytest.raises(ShopplanError, match="have the numbers of stored orders of other dates"):
        store.commit(read(theirs, "b.csv"))
    store.commit(read(theirs, "b.csv", channel="second shop"))
    assert net(store) == 109
    with pytest.raises(ShopplanError, match="already stored under another channel"):
        store.commit(
            read(ours + b"#1002,paid,2026-01-06 10:00:00,EUR,1,2026-01-06 10:00:00,1,M,1\n", "c.csv", channel="x")
        )
