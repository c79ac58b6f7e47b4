"""Seasonal indices: how each month of the year compares with the mean month."""

from __future__ import annotations

import numpy as np
import pandas as pd

from shopplan.forecast.series import Array, Series, regular
from shopplan.forecast.smoothing import split
from shopplan.terms import SERIES


def season(frame: pd.DataFrame) -> pd.DataFrame:
    """Month-of-year indices of monthly series.

    With two years or more they come from a decomposition; between one and two years season and growth cannot be
    told apart well, so only half of the deviation from the trend is believed; below one year all are 1.

    Parameters
    ----------
    frame : DataFrame
        ``unique_id, ds, y``, monthly.

    Returns
    -------
    DataFrame
        Indexed by series, columns 1 to 12, mean 1.
    """
    rows = {series.id: _indices(series) for series in regular(frame, "M")}
    return pd.DataFrame.from_dict(rows, orient="index", columns=list(range(1, 13))).rename_axis(SERIES)


def _indices(series: Series) -> Array:
    z, n = series.z, len(series.z)
    if series.state or n < 12:
        return np.ones(12)
    if n >= 24:
        deviation, _ = split(z, 12, robust=False)
    else:
        t = np.arange(n)
        deviation = 0.5 * (z - np.polyval(np.polyfit(t, z, 1), t))
    month = series.ds.month.to_numpy()
    index = np.exp([deviation[month == k].mean() for k in range(1, 13)])
    return index / index.mean()
