"""One reported currency by the shop's rates, and the shop's own channels; both are applied to what is read."""

import numpy as np
import pandas as pd
import pytest

from shopplan.ingest import read
from shopplan.store import FactStore
from shopplan.store.view import ChannelMap, Rate, Rates, Unconverted, View
from shopplan.terms import ShopplanError

TWO = b"""order id,date,channel,amount,currency
A,2026-01-05,live,100,CNY
B,2026-01-06,search,10,USD
C,2026-02-06,search,20,USD
D,2026-02-07,search,900,JPY
"""


@pytest.fixture
def store(tmp_path):
    opened = FactStore.open(tmp_path / "shop.duckdb")
    opened.commit(read(TWO, "two.csv"))
    opened.commit(read(b"date,channel,spend\n2026-02-05,search,3\n", "spend.csv", currency="USD"))
    yield opened
    opened.close()


def net(store, view):
    sales = store.monthly_sales(view)
    return {
        (str(m)[:7], c): round(n, 6) for m, c, n in zip(sales["month"], sales["channel"], sales["net"], strict=True)
    }


def test_a_currency_without_a_rate_is_left_out_and_stated(store):
    assert store.currencies() == ("USD", "CNY", "JPY")
    view = View("CNY", Rates("CNY", (Rate("JPY", 0.05),)))
    assert net(store, view) == {("2026-01", "live"): 100, ("2026-02", "search"): 45}
    assert store.unconverted(view) == (Unconverted("USD", "2026-01", "2026-02", 30.0, 3.0),)
    assert len(store.monthly_spend(view)) == 0


def test_amounts_are_converted_by_the_rate_of_their_month(store):
    rates = Rates("CNY", (Rate("USD", 7.0), Rate("USD", 8.0, "2026-02"), Rate("JPY", 0.05)))
    view = View("CNY", rates)
    wanted = {("2026-01", "live"): 100, ("2026-01", "search"): 70, ("2026-02", "search"): 160 + 45}
    assert net(store, view) == wanted
    assert store.monthly_spend(view)["spend"].tolist() == [24]
    assert store.unconverted(view) == ()
    in_dollars = net(store, View("USD", rates))
    assert in_dollars == {k: pytest.approx(v / (7 if k[0] == "2026-01" else 8)) for k, v in wanted.items()}
    assert store.monthly_sales(view)["orders"].sum() == 4


def test_a_rate_that_begins_later_does_not_reach_back(store):
    view = View("CNY", Rates("CNY", (Rate("USD", 8.0, "2026-02"), Rate("JPY", 0.05))))
    assert store.unconverted(view) == (Unconverted("USD", "2026-01", "2026-01", 10.0, 0.0),)


def test_there_is_never_a_silent_rate_of_one():
    months = np.array(["2026-01"], dtype="datetime64[M]")
    assert np.isnan(Rates("CNY").factors("USD", "CNY", months)).all()
    assert np.isnan(Rates("CNY", (Rate("USD", 7.0),)).factors("USD", "EUR", months)).all()


@pytest.mark.parametrize(
    "rows", [(Rate("QQQ", 1.0),), (Rate("USD", 0.0),), (Rate("USD", 1.0, "spring"),), (Rate("USD", 7), Rate("USD", 8))]
)
def test_rates_that_cannot_be_are_refused(rows):
    with pytest.raises(ShopplanError):
        Rates("CNY", rows)


def test_spend_and_sales_follow_a_merged_channel(store):
    view = View("USD", Rates("USD", (Rate("CNY", 0.1), Rate("JPY", 0.01))), ChannelMap({"live": "search"}))
    assert net(store, view) == {("2026-01", "search"): 20, ("2026-02", "search"): 29}
    assert store.monthly_spend(view)["channel"].tolist() == ["search"]
    store.remove_batch(1)
    assert net(store, view) == {}


def test_channels_are_renamed_merged_and_grouped(store):
    own = ChannelMap({"live": "b", "b": "stores"}, {"search": "Finder", "stores": "Stores"}, {"search": "Online"})
    shown = own.shown(store.channels()).set_index("id")
    assert shown["name"].to_dict() == {"search": "Finder", "stores": "Stores"}
    assert shown["group"].to_dict() == {"search": "Online", "stores": ""}
    assert ChannelMap().shown(store.channels())["id"].tolist() == ["live", "search"]
    assert ChannelMap.from_dict(own.to_dict()) == own


def test_channels_cannot_be_merged_in_a_circle():
    with pytest.raises(ShopplanError, match="circle"):
        ChannelMap({"a": "b", "b": "a"})
    with pytest.raises(ShopplanError, match="circle"):
        ChannelMap({"a": "a"})


def test_what_no_row_knows_stays_unknown_in_a_merged_channel():
    rows = {"ds": pd.to_datetime(["2026-01-01"] * 2), "channel": ["a", "b"], "currency": ["CNY", "CNY"]}
    frame = pd.DataFrame({**rows, "orders": [1.0, np.nan], "cogs_minor": [np.nan, np.nan]})
    shown = View("CNY", channels=ChannelMap({"a": "b"})).of(frame, ["ds", "channel"])
    assert shown["orders"].tolist() == [1]
    assert shown["cogs"].isna().all()
