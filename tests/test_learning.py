"""What a shop learns beside the plan: first and new curves, what is asked of people, forecasts and what came true."""

from __future__ import annotations

import json
import shutil
from concurrent.futures import wait
from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from shopplan import cli, demo
from shopplan.demo import load_settings
from shopplan.ingest import of_frames
from shopplan.learning import CURVES
from shopplan.plan.occasions import Occasion
from shopplan.response import Entry, Experiment
from shopplan.store.view import ChannelMap, Rate, Rates
from shopplan.terms import ShopplanError
from shopplan.typed import counted
from shopplan.workspace import Shop

TEST = Experiment("content", "2026-06-01", "2026-08-30", 1.35, 1.65, roas=True)


@pytest.fixture
def shop(demo_home, tmp_path):
    shutil.copytree(demo_home, tmp_path / "home")
    opened = Shop.open(tmp_path / "home" / "shop.duckdb")
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def own_files():
    """Fourteen months of a small shop in one import, and the two months after them in another."""
    base = load_settings()
    channels = tuple(c for c in base.channels if c.id in ("search", "content", "private"))
    settings = replace(base, start=date(2025, 5, 1), end=date(2026, 8, 31), warmup_days=30, channels=channels)
    made = demo.generate(settings)
    parts = []
    for first, last in (("2025-05-01", "2026-06-30"), ("2026-07-01", "2026-08-31")):
        frames = {name: getattr(made, name) for name in ("sales_daily", "spend_daily")}
        frames = {name: f[f["day"].between(first, last)] for name, f in frames.items()}
        parts.append(of_frames(f"own {first}", frames, "own"))
    return parts


def settle(shop):
    """Wait for the background to finish what was asked of it."""
    wait(shop.learning._jobs.values())


def roas(shop, channel="content"):
    return shop.baseline("000").curves[channel].roas


def test_the_first_curves_are_taken_into_use_and_stay_over_a_restart(shop, monkeypatch):
    first = shop.baseline("000")
    assert shop.learning.state()["unasked"]
    assert {c.source for c in first.curves.values()} == {"fitted", "blended"}
    assert shop.learning.waiting() is None
    monkeypatch.delattr("shopplan.learning.learn")  # nothing is fitted again
    again = Shop(shop.facts, shop.work).baseline("000")
    assert again.curves == first.curves
    assert (again.curve_links == first.curve_links).all()


def test_new_curves_wait_until_somebody_accepts_them(shop):
    before = roas(shop)
    shop.learning.set_experiments((TEST,), "ann")
    shop.learning.refresh()
    assert roas(shop) == before, "the old curve is in use while the new one is made"
    settle(shop)
    assert roas(shop) == before, "and until it is accepted"
    new = shop.learning.waiting()
    assert abs(new.curves["content"].curve.roas - 1.5) < abs(before - 1.5)
    version = shop.baseline("000").version
    shop.learning.accept("ann")
    assert roas(shop) == new.curves["content"].curve.roas
    assert shop.baseline("000").version != version
    assert shop.learning.waiting() is None
    assert not shop.learning.state().get("unasked")
    assert shop.work.audit(1)[0].who == "ann"


def test_declined_curves_are_not_asked_for_again(shop):
    before = roas(shop)
    shop.learning.set_experiments((TEST,))
    shop.learning.fit()
    shop.learning.decline("ann")
    shop.learning.refresh()
    assert not shop.learning.busy(CURVES)
    assert shop.learning.waiting() is None
    assert roas(shop) == before
    shop.learning.set_experiments((replace(TEST, hi=1.7),))
    shop.learning.fit()
    assert shop.learning.waiting() is not None


def test_a_share_that_is_typed_makes_new_curves_and_a_typed_return_counts_at_once(shop):
    before = roas(shop, "search")
    shop.enter_channels({"search": Entry(incremental=0.5)})
    assert roas(shop, "search") == before
    assert shop.learning.fit().curves["search"].curve.roas < 0.75 * before
    shop.enter_channels({"search": Entry(roas=1.0)})
    assert roas(shop, "search") == 1.0
    with pytest.raises(ShopplanError, match="incremental share"):
        shop.enter_channels({"search": Entry(incremental=1.5)})


def test_a_test_in_days_that_are_no_whole_week_yet_waits_and_stops_nothing(shop):
    last = shop.facts.daily_spend(shop.view())["ds"].max()
    test = replace(TEST, start=f"{pd.Timestamp(last):%Y-%m-%d}", end=f"{pd.Timestamp(last):%Y-%m-%d}")
    shop.learning.set_experiments((test,))
    assert shop.learning.fit().experiments == (), "its week is not over"


@pytest.mark.parametrize(
    ("start", "end"), [("2026-02-30", "2026-03-05"), ("soon", "2026-03-05"), ("2026-03-09", "2026-03-05")]
)
def test_a_test_on_days_that_are_none_is_refused(start, end):
    with pytest.raises(ShopplanError, match=r"not a date|end is before"):
        replace(TEST, start=start, end=end)


def test_an_experiment_without_spend_is_refused(shop):
    with pytest.raises(ShopplanError, match="spent nothing"):
        shop.learning.set_experiments((replace(TEST, start="2019-01-01", end="2019-02-01"),))


def test_own_data_take_the_place_of_the_demo_shops_curves(shop, own_files):
    demos = shop.learning.in_use()
    shop.commit(own_files[0])
    assert shop.learning.in_use() is None
    own = shop.baseline("000")
    assert own.learned.through == "2026-06-28"
    assert own.learned.through != demos.through
    shop.commit(own_files[1])
    shop.learning.refresh()
    settle(shop)
    assert shop.baseline("000").learned.through == "2026-06-28"
    assert shop.learning.waiting().through == "2026-08-30"


def test_curves_follow_the_currency_of_the_figures(shop):
    before, learned = shop.baseline("000").curves["search"], shop.learning.in_use()
    shop.set_rates(Rates("CNY", (Rate("USD", 8.0),)))
    shop.set_currency("USD")
    after = shop.baseline("000").curves["search"]
    assert after.reference_spend == pytest.approx(before.reference_spend / 8)
    shown, stored = shop.learning.in_use(), learned
    assert shown.base == pytest.approx(stored.base / 8)
    one, other = shown.curves["search"], stored.curves["search"]
    assert one.reading.contribution.hi == pytest.approx(other.reading.contribution.hi / 8)
    assert one.reading.still_to_come == pytest.approx(other.reading.still_to_come / 8)
    assert one.reading.roas == other.reading.roas
    assert one.points["sales"].sum() == pytest.approx(other.points["sales"].sum() / 8)
    assert shop.learning.fit().currency == "USD"
    assert shop.learning.waiting() is None, "the same curves in other money are nothing to decide"
    assert shop.learning.state()["accepted"] == shop.learning.source(), "and take the place of those in use"
    assert (after.roas, after.source) == (before.roas, before.source)
    shop.set_rates(Rates("CNY"))
    shop.set_currency("EUR")
    assert shop.learning.in_use() is None, "no rate leads there"


def test_a_test_of_sales_keeps_its_currency(shop):
    test = Experiment("content", "2026-06-01", "2026-08-30", 300_000.0, 400_000.0)
    shop.learning.set_experiments((test,))
    before = shop.learning.fit()
    assert [e.currency for e in shop.learning.experiments()] == ["CNY"]
    shop.set_rates(Rates("CNY", (Rate("USD", 8.0),)))
    shop.set_currency("USD")
    after = shop.learning.fit()
    assert after.experiments[0].lo == pytest.approx(300_000 / 8)
    assert after.curves["content"].curve.roas == pytest.approx(before.curves["content"].curve.roas, rel=0.02)
    shop.set_rates(Rates("CNY"))
    assert counted(shop.learning.experiments(), shop.view()) == (), "no rate leads there: it waits"
    assert len(shop.learning.experiments()) == 1, "and is kept"


def test_merging_channels_puts_their_curves_and_tests_aside(shop):
    shop.learning.set_experiments((TEST,))
    shop.learning.fit()
    shop.learning.accept()
    whole = shop.learning.in_use()
    shop.set_channel_map(ChannelMap({"content": "search"}))
    kept = shop.learning.in_use()
    assert set(whole.curves) - set(kept.curves) == {"content", "search"}, "they are curves of something else"
    assert kept.correlation.shape == (2 * len(kept.curves), 2 * len(kept.curves))
    assert shop.baseline("000").curves["search"].source == "platform"
    assert counted(shop.learning.experiments(), shop.view()) == ()
    shop.learning.set_experiments(shop.learning.experiments())  # it can be saved as it is
    shop.set_channel_map(ChannelMap())
    assert set(shop.learning.in_use().curves) == set(whole.curves)


def test_forecasts_in_the_ledger_follow_the_currency(shop):
    shop.baseline("000")
    (before,) = shop.learning.ledger()
    shop.set_rates(Rates("CNY", (Rate("USD", 8.0),)))
    shop.set_currency("USD")
    shop.baseline("000")
    rows = shop.learning.ledger()
    assert {row["currency"] for row in rows} == {"USD"}
    assert rows[0]["mean"][0] == pytest.approx(before["mean"][0] / 8, abs=1)
    shop.set_rates(Rates("CNY"))
    shop.set_currency("EUR")
    assert {row["currency"] for row in shop.learning.ledger()} == {"CNY", "USD"}, "none is lost without a rate"


def test_what_is_undone_is_looked_back_on_again(shop):
    """A promotion is typed and taken out: the first look back was forgotten meanwhile and is made anew."""

    def looked():
        shop.learning.hindsight()
        settle(shop)
        return shop.learning.hindsight()

    assert looked() is not None
    shop.set_occasions((Occasion("Sale", "promotion", "2026-03-02", "2026-03-08"),))
    assert looked() is not None
    shop.set_occasions(())
    assert looked() is not None


def test_what_was_typed_on_the_demo_shop_is_not_said_of_own_data(shop, own_files):
    sale = Occasion("618", "promotion", "2026-06-18", "2026-06-18")
    shop.learning.set_experiments((TEST,))
    shop.set_occasions((sale,))
    shop.enter_channels({"search": Entry(roas=9.0)})
    shop.commit(own_files[0])
    assert (shop.learning.experiments(), shop.occasions(), dict(shop.entered().channels)) == ((), (), {})
    shop.set_occasions((sale,))
    assert shop.occasions() == (sale,)


def test_too_few_data_leave_the_curves_as_they_are_believed(tmp_path, own_files):
    shop = Shop.open(tmp_path / "s.duckdb")
    frames = {n: f[pd.to_datetime(f["day"]) < "2025-08-01"] for n, f in own_files[0].frames.items()}
    shop.commit(of_frames("short", frames, "short"))
    baseline = shop.baseline("000")
    assert baseline.learned is None
    assert {c.source for c in baseline.curves.values()} == {"platform"}
    shop.close()


def test_every_forecast_that_a_plan_used_is_in_the_ledger(shop, own_files):
    assert [row["start"] for row in shop.learning.ledger()] in ([], ["2026-11-01"])
    shop.baseline("000")
    shop.baseline("001")
    (row,) = shop.learning.ledger()
    assert row["start"] == "2026-11-01"
    assert all(lo < mean < hi for lo, mean, hi in zip(row["lo"], row["mean"], row["hi"], strict=True))
    assert sum(values[0] for values in row["channels"].values()) == pytest.approx(row["mean"][0], abs=6)
    for parsed in own_files:
        shop.commit(parsed)
        shop.baseline("000")
    assert [row["start"] for row in shop.learning.ledger()] == ["2026-07-01", "2026-09-01"]


def test_forecasts_are_made_again_from_earlier_dates_in_the_background(shop):
    assert shop.learning.hindsight() is None
    settle(shop)
    found = shop.learning.hindsight()
    seen, scores = found.made, found.scores
    assert sorted(scores["back"].unique()) == [1, 3, 6, 12]
    assert {"total", "search", "organic"} <= set(scores["unique_id"])
    whole = scores[(scores["unique_id"] == "total") & (scores["back"] == 6)].iloc[0]
    assert 0 < whole["wape"] < 0.1
    year = seen[(seen["back"] == 12) & (seen["unique_id"] == "total")]
    assert year["ds"].min() == pd.Timestamp("2025-11-01")
    assert len(year) == 12


def test_the_command_line_uses_and_accepts_the_same_curves(shop, capsys):
    shop.learning.set_experiments((TEST,))
    db = str(shop.facts.path)
    before = roas(shop)
    shop.close()
    assert cli.main(["curves", "--db", db, "--refit", "--json"]) == 0
    out = json.loads(capsys.readouterr().out)
    new = {row["curve"]["channel"]: row["curve"]["roas"] for row in out["waiting"]["curves"]}

    def used():
        assert cli.main(["run", "--db", db, "--draws", "0", "--levers"]) == 0
        (line,) = [x for x in capsys.readouterr().out.splitlines() if x.startswith("roas:content ")]
        return float(line.split()[1])

    assert used() == pytest.approx(before, rel=1e-3)
    assert cli.main(["curves", "--db", db, "--accept"]) == 0
    assert "waiting: none" in capsys.readouterr().out
    assert used() == pytest.approx(new["content"], rel=1e-3)
