"""What pages and the command line share: currency, rates, channels and the figures that follow them."""

from datetime import date

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
    shop.set_channel_map(ChannelMap())
    shop.enter_channels({"taobao": Entry(300.0, incremental=0.5), "amazon": Entry(100.0, incremental=0.9)})
    shop.set_channel_map(ChannelMap({"amazon": "taobao"}, {"taobao": "Marketplaces"}), "Ann")
    assert shop.entered().channels == {"taobao": Entry(400.0, incremental=pytest.approx(0.6))}
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


GBP = b"order id,date,channel,amount,currency\nG,2026-01-05,search,900,GBP\nH,2026-01-06,search,700,GBP\n"
ADS = b"date,channel,spend,currency\n2026-01-05,live,10,GBP\n2026-01-06,live,12,GBP\n"


@pytest.fixture
def typed(tmp_path):
    opened = Shop.open(tmp_path / "typed.duckdb")
    opened.enter_numbers(300_000.0, 40_000.0, 0.45, date(2026, 1, 1), "CNY", "Ann")
    yield opened
    opened.close()


def foreign(shop):
    return {(one.what, one.currency, one.amount) for one in shop.entered().foreign}


def test_what_was_typed_keeps_its_currency_when_files_are_in_another(typed):
    typed.enter_channels({"search": Entry(9_000.0, 3.0)}, "Ann")
    typed.commit(read(GBP, "g.csv"), "Ann")
    now = typed.entered()
    assert typed.currency() == "GBP"
    assert (now.sales_last_month, now.marketing_month, now.gross_margin) == (None, None, 0.45)
    assert now.channels == {"search": Entry(None, 3.0)}
    assert foreign(typed) == {
        ("sales_last_month", "CNY", 300_000.0), ("marketing_month", "CNY", 40_000.0), ("spend", "CNY", 9_000.0),
    }  # fmt: skip
    assert [(one.currency, one.amount) for one in typed.baseline("000").foreign] == [("CNY", 9_000.0)]
    typed.set_rates(Rates("GBP", (Rate("CNY", 0.2, "2020-01"), Rate("CNY", 0.1, "2025-01"))), "Ann")
    now = typed.entered()
    assert (now.marketing_month, now.channels["search"].spend, now.foreign) == (4_000.0, 900.0, ())


def test_the_plan_begins_without_money_in_another_currency_and_goes_on_as_before_in_its_own(typed):
    typed.commit(read(GBP, "g.csv"), "Ann")
    shop = typed.baseline("000")
    assert (shop.default("budget"), shop.defaults["budget"].note) == (0.0, "no_spend_history")
    assert [(one.currency, one.amount) for one in shop.foreign] == [("CNY", 40_000.0)]
    typed.work.set_setting("currency", "GBP")
    shop = typed.baseline("000")
    assert shop.default("budget") == pytest.approx(40_000.0)
    assert (shop.defaults["budget"].source, shop.foreign) == ("entered", ())


def test_a_typed_spend_stays_as_it_was_typed_until_it_is_typed_anew(typed):
    typed.enter_channels({"search": Entry(9_000.0), "live": Entry(500.0)}, "Ann")
    typed.commit(read(GBP, "g.csv"), "Ann")
    typed.set_rates(Rates("GBP", (Rate("CNY", 0.1),)), "Ann")
    shown = typed.entered().channels
    typed.enter_channels({"search": Entry(shown["search"].spend, 2.0), "live": Entry(70.0)}, "Ann")
    typed.set_rates(Rates("GBP", (Rate("CNY", 0.2),)), "Ann")
    assert typed.entered().channels == {"search": Entry(1_800.0, 2.0), "live": Entry(70.0)}
    typed.set_rates(Rates(), "Ann")
    typed.enter_channels({"search": Entry(None, 2.5), "live": Entry(70.0)}, "Ann")
    assert typed.entered().channels == {"search": Entry(None, 2.5), "live": Entry(70.0)}
    assert ("spend", "CNY", 9_000.0) in foreign(typed)
    typed.enter_channels({"search": Entry(0.0, 2.5)}, "Ann")
    assert not [one for one in foreign(typed) if one[0] == "spend"]


def test_spend_from_before_currencies_were_kept_counts_as_the_shops_own(shop):
    shop.work.set_setting("entered_channels", {"taobao": {"spend": 300.0, "roas": 2.0}})
    assert shop.entered().channels == {"taobao": Entry(300.0, 2.0)}
    shop.work.set_setting("three_numbers", {"marketing_month": 50.0})
    assert (shop.entered().marketing_month, shop.entered().foreign) == (50.0, ())


def test_what_was_typed_without_files_follows_the_currency_that_is_chosen_for_it(typed):
    typed.enter_channels({"search": Entry(9_000.0)}, "Ann")
    typed.work.set_setting("currency", "EUR")
    now = typed.entered()
    assert (now.marketing_month, now.channels["search"].spend, now.foreign) == (40_000.0, 9_000.0, ())


def test_numbers_in_another_currency_than_the_only_file_ask_for_the_rate(typed):
    typed.commit(read(ADS, "s.csv"), "Ann")
    with pytest.raises(ShopplanError, match="the sales are in CNY, figures are in GBP"):
        typed.baseline("000")
    typed.set_rates(Rates("GBP", (Rate("CNY", 0.1),)), "Ann")
    assert typed.baseline("000").monthly_sales == pytest.approx(30_000.0)


def test_shop_events_are_those_of_the_sales_currency_or_as_chosen(typed):
    """Which currency figures are shown in makes no difference to what happened."""
    assert typed.country() == "CN"
    typed.commit(read(GBP, "g.csv"))
    assert typed.country() == "GB"
    typed.set_rates(Rates("GBP", (Rate("CNY", 0.11),)))
    typed.set_currency("CNY")
    assert (typed.history().currency, typed.history().country) == ("CNY", "GB")
    before = typed.version()
    typed.set_events("ALL", "Ann")
    assert typed.history().country == "ALL"
    assert typed.version() != before, "forecasts and curves follow"
