"""Rows that cannot be right: a mis-keyed week, a day that is not there, a month's spend in one cell."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.simulated_shops import make_shop
from shopplan.response import checks, fit, read_history, readings
from shopplan.terms import ShopplanError

SHOP = make_shop(3, 130, 4, "mm", "poor")


def read(frame):
    result = fit(frame[:130], "week", "sales", list(SHOP.channels), ["price"])
    return result, np.array([one.roas.value for one in readings(result).values()])


@pytest.fixture(scope="module")
def untouched():
    return read(SHOP.frame)


@pytest.mark.parametrize("times", [0.0, 1000.0])
def test_one_wild_week_does_not_bend_the_curves(untouched, times):
    frame = SHOP.frame.astype({"sales": float})
    frame.loc[70, "sales"] *= times
    result, returns = read(frame)
    assert list(result.odd) == [pd.Timestamp(frame["week"][70])]
    np.testing.assert_allclose(returns, untouched[1], rtol=0.15)
    assert [c.value for c in checks(result, readings(result)) if c.code == "odd_periods" and not c.passed] == [1.0]


def test_an_even_history_has_no_odd_week(untouched):
    result, _ = untouched
    assert not len(result.odd)
    assert all(c.passed for c in checks(result, readings(result)) if c.code in ("odd_periods", "odd_spend"))


def test_spend_many_times_as_high_as_ever_is_told():
    frame = SHOP.frame.astype({SHOP.channels[1]: float})
    frame.loc[90, SHOP.channels[1]] *= 100
    result, _ = read(frame)
    told = [c.channel for c in checks(result, readings(result)) if c.code == "odd_spend" and not c.passed]
    assert told == [SHOP.channels[1]]


def days():
    ds = pd.date_range("2025-01-06", periods=140)
    return pd.DataFrame({"day": ds, "sales": 100.0 + np.arange(140) % 7, "ads": 10.0})


def test_a_missing_day_is_refused_by_its_date():
    with pytest.raises(ShopplanError, match="2025-02-12 is missing"):
        read_history(days()[days()["day"] != "2025-02-12"], "day", "sales", ["ads"])


def test_a_weekday_on_which_the_shop_is_closed_may_lack_rows():
    every = days()
    closed = every[(every["day"].dt.day_of_week != 6) | (every["day"] == "2025-03-02")]
    assert len(read_history(closed, "day", "sales", ["ads"]).dates) == 19, "the last week has no Sunday yet"
