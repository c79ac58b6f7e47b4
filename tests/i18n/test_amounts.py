"""What people type is read whole, or refused with a word; what the app prints it also reads."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopplan.i18n import LANGUAGES, NUMBERS, Style, amount, percent, refusal, written
from shopplan.terms import ShopplanError


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("300,000", 300_000),
        ("300000", 300_000),
        (" 300 000 ", 300_000),
        ("300\u00a0000", 300_000),
        ("3,00,000", 300_000),
        ("30万", 300_000),
        ("30 万元", 300_000),
        ("30w", 300_000),
        ("1.1M", 1_100_000),
        ("1.2m", 1_200_000),
        ("300k", 300_000),
        ("0.03亿", 3_000_000),
        ("１２３", 123),
        ("３０万", 300_000),
        ("￥300，000．50", 300_000.5),
        ("¥300,000", 300_000),
        ("CN¥300,000", 300_000),
        ("CNY 300,000", 300_000),
        ("300,000元", 300_000),
        ("0", 0),
        (".5", 0.5),
        ("12.", 12),
    ],
)
def test_an_amount_is_read_as_people_write_it(typed, number):
    assert amount(typed, "CNY") == number


@pytest.mark.parametrize(
    ("currency", "typed"), [("USD", "$1,200"), ("EUR", "1,200 €"), ("GBP", "£1.2k"), ("JPY", "¥1,200")]
)
def test_the_sign_of_the_shops_currency_is_read(currency, typed):
    assert amount(typed, currency) == 1200


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", "nothing is filled in"),
        ("  ", "nothing is filled in"),
        ("a lot", "'a lot' is not an amount"),
        ("30万5千", "'30万5千' is not an amount"),
        ("1,2", "'1,2' is not an amount"),
        ("12,34", "'12,34' is not an amount"),
        ("300.000,50", "'300.000,50' is not an amount"),
        ("41%", "'41%' is not an amount"),
        ("1e9", "'1e9' is not an amount"),
        ("nan", "'nan' is not an amount"),
        ("300.000", "'300.000' may mean thousands or decimals"),
        ("¥1.300.000", "'¥1.300.000' may mean thousands or decimals"),
        ("-300", "'-300' is below zero"),
        ("−¥1", "'−¥1' is not an amount"),
        ("$300", "'$300' is in another currency than CNY"),
        ("1万亿", "'1万亿' is too large"),
        ("9" * 400, f"'{'9' * 40}' is too large"),
    ],
)
def test_an_amount_that_cannot_be_is_refused_with_what_was_typed(typed, why):
    with pytest.raises(ShopplanError) as caught:
        amount(typed, "CNY", "Net sales last month")
    assert (caught.value.message, caught.value.where) == (why, "Net sales last month")
    assert caught.value.hint


@pytest.mark.parametrize(
    ("typed", "share"), [("41", 0.41), ("41%", 0.41), ("41.5 %", 0.415), ("４１％", 0.41), ("1", 0.01)]
)
def test_a_percentage_is_read_with_and_without_its_sign(typed, share):
    assert percent(typed, 1, 99) == share


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", "nothing is filled in"),
        ("140", "'140' is not between 1% and 99%"),
        ("140 %", "'140 %' is not between 1% and 99%"),
        ("0.41", "'0.41' is not between 1% and 99%"),
        ("-5", "'-5' is not between 1% and 99%"),
        ("41,5", "'41,5' is not a percentage"),
        ("half", "'half' is not a percentage"),
    ],
)
def test_a_percentage_that_cannot_be_is_refused_with_what_was_typed(typed, why):
    with pytest.raises(ShopplanError) as caught:
        percent(typed, 1, 99, "Gross margin")
    assert (caught.value.message, caught.value.where) == (why, "Gross margin")


def test_a_refusal_names_field_typed_and_wanted_in_chinese():
    with pytest.raises(ShopplanError) as caught:
        amount("很多", "CNY", "上月净销售额")
    assert refusal("zh", caught.value) == "上月净销售额。“很多”不是金额。请写成 300,000、300000 或 30万"


@given(st.floats(0, 9e11), st.sampled_from(("CNY", "USD", "EUR", "GBP", "JPY")))
def test_what_the_app_prints_it_also_reads(number, currency):
    for lang in LANGUAGES:
        for numbers in NUMBERS:
            shown = Style(lang, currency, numbers).money(number)
            assert amount(shown, currency) == pytest.approx(number, rel=0.0051, abs=0.51)


@given(st.integers(0, 10**13).map(lambda n: n / 100))
def test_a_field_begins_with_a_number_that_is_read_as_the_same(number):
    assert amount(written(number), "CNY") == number


def test_a_field_without_a_number_begins_empty():
    assert (written(None), written(420_000.0), written(41.125, "%", 6)) == ("", "420,000", "41.125%")
