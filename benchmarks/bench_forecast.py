"""Accuracy of the forecasts beside other tools on the same series, in one run: ``make bench-forecast``.

The other tools live in an environment of their own, named by PEERS_PYTHON; without it only our own figures are shown.
The data lie beside the repository and are not shipped; a set that is not there is left out.
"""

from __future__ import annotations

import dataclasses
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from shopplan.demo import generate
from shopplan.demo.settings import load_settings
from shopplan.forecast import error_model, forecast

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
SEASON = {"M": 12, "D": 7}
OURS = "shopplan"
KNOWN = 120
"""Days that are known at the earliest date from which days are forecast."""


class Task(NamedTuple):
    """Series to forecast, what came, and what the errors are scaled by: all long frames."""

    name: str
    freq: Literal["M", "D"]
    h: int
    past: pd.DataFrame
    future: pd.DataFrame


def retail() -> Iterator[Task]:
    """Australian retail turnover by state and industry: the split in the file, whole and cut to short histories."""
    path = DATA / "forecast" / "aus_retail_monthly.csv"
    if not path.exists():
        return
    frame = pd.read_csv(path, parse_dates=["ds"]).sort_values(["unique_id", "ds"])
    past, future = (frame[frame["split"] == part].drop(columns="split") for part in ("train", "test"))
    for months in (72, 36, 24):
        cut = past.groupby("unique_id").tail(months)
        yield Task(f"retail, {months} months, 60 series", "M", 12, cut, future)


def online_shop() -> Iterator[Task]:
    """Totals of a real online gift shop: months with nine known, days from four dates and from every week."""
    path = DATA / "sales" / "online_retail.csv.gz"
    if not path.exists():
        return
    lines = pd.read_csv(path, encoding="latin-1", usecols=["Quantity", "InvoiceDate", "UnitPrice"])
    when = pd.to_datetime(lines["InvoiceDate"], format="mixed")
    days = (lines["Quantity"] * lines["UnitPrice"]).groupby(when.dt.normalize()).sum().asfreq("D", fill_value=0.0)
    months = days[:"2011-11-30"].resample("MS").sum()
    whole = pd.DataFrame({"unique_id": "shop", "ds": months.index, "y": months.to_numpy()})
    yield Task("online shop, 9 months, 1 series", "M", 3, whole[:9], whole[9:])
    for name, ends in (("4 dates", range(len(days), len(days) - 4 * 28, -28)),
                       ("every week", range(len(days), KNOWN + 28, -7))):  # fmt: skip
        past, future = [], []
        for end in ends:
            made = f"to {days.index[end - 1]:%m-%d}"
            part = pd.DataFrame({"unique_id": made, "ds": days.index[:end], "y": days[:end]})
            past.append(part[:-28])
            future.append(part[-28:])
        yield Task(f"online shop, days, {name}: {len(past)}", "D", 28, pd.concat(past), pd.concat(future))


def demo_family() -> Iterator[Task]:
    """Channels of six simulated shops like the demo's, two and three years known."""
    parts = []
    for seed in range(101, 107):
        sales = generate(dataclasses.replace(load_settings(), seed=seed, start=date(2022, 11, 1))).sales_daily
        month = sales["day"].dt.to_period("M").dt.to_timestamp()
        net = sales["net_minor"].groupby([sales["channel"], month]).sum() / 100
        parts.append(net.rename("y").rename_axis(["unique_id", "ds"]).reset_index())
        parts[-1]["unique_id"] = f"{seed} " + parts[-1]["unique_id"].astype(str)
    frame = pd.concat(parts)
    split = frame["ds"].max() - pd.DateOffset(months=12)
    past, future = frame[frame["ds"] <= split], frame[frame["ds"] > split]
    for months in (36, 24):
        cut = past.groupby("unique_id").tail(months)
        long = cut.groupby("unique_id")["y"].transform("size") == months
        kept = future[future["unique_id"].isin(cut.loc[long, "unique_id"])]
        count = kept["unique_id"].nunique()
        yield Task(f"simulated shops, {months} months, {count} series", "M", 12, cut[long], kept)


def ours(task: Task) -> pd.DataFrame:
    """Our forecasts, each series timed alone on one core."""
    parts = []
    forecast(task.past[task.past["unique_id"] == task.past["unique_id"].iloc[0]], 1, task.freq)
    for _, rows in task.past.groupby("unique_id", sort=False):
        start = time.process_time()
        parts.append(forecast(rows, task.h, task.freq).assign(tool=OURS))
        parts[-1]["seconds"] = time.process_time() - start
    return pd.concat(parts, ignore_index=True)


def peers(task: Task, python: str) -> pd.DataFrame:
    """The other tools' forecasts, from their own environment."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "in.csv", Path(folder) / "out.csv"
        task.past.to_csv(source, index=False)
        script = Path(__file__).with_name("forecast_peers.py")
        call = [python, str(script), str(source), str(target), str(task.h), task.freq]
        one_thread = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        subprocess.run(call, check=True, capture_output=True, env={**os.environ, **one_thread})
        return pd.read_csv(target, parse_dates=["ds"])


def scores(task: Task, results: pd.DataFrame) -> pd.DataFrame:
    """MASE, sMAPE, error of the horizon's total, coverage and seconds by tool, best MASE first."""
    both = results.merge(task.future, on=["unique_id", "ds"])
    scale = {name: _usual_change(rows["y"].to_numpy(float), task.freq) for name, rows in task.past.groupby("unique_id")}
    both["miss"] = (both["y"] - both["yhat"]).abs()
    both["mase"] = both["miss"] / both["unique_id"].map(scale)
    size = both["y"].abs() + both["yhat"].abs()
    both["smape"] = 200 * (both["miss"] / size).where(size > 0, 0.0)
    for level in (80, 95):
        both[f"cover-{level}"] = 100.0 * both["y"].between(both[f"lo-{level}"], both[f"hi-{level}"])
    sums = both.groupby(["tool", "unique_id"])[["y", "yhat"]].sum()
    table = both.groupby("tool")[["mase", "smape", "cover-80", "cover-95", "seconds"]].mean()
    table.insert(2, "total", (100 * (sums["yhat"] / sums["y"] - 1).abs()).groupby("tool").mean())
    return table.sort_values("mase")


def _usual_change(y: np.ndarray, freq: str) -> float:
    lag = SEASON[freq] if len(y) > SEASON[freq] + 3 else 1
    return float(np.abs(y[lag:] - y[:-lag]).mean())


def shop_seconds() -> float:
    """Processor seconds of a shop's forecast and errors: six channels of three years, three years ahead."""
    months, t = pd.date_range("2022-01-01", periods=36, freq="MS"), np.arange(36)
    wave = 1e5 * (1 + 0.2 * np.sin(2 * np.pi * t / 12)) * np.exp(0.1 * t / 12)
    noise = np.random.default_rng(0).lognormal(0, 0.05, (6, 36))
    frame = pd.concat(pd.DataFrame({"unique_id": f"s{i}", "ds": months, "y": wave * noise[i]}) for i in range(6))
    forecast(frame[:36], 1)  # what a first forecast imports is not counted
    start = time.process_time()
    forecast(frame, 36)
    error_model(frame, 36)
    return time.process_time() - start


def main() -> None:
    """Print one figure of speed and one table a set, ready for RESULTS.md."""
    print(f"six channels, forecast and errors: {shop_seconds():.2f} s of a processor (at most 2)")
    python = os.environ.get("PEERS_PYTHON", "")
    for task in (*retail(), *online_shop(), *demo_family()):
        results = [ours(task), *([peers(task, python)] if python else [])]
        table = scores(task, pd.concat(results, ignore_index=True))
        print(f"\n{task.name}, h {task.h}\n")
        print("| | MASE | sMAPE | total, % | 80 % | 95 % | s a series |\n|---|---:|---:|---:|---:|---:|---:|")
        for tool, row in table.iterrows():
            print(
                f"| {tool} | {row['mase']:.3f} | {row['smape']:.2f} | {row['total']:.2f} | {row['cover-80']:.0f} "
                f"| {row['cover-95']:.0f} | {row['seconds']:.2f} |",
                flush=True,
            )


if __name__ == "__main__":
    with threadpool_limits(1):
        main()
