"""Bands and odds on a few simulated shops whose future is known; `make bench-odds` judges fifty."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.bench_odds import MONTHS, brier, judge, reliability

SEEDS = (401, 402, 403)


@pytest.fixture(scope="module")
def judged():
    return [judge(seed) for seed in SEEDS]


def test_what_came_true_lies_where_the_draws_say(judged):
    rank = np.array([j.rank for j in judged])
    assert rank.shape == (len(SEEDS), len(MONTHS))
    assert rank.min() > 0.005
    assert rank.max() < 0.995
    assert np.abs([j.miss for j in judged]).max() < 0.12


def test_odds_tell_more_than_a_coin_and_never_claim_what_did_not_come(judged):
    odds, met = (np.array([getattr(j, name) for j in judged], dtype=float) for name in ("odds", "met"))
    assert np.square(odds - met).mean() < 0.15
    assert met[odds > 0.98].all()
    assert not met[odds < 0.02].any()


def test_measures_of_odds_are_what_they_are_called():
    odds, met = np.array([[0.9, 0.1], [0.7, 0.1]]), np.array([[1.0, 0.0], [0.0, 0.0]])
    ours, climatology = brier(odds, met)
    assert ours == pytest.approx((0.01 + 0.01 + 0.49 + 0.01) / 4)
    assert climatology == pytest.approx((0.25 + 0.25) / 4)
    rows = {label: (count, said, came) for label, count, said, came in reliability(odds.ravel(), met.ravel())}
    assert rows["0% to 20%"] == (2, pytest.approx(0.1), 0.0)
    assert rows["80% to 100%"] == (1, pytest.approx(0.9), 1.0)
