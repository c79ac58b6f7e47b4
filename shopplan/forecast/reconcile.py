"""Channels and their total: one set of forecasts that adds up."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from shopplan.forecast.errors import errors_of
from shopplan.forecast.kin import studies
from shopplan.forecast.predict import as_frame
from shopplan.forecast.series import Array, Freq, guess_freq
from shopplan.terms import DATE, SERIES, VALUE, Said, ShopplanError

TOTAL = "total"


def reconciled(
    frame: pd.DataFrame,
    h: int,
    freq: Freq | None = None,
    level: Sequence[int] = (80, 95),
    events: pd.DataFrame | None = None,
    X: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Forecast channels and their total, so that the channels add up to the total in every period.

    The total is forecast for itself too; the gap between it and the sum is shared out by how unsure each side is, with
    one correlation for all pairs of channels (the minimum-trace rule of Wickramasuriya and others, 2019, with a shrunk
    covariance). Intervals keep their width relative to the forecast; the total's are those of its own back-tests.

    Parameters are `forecast`'s; the frame holds the channels, ``X`` has no ``unique_id``.

    Returns
    -------
    DataFrame
        As `forecast` gives it, with a last series ``total``.
    """
    if (frame[SERIES].astype(str) == TOTAL).any():
        raise ShopplanError(Said("a channel may not be called {name!r}", name=TOTAL), SERIES)
    freq = freq or guess_freq(frame)
    channels = studies(frame, h, freq, events, X, kin=True)
    whole = frame.groupby(DATE, as_index=False)[VALUE].sum(min_count=1).assign(**{SERIES: TOTAL})
    (total,) = studies(whole, h, freq, events, X)
    parts = [as_frame(one, level) for one in [*channels, total]]
    means = np.array([part["yhat"] for part in parts])
    sds = np.array([one.sd for one in [*channels, total]]) * np.abs(means)
    wanted = _shared(means, sds, errors_of(channels, h).cross)
    for part, before, after in zip(parts, means, wanted, strict=True):
        ratio = np.divide(after, before, out=np.ones(h), where=before != 0)
        columns = [f"{side}-{percent}" for percent in level for side in ("lo", "hi")]
        part[columns] = part[columns].mul(ratio, axis=0)
        part["yhat"] = after
    return pd.concat(parts, ignore_index=True).astype({SERIES: str})


def _shared(means: Array, sds: Array, cross: float) -> Array:
    """(channels + 1, h) forecasts that add up, the total last."""
    parts, spread = means[:-1], sds[:-1]
    missing = means[-1] - parts.sum(axis=0)
    together = spread * ((1 - cross) * spread + cross * spread.sum(axis=0))
    weight = together / (together.sum(axis=0) + sds[-1] ** 2 + 1e-300)
    moved = parts + weight * missing
    # where that would turn a channel's sign, all of them move in proportion
    turned = (np.sign(moved) != np.sign(parts)).any(axis=0)
    whole = parts.sum(axis=0)
    pull = 1 + np.divide(weight.sum(axis=0) * missing, whole, out=np.zeros_like(whole), where=whole != 0)
    moved = np.where(turned, parts * pull, moved)
    return np.vstack([moved, moved.sum(axis=0)])
