"""Forecasts of other tools for `bench_forecast`; runs in an environment of its own (requirements-peers.txt).

Called as ``python forecast_peers.py IN.csv OUT.csv H FREQ`` on a long frame ``unique_id, ds, y``; writes
``tool, unique_id, ds, yhat, lo-80, hi-80, lo-95, hi-95, seconds`` (seconds a series, each fitted alone on one core).
"""

from __future__ import annotations

import logging
import sys
import time
import warnings
from collections.abc import Callable

import pandas as pd

SEASON = {"M": 12, "W": 52, "D": 7}
OFFSET = {"M": "MS", "W": "7D", "D": "D"}
LEVELS = (80, 95)


def nixtla(name: str, h: int, freq: str) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """One automatic model of statsforecast, with its season."""
    from statsforecast import models  # type: ignore[import-not-found]

    def run(rows: pd.DataFrame) -> pd.DataFrame:
        model = getattr(models, name)(season_length=SEASON[freq])
        got = model.forecast(y=rows["y"].to_numpy(float), h=h, level=list(LEVELS))
        ahead = pd.date_range(rows["ds"].iloc[-1], periods=h + 1, freq=OFFSET[freq])[1:]
        out = {"ds": ahead, "yhat": got["mean"]}
        for level in LEVELS:
            out |= {f"lo-{level}": got[f"lo-{level}"], f"hi-{level}": got[f"hi-{level}"]}
        return pd.DataFrame(out)

    return run


def prophet(h: int, freq: str) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """Prophet as it comes, one fit and two draws of intervals."""
    from prophet import Prophet  # type: ignore[import-not-found]

    def run(rows: pd.DataFrame) -> pd.DataFrame:
        model = Prophet(interval_width=0.8)
        model.fit(rows[["ds", "y"]])
        future = model.make_future_dataframe(h, freq=OFFSET[freq], include_history=False)
        got = model.predict(future)
        out = {"ds": got["ds"], "yhat": got["yhat"], "lo-80": got["yhat_lower"], "hi-80": got["yhat_upper"]}
        model.interval_width = 0.95
        wide = model.predict(future)
        return pd.DataFrame({**out, "lo-95": wide["yhat_lower"], "hi-95": wide["yhat_upper"]})

    return run


def main(source: str, target: str, horizon: str, freq: str) -> None:
    """Every tool over every series."""
    warnings.simplefilter("ignore")
    logging.getLogger("cmdstanpy").setLevel(logging.ERROR)
    logging.getLogger("prophet").setLevel(logging.ERROR)
    h = int(horizon)
    frame = pd.read_csv(source, parse_dates=["ds"])
    tools = {name: nixtla(name, h, freq) for name in ("AutoETS", "AutoARIMA", "AutoTheta", "AutoCES")}
    tools["Prophet"] = prophet(h, freq)
    results = []
    for tool, run in tools.items():
        run(frame[frame["unique_id"] == frame["unique_id"].iloc[0]])  # compiled and imported once
        for unique_id, rows in frame.groupby("unique_id", sort=False):
            start = time.process_time()
            got = run(rows.dropna(subset="y"))
            seconds = time.process_time() - start
            results.append(got.assign(tool=tool, unique_id=unique_id, seconds=seconds))
    pd.concat(results, ignore_index=True).to_csv(target, index=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
