"""Channels of one shop say together what each is too short to say: whether its level wanders, and which models fit."""

import numpy as np
import pandas as pd
import pytest

from shopplan.forecast import forecast, forecast_and_errors
from shopplan.forecast.combine import NOTHING, Belief
from shopplan.forecast.kin import EVEN_SERIES, beliefs, studies
from shopplan.forecast.structural import LEVELS

MONTHS, CHANNELS, NOISE = 36, 6, 0.05


def channel(name, wandering, seed):
    """Three years about a level that is steady, or that moves every month as far as the noise reaches."""
    rng = np.random.default_rng([seed, wandering])
    level = np.cumsum(rng.normal(0, NOISE * wandering, MONTHS))
    sales = 1e5 * np.exp(level + rng.normal(0, NOISE, MONTHS))
    return pd.DataFrame({"unique_id": name, "ds": pd.date_range("2023-01-01", periods=MONTHS, freq="MS"), "y": sales})


def shop(wandering):
    return pd.concat([channel(f"c{i}", wandering, i) for i in range(CHANNELS)], ignore_index=True)


def lasting(frame, kin):
    """How many times as large as next month's a channel's error is two years on."""
    return float(np.mean([one.sd[-1] / one.sd[0] for one in studies(frame, 24, "M", None, None, kin)]))


def test_steady_channels_make_each_other_surer_and_wandering_ones_less_sure():
    steady, wild = shop(0), shop(1)
    assert lasting(steady, kin=True) < 0.95 * lasting(steady, kin=False)
    assert lasting(wild, kin=True) > 1.05 * lasting(wild, kin=False)


def test_forecasts_of_series_that_nobody_called_kin_do_not_change_with_their_company():
    frame = shop(1)
    own = frame[frame["unique_id"] == "c2"]
    together = forecast(frame, 12)
    pd.testing.assert_frame_equal(together[together["unique_id"] == "c2"].reset_index(drop=True), forecast(own, 12))


def test_one_channel_has_nobody_to_learn_from():
    own = channel("a", 1, 3)
    np.testing.assert_allclose(forecast_and_errors(own, 12)[0]["yhat"], forecast(own, 12)["yhat"])


def test_a_series_learns_of_the_others_and_not_of_itself():
    sure = np.where(np.eye(len(LEVELS))[2] > 0, 0.0, -50.0)
    says = beliefs(np.array([np.zeros(len(LEVELS)), sure, sure, sure]))
    assert says.sum(axis=1) == pytest.approx(1.0)
    even = EVEN_SERIES / len(LEVELS)
    # three others, each of them certain
    assert says[0, 2] == pytest.approx((even + 3) / (EVEN_SERIES + 3))
    # of its three others two are certain, one is of two minds and follows the shop's shares
    assert (even + 2) / (EVEN_SERIES + 3) < says[1, 2] < says[0, 2]


def test_the_order_of_channels_does_not_matter():
    evidence = np.random.default_rng(2).normal(0, 2, (5, len(LEVELS)))
    np.testing.assert_allclose(beliefs(evidence[::-1])[::-1], beliefs(evidence))


def test_a_model_that_served_the_other_channels_weighs_more_and_none_is_given_up():
    names = ["structural", "ets", "theta"]
    alone = NOTHING.prior(names)
    assert alone.sum() == pytest.approx(1.0)
    good = {"structural": 1.0, "ets": 0.5, "theta": 2.0}
    one, many = (Belief(None, [good] * others, 8 * others).prior(names) for others in (1, 5))
    assert many.sum() == pytest.approx(1.0)
    assert many[1] > one[1] > alone[1]
    assert 0.01 < many[2] < one[2] < alone[2]
    # a model that the others have not run counts as the usual one
    assert Belief(None, [good] * 5, 40).prior(["level", "theta"])[0] > 0.5
