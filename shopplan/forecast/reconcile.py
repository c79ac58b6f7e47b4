"""Channels and their total: one set of forecasts that adds up."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.stats import t as student

from shopplan.forecast.errors import ErrorModel, covariances, errors_of, sum_band
from shopplan.forecast.kin import studies
from shopplan.forecast.predict import as_frame, open_days, slope
from shopplan.forecast.series import Array, Freq
from shopplan.forecast.study import Study
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

    The total is the sum of the channels, and its intervals are those of a sum of correlated errors, as wide as the
    totals of earlier dates missed. A total that is forecast for itself and shares the gap out by how unsure each side
    is (minimum trace: Wickramasuriya, Athanasopoulos and Hyndman, 2019) was no nearer on retail groups and simulated
    shops.

    Parameters are `forecast`'s; the frame holds the channels.

    Returns
    -------
    DataFrame
        As `forecast` gives it, with a last series ``total``, whose model is ``bottom_up``.
    """
    if (frame[SERIES].astype(str) == TOTAL).any():
        raise ShopplanError(Said("a channel may not be called {name!r}", name=TOTAL), SERIES)
    found = studies(_to_one_end(frame), h, freq, events, X, kin=True)
    parts = [as_frame(one, level) for one in found]
    return pd.concat([*parts, _total(parts, found, h, level)], ignore_index=True).astype({SERIES: str})


def _to_one_end(frame: pd.DataFrame) -> pd.DataFrame:
    """With a row that is not known where a channel's rows end before the others'."""
    last = frame[DATE].max()
    early = frame.groupby(SERIES, sort=False)[DATE].max()
    rows = pd.DataFrame({SERIES: early.index[early < last], DATE: last, VALUE: np.nan})
    return pd.concat([frame, rows], ignore_index=True) if len(rows) else frame


def _total(parts: list[pd.DataFrame], found: list[Study], h: int, level: Sequence[int]) -> pd.DataFrame:
    errors, means = errors_of(found, h), np.array([part["yhat"] for part in parts]).T
    total = pd.DataFrame({SERIES: TOTAL, DATE: parts[0][DATE], "yhat": means.sum(axis=1)})
    for percent in level:
        if all(one.series.floor == 0 for one in found):
            ends = sum_band(means, errors.sd.T, errors.idle, errors.cross, errors.freedom, percent)
        else:
            reach = float(student.ppf(0.5 + percent / 200, errors.freedom)) * _spread(means, found, errors)
            ends = (total["yhat"].to_numpy() - reach, total["yhat"].to_numpy() + reach)
        least = sum(one.series.least for one in found)
        total[f"lo-{percent}"], total[f"hi-{percent}"] = (np.maximum(end, least) for end in ends)
    return total.assign(model="bottom_up")


def _spread(means: Array, found: list[Study], errors: ErrorModel) -> Array:
    """(h,) standard deviation of a sum whose series may be negative, to first order; ``means`` (h, series)."""
    slopes = np.array([open_days(one) * slope(one) * (1 - one.series.idle) for one in found])
    size = (errors.sd * slopes).T
    alone = (size**2 + means**2) @ (errors.idle / (1 - errors.idle))
    return np.sqrt(covariances(size, errors.cross).sum(axis=(1, 2)) + alone)
