"""A table of sales and spend is read into even periods, and what is wrong with it is said with its row."""

import numpy as np
import pandas as pd
import pytest

from shopplan.response import read_history
from shopplan.terms import ShopplanError


def weeks(n=20):
    days = pd.date_range("2024-01-01", periods=n, freq="7D").strftime("%Y-%m-%d")
    return pd.DataFrame({"week": days, "sales": np.arange(n) + 100.0, "ads": 10.0, "price": 1.0})


def read(frame, **changes):
    options = {"date": "week", "target": "sales", "spend": ["ads"], "controls": ["price"]}
    return read_history(frame, **options | changes)


def test_days_are_added_up_to_whole_weeks_from_monday():
    days = pd.date_range("2024-01-03", "2024-04-05")
    frame = pd.DataFrame({"week": days, "sales": 1.0, "ads": 2.0, "price": 5.0})
    history = read(frame)
    assert history.period == "W"
    assert history.dates[0] == pd.Timestamp("2024-01-08")
    assert history.dates[-1] == pd.Timestamp("2024-03-25")
    assert set(history.sales) == {7.0}
    assert set(history.spend[:, 0]) == {14.0}
    assert set(history.controls[:, 0]) == {5.0}


def test_rows_may_come_in_any_order():
    frame = weeks()
    assert (read(frame.iloc[::-1]).sales == read(frame).sales).all()


@pytest.mark.parametrize(("name", "period"), [("month", "M"), ("period", "W")])
def test_whole_numbers_count_periods(name, period):
    frame = weeks().rename(columns={"week": name}).assign(**{name: range(1, 21)})
    history = read(frame, date=name)
    assert history.period == period
    assert len(history.sales) == 20


def test_months_of_any_day_are_months():
    frame = weeks(12).assign(week=pd.date_range("2024-01-31", periods=12, freq="ME").strftime("%Y-%m-%d"))
    assert read(frame).period == "M"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda f: f.drop(columns="ads"), "no column ads"),
        (lambda f: f.assign(week=f["week"].where(f.index != 4, "soon")), "row 6, column week.*'soon' is not a date"),
        (lambda f: f.assign(sales=f["sales"].astype(object).where(f.index != 2, "n/a")), "row 4, column sales.*'n/a'"),
        (lambda f: f.assign(ads=f["ads"].where(f.index != 7, np.nan)), "row 9, column ads"),
        (lambda f: f.assign(ads=f["ads"].where(f.index != 7, np.inf)), "row 9, column ads"),
        (lambda f: f.assign(ads=f["ads"].where(f.index != 3, -1.0)), "row 5, column ads.*below zero"),
        (lambda f: f.iloc[:5], "5 periods are too few"),
        (lambda f: f.iloc[:0], "no rows"),
        (lambda f: f.drop(index=9), "2024-03-04"),
        (lambda f: pd.concat([f, f.iloc[[3]]]), "2024-01-22 comes twice"),
        (lambda f: f.assign(sales=0.0), "no sales above zero"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_place(change, said):
    with pytest.raises(ShopplanError, match=said):
        read(change(weeks()))


def test_a_column_has_one_meaning():
    with pytest.raises(ShopplanError, match="used twice"):
        read(weeks(), controls=["ads"])
