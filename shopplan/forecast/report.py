"""`report`: what was found in a history that a forecast had to work around."""

from __future__ import annotations

import numpy as np
import pandas as pd

from shopplan.forecast.events import own_events
from shopplan.forecast.regressors import own_regressors
from shopplan.forecast.series import RARE, SEASON, STEP, Freq, dated, guess_freq, regular
from shopplan.forecast.study import Study, study
from shopplan.terms import DATE, SERIES, VALUE

FOUND = (
    "gap", "zero", "many_zeros", "negative", "outlier", "shift", "closed_weekday", "launch", "short_history",
    "stopped", "empty", "failed_model",
)  # fmt: skip


def report(
    frame: pd.DataFrame, freq: Freq | None = None, events: pd.DataFrame | None = None, X: pd.DataFrame | None = None
) -> pd.DataFrame:
    """List gaps, zeros, negative values, outliers, level shifts, closed weekdays and short or ended histories.

    Parameters
    ----------
    frame, freq, events, X
        As `forecast` takes them; what events and regressors explain is not odd.

    Returns
    -------
    DataFrame
        ``unique_id, ds, found, value, usual``: ``found`` is one of `FOUND`, ``usual`` what was expected instead of an
        outlier, and the ratio of a shift's new level to the old one; NaN where it means nothing.
    """
    freq = freq or guess_freq(frame)
    frame, events, known = dated(frame, freq), own_events(events), own_regressors(X, freq)
    rows: list[tuple[str, pd.Timestamp, str, float, float]] = []
    values = {str(name): part.set_index(DATE)[VALUE].astype(float) for name, part in frame.groupby(SERIES, sort=False)}
    for series in regular(frame, freq, known):
        one = study(series, 1, freq, events, known)
        raw = values[series.id].sort_index()
        rows += [(series.id, *row) for row in [*_values(one, raw, freq), *_oddities(one), *_whole(one, raw, freq)]]
    return pd.DataFrame(rows, columns=[SERIES, DATE, "found", "value", "usual"])


Row = tuple[pd.Timestamp, str, float, float]


def _values(one: Study, raw: pd.Series, freq: Freq) -> list[Row]:
    """Gaps, zeros and negative values on days that should sell, from the first one looked at."""
    whole = pd.date_range(one.series.ds[0], raw.index[-1], freq=STEP[freq])
    y = raw.reindex(whole)
    y = y[~np.isin(whole.day_of_week, one.series.closed) & ~np.isin(whole, one.series.shut)]
    rows: list[Row] = [(ds, "gap", np.nan, np.nan) for ds in y.index[y.isna()]]
    low = y[y < 0]
    rows += [(ds, "negative", float(v), np.nan) for ds, v in zip(low.index, low, strict=True)]
    zeros = y.index[y == 0]
    if one.series.state:
        return rows
    if len(zeros) > RARE * len(y):
        return [*rows, (zeros[0], "many_zeros", float(len(zeros)), np.nan)]
    return rows + [(ds, "zero", 0.0, np.nan) for ds in zeros]


def _oddities(one: Study) -> list[Row]:
    rows: list[Row] = []
    for odd in one.oddities:
        at, z = one.series.ds[odd.at], one.series.z
        value, usual = one.series.back(z[odd.at : odd.at + 1])[0], one.series.back(z[odd.at : odd.at + 1] - odd.size)[0]
        rows.append((at, odd.kind, float(value), float(usual if odd.kind == "outlier" else np.exp(odd.size))))
    return rows


def _whole(one: Study, raw: pd.Series, freq: Freq) -> list[Row]:
    """What holds for the series as a whole."""
    series, last = one.series, raw.index[-1]
    if series.state:
        return [(last, series.state, np.nan, np.nan)]
    rows: list[Row] = []
    sold = raw.index[raw.fillna(0) != 0]
    if series.ds[0] > sold[0] and len(raw) <= len(series.ds) + SEASON[freq]:
        rows.append((sold[0], "launch", float(raw[sold[0]]), np.nan))
    rows += [(last, "failed_model", np.nan, np.nan)] * len(one.failed)
    rows += [(series.ds[0], "closed_weekday", float(day), np.nan) for day in series.closed]
    if len(series.z) < SEASON[freq]:
        rows.append((last, "short_history", float(len(series.z)), np.nan))
    return rows
