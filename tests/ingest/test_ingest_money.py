"""Money goes through the reader without losing a cent."""

from decimal import ROUND_HALF_UP, Decimal

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from shopplan.ingest import read
from shopplan.ingest.money import exponent, micro_sum, minor_sum, to_minor
from shopplan.ingest.tables import LeftOut, Problem, Receipt, plain, receipt_from_dict

MINOR = st.integers(-(10**13), 10**13)
STYLES = {
    "plain": lambda text: text,
    "english": lambda text: f"{Decimal(text):,}",
    "german": lambda text: f"{Decimal(text):,}".translate(str.maketrans(",.", ".,")),
    "swiss": lambda text: f"{Decimal(text):,}".replace(",", "'"),
    "signed": lambda text: f"£{Decimal(text):,}" if not text.startswith("-") else f"-£{-Decimal(text):,}",
    "brackets": lambda text: f"({text[1:]})" if text.startswith("-") else text,
}


@given(st.lists(MINOR, min_size=1, max_size=20), st.sampled_from(sorted(STYLES)))
def test_amounts_survive_every_way_of_writing_them(minor, style):
    minor = [*minor, 123456]  # a column of which one value shows the decimal mark without doubt
    cells = [STYLES[style](plain_two(value)) for value in minor]
    text = "date;net sales\n" + "".join(f"2026-01-13;{cell}\n" for cell in cells)
    receipt = read(text.encode(), "s.csv", currency="GBP").receipt
    assert receipt.sums["net"] == Decimal(sum(minor)).scaleb(-2)


def plain_two(minor):
    return f"{Decimal(minor).scaleb(-2):f}"


@given(st.lists(st.integers(-(10**17), 10**17), max_size=30), st.sampled_from(["CNY", "JPY", "KWD"]))
def test_rounding_is_half_away_from_zero_and_sums_are_exact(micro, currency):
    values = np.array(micro, dtype="int64")
    places = Decimal(1).scaleb(-exponent(currency))
    want = [(Decimal(value) / 10**6).quantize(places, ROUND_HALF_UP) for value in micro]
    assert minor_sum(to_minor(values, currency), currency) == sum(want)
    assert micro_sum(values) == Decimal(sum(micro)) / 10**6


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**12), max_value=10**12))
def test_plain_text_of_a_sum_is_the_same_number(value):
    assert Decimal(plain(value)) == value
    assert "E" not in plain(value)


def test_a_receipt_survives_json():
    receipt = Receipt(
        "a.csv",
        "00",
        "order_lines",
        "sales",
        rows_left_out=(LeftOut("postage", 2, Decimal("1.50")),),
        sums={"net": Decimal("10.00")},
        problems=(Problem(3, "Date", "odd"),),
    )
    assert receipt_from_dict(receipt.to_dict()) == receipt
