"""Series of one shop, studied together: how far their levels wander is much the same, and one series says little of it.

A history of a few years hardly tells whether months scatter about a steady level or the level itself moves, and the
width of every band hangs on that. What the other series say is the belief that each series starts from: empirical
Bayes (Robbins, 1956) with the shares of a mixture (Dempster, Laird and Rubin, 1977), each series left out of its own.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from shopplan.forecast.series import Array, Freq, guess_freq, regular
from shopplan.forecast.study import Study, study
from shopplan.terms import ShopplanError

EVEN_SERIES = 3.0
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
        When there is no history or nothing ahead.
    """
    if h < 1 or frame.empty:
        raise ShopplanError("a forecast needs a history and at least one period ahead")
    freq = freq or guess_freq(frame)
    every = list(regular(frame, freq))
    found = [study(series, h, freq, events, known) for series in every]
    live = [i for i, one in enumerate(found) if not one.series.state]
    if not kin or len(live) < 2:
        return found
    for i, belief in zip(live, beliefs(np.array([found[i].evidence for i in live])), strict=True):
        found[i] = study(every[i], h, freq, events, known, belief)
    return found


def beliefs(evidence: Array) -> Array:
    """What each series may expect by the others.

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
