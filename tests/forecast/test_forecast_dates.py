"""Dates as they come: hours, time zones, weeks, and rows that are no days, weeks or months."""

import numpy as np
import pandas as pd
import pytest

from shopplan.cli import main
from shopplan.forecast import forecast
from shopplan.forecast.command import forecast_file
from shopplan.terms import ShopplanError


def frame(days, name="a"):
    y = 100 + np.arange(len(days)) % 7 * 5.0
    return pd.DataFrame({"unique_id": name, "ds": days, "y": y})


DAYS = pd.date_range("2025-01-01", periods=60, freq="D")
WEEKS = pd.date_range("2025-01-06", periods=30, freq="7D")
MONTHS = pd.date_range("2023-01-01", periods=30, freq="MS")


@pytest.mark.parametrize("days", [DAYS, WEEKS, MONTHS], ids=["days", "weeks", "months"])
def test_the_hour_and_the_time_zone_of_a_date_do_not_matter(days):
    plain = forecast(frame(days), 3)
    for dated in (days + pd.Timedelta(hours=9, minutes=30), days.tz_localize("Asia/Shanghai")):
        pd.testing.assert_frame_equal(forecast(frame(dated), 3), plain)


def test_months_may_be_dated_by_any_of_their_days():
    ends = MONTHS + pd.offsets.MonthEnd(0)
    pd.testing.assert_frame_equal(forecast(frame(ends), 3), forecast(frame(MONTHS), 3))


def test_weeks_keep_the_weekday_they_are_dated_by():
    assert set(forecast(frame(WEEKS + pd.Timedelta(days=2)), 3)["ds"].dt.day_name()) == {"Wednesday"}


def test_a_week_dated_by_another_weekday_is_refused_with_its_place():
    moved = WEEKS.to_series().mask(np.arange(30) == 10, WEEKS[10] + pd.Timedelta(days=1))
    with pytest.raises(ShopplanError, match=r"a, 2025-03-18.*weeks of a series begin on different weekdays"):
        forecast(frame(moved.to_numpy()), 3)


@pytest.mark.parametrize("step", ["QS", "YS", "14D"])
def test_quarters_years_and_fortnights_are_not_taken_for_months(step):
    with pytest.raises(ShopplanError, match=r"dates are \d+ days apart"):
        forecast(frame(pd.date_range("2010-01-01", periods=12, freq=step)), 3)


def test_series_of_different_periods_are_not_forecast_together():
    both = pd.concat([frame(DAYS), frame(MONTHS, "b")])
    with pytest.raises(ShopplanError, match="others of another"):
        forecast(both, 3)


@pytest.mark.parametrize(("freq", "said"), [("M", "two values for the same month"), ("W", "different weekdays")])
def test_days_are_not_taken_for_longer_periods(freq, said):
    with pytest.raises(ShopplanError, match=said):
        forecast(frame(DAYS), 3, freq)


def test_a_missing_date_is_refused_with_its_series():
    rows = frame(DAYS)
    rows.loc[5, "ds"] = pd.NaT
    with pytest.raises(ShopplanError, match=r"a\. a date is missing"):
        forecast(rows, 3)


def test_a_file_keeps_its_days_whatever_their_time_zones(tmp_path):
    rows = frame(DAYS)
    plain, zones = tmp_path / "plain.csv", tmp_path / "zones.csv"
    rows.assign(ds=rows["ds"].dt.strftime("%Y-%m-%d")).to_csv(plain, index=False)
    stamps = rows["ds"].dt.strftime("%Y-%m-%dT00:30:00") + np.where(np.arange(60) < 30, "+08:00", "-05:00")
    rows.assign(ds=stamps).to_csv(zones, index=False)
    out = tmp_path / "out.csv"
    pd.testing.assert_frame_equal(forecast_file(zones, 3, out)[0], forecast_file(plain, 3, out)[0])


def test_the_command_says_what_was_odd(tmp_path, capsys):
    rows = frame(MONTHS)
    rows.loc[12, "y"] *= 50
    rows.loc[20, "y"] = 0
    source = tmp_path / "in.csv"
    rows.to_csv(source, index=False)
    assert main(["forecast", "--csv", str(source), "--horizon", "3", "--out", str(tmp_path / "out.csv")]) == 0
    told = capsys.readouterr().out.split("odd in the history:\n")[1].splitlines()
    assert any(line.startswith(f"a {MONTHS[12]:%Y-%m-%d}: outlier 6,") and "expected" in line for line in told)
    assert f"a {MONTHS[20]:%Y-%m-%d}: zero" in told


@pytest.mark.parametrize(
    ("days", "freq", "said"),
    [
        (MONTHS, "D", "these are no days"),
        (pd.date_range("2024-01-01", periods=60), "M", "two values for the same month"),
    ],
)
def test_a_length_of_periods_that_the_dates_deny_is_refused(days, freq, said):
    rows = pd.DataFrame({"unique_id": "a", "ds": days, "y": 1.0 + np.arange(len(days))})
    with pytest.raises(ShopplanError, match=said):
        forecast(rows, 3, freq)


def test_semicolons_and_a_missing_folder_are_named(tmp_path, capsys):
    frame(MONTHS).to_csv(tmp_path / "semi.csv", sep=";", index=False)
    frame(MONTHS).to_csv(tmp_path / "in.csv", index=False)
    call = ["forecast", "--horizon", "3", "--csv"]
    assert main([*call, str(tmp_path / "semi.csv"), "--out", str(tmp_path / "out.csv")]) == 1
    assert "no table with commas" in capsys.readouterr().err
    assert main([*call, str(tmp_path / "in.csv"), "--out", str(tmp_path / "none" / "out.csv")]) == 1
    assert "non-existent directory" in capsys.readouterr().err
