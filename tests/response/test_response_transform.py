"""Carry-over and saturation: what goes in comes out, later; more never brings less."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopplan.response import adstock, hill, monthly_carryover

carryovers = st.floats(0, 0.9)
spends = st.lists(st.floats(0, 1e6), min_size=1, max_size=24)


@given(spends, carryovers)
def test_no_money_is_made_or_lost(spend, carryover):
    long_after = np.concatenate([spend, np.zeros(400)])
    assert adstock(long_after, carryover).sum() == pytest.approx(sum(spend), rel=1e-9, abs=1e-6)


def test_effect_goes_on_after_spend_stops_and_fades_by_the_carryover():
    felt = adstock([100.0, 0.0, 0.0, 0.0], 0.5)
    np.testing.assert_allclose(felt, [50.0, 25.0, 12.5, 6.25])


def test_without_carryover_spend_is_felt_as_it_is_spent():
    np.testing.assert_array_equal(adstock([3.0, 0.0, 7.0], 0.0), [3.0, 0.0, 7.0])


def test_constant_spend_carried_in_stays_constant():
    np.testing.assert_allclose(adstock(np.full(6, 40.0), 0.7, carry_in=40.0), 40.0)


def test_a_path_cut_in_two_gives_the_same_as_the_whole():
    spend = np.array([[5.0, 1.0], [0.0, 2.0], [9.0, 0.0], [4.0, 4.0]])
    whole = adstock(spend, [0.3, 0.8])
    first = adstock(spend[:2], [0.3, 0.8])
    np.testing.assert_allclose(np.vstack([first, adstock(spend[2:], [0.3, 0.8], carry_in=first[-1])]), whole)


def test_draws_of_carryover_come_in_front_of_channels():
    spend = np.arange(8.0).reshape(4, 2)
    draws = np.array([[0.1, 0.2], [0.5, 0.6], [0.0, 0.9]])
    felt = adstock(spend, draws)
    assert felt.shape == (4, 3, 2)
    np.testing.assert_allclose(felt[:, 1], adstock(spend, draws[1]))


@given(st.floats(0, 1e7), st.floats(0, 1e7), st.floats(1, 1e6), st.floats(0.3, 3))
def test_more_spend_never_brings_less(low, high, kappa, slope):
    low, high = sorted((low, high))
    assert 0.0 <= hill(low, kappa, slope) <= hill(high, kappa, slope) <= 1.0


def test_half_saturation_is_half_and_zero_is_zero():
    for slope in (0.5, 1.0, 2.0):
        assert hill(250.0, 250.0, slope) == pytest.approx(0.5)
        assert hill(0.0, 250.0, slope) == 0.0


def test_a_month_of_carryover_is_52_twelfths_weeks_of_it():
    assert monthly_carryover(0.8) ** 12 == pytest.approx(0.8**52)
