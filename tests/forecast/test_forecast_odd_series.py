"""Series that are no even trade: some zeros, both signs, counts, start-ups, and half a year of months."""

import numpy as np
import pandas as pd
import pytest

from shopplan.forecast import combine, forecast, report, structural, totals

SERIES = 10
START = {"M": "2020-01-01", "D": "2023-01-02"}


def many(path, n, h, freq, count=SERIES):
    """Long frames of past and future of series ``path(rng, season)``, each with a season of its own phase."""
    parts = []
    for k in range(count):
        season = np.sin(2 * np.pi * (np.arange(n + h) + k) / {"M": 12, "D": 7}[freq])
        days = pd.date_range(START[freq], periods=n + h, freq={"M": "MS", "D": "D"}[freq])
        y = path(np.random.default_rng([k, n]), season)
        parts.append(pd.DataFrame({"unique_id": f"s{k}", "ds": days, "y": y}).assign(past=np.arange(n + h) < n))
    rows = pd.concat(parts)
    return (rows[rows["past"] == past].drop(columns="past") for past in (True, False))


def half_zero(rng, season):
    return 1000 * np.exp(0.3 * season + rng.normal(0, 0.3, len(season))) * (rng.random(len(season)) > 0.2)


def both_signs(rng, season):
    return 1000 * (0.3 + 0.8 * season + rng.normal(0, 0.6, len(season)))


def some_returns(rng, season):
    return 1000 * (1.2 + 0.3 * season + rng.normal(0, 0.9, len(season)))


def counts(rng, season):
    return rng.poisson(np.exp(0.2 + 0.4 * season)).astype(float)


@pytest.mark.parametrize("path", [half_zero, both_signs, some_returns, counts])
@pytest.mark.parametrize(("freq", "n", "h"), [("M", 48, 12), ("D", 120, 28)])
def test_bands_hold_and_totals_are_right_on_average(path, freq, n, h):
    past, future = many(path, n, h, freq)
    seen = forecast(past, h, freq).merge(future, on=["unique_id", "ds"])
    for level, least in ((80, 0.7), (95, 0.88)):
        assert least < seen["y"].between(seen[f"lo-{level}"], seen[f"hi-{level}"]).mean()
    assert seen["y"].between(seen["lo-80"], seen["hi-80"]).mean() < 0.95
    whole = totals(past, h, freq)
    # in values of the size they usually have, since those of both signs may add up to nothing
    assert abs(whole["yhat"].mean() - future["y"].sum() / SERIES) < 0.2 * h * past["y"].abs().mean()


@pytest.mark.parametrize("path", [half_zero, counts])
def test_what_was_never_below_zero_has_no_band_there(path):
    past, _ = many(path, 48, 12, "M")
    ahead = forecast(past, 12)
    assert (ahead[["yhat", "lo-80", "lo-95"]] >= 0).all(axis=None)


def grown(rate):
    def path(rng, season):
        return 1e4 * np.exp(rate * np.arange(len(season)) + 0.15 * season + rng.normal(0, 0.06, len(season)))

    return path


@pytest.mark.parametrize(("months", "rate", "least"), [(14, 0.05, (0.45, 0.7)), (24, 0.08, (0.65, 0.9))])
def test_a_start_up_is_taken_to_go_on_for_a_while_and_its_bands_are_wide(months, rate, least):
    past, future = many(grown(rate), months, 12, "M", 24)
    whole = totals(past, 12, "M").set_index("unique_id")
    came = future.groupby("unique_id")["y"].sum().reindex(whole.index)
    assert -0.25 < float((whole["yhat"] / came - 1).mean()) < 0.05
    for level, share in zip((80, 95), least, strict=True):
        assert came.between(whole[f"lo-{level}"], whole[f"hi-{level}"]).mean() > share


CHRISTMAS = np.log([0.9, 0.8, 1.0, 0.95, 1.0, 1.2, 0.95, 0.95, 1.0, 1.05, 1.3, 0.9])


def young(months, rate):
    """Totals of shops with a Christmas of their own each, less than a year known, beside what came."""

    def path(rng, season):
        t = np.arange(len(season))
        return 1e5 * np.exp(rate * t + np.roll(CHRISTMAS, rng.integers(12))[t % 12] + rng.normal(0, 0.06, len(t)))

    past, future = many(path, months, 12, "M", 14)
    return totals(past, 12, "M").set_index("unique_id").assign(came=future.groupby("unique_id")["y"].sum())


def test_less_than_a_year_of_growth_makes_wide_bands_that_hold():
    seen = pd.concat([young(months, rate) for months in (8, 10) for rate in (0.05, 0.08)])
    assert -0.4 < float((seen["yhat"] / seen["came"] - 1).mean()) < 0.05
    for level, share in ((80, 0.6), (95, 0.75)):
        assert seen["came"].between(seen[f"lo-{level}"], seen[f"hi-{level}"]).mean() > share


def test_less_than_a_year_without_growth_is_forecast_as_well_as_if_none_were_looked_for(monkeypatch):
    seen = young(8, 0.0)
    monkeypatch.setattr(structural, "STEEPEST", 0.0)
    calm = young(8, 0.0)
    missed = [float(np.abs(np.log(one["yhat"] / one["came"])).mean()) for one in (seen, calm)]
    assert missed[0] < 1.02 * missed[1]
    assert np.log(seen["hi-80"] / seen["lo-80"]).mean() < 2 * np.log(calm["hi-80"] / calm["lo-80"]).mean()


def test_half_a_year_of_months_knows_how_many_days_they_have():
    days = pd.Series(100.0, pd.date_range("2024-08-01", "2025-01-31"))
    past = days.resample("MS").sum().rename("y").rename_axis("ds").reset_index().assign(unique_id="a")
    ahead = forecast(past, 2)["yhat"]
    assert ahead[0] / ahead[1] == pytest.approx(28 / 31, rel=0.01)


def test_a_model_that_cannot_be_fitted_is_left_out_and_told(monkeypatch):
    def broken(*_):
        raise np.linalg.LinAlgError("singular")

    monkeypatch.setattr(combine, "airline", broken)
    past, _ = many(lambda rng, season: 1e4 * np.exp(0.2 * season + rng.normal(0, 0.05, len(season))), 48, 12, "M")
    one = past[past["unique_id"] == "s0"]
    model = forecast(one, 3)["model"].iloc[0].split("+")
    assert "sarima" not in model
    assert {"structural", "ets"} <= set(model)
    assert report(one)["found"].tolist() == ["failed_model"]
