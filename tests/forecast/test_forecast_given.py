"""What is given beside the history, own regressors and events, may be dated and named as the history may."""

import numpy as np
import pandas as pd
import pytest

from shopplan.forecast import forecast, report
from shopplan.terms import ShopplanError

MONTHS = pd.date_range("2023-01-01", periods=30, freq="MS")
AHEAD = 3
ALL = pd.date_range(MONTHS[0], periods=30 + AHEAD, freq="MS")
ON = np.isin(ALL.month, (2, 9)) & (ALL.year > 2023)


def history(ids=("1", "2"), ends=False):
    ds = MONTHS + pd.offsets.MonthEnd(0) if ends else MONTHS
    y = 100 * np.exp(0.4 * ON[:30] + np.random.default_rng(1).normal(0, 0.03, 30))
    return pd.concat(pd.DataFrame({"unique_id": one, "ds": ds, "y": y}) for one in ids)


def regressors(ids=("1", "2")):
    return pd.concat(pd.DataFrame({"unique_id": one, "ds": ALL, "ad": ON.astype(float)}) for one in ids)


@pytest.fixture(scope="module")
def plain():
    return forecast(history(), AHEAD, X=regressors())


def test_the_regressor_matters(plain):
    assert (plain["yhat"] != forecast(history(), AHEAD)["yhat"]).any()


@pytest.mark.parametrize(
    "told",
    [
        lambda x: x.assign(ds=x["ds"] + pd.offsets.MonthEnd(0)),
        lambda x: x.assign(ds=x["ds"].dt.strftime("%Y-%m-%d")),
        lambda x: x.assign(ds=x["ds"].dt.tz_localize("Asia/Shanghai") + pd.Timedelta(hours=9)),
        lambda x: x.assign(unique_id=x["unique_id"].astype(int)),
        lambda x: x.assign(ad=x["ad"] == 1),
        lambda x: x[x["unique_id"] == "1"].drop(columns="unique_id"),
    ],
    ids=["month ends", "text", "time zone", "numbers as ids", "yes and no", "for all series"],
)
def test_regressors_are_read_as_the_history_is(told, plain):
    pd.testing.assert_frame_equal(forecast(history(), AHEAD, X=told(regressors())), plain)
    assert report(history(), X=told(regressors())).empty


def test_history_and_regressors_may_both_be_dated_by_month_ends(plain):
    x = regressors([1, 2])
    x["ds"] += pd.offsets.MonthEnd(0)
    pd.testing.assert_frame_equal(forecast(history([1, 2], ends=True), AHEAD, X=x), plain)


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (lambda x: pd.concat([x, x.iloc[[4]]]), r"1, 2023-05-01\. a known influence has two values"),
        (lambda x: x.drop(columns="unique_id"), r"^2023-01-01\. a known influence has two values"),
        (lambda x: x.drop(columns="ds"), "need the column ds"),
        (lambda x: x.assign(ds=x["ds"].astype(str).replace("2023-05-01", "soon")), r"ds\. not a date .*'soon'"),
        (lambda x: x.assign(ds=x["ds"].mask(x["ds"] == ALL[3])), "a date is missing"),
        (lambda x: x.assign(ad=x["ad"].astype(str).replace("1.0", "yes")), r"2024-02-01, ad\. not a finite .*'yes'"),
        (lambda x: x.assign(ad=x["ad"].replace(1.0, np.inf)), r"1, 2024-02-01, ad\. not a finite number"),
    ],
)  # fmt: skip
def test_regressors_that_cannot_be_are_refused_with_their_place(told, said):
    with pytest.raises(ShopplanError, match=said):
        forecast(history(), AHEAD, X=told(regressors()))


def test_a_history_with_a_word_for_a_date_is_refused():
    rows = history().astype({"ds": str})
    rows.iloc[5, 1] = "May"
    with pytest.raises(ShopplanError, match=r"not a date like 2026-01-31: 'May'"):
        forecast(rows, AHEAD)


SALES = pd.DataFrame({"event": "sale", "day_start": ALL[ON], "day_end": ALL[ON] + pd.Timedelta(days=27)})


@pytest.mark.parametrize(
    "told",
    [
        lambda e: e,
        lambda e: e.assign(day_start=e["day_start"].dt.strftime("%Y-%m-%d"), day_end=e["day_end"].astype(str)),
        lambda e: e.assign(day_end=e["day_end"] + pd.Timedelta(hours=23), kind=None),
        lambda e: e.assign(kind="", lead=np.nan),
    ],
    ids=["bare", "text", "hours", "blanks"],
)
@pytest.mark.parametrize("freq", ["M", "D"])
def test_events_are_promotions_of_just_their_days_unless_it_is_said(told, freq):
    days = pd.date_range("2024-01-01", periods=100)
    rows = history() if freq == "M" else pd.DataFrame({"unique_id": "a", "ds": days, "y": 100.0 + days.day_of_week})
    whole = SALES.assign(lead=0, tail=0, kind="promotion")
    pd.testing.assert_frame_equal(forecast(rows, 2, events=told(SALES)), forecast(rows, 2, events=whole))


def test_days_are_as_they_are_written_whatever_the_zone():
    rows = history()
    written = rows["ds"].dt.strftime("%Y-%m-%dT00:30:00") + np.where(np.arange(60) < 40, "+08:00", "-05:00")
    pd.testing.assert_frame_equal(forecast(rows.assign(ds=written), 2), forecast(rows, 2))


def test_no_events_are_none():
    pd.testing.assert_frame_equal(forecast(history(), 2, events=pd.DataFrame()), forecast(history(), 2))


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (lambda e: e.drop(columns="day_end"), r"day_end\. events need the columns"),
        (
            lambda e: e.assign(day_start=["2024-02-01", "soon", "2024-03-01", "2024-04-01"][: len(e)]),
            r"day_start\. not a date",
        ),
        (lambda e: e.assign(day_end=pd.Timestamp("2020-01-01")), r"sale\. the end is before the start"),
        (lambda e: e.assign(lead="some"), r"sale\. not a number of days"),
        (lambda e: e.assign(tail=-1), r"sale\. not a number of days"),
    ],
)
def test_events_that_cannot_be_are_refused_with_their_place(told, said):
    with pytest.raises(ShopplanError, match=said):
        forecast(history(), AHEAD, events=told(SALES))
