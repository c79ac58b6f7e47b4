"""Forecasts: at least as good as last year's month, calm with short and broken histories, honest in their bands."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from shopplan.forecast import calendar, combine, error_model, forecast, season
from shopplan.terms import ShopplanError

RETAIL = Path(__file__).resolve().parents[3] / "shared" / "data" / "forecast" / "aus_retail_monthly.csv"
SEASON = np.array([0.9, 0.8, 1.0, 0.95, 1.0, 1.2, 0.95, 0.95, 1.0, 1.05, 1.3, 0.9])
COLUMNS = ["unique_id", "ds", "yhat", "lo-80", "hi-80", "lo-95", "hi-95", "model"]


def months(y, name="a", start="2022-01-01"):
    return pd.DataFrame({"unique_id": name, "ds": pd.date_range(start, periods=len(y), freq="MS"), "y": y})


def shop(n, seed=0, growth=0.1, noise=0.05, name="a"):
    t = np.arange(n)
    draws = np.random.default_rng(seed).normal(0, noise, n)
    return months(1e5 * SEASON[t % 12] * np.exp(growth * t / 12 + draws), name)


def test_season_and_growth_are_carried_on():
    truth = shop(48, noise=0.0)
    ahead = forecast(truth[:36], 12)
    assert list(ahead.columns) == COLUMNS
    assert ahead["ds"].tolist() == truth["ds"][36:].tolist()
    np.testing.assert_allclose(ahead["yhat"], truth["y"][36:], rtol=0.08)
    assert set(ahead["model"].iloc[0].split("+")) == {"structural", "ets", "theta", "stl", "sarima"}


@pytest.mark.skipif(not RETAIL.exists(), reason="../shared/data/forecast is not here")
def test_real_retail_beats_last_years_month_and_bands_hold():
    frame = pd.read_csv(RETAIL, parse_dates=["ds"])
    frame = frame[frame["unique_id"].isin(sorted(frame["unique_id"].unique())[::5])]
    past = frame[frame["split"] == "train"].groupby("unique_id").tail(48)
    ahead = forecast(past, 12).merge(frame[frame["split"] == "test"], on=["unique_id", "ds"])
    naive = past.groupby("unique_id").tail(12).assign(ds=lambda rows: rows["ds"] + pd.DateOffset(years=1))
    both = ahead.merge(naive, on=["unique_id", "ds"], suffixes=("", "_naive"))
    size = both.groupby("unique_id")["y"].transform("mean")
    own, last_year = ((both["y"] - both[name]).abs() / size for name in ("yhat", "y_naive"))
    assert len(both) == 12 * 12
    assert own.mean() < last_year.mean()
    assert 0.7 < both["y"].between(both["lo-80"], both["hi-80"]).mean() < 0.97
    assert both["y"].between(both["lo-95"], both["hi-95"]).mean() > 0.88


def test_bands_cover_on_simulated_shops():
    inside = []
    for seed in range(40):
        truth = shop(48, seed, growth=0.15, noise=0.08)
        ahead = forecast(truth[:36], 12)
        y = truth["y"].to_numpy()[36:]
        inside.append([((y >= ahead[f"lo-{p}"]) & (y <= ahead[f"hi-{p}"])).mean() for p in (80, 95)])
    eighty, ninety_five = np.mean(inside, axis=0)
    assert 0.75 < eighty < 0.89
    assert 0.91 < ninety_five < 0.99


@pytest.mark.parametrize(
    ("n", "model"),
    [(1, "structural short_history"), (3, "structural short_history"), (11, "structural short_history"),
     (12, "structural"), (13, "structural last_season"), (27, "structural last_season"),
     (28, "structural ets theta stl sarima last_season"), (36, "structural ets theta stl sarima")],
)  # fmt: skip
def test_history_length_picks_the_model_and_never_explodes(n, model):
    past = shop(n, seed=3)
    ahead = forecast(past, 36, freq="M")
    assert set(ahead["model"].iloc[0].split("+")) == set(model.split())
    assert np.isfinite(ahead[COLUMNS[2:7]].to_numpy()).all()
    assert (ahead["yhat"] < 3.1 * past["y"].max()).all()
    assert (ahead["yhat"] > past["y"].min() / 3.1).all()
    for inner, outer in (("lo-80", "lo-95"), ("yhat", "lo-80"), ("hi-80", "yhat"), ("hi-95", "hi-80")):
        assert (ahead[outer] <= ahead[inner]).all()


@pytest.mark.parametrize(("freq", "near", "far"), [("M", 6, 60), ("W", 4, 70), ("D", 7, 90)])
def test_a_period_is_forecast_alike_however_far_one_looks(freq, near, far):
    y = 500 * np.exp(np.random.default_rng(4).normal(0, 0.4, 40))
    step = {"M": "MS", "W": "7D", "D": "D"}[freq]
    past = pd.DataFrame({"unique_id": "a", "ds": pd.date_range("2022-01-01", periods=40, freq=step), "y": y})
    past["y"] *= np.where(past["ds"].dt.month == 4, 1.5, 1.0)
    first, whole = forecast(past, near, freq), forecast(past, far, freq)
    pd.testing.assert_frame_equal(first, whole[:near])


def test_a_period_is_forecast_alike_with_prices_known_further_ahead():
    past = shop(30, seed=5)
    dates = pd.date_range("2022-01-01", periods=90, freq="MS")
    prices = pd.DataFrame({"ds": dates, "price": 20 + np.arange(90) % 7 + np.where(np.arange(90) > 50, 30, 0)})
    pd.testing.assert_frame_equal(forecast(past, 6, X=prices), forecast(past, 60, X=prices)[:6])


@pytest.mark.parametrize("start", ["1900-01-01", "1949-01-01", "2095-01-01"])
def test_histories_of_any_century_are_forecast(start):
    past = shop(40)
    past["ds"] = pd.date_range(start, periods=40, freq="MS")
    assert np.isfinite(forecast(past, 24)["yhat"]).all()


def test_two_winters_teach_a_ski_schools_season():
    season = np.array([30, 25, 20, 4, 1, 1, 1, 1, 1, 2, 10, 28])
    draws = np.exp(np.random.default_rng(6).normal(0, 0.1, 24))
    ahead = forecast(months(1000 * season[np.arange(24) % 12] * draws), 12)
    assert (np.abs(np.log(ahead["yhat"] / (1000 * season))) < 0.3).all()


def test_one_season_is_half_last_year_half_level():
    past = shop(12, noise=0.0, growth=0.0)
    ahead = forecast(past, 12)
    november = ahead["yhat"].iloc[10] / ahead["yhat"].iloc[11]
    assert 1.0 < november < past["y"].iloc[10] / past["y"].iloc[11]


def test_fewer_points_give_wider_bands():
    def width(n):
        ahead = forecast(shop(n, seed=2), 6, freq="M")
        return (np.log(ahead["hi-80"]) - np.log(ahead["lo-80"])).mean()

    assert width(3) > width(36)
    assert width(1) > width(36)


def test_steep_growth_is_damped():
    """Sales have tripled in a year: the next years add less and less, until they add next to nothing."""
    past = 1000 * np.exp(0.1 * np.arange(30))
    ahead = forecast(months(past), 60)["yhat"].to_numpy()
    years = np.concatenate([[past[-12:].sum()], ahead.reshape(5, 12).sum(axis=1)])
    growth = years[1:] / years[:-1]
    assert 1.5 < growth[0] < np.exp(1.2)
    assert (np.diff(growth) < 0).all()
    assert growth[-1] == pytest.approx(1, abs=0.05)


def test_gaps_are_bridged():
    whole = shop(40, seed=5)
    holes = whole.drop(index=[7, 8, 21])
    holes.loc[30, "y"] = np.nan
    np.testing.assert_allclose(forecast(holes, 12)["yhat"], forecast(whole, 12)["yhat"], rtol=0.15)


def test_a_mistyped_month_does_not_move_the_forecast_much():
    whole = shop(48, seed=6)
    slip = whole.copy()
    slip.loc[20, "y"] *= 10
    np.testing.assert_allclose(forecast(slip, 12)["yhat"], forecast(whole, 12)["yhat"], rtol=0.2)


def test_a_few_zeros_are_closed_months_not_a_season():
    closed = shop(40, seed=7)
    closed.loc[[9, 10], "y"] = 0.0
    ahead = forecast(closed, 12)["yhat"]
    assert ahead.min() > 0.5 * closed["y"].median()


@pytest.mark.parametrize("kind", ["many zeros", "negative", "both signs", "tiny", "constant"])
def test_odd_values_never_explode(kind):
    draws = np.random.default_rng(8)
    y = {
        "many zeros": draws.poisson(0.7, 40).astype(float),
        "negative": -draws.uniform(10, 90, 40),
        "both signs": draws.normal(0, 100, 40),
        "tiny": draws.uniform(1e-9, 2e-9, 40),
        "constant": np.full(40, 5.0),
    }[kind]
    ahead = forecast(months(y), 24)
    reach = max(np.abs(y).max(), 1e-12)
    assert np.isfinite(ahead[COLUMNS[2:7]].to_numpy()).all()
    assert (ahead["yhat"].abs() <= 4 * reach).all()
    assert (ahead[["lo-95", "hi-95"]].abs() <= 6 * reach).all(axis=None)


def test_positive_sales_are_never_forecast_negative():
    ahead = forecast(shop(30, seed=9, growth=-1.5), 36)
    assert (ahead[COLUMNS[2:7]] > 0).all(axis=None)


def test_nothing_sold_and_no_longer_sold_are_zero_and_say_so():
    dead, gone = months(np.zeros(20), "dead"), shop(20, name="gone")
    gone.loc[16:, "y"] = 0.0
    ahead = forecast(pd.concat([dead, gone]), 3).groupby("unique_id")
    assert ahead["model"].first().to_dict() == {"dead": "empty", "gone": "stopped"}
    assert (ahead["yhat"].max() == 0).all()


def test_the_first_part_month_of_a_channel_is_not_its_level():
    whole = shop(30, seed=10)
    late = whole.copy()
    late.loc[0, "y"] *= 0.1
    np.testing.assert_allclose(forecast(late, 12)["yhat"], forecast(whole[1:], 12)["yhat"])


def test_a_failed_fit_falls_to_a_named_simpler_model(monkeypatch):
    def broken(*_, **__):
        raise np.linalg.LinAlgError("singular")

    for name in ("ets", "airline", "_theta", "split"):
        monkeypatch.setattr(combine, name, broken)
    ahead = forecast(shop(40), 12)
    assert (ahead["model"] == "structural").all()
    np.testing.assert_allclose(ahead["yhat"], shop(52, noise=0.0)["y"][40:], rtol=0.15)


def test_closed_weekdays_stay_closed():
    days = pd.date_range("2026-01-01", periods=120)
    y = np.where(days.day_of_week == 6, 0.0, 100.0 + 20 * (days.day_of_week == 5))
    ahead = forecast(pd.DataFrame({"unique_id": "a", "ds": days, "y": y}), 14)
    sunday = ahead["ds"].dt.day_of_week == 6
    assert (ahead.loc[sunday, ["yhat", "lo-80", "hi-95"]] == 0).all(axis=None)
    assert ahead.loc[~sunday, "yhat"].between(95, 125).all()


def test_a_daily_event_lifts_its_days_ahead():
    days = pd.date_range("2024-01-01", "2026-10-31")
    events = calendar("2024-01-01", "2026-12-31")
    listed = events[events["event"] == "double_11"]
    on = np.zeros(len(days), dtype=bool)
    for first, last in zip(listed["day_start"], listed["day_end"], strict=True):
        on |= (days >= first) & (days <= last)
    noise = np.random.default_rng(11).normal(0, 0.05, len(days))
    frame = pd.DataFrame({"unique_id": "a", "ds": days, "y": 100 * np.exp(0.7 * on + noise)})
    ahead = forecast(frame, 30, events=events).set_index("ds")["yhat"]
    assert 1.5 < ahead["2026-11-05"] / ahead["2026-11-25"] < 2.3


def test_weekly_series_repeat_last_years_weeks():
    weeks = pd.date_range("2023-01-02", periods=150, freq="7D")
    wave = np.exp(0.4 * np.sin(2 * np.pi * np.arange(176) / 52))
    past = pd.DataFrame({"unique_id": "a", "ds": weeks, "y": 1000 * wave[:150]})
    ahead = forecast(past, 26)
    assert ahead["ds"].iloc[0] == weeks[-1] + pd.Timedelta(days=7)
    np.testing.assert_allclose(ahead["yhat"], 1000 * wave[150:], rtol=0.1)


def test_weeks_that_wander_without_a_season_stay_near_their_level():
    rng = np.random.default_rng(8)
    walk = np.exp(np.cumsum(rng.normal(0, 0.06, (20, 130)), axis=1))
    weeks = pd.date_range("2023-01-02", periods=130, freq="7D")
    past = pd.concat(pd.DataFrame({"unique_id": f"{k:02}", "ds": weeks, "y": 1000 * y}) for k, y in enumerate(walk))
    ahead = forecast(past, 13).groupby("unique_id")["yhat"].mean().to_numpy()
    assert np.mean(np.abs(np.log(ahead / (1000 * walk[:, -1])))) < 0.11


def test_a_known_stock_out_does_not_teach_the_season():
    past = shop(36, seed=12, noise=0.02)
    whole = forecast(past, 12)["yhat"]
    past.loc[30:33, "y"] *= 0.7
    out = pd.DataFrame({"ds": pd.date_range("2022-01-01", periods=48, freq="MS"), "out": 0.0})
    out.loc[30:33, "out"] = 1.0
    told, untold = forecast(past, 12, X=out)["yhat"], forecast(past, 12)["yhat"]
    assert (told - whole).abs()[6:10].sum() < 0.5 * (untold - whole).abs()[6:10].sum()
    np.testing.assert_allclose(told, whole, rtol=0.06)


def test_an_influence_must_be_known_ahead():
    short = pd.DataFrame({"ds": pd.date_range("2022-01-01", periods=36, freq="MS"), "price": 1.0})
    with pytest.raises(ShopplanError, match="2025-01-01"):
        forecast(shop(36), 12, X=short)


def test_bad_frames_are_refused_with_the_place():
    past = shop(14)
    with pytest.raises(ShopplanError, match="y"):
        forecast(past.drop(columns="y"), 3, freq="M")
    with pytest.raises(ShopplanError, match="a, 2022-03-01"):
        forecast(pd.concat([past, past.iloc[[2]]]), 3)
    with pytest.raises(ShopplanError, match="at least one period"):
        forecast(past[:0], 3)


def test_error_model_has_shapes_and_sane_numbers():
    frame = pd.concat([shop(36, seed, name=f"s{seed}") for seed in range(4)])
    errors = error_model(frame, 24)
    assert errors.ids == ("s0", "s1", "s2", "s3")
    assert errors.sd.shape == (4, 24)
    assert (errors.sd[:, 23] > errors.sd[:, 0]).all()
    assert (np.diff(errors.sd, axis=1) > -0.01).all()  # a feast's month is less sure than the next one
    assert ((errors.sd > 0.02) & (errors.sd < 0.5)).all()
    assert errors.memory.shape == (24, 24)
    np.testing.assert_allclose(np.diag(errors.memory), 1.0)
    assert np.linalg.eigvalsh(errors.memory).min() > 0
    assert errors.freedom == pytest.approx(9)


def test_error_correlation_is_seen_between_series_that_move_together():
    def together(share):
        draws = np.random.default_rng(13)
        common = np.cumsum(draws.normal(0, 0.08, 40))
        parts = []
        for i in range(5):
            own = np.cumsum(draws.normal(0, 0.08, 40))
            parts.append(months(1e4 * np.exp(share * common + (1 - share) * own), f"s{i}"))
        return error_model(pd.concat(parts), 12).cross

    assert together(1.0) > together(0.0) + 0.3


def test_errors_last_longer_where_the_level_wanders():
    def memory(wander):
        shops = []
        for i in range(4):
            moves = np.random.default_rng(20 + i).normal(0, 0.08, 48)
            path = np.cumsum(moves) if wander else moves
            shops.append(months(1e4 * SEASON[np.arange(48) % 12] * np.exp(path), f"s{i}"))
        return error_model(pd.concat(shops), 12).memory[5, 6]

    assert memory(wander=True) > memory(wander=False) + 0.15


def test_season_indices_have_mean_one_and_find_the_peak():
    indices = season(pd.concat([shop(36), shop(18, name="short"), shop(5, name="new")]))
    assert list(indices.columns) == list(range(1, 13))
    np.testing.assert_allclose(indices.mean(axis=1), 1.0)
    np.testing.assert_allclose(indices.loc["a"], SEASON / SEASON.mean(), atol=0.06)
    assert 1.0 < indices.loc["short", 11] < indices.loc["a", 11]
    assert (indices.loc["new"] == 1.0).all()
