"""`forecast`: from a long frame of history to a long frame of the future, with intervals; `totals` over the horizon."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.stats import t as student

from shopplan.forecast.errors import NARROWER, ErrorModel, errors_of, freedom, tails
from shopplan.forecast.kin import studies
from shopplan.forecast.series import Array, Freq
from shopplan.forecast.spans import width
from shopplan.forecast.study import Study
from shopplan.terms import DATE, SERIES


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
        As `calendar` gives it, over history and horizon; without ``lead, tail, kind`` promotions of just their days. An
        event that was never seen brings what events of its kind bring, and wider bands.
    X : DataFrame, optional
        Own regressors known over history and horizon, stated stock-outs among them: ``ds``, further columns, and
        ``unique_id`` where they differ by series. Dates and ids are read as those of the frame.
        A switch (0 and 1) that was only ever on without a sale stops all sales where it is on ahead.

    Returns
    -------
    DataFrame
        ``unique_id, ds, yhat, lo-80, hi-80, lo-95, hi-95, model``: the expected path, its intervals from back-tests,
        and the names of the models whose mean it is, fewer where the history is short or a fit failed.

    Raises
    ------
    ShopplanError
        When the frame is empty, something given lacks a column or cannot be read, a date stands twice, or a regressor
        is not known ahead.
    """
    return pd.concat([as_frame(one, level) for one in studies(frame, h, freq, events, X)], ignore_index=True)


def forecast_and_errors(
    frame: pd.DataFrame,
    h: int,
    freq: Freq | None = None,
    events: pd.DataFrame | None = None,
    X: pd.DataFrame | None = None,
) -> tuple[pd.DataFrame, ErrorModel]:
    """`forecast` with 80 and 95 % and the `error_model` of the channels of one shop, for one fit."""
    found = studies(frame, h, freq, events, X, kin=True)
    return pd.concat([as_frame(one, (80, 95)) for one in found], ignore_index=True), errors_of(found, h)


def totals(
    frame: pd.DataFrame,
    h: int,
    freq: Freq | None = None,
    level: Sequence[int] = (80, 95),
    events: pd.DataFrame | None = None,
    X: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """The sum over the horizon of every series, with intervals of their own: errors of the steps go together.

    Parameters are `forecast`'s.

    Returns
    -------
    DataFrame
        ``unique_id, yhat, lo-80, hi-80, lo-95, hi-95, model``, one row a series.
    """
    return pd.DataFrame([as_total(one, level) for one in studies(frame, h, freq, events, X)])


def as_total(one: Study, level: Sequence[int]) -> dict[str, object]:
    """The row of one series in the result of `totals`."""
    path = open_days(one) * one.expected
    total, wide = float(path.sum()), width([one.spans], 0.0)
    size = open_days(one) * slope(one) * one.sd if one.series.floor else path * one.sd
    # whether a period sells nothing is decided anew in each of them
    idle = one.series.idle / (1 - one.series.idle) * float(path @ path)
    sd = float(np.sqrt(wide**2 * (size @ one.correlation @ size) + idle))
    row: dict[str, object] = {SERIES: one.series.id, "yhat": total}
    for percent in level:
        reach = quantile(one, percent) * sd
        logs = one.series.floor == 0 and total > 0
        ends = (
            (total * np.exp(-reach / total), total * np.exp(reach / total)) if logs else (total - reach, total + reach)
        )
        row[f"lo-{percent}"], row[f"hi-{percent}"] = (max(end, one.series.least) for end in ends)
    return {**row, "model": one.model}


def quantile(one: Study, percent: int) -> float:
    """Half-width, in standard deviations, of an interval that holds so many percent."""
    return NARROWER * float(student.ppf(0.5 + percent / 200, df=freedom(one)))


def slope(one: Study) -> Array:
    """(h,) what a small error on the series' scale is in values."""
    return np.asarray(np.hypot(one.series.back(one.path), 2 * one.series.floor))


def _ends(one: Study, percent: int) -> tuple[Array, Array]:
    """Interval of every step. Where some periods sell nothing, it is that of a mixture of nothing and the rest."""
    chances, back = tails(one.series.idle, percent), one.series.back
    low, high = (NARROWER * float(student.ppf(max(chance, 1e-9), freedom(one))) * one.sd for chance in chances)
    return back(one.path + low) if chances[0] > 0 else np.zeros(len(one.path)), back(one.path + high)


def open_days(one: Study) -> Array:
    """(h,) 1 in periods that sell, 0 on closed weekdays, in shut periods and where there is nothing to forecast."""
    if one.series.state:
        return np.zeros(len(one.ahead))
    rests = np.isin(one.ahead.day_of_week, one.series.closed) | np.isin(one.ahead, one.series.shut)
    return (~rests).astype(float)


def as_frame(one: Study, level: Sequence[int]) -> pd.DataFrame:
    """The rows of one series in `forecast`'s result."""
    sells = open_days(one)
    columns: dict[str, object] = {SERIES: one.series.id, DATE: one.ahead, "yhat": sells * one.expected}
    for percent in level:
        for side, end in zip(("lo", "hi"), _ends(one, percent), strict=True):
            columns[f"{side}-{percent}"] = sells * np.maximum(end, one.series.least)
    return pd.DataFrame({**columns, "model": one.model})
