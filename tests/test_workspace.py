"""What pages and the command line share: currency, rates, channels and the figures that follow them."""

import pytest

from shopplan.ingest import read
from shopplan.response import Entry
from shopplan.store import Conflict
from shopplan.store.view import ChannelMap, Rate, Rates
from shopplan.terms import ShopplanError
from shopplan.workspace import CHANNEL_MAP, RATES, Shop

CNY = b"order id,date,channel,amount,currency\nA,2026-01-05,taobao,700,CNY\nB,2026-01-06,taobao,700,CNY\n"
USD = b"order id,date,channel,amount,currency\nC,2026-01-07,amazon,100,USD\n"


@pytest.fixture
def shop(tmp_path):
    opened = Shop.open(tmp_path / "shop.duckdb")
    opened.commit(read(CNY, "a.csv"), "Ann")
    opened.commit(read(USD, "b.csv"), "Ann")
    yield opened
    opened.close()


def net(shop):
    sales = shop.history().sales
    return dict(zip(sales["channel"], sales["net"].round(2), strict=True))


def test_figures_are_in_the_most_frequent_currency_until_another_is_chosen(shop):
    assert (shop.currency(), shop.currencies()) == ("CNY", ("CNY", "USD"))
    assert net(shop) == {"taobao": 1400}
    assert [(u.currency, u.net) for u in shop.unconverted()] == [("USD", 100)]
    assert shop.history().left_out == ("USD",)
    version = shop.version()
    shop.set_rates(Rates("CNY", (Rate("USD", 7.0),)), "Ann")
    assert net(shop) == {"taobao": 1400, "amazon": 700}
    assert shop.unconverted() == ()
    shop.set_currency("USD", "Ann")
    assert net(shop) == {"taobao": 200, "amazon": 100}
    assert shop.history().currency == "USD"
    shop.set_currency("", "Ann")
    assert shop.currency() == "CNY"
    assert shop.version() != version
    with pytest.raises(ShopplanError, match="NOPE is no currency"):
        shop.set_currency("NOPE")


def test_the_currency_of_the_three_numbers_does_not_hide_a_file(tmp_path):
    shop = Shop.open(tmp_path / "other.duckdb")
    shop.work.set_setting("currency", "EUR")
    assert shop.currency() == "EUR"
    shop.commit(read(USD, "b.csv"))
    assert (shop.currency(), net(shop)) == ("USD", {"amazon": 100})
    shop.close()


def test_merged_channels_take_sales_typed_spend_and_their_names_along(shop):
    shop.set_rates(Rates("CNY", (Rate("USD", 7.0),)))
    shop.enter_channels({"taobao": Entry(300.0, 2.0), "amazon": Entry(100.0, 4.0)})
    shop.set_channel_map(ChannelMap({"amazon": "taobao"}, {"taobao": "Marketplaces"}), "Ann")
    assert net(shop) == {"taobao": 2100}
    assert shop.channels()[["id", "name"]].to_numpy().tolist() == [["taobao", "Marketplaces"]]
    assert shop.entered().channels == {"taobao": Entry(400.0, 2.5)}
    shop.remove_import(1)
    assert net(shop) == {"taobao": 100}
    shop.set_channel_map(ChannelMap(), "Ann")
    assert net(shop) == {"amazon": 100}


def test_rates_and_channels_are_kept_with_who_changed_them_and_never_overwritten_unseen(shop):
    version = shop.work.setting_version(CHANNEL_MAP)
    assert shop.set_channel_map(ChannelMap(names={"taobao": "T"}), "Ann", version) == version + 1
    with pytest.raises(Conflict):
        shop.set_channel_map(ChannelMap(), "Bo", version)
    shop.set_rates(Rates("CNY", (Rate("USD", 7.0),)), "Bo", shop.work.setting_version(RATES))
    assert [(row.who, row.what["key"]) for row in shop.work.audit(2)] == [("Bo", "rates"), ("Ann", "channel_map")]
    assert shop.rates() == Rates("CNY", (Rate("USD", 7.0),))
    assert shop.channel_map() == ChannelMap(names={"taobao": "T"})


def test_a_trial_changes_nothing_and_is_not_in_the_log(shop):
    version, rows = shop.version(), len(shop.work.audit())
    receipt = shop.changes(read(USD.replace(b",100,", b",90,"), "c.csv"))
    assert [(c.new, c.updated, c.unchanged) for c in receipt.changes] == [(0, 1, 0)]
    assert (shop.version(), len(shop.work.audit())) == (version, rows)
