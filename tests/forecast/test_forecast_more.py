"""What a forecast works around is told; channels add up; earlier forecasts are judged; events and the command."""

import numpy as np
import pandas as pd
import pytest

from shopplan.cli import main
from shopplan.forecast import (
    backtest,
    calendar,
    error_model,
    forecast,
    forecast_and_errors,
    reconciled,
    replay,
    report,
    totals,
)  # fmt: skip
from shopplan.forecast.combine import _weeks
from shopplan.forecast.smoothing import ets
from shopplan.terms import ShopplanError

SEASON = np.array([0.9, 0.8, 1.0, 0.95, 1.0, 1.2, 0.95, 0.95, 1.0, 1.05, 1.3, 0.9])


def months(y, name="a", start="2022-01-01"):
    return pd.DataFrame({"unique_id": name, "ds": pd.date_range(start, periods=len(y), freq="MS"), "y": y})


def shop(n, seed=0, growth=0.1, noise=0.04, name="a", level=1e5):
    t = np.arange(n)
    draws = np.random.default_rng(seed).normal(0, noise, n)
    return months(level * SEASON[t % 12] * np.exp(growth * t / 12 + draws), name)


def found(frame, **options):
    listed = report(frame, **options)
    return {(row.ds.strftime("%Y-%m"), row.found) for row in listed.itertuples()}


def test_a_clean_history_has_nothing_to_tell():
    assert report(pd.concat([shop(48, seed, name=f"s{seed}") for seed in range(6)])).empty


def test_a_mistyped_month_is_told_with_what_was_expected():
    past = shop(48, 1)
    true = past.loc[20, "y"]
    past.loc[20, "y"] *= 10
    (row,) = report(past).itertuples()
    assert (row.found, row.ds) == ("outlier", pd.Timestamp("2023-09-01"))
    assert row.value == pytest.approx(10 * true)
    assert row.usual == pytest.approx(true, rel=0.15)


def test_gaps_zeros_and_refunds_are_told_by_date():
    past = shop(40, 2)
    past.loc[12, "y"], past.loc[15, "y"] = 0.0, -300.0
    assert found(past.drop(index=25)) == {("2023-01", "zero"), ("2023-04", "negative"), ("2024-02", "gap")}


def test_a_lasting_step_is_a_shift_and_teaches_no_growth():
    past = shop(48, 3, growth=0.0)
    past.loc[30:, "y"] *= 1.8
    shifts = report(past)
    assert shifts["found"].tolist() == ["shift"]
    assert abs((shifts["ds"].iloc[0] - past["ds"][30]).days) < 40
    assert shifts["usual"].iloc[0] == pytest.approx(1.8, rel=0.1)
    np.testing.assert_allclose(forecast(past, 12)["yhat"], 1.8e5 * SEASON, rtol=0.1)


def test_what_is_stated_is_not_odd():
    past = shop(40, 4)
    past.loc[30, "y"] *= 0.5
    out = pd.DataFrame({"ds": pd.date_range("2022-01-01", periods=52, freq="MS"), "out": 0.0})
    out.loc[30, "out"] = 1.0
    assert found(past) == {("2024-07", "outlier")}
    assert found(past, X=out) == set()


def test_ends_and_beginnings_are_told():
    gone = shop(30, 5, name="gone")
    gone.loc[25:, "y"] = 0.0
    listed = report(pd.concat([gone, shop(7, 5, name="new"), months(np.zeros(9), "none")]), freq="M")
    assert listed.set_index("unique_id")["found"].to_dict() == {
        "gone": "stopped", "new": "short_history", "none": "empty",
    }  # fmt: skip


def test_steady_growers_are_not_forecast_low_and_year_totals_hold():
    bias, held = [], []
    for seed in range(16):
        n = 24 + seed % 9
        truth = shop(n + 12, seed, growth=0.15 + 0.01 * seed, noise=0.05)
        total, year = totals(truth[:n], 12, freq="M").iloc[0], truth["y"][n:].sum()
        bias.append(total["yhat"] / year - 1)
        held.append(total["lo-80"] <= year <= total["hi-80"])
    assert -0.08 < np.mean(bias) < 0.03  # at 15 to 30 % a year; half of it is believed to last
    assert sum(held) >= 10


def test_a_total_is_surer_than_its_months_and_less_sure_than_chance():
    ahead, total = forecast(shop(40, 6), 12), totals(shop(40, 6), 12).iloc[0]
    assert total["yhat"] == pytest.approx(ahead["yhat"].sum())
    month = np.log(ahead["hi-80"] / ahead["lo-80"]).mean()
    assert month / np.sqrt(12) < np.log(total["hi-80"] / total["lo-80"]) < month


def test_channels_add_up_to_the_total_exactly():
    frame = pd.concat([shop(40, i, growth=0.3 - 0.1 * i, name=f"c{i}", level=1e5 / (i + 1)) for i in range(4)])
    ahead = reconciled(frame, 12)
    table = ahead.pivot(index="ds", columns="unique_id", values="yhat")
    np.testing.assert_allclose(table.drop(columns="total").sum(axis=1), table["total"], rtol=1e-12)
    assert ((ahead["lo-95"] < ahead["lo-80"]) & (ahead["lo-80"] < ahead["yhat"])).all()
    assert ((ahead["yhat"] < ahead["hi-80"]) & (ahead["hi-80"] < ahead["hi-95"])).all()
    alone = forecast(frame, 12).pivot(index="ds", columns="unique_id", values="yhat")
    np.testing.assert_allclose(table[alone.columns], alone, rtol=0.1)


def test_a_channel_called_total_is_refused():
    with pytest.raises(ShopplanError, match="total"):
        reconciled(shop(30, name="total"), 3)


def test_looking_back_judges_what_would_have_been_said():
    frame = pd.concat([shop(44, i, name=f"c{i}") for i in range(2)])
    seen = backtest(frame, 12)
    assert set(seen["unique_id"]) == {"c0", "c1", "total"}
    assert seen.groupby("unique_id")["steps"].apply(list).to_dict() == {
        name: [1, 3, 6, 12] for name in ("c0", "c1", "total")
    }
    year = seen[(seen["back"] == 12) & (seen["unique_id"] == "c0")].iloc[0]
    past = frame[(frame["unique_id"] == "c0") & (frame["ds"] <= year["cutoff"])]
    miss = forecast(past, 12)["yhat"].to_numpy() - frame[frame["unique_id"] == "c0"]["y"].to_numpy()[-12:]
    assert year["wape"] == pytest.approx(np.abs(miss).sum() / frame["y"].to_numpy()[32:44].sum(), rel=0.05)
    assert seen["wape"].between(0, 0.15).all()
    assert seen[["cover-80", "cover-95"]].stack().between(0, 1).all()


def test_a_look_back_knows_nothing_of_what_came_after():
    frame = pd.concat([shop(36, i, name=f"c{i}") for i in range(2)])
    later = frame.copy()
    later.loc[later["ds"] > "2024-06-01", "y"] *= 5
    before, after = (replay(one, 6, back=(6,)).set_index(["unique_id", "ds"])["yhat"] for one in (frame, later))
    pd.testing.assert_series_equal(before, after)


@pytest.mark.parametrize("old", [1, 2])
def test_what_a_channel_sold_that_nobody_foresaw_is_a_miss_of_the_total(old):
    """A channel has opened within the year: the shop sold its part too, whatever was known a year ago."""
    frame = pd.concat(
        [*(shop(30, i, 0.0, name=f"c{i}") for i in range(old)), months(np.full(8, 1e5), "new", "2023-11-01")]
    )
    seen = replay(frame, 12, back=(12,))
    assert seen["unique_id"].unique().tolist() == [*(f"c{i}" for i in range(old)), "total"]
    whole = seen[seen["unique_id"] == "total"]
    sold = frame[frame["ds"] > whole["cutoff"].iloc[0]].groupby("ds")["y"].sum()
    np.testing.assert_allclose(whole.set_index("ds")["y"], sold)
    score = backtest(frame, 12, back=(12,)).set_index("unique_id").loc["total"]
    assert score["bias"] == pytest.approx(-8 / (12 * old + 8), abs=0.05)
    assert score["wape"] >= -score["bias"] - 1e-9
    assert score["cover-95"] < 0.5, "nor did its band know"


def test_a_history_too_short_to_look_back_says_so():
    with pytest.raises(ShopplanError, match="too short"):
        backtest(shop(3), 12, freq="M")


def test_one_fit_gives_forecast_and_errors():
    frame = pd.concat([shop(30, i, name=f"c{i}") for i in range(2)])
    ahead, errors = forecast_and_errors(frame, 6)
    pd.testing.assert_frame_equal(ahead, forecast(frame, 6), rtol=0.05)  # of a shop's channels each knows the other
    assert errors.ids == ("c0", "c1")
    np.testing.assert_allclose(errors.sd, error_model(frame, 6).sd)
    assert errors.sd.shape == (2, 6)


def test_points_are_covered_on_families_of_simulated_shops():
    inside = {80: [], 95: []}
    for seed in range(24):
        n, wander = (18, 26, 40)[seed % 3], np.cumsum(np.random.default_rng(seed).normal(0, 0.02, 60))
        truth = shop(n + 6, seed, growth=-0.1 + 0.02 * seed, noise=0.06)
        truth["y"] *= np.exp(wander[: n + 6])
        ahead = forecast(truth[:n], 6)
        for level, hits in inside.items():
            hits += (
                truth["y"][n:]
                .between(ahead[f"lo-{level}"].set_axis(range(n, n + 6)), ahead[f"hi-{level}"].set_axis(range(n, n + 6)))
                .tolist()
            )
    assert 0.68 < np.mean(inside[80]) < 0.93
    assert np.mean(inside[95]) > 0.87


@pytest.mark.parametrize("kind", ["ramp", "spike", "alternating", "one jump", "few"])
def test_nothing_explodes(kind):
    y = {
        "ramp": np.exp(0.2 * np.arange(30)), "spike": np.where(np.arange(30) == 29, 1e9, 1.0),
        "alternating": np.tile([1.0, 1e6], 15), "one jump": np.r_[np.ones(15), np.full(15, 1e4)],
        "few": np.array([1.0, 1e5, 3.0]),
    }[kind]  # fmt: skip
    ahead = forecast(months(y), 60, freq="M")
    numbers = ahead[["yhat", "lo-80", "hi-80", "lo-95", "hi-95"]].to_numpy()
    assert np.isfinite(numbers).all()
    assert (ahead["yhat"] <= 3.1 * y.max()).all()


def days_of_shop(first, last, events, lift, seed=0):
    days = pd.date_range(first, last)
    on = np.zeros(len(days))
    for row in events.itertuples():
        on[(days >= row.day_start) & (days <= row.day_end)] += lift
    noise = np.random.default_rng(seed).normal(0, 0.05, len(days))
    return pd.DataFrame({"unique_id": "a", "ds": days, "y": 1000 * np.exp(on + noise)})


def test_an_event_never_seen_brings_what_its_kind_brings_and_is_less_sure():
    starts = pd.to_datetime(["2026-02-10", "2026-04-14", "2026-06-16", "2026-08-11"])
    events = pd.DataFrame({"event": [f"sale {i}" for i in range(4)], "day_start": starts})
    events = events.assign(day_end=starts + pd.Timedelta(days=3), lead=0, tail=0, kind="promotion")
    past = days_of_shop("2026-01-01", "2026-09-30", events, 0.8)
    start = pd.Timestamp("2026-10-13")
    new = events[:1].assign(event="first ever", day_start=start, day_end=start + pd.Timedelta(days=3))
    ahead = forecast(past, 28, events=pd.concat([events, new], ignore_index=True)).set_index("ds")
    usual, event = ahead.loc["2026-10-20":"2026-10-23"], ahead.loc["2026-10-13":"2026-10-16"]
    assert 1.5 < event["yhat"].mean() / usual["yhat"].mean() < 2.6
    assert (event["hi-80"] / event["lo-80"]).mean() > 1.2 * (usual["hi-80"] / usual["lo-80"]).mean()


def test_spring_festival_is_forecast_where_it_moves_to():
    events = calendar("2024-01-01", "2026-12-31")
    festival = events[events["event"] == "spring_festival"]
    past = days_of_shop("2024-01-01", "2026-01-20", festival, -0.8)
    ahead = forecast(past, 45, events=festival).set_index("ds")["yhat"]
    assert ahead["2026-02-17"] < 0.7 * ahead["2026-02-05"]  # the day in 2026
    assert ahead["2026-01-29"] > 0.85 * ahead["2026-02-05"]  # the day in 2025


def test_weeks_with_a_moving_feast_and_two_years_known():
    weeks = pd.date_range("2024-01-01", periods=130, freq="7D")
    wave = 1000 * np.exp(0.3 * np.cos(2 * np.pi * np.arange(130) / 52.18))
    past = pd.DataFrame({"unique_id": "a", "ds": weeks, "y": wave * np.random.default_rng(1).lognormal(0, 0.04, 130)})
    ahead = forecast(past[:117], 13)
    np.testing.assert_allclose(ahead["yhat"], wave[117:], rtol=0.12)
    assert "last_season" in ahead["model"].iloc[0]


def test_the_command_writes_what_the_function_gives(tmp_path, capsys):
    frame = pd.concat([shop(30, i, name=f"c{i}") for i in range(2)])
    frame.to_csv(tmp_path / "in.csv", index=False)
    call = ["forecast", "--csv", str(tmp_path / "in.csv"), "--horizon", "4", "--out", str(tmp_path / "out.csv")]
    assert main([*call, "--level", "50", "90", "--totals", str(tmp_path / "sums.csv")]) == 0
    assert "2 series" in capsys.readouterr().out
    written = pd.read_csv(tmp_path / "out.csv", parse_dates=["ds"])
    pd.testing.assert_frame_equal(written, forecast(frame, 4, level=(50, 90)), check_dtype=False)
    sums = pd.read_csv(tmp_path / "sums.csv")
    pd.testing.assert_frame_equal(sums, totals(frame, 4, level=(50, 90)), check_dtype=False)
    apart = written.groupby("unique_id")[["yhat", "lo-90", "hi-90"]].sum()
    np.testing.assert_allclose(sums["yhat"], apart["yhat"])
    assert (sums["hi-90"] - sums["lo-90"] < (apart["hi-90"] - apart["lo-90"]).to_numpy()).all(), "misses cancel out"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("unique_id,ds\na,2026-01-01\n", "row 1"),
        ("unique_id,ds,y\na,2026-01-01,5\na,soon,6\n", "row 3, column ds"),
        ("unique_id,ds,y\na,2026-01-01,5\na,2026-02-01,many\n", "row 3, column y"),
        ("unique_id,ds,y\na,2026-01-01,5\na,2026-01-01,6\n", "row 3, column ds"),
        ("unique_id,ds,y\n,2026-01-01,5\n", "row 2, column unique_id"),
        ("unique_id,ds,y\na,2026-01-01,inf\n", "row 2, column y"),
        ("unique_id,ds,y\n", "no rows"),
        ("", "it is empty"),
        ("# Notes\n\nOne, two, three\n", "in.csv, row 3. this row has 3 cells, the rows above it have 1"),
        ('unique_id,ds,y\na,2026-01-01,"5\n', "it is no table with commas between the cells"),
    ],
)
def test_a_bad_file_is_refused_with_the_place(tmp_path, capsys, text, place):
    path = tmp_path / "in.csv"
    path.write_text(text)
    assert main(["forecast", "--csv", str(path), "--horizon", "3", "--out", str(tmp_path / "out.csv")]) == 1
    err = capsys.readouterr().err
    assert place in err
    assert err.count("\n") == 1
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize("wrong", [["--horizon", "0"], ["--horizon", "x"], ["--horizon", "3", "--level", "120"]])
def test_a_wrong_call_is_a_misuse(tmp_path, capsys, wrong):
    with pytest.raises(SystemExit) as end:
        main(["forecast", "--csv", "in.csv", "--out", "out.csv", *wrong])
    assert end.value.code == 2


def test_events_come_from_a_file(tmp_path, capsys):
    shop(30).to_csv(tmp_path / "in.csv", index=False)
    (tmp_path / "events.csv").write_text("event,day_start,day_end\nsale,2024-07-01,2024-07-31\n")
    call = ["forecast", "--csv", str(tmp_path / "in.csv"), "--horizon", "3", "--out", str(tmp_path / "out.csv")]
    assert main([*call, "--events", str(tmp_path / "events.csv")]) == 0
    (tmp_path / "events.csv").write_text("event,day_start,day_end\nsale,2024-07-31,2024-07-01\n")
    assert main([*call, "--events", str(tmp_path / "events.csv")]) == 1
    assert "row 2, column day_end" in capsys.readouterr().err


def test_half_a_year_of_weeks_invents_no_season():
    weeks = pd.date_range("2025-01-06", periods=30, freq="7D")
    past = pd.concat(
        pd.DataFrame({"unique_id": f"{k}", "ds": weeks, "y": 100 * np.exp(np.cumsum(rng.normal(0, 0.02, 30)))})
        for k, rng in enumerate(map(np.random.default_rng, range(12)))
    )
    ahead = forecast(past, 13, "W")
    ratio = ahead["yhat"].to_numpy().reshape(12, 13) / past["y"].to_numpy().reshape(12, 30)[:, -1:]
    assert np.abs(np.log(ratio)).max() < 0.12


def test_the_total_of_days_that_often_sell_nothing_is_not_low():
    days = pd.date_range("2025-01-01", periods=240, freq="D")
    rng = np.random.default_rng(5)
    sales = rng.lognormal(5, 0.5, (12, 240)) * (rng.random((12, 240)) > 0.35)
    past = pd.concat(pd.DataFrame({"unique_id": f"{k}", "ds": days, "y": y}) for k, y in enumerate(sales))
    assert forecast(past, 28, "D")["yhat"].mean() == pytest.approx(sales.mean(), rel=0.15)


def test_a_member_by_whole_weeks_keeps_its_days_and_moves_their_level():
    days = np.tile([0.0, 0.1, 0.2, 0.3, 0.2, -0.3, -0.5], 30)
    z = np.random.default_rng(2).normal(0, 0.1, 210) + days
    (plain,), (moved,) = ets(z, 7, [210], 28), _weeks(z, 7, [210], 28)
    weekly = ets(z.reshape(30, 7).mean(axis=1), 1, [30], 4)[0]
    np.testing.assert_allclose(moved.reshape(4, 7).mean(axis=1), weekly)
    np.testing.assert_allclose(np.diff(moved.reshape(4, 7)), np.diff(plain.reshape(4, 7)))


def test_days_are_also_forecast_by_whole_weeks():
    y = 100 * np.exp(0.2 * np.sin(2 * np.pi * np.arange(130) / 7))
    past = pd.DataFrame({"unique_id": "a", "ds": pd.date_range("2023-01-02", periods=130, freq="D"), "y": y})
    assert "weeks" in forecast(past, 8, "D")["model"].iloc[0].split("+")
