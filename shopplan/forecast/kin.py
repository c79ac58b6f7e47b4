"""Series of one shop, studied together: what they are like is much the same, and one series says little of it.

A history of a few years hardly tells whether months scatter about a steady level or the level itself moves, on which
the width of every band hangs, nor which members of the forecast fit. What the other series say is the belief that each
series starts from. For levels that is empirical Bayes (Robbins, 1956) with the shares of a mixture (Dempster, Laird and
Rubin, 1977), each series left out of its own; for members, the others' back-tests multiply into its weights beforehand.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from shopplan.forecast.combine import Belief
from shopplan.forecast.events import own_events
from shopplan.forecast.regressors import own_regressors
from shopplan.forecast.series import Array, Freq, guess_freq, regular
from shopplan.forecast.study import Study, study
from shopplan.terms import ShopplanError

EVEN_SERIES = 1.0
"""That all sizes are as likely counts as much as so many series."""
ROUNDS = 100


def studies(
    frame: pd.DataFrame,
    h: int,
    freq: Freq | None,
    events: pd.DataFrame | None,
    known: pd.DataFrame | None,
    kin: bool = False,
) -> list[Study]:
    """Every series of a frame, studied; ``kin`` says that they are of one shop.

    Raises
    ------
    ShopplanError
        When there is no history or nothing ahead, or something given cannot be read.
    """
    if h < 1 or frame.empty:
        raise ShopplanError("a forecast needs a history and at least one period ahead")
    freq = freq or guess_freq(frame)
    events, known = own_events(events), own_regressors(known, freq)
    every = list(regular(frame, freq, known))
    found = [study(series, h, freq, events, known) for series in every]
    live = [i for i, one in enumerate(found) if not one.series.state]
    if not kin or len(live) < 2:
        return found
    for i, belief in zip(live, _told([found[i] for i in live]), strict=True):
        found[i] = study(every[i], h, freq, events, known, belief)
    return found


def _told(found: list[Study]) -> list[Belief]:
    """What each series hears from the others."""
    told = []
    for i, levels in enumerate(beliefs(np.array([one.evidence for one in found]))):
        others = found[:i] + found[i + 1 :]
        told.append(Belief(levels, [one.squares for one in others], sum(len(one.scores) for one in others)))
    return told


def beliefs(evidence: Array) -> Array:
    """How likely each series may expect each size of its level's moves to be, by the others.

    Parameters
    ----------
    evidence : array (series, sizes)
        Log likelihoods.

    Returns
    -------
    array (series, sizes)
        Shares that add up to 1 in each row.
    """
    likely = np.exp(evidence - evidence.max(axis=1, keepdims=True))
    count, sizes = likely.shape
    shares = np.full(sizes, 1 / sizes)
    for _ in range(ROUNDS):
        each = shares * likely
        each /= each.sum(axis=1, keepdims=True)
        shares = (EVEN_SERIES / sizes + each.sum(axis=0)) / (EVEN_SERIES + count)
    return (EVEN_SERIES / sizes + each.sum(axis=0) - each) / (EVEN_SERIES + count - 1)
