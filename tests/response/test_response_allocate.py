"""A budget is split exactly where the next unit of money brings most, within bounds, and left alone when in doubt."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopplan.response.allocate import advise_total, allocate, returns_of
from shopplan.terms import ShopplanError


def shop(height, kappa, present=(100.0, 100.0, 100.0), power=1.0, doubt=0.0, draws=200):
    """Returns of curves over one period; ``doubt`` is the log sd of their heights."""
    rng = np.random.default_rng(4)
    n = len(present)
    heights = np.array(height) * np.exp(doubt * rng.standard_normal((draws, n)))
    shape = np.ones((draws, n))
    names = tuple("abcdef"[:n])
    felt = np.array(present, dtype=float)[None, None] * np.ones((1, draws, n))
    return returns_of(names, felt, np.array(present, dtype=float), heights, np.array(kappa) * shape, power * shape)


numbers = st.floats(50, 1_000)


@given(st.tuples(numbers, numbers, numbers), st.tuples(numbers, numbers, numbers), st.sampled_from([1.0, 2.0]))
def test_the_split_spends_the_total_within_bounds_and_no_exchange_is_better(height, kappa, power):
    returns = shop(height, kappa, power=power)
    found = allocate(returns, sure=0.0)
    multiples = found.proposed / found.present
    assert found.proposed.sum() == pytest.approx(300.0)
    assert (multiples >= 0.7 - 1e-9).all()
    assert (multiples <= 1.3 + 1e-9).all()
    best = returns.sales(multiples).mean(axis=0).sum()
    for give in range(3):
        for take in range(3):
            other = multiples.copy()
            step = min(0.02, multiples[give] - 0.7, 1.3 - multiples[take])
            other[give] -= step
            other[take] += step
            assert returns.sales(other).mean(axis=0).sum() <= best * (1 + 1e-5)


def test_the_certificate_names_the_common_slope_and_who_is_held():
    found = allocate(shop((900.0, 300.0, 320.0), (200.0, 100.0, 100.0)))
    assert found.certificate.at_high == ("a",)
    assert found.certificate.gap < 1e-3
    assert found.certificate.kept == ()
    loose = allocate(shop((400.0, 380.0, 390.0), (100.0, 100.0, 100.0)))
    assert loose.certificate.at_high == loose.certificate.at_low == ()
    assert loose.certificate.gap < 1e-3


def test_a_sure_gain_is_called_better():
    found = allocate(shop((900.0, 300.0, 320.0), (200.0, 100.0, 100.0), doubt=0.1))
    assert found.verdict == "better"
    assert found.chance > 0.95
    assert found.gain > 0


def test_in_doubt_no_split_is_called_better():
    found = allocate(shop((400.0, 380.0, 390.0), (100.0, 100.0, 100.0), doubt=0.6))
    assert found.verdict == "no_proven_better"


def test_a_sure_gain_that_is_not_worth_the_move_is_no_better_split():
    small = shop((440.0, 380.0, 390.0), (100.0, 100.0, 100.0), doubt=0.01)
    found = allocate(small)
    assert found.chance == 1
    assert 0 < found.gain < 0.02 * small.sales(np.ones(3)).mean(axis=0).sum()
    assert found.verdict == "no_proven_better"
    assert allocate(small, material=0.0).verdict == "better"


def test_channels_of_doubtful_direction_stay_while_the_sure_ones_move():
    found = allocate(shop((900.0, 200.0, 400.0), (100.0, 100.0, 100.0), doubt=np.array([0.05, 0.05, 1.5])))
    assert found.verdict == "better"
    assert found.certificate.kept == ("c",)
    assert found.proposed[2] == found.present[2]
    assert found.proposed[0] > found.present[0]


def test_another_total_keeps_the_bounds_around_its_proportional_share():
    found = allocate(shop((900.0, 300.0, 320.0), (200.0, 100.0, 100.0)), total=600.0)
    assert found.proposed.sum() == pytest.approx(600.0)
    assert (found.proposed <= 260.0 + 1e-6).all()
    assert (found.proposed >= 140.0 - 1e-6).all()


def test_the_best_total_goes_toward_margin_times_mroas_of_one():
    # slope v k / (k + x)**2 at x = 100: 2.25, below and above 1 / 0.5
    rich = allocate(shop((900.0,) * 3, (100.0,) * 3), "best", margin=0.5)
    poor = allocate(shop((700.0,) * 3, (100.0,) * 3), "best", margin=0.5)
    assert rich.proposed.sum() > 300 > poor.proposed.sum()
    x = rich.proposed[0]
    assert 0.5 * 900 * 100 / (100 + x) ** 2 == pytest.approx(1, rel=1e-3)


def test_total_advice_says_which_way_and_how_sure():
    more = advise_total(shop((1800.0,) * 3, (100.0,) * 3, doubt=0.1), 0.5)
    assert (more.direction, more.chance) == ("more", 1.0)
    assert more.break_even == 2.0
    close = advise_total(shop((800.0,) * 3, (100.0,) * 3, doubt=0.5), 0.5)
    assert 0.4 < close.chance < 0.9
    assert (more.proven, close.proven) == (True, False)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"total": "best"}, "depends on the margin"),
        ({"total": -5.0}, "above zero"),
        ({"total": float("nan")}, "above zero"),
        ({"total": float("inf")}, "above zero"),
        ({"bounds": 1.5}, "between 0 and 1"),
        ({"margin": 55.0}, "margin is a share"),
    ],
)
def test_impossible_budgets_are_refused(changes, said):
    with pytest.raises(ShopplanError, match=said):
        allocate(shop((400.0,) * 3, (100.0,) * 3), **changes)


def test_a_likely_gain_is_no_proven_one():
    doubtful = shop((700.0, 300.0, 320.0), (200.0, 100.0, 100.0), doubt=0.35)
    found = allocate(doubtful, sure=0.85)
    assert 0.85 <= found.chance < 0.95
    assert found.verdict == "better"
    assert allocate(doubtful).verdict == "no_proven_better"


def test_another_total_is_also_weighed_against_present_spend():
    """Three like channels, half as much again: no split is better, but the total costs more than it brings."""
    same = shop((400.0,) * 3, (100.0,) * 3)
    more = allocate(same, 450.0, margin=0.5)
    further = same.sales(np.full(3, 1.5)).sum(axis=1).mean() - same.sales(np.ones(3)).sum(axis=1).mean()
    assert more.gain == pytest.approx(0, abs=1e-6)
    assert more.change == pytest.approx(0.5 * further - 150)
    assert allocate(same).change == pytest.approx(allocate(same).gain)
