"""`forecast`: from a long frame of history to a long frame of the future, with intervals."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.stats import t as student

from shopplan.forecast.errors import Backtest, backtest
from shopplan.forecast.models import Path, best_path
from shopplan.forecast.regressors import effect, regressors
from shopplan.forecast.series import SEASON, STEP, Array, Freq, Series, guess_freq, regular
from shopplan.terms import DATE, SERIES, ShopplanError


def forecast(
    frame: pd.DataFrame,
    h: int,
    freq: Freq | None = None,
    level: Sequence[int] = (80, 95),
    events: pd.DataFrame | None = None,
    X: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Forecast every series of a long frame.

    Parameters
    ----------
    frame : DataFrame
        ``unique_id, ds, y``; gaps, zeros and negative values are allowed, a date may not stand twice.
    h : int
        Periods ahead.
    freq : {"D", "W", "M"}, optional
        Length of a period; guessed from the dates by default.
    level : sequence of int
        Intervals in percent.
    events : DataFrame, optional
        As `calendar` gives it, over history and horizon.
    X : DataFrame, optional
        Own regressors known over history and horizon: ``ds``, further columns, and ``unique_id`` where they differ
        by series.

    Returns
    -------
    DataFrame
        ``unique_id, ds, yhat, lo-80, hi-80, lo-95, hi-95, model``: the median path, its intervals from back-tests,
        and the name of the model, simpler where the history is short or a fit failed.

    Raises
    ------
    ShopplanError
        When the frame is empty or lacks a column, a date stands twice, or a regressor is not known ahead.
    """
    if h < 1 or frame.empty:
        raise ShopplanError("a forecast needs a history and at least one period ahead")
    freq = freq or guess_freq(frame)
    return pd.concat([_one(series, h, freq, level, events, X) for series in regular(frame, freq)], ignore_index=True)


def _one(
    series: Series, h: int, freq: Freq, level: Sequence[int], events: pd.DataFrame | None, known: pd.DataFrame | None
) -> pd.DataFrame:
    ahead = pd.date_range(series.ds[-1], periods=h + 1, freq=STEP[freq])[1:]
    if series.state:
        path, test, idle = Path(np.zeros(h), series.state), Backtest(np.empty((0, 1)), 0.0, 0.0), np.ones(h, dtype=bool)
    else:
        path, test = _path(series, ahead, freq, events, known)
        idle = np.isin(ahead.day_of_week, series.closed)
    columns: dict[str, object] = {SERIES: series.id, DATE: ahead, "yhat": np.where(idle, 0.0, series.back(path.z))}
    sd = test.sd(h)
    for percent in level:
        reach = float(student.ppf(0.5 + percent / 200, df=test.origins + 4)) * sd
        columns[f"lo-{percent}"] = np.where(idle, 0.0, series.back(path.z - reach))
        columns[f"hi-{percent}"] = np.where(idle, 0.0, series.back(path.z + reach))
    return pd.DataFrame({**columns, "model": path.model})


def _path(
    series: Series, ahead: pd.DatetimeIndex, freq: Freq, events: pd.DataFrame | None, known: pd.DataFrame | None
) -> tuple[Path, Backtest]:
    """The path with what is known beforehand taken out of the history and put back, and its back-test."""
    n, m = len(series.z), SEASON[freq]
    influences = regressors(series, ahead, freq, events, known)
    change: Array = effect(series.z, influences, freq) if influences.shape[1] else np.zeros(n + len(ahead))
    rest = series.z - change[:n]
    path = best_path(rest, m, len(ahead))
    return Path(path.z + change[n:], path.model), backtest(rest, m)
