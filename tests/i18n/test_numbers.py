"""Numbers as people read them, with one rule of rounding."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopplan.i18n import LANGUAGES, MISSING, NUMBERS, Style
from shopplan.terms import METRICS

EN, ZH = Style("en", "CNY"), Style("zh", "CNY")
UNITS = ["money", "fraction", "per_year", "count", "ratio", "days", "months", "month", "people", "switch"]


@pytest.mark.parametrize(
    ("amount", "english", "chinese"),
    [
        (0, "CN¥0", "¥0"),
        (4.5, "CN¥4.50", "¥4.50"),
        (45.234, "CN¥45.2", "¥45.2"),
        (128.4, "CN¥128", "¥128"),
        (999.6, "CN¥1,000", "¥1,000"),
        (8_450, "CN¥8,450", "¥8,450"),
        (9_999.7, "CN¥10.0K", "¥1.00万"),
        (12_345, "CN¥12.3K", "¥1.23万"),
        (999_960, "CN¥1.00M", "¥100万"),
        (1_240_000, "CN¥1.24M", "¥124万"),
        (-12_400_000, "−CN¥12.4M", "−¥1,240万"),
        (99_996_000, "CN¥100M", "¥1.00亿"),
        (1_236_000_000, "CN¥1.24B", "¥12.4亿"),
    ],
)
def test_money_keeps_three_digits_and_all_whole_ones(amount, english, chinese):
    assert (EN.money(amount), ZH.money(amount)) == (english, chinese)


def test_number_style_is_a_choice_of_its_own():
    assert Style("zh", "CNY", "km").money(1_240_000) == "¥1.24M"
    assert Style("en", "CNY", "wan").money(1_240_000) == "CN¥124万"
    assert Style("en", "USD", "full").money(1_240_000) == "$1,240,000"
    assert EN.money(1_240_000.4, full=True) == "CN¥1,240,000"


def test_currencies_follow_their_own_rules():
    assert Style("en", "JPY").money(45.2) == "¥45"
    assert Style("zh", "USD").money(45.2) == "US$45.2"
    assert Style("en", "CHF").money(45.2) == "CHF\N{NO-BREAK SPACE}45.2"


def test_other_units():
    assert EN.percent(0.35) == "35.0%"
    assert EN.percent(-0.021) == "−2.1%"
    assert EN.ratio(4.5) == "4.50"
    assert EN.count(12_449) == "12.4K"
    assert (EN.value("days", 1), EN.value("days", 30), ZH.value("days", 30)) == ("1 day", "30 days", "30 天")
    assert (EN.value("people", 11.3), ZH.value("people", 12.0)) == ("11.3 people", "12 人")
    assert (EN.value("month", 0), ZH.value("month", 3)) == ("month 1", "第 4 个月")
    assert (EN.value("switch", 1), ZH.value("switch", 0)) == ("On", "关")


def test_odds_are_never_certain_unless_they_are():
    assert [EN.odds(p) for p in (0, 0.004, 0.0149, 0.72, 0.995, 1)] == ["0%", "<1%", "1%", "72%", ">99%", "100%"]


def test_changes_carry_their_sign_and_unit():
    assert EN.delta("money", 12_400) == "+CN¥12.4K"
    assert (EN.delta("fraction", -0.021), ZH.delta("fraction", 0.021)) == ("−2.1 pp", "+2.1 个百分点")
    assert (EN.delta("month", -2), EN.delta("days", 1)) == ("−2 months", "+1 day")
    assert (EN.delta("fraction", 0.0004), ZH.delta("money", -0.001)) == ("no change", "持平")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("number", [None, float("nan"), float("inf"), float("-inf")])
def test_what_is_not_known_is_a_dash(lang, unit, number):
    style = Style(lang, "CNY")
    assert style.value(unit, number) == style.delta(unit, number) == MISSING
    assert style.odds(number) == MISSING


@given(number=st.floats(-1e13, 1e13), lang=st.sampled_from(LANGUAGES), numbers=st.sampled_from(["", *NUMBERS]))
def test_no_minus_before_zero_and_never_a_step_too_small(number, lang, numbers):
    style = Style(lang, "CNY", numbers)
    for metric_unit in sorted({m.unit for m in METRICS.values()}):
        shown = style.value(metric_unit, number)
        assert not (shown.startswith("−") and not re.search("[1-9]", shown))
    short = style.count(abs(number))
    if short.endswith(("K", "M")):
        assert float(short[:-1].replace(",", "")) < 1000
    if short.endswith("万"):
        assert float(short[:-1].replace(",", "")) < 10_000


@given(st.floats(1, 1e12), st.sampled_from(["km", "wan"]))
def test_a_short_number_is_right_to_half_a_percent(number, numbers):
    sizes = {"K": 1e3, "M": 1e6, "B": 1e9, "万": 1e4, "亿": 1e8, "万亿": 1e12}
    digits, word = re.fullmatch(r"([\d,.]+)(\D*)", Style("en", "USD", numbers).money(number)[1:]).groups()
    shown = float(digits.replace(",", "")) * sizes.get(word, 1)
    assert shown == pytest.approx(number, rel=0.00502)


def test_dates_and_moments():
    day = date(2027, 3, 14)
    assert (EN.month(day), ZH.month(day)) == ("Mar 2027", "2027年3月")
    assert (EN.month_short(day), ZH.month_short(day)) == ("Mar 27", "27年3月")
    assert (EN.date(day), ZH.date(day)) == ("14 Mar 2027", "2027年3月14日")
    assert EN.moment(datetime(2027, 3, 14, 9, 12, tzinfo=UTC)) == "14 Mar 2027, 09:12 UTC"
    beijing = datetime(2027, 3, 15, 1, 12, tzinfo=timezone(timedelta(hours=8)))
    assert ZH.moment(beijing) == "2027年3月14日 17:12 UTC"


def test_axes_speak_the_language():
    assert "'万'" in ZH.axis("money")
    assert "'M'" in EN.axis("money")
    assert "?" not in Style("en", "USD", "full").axis("money")
    assert "%" in EN.axis("fraction")
    assert "年" in ZH.axis_month()
