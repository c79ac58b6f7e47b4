"""`backtest`: how the forecasts that would have been made 1, 3, 6 and 12 periods ago did."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from shopplan.forecast.reconcile import TOTAL, reconciled
from shopplan.forecast.series import SEASON, STEP, Freq, dated, guess_freq
from shopplan.terms import DATE, SERIES, VALUE, Said, ShopplanError

BACK = (1, 3, 6, 12)
LEAST = 3
"""A series needs so many values before the date from which it is forecast."""


def replay(
    frame: pd.DataFrame,
    h: int,
    freq: Freq | None = None,
    back: Sequence[int] = BACK,
    level: Sequence[int] = (80, 95),
    events: pd.DataFrame | None = None,
    X: pd.DataFrame | None = None,
    as_known: Callable[[pd.DataFrame, pd.Timestamp], pd.DataFrame] = lambda past, cutoff: past,
) -> pd.DataFrame:
    """Forecast again from earlier dates, with nothing known but what came before.

    Parameters
    ----------
    frame, h, freq, level, events, X
        As `forecast` takes them.
    back : sequence of int
        How many periods before the end of the frame to forecast from.
    as_known : callable
        From the rows up to a date and that date to what was made of them then, as where shortfalls are filled up.

    Returns
    -------
    DataFrame
        `reconciled`'s columns with ``back``, ``cutoff`` (the last date known) and the actual ``y``. That of the
        ``total`` is what all series sold: one that was not there at the cutoff was not foreseen.

    Raises
    ------
    ShopplanError
        When the history is too short, or as of `reconciled`.
    """
    freq = freq or guess_freq(frame)
    frame = dated(frame, freq).astype({SERIES: str})
    whole = frame.groupby(DATE, as_index=False)[VALUE].sum(min_count=1).assign(**{SERIES: TOTAL})
    actual = pd.concat([frame[[SERIES, DATE, VALUE]], whole])
    last, parts = frame[DATE].max(), []
    for ago in sorted(back):
        cutoff = last - ago * STEP[freq]
        past = frame[frame[DATE] <= cutoff]
        sizes = past.dropna(subset=VALUE).groupby(SERIES)[VALUE].size()
        past = past[past[SERIES].isin(sizes.index[sizes >= LEAST])]
        if past.empty:
            continue
        ahead = reconciled(as_known(past, cutoff), min(h, ago), freq, level, events, X)
        parts.append(ahead.merge(actual, on=[SERIES, DATE]).assign(back=ago, cutoff=cutoff))
    if not parts:
        raise ShopplanError(
            "the history is too short to look back", hint=Said("it takes {least} periods or more", least=LEAST + 1)
        )
    return pd.concat(parts, ignore_index=True)


def backtest(
    frame: pd.DataFrame,
    h: int,
    freq: Freq | None = None,
    back: Sequence[int] = BACK,
    level: Sequence[int] = (80, 95),
    events: pd.DataFrame | None = None,
    X: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """How the forecasts of `replay` did, by series and date they were made; parameters are `replay`'s.

    Returns
    -------
    DataFrame
        ``unique_id, back, cutoff, steps, mase, wape, bias, cover-80, cover-95``. MASE is against the mean change from
        season to season before the cutoff (from period to period in short histories), WAPE the sum of the absolute
        errors against that of the values, bias the sum of the errors against it (above 0: forecast too high).
    """
    freq = freq or guess_freq(frame)
    return judged(frame, replay(frame, h, freq, back, level, events, X), freq, level)


def judged(frame: pd.DataFrame, seen: pd.DataFrame, freq: Freq, level: Sequence[int] = (80, 95)) -> pd.DataFrame:
    """The measures of `backtest` of what `replay` gave for a frame."""
    history = dated(frame, freq).astype({SERIES: str}).pivot_table(index=DATE, columns=SERIES, values=VALUE)
    history[TOTAL] = history.sum(axis=1, min_count=1)
    rows = []
    for (name, ago, cutoff), part in seen.groupby([SERIES, "back", "cutoff"], sort=False):
        row = {SERIES: name, "back": ago, "cutoff": cutoff, "steps": len(part)}
        miss, size = part["yhat"] - part[VALUE], float(part[VALUE].abs().sum())
        usual = _usual_change(history[name][history.index <= cutoff].dropna().to_numpy(float), SEASON[freq])
        row |= {"mase": float(miss.abs().mean()) / usual if usual > 0 else np.nan}
        row |= {"wape": float(miss.abs().sum()) / size, "bias": float(miss.sum()) / size} if size else {}
        for percent in level:
            held = part[VALUE].between(part[f"lo-{percent}"], part[f"hi-{percent}"])
            row[f"cover-{percent}"] = float(held.mean())
        rows.append(row)
    return pd.DataFrame(rows)


def _usual_change(y: np.ndarray, m: int) -> float:
    lag = m if len(y) >= m + LEAST else 1
    return float(np.abs(y[lag:] - y[:-lag]).mean()) if len(y) > lag else np.nan
