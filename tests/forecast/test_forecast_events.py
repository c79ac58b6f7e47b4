"""The calendar of shop events: moving dates are right, reach is right, months know their share."""

from datetime import date

import pandas as pd
import pytest

from shopplan.forecast import calendar, event_share
from shopplan.forecast.events import CHINA, WEST, black_friday, easter, spring_festival
from shopplan.terms import ShopplanError

SPRING_FESTIVALS = {
    2024: date(2024, 2, 10),
    2025: date(2025, 1, 29),
    2026: date(2026, 2, 17),
    2027: date(2027, 2, 6),
    2028: date(2028, 1, 26),
    2029: date(2029, 2, 13),
    2030: date(2030, 2, 3),
    2031: date(2031, 1, 23),
}


@pytest.mark.parametrize(("year", "day"), SPRING_FESTIVALS.items())
def test_spring_festival_moves_with_the_moon(year, day):
    assert spring_festival(year) == day


def test_western_moving_days():
    assert [black_friday(y) for y in (2024, 2026)] == [date(2024, 11, 29), date(2026, 11, 27)]
    assert [easter(y) for y in (2024, 2025)] == [date(2024, 3, 31), date(2025, 4, 20)]


def test_a_year_of_chinese_events_in_order():
    frame = calendar("2026-01-01", "2026-12-31")
    assert list(frame.columns) == ["event", "day_start", "day_end", "lead", "tail", "kind"]
    assert sorted(frame["event"]) == sorted(event.id for event in CHINA)
    assert frame["day_start"].is_monotonic_increasing
    double_11 = frame.set_index("event").loc["double_11"]
    assert (double_11["day_start"], double_11["day_end"]) == (pd.Timestamp("2026-11-01"), pd.Timestamp("2026-11-11"))


def test_events_that_only_reach_in_are_listed():
    assert "double_11" in set(calendar("2026-11-15", "2026-11-16")["event"])  # its tail
    assert "double_11" in set(calendar("2026-10-25", "2026-10-26")["event"])  # its lead
    assert "christmas" in set(calendar("2027-01-01", "2027-01-03", "GB")["event"])


def test_other_countries_have_western_events():
    assert set(calendar("2026-01-01", "2026-12-31", "GB")["event"]) == {event.id for event in WEST}


def test_a_month_knows_its_share_of_event_days():
    months = pd.date_range("2026-01-01", periods=12, freq="MS")
    share = event_share(months, calendar("2026-01-01", "2026-12-31"))
    assert share.loc["2026-11-01", "double_11"] == pytest.approx(11 / 30)
    assert share.loc["2026-02-01", "spring_festival"] == pytest.approx(9 / 28)
    assert share.loc["2026-03-01", "double_11"] == 0
    goods = share["goods_festival"]
    assert goods["2026-01-01"] * 31 + goods["2026-02-01"] * 28 == pytest.approx(19)  # over two months, none lost


def test_shares_by_week_and_day():
    events = calendar("2026-11-01", "2026-11-30")
    weeks = event_share(pd.DatetimeIndex(["2026-11-09"]), events, "W")
    days = event_share(pd.date_range("2026-11-10", periods=3), events, "D")
    assert weeks["double_11"].iloc[0] == pytest.approx(3 / 7)
    assert days["double_11"].tolist() == [1.0, 1.0, 0.0]


def test_years_without_a_known_moon_are_refused():
    with pytest.raises(ShopplanError, match="1952"):
        calendar("1900-01-01", "1900-12-31")
