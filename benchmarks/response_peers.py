"""PyMC-Marketing's fit for `bench_response`; runs in an environment of its own (requirements-response-peers.txt).

Called as ``python response_peers.py IN.csv OUT.json DATE TARGET CHANNELS CONTROLS HOLDOUT`` (lists with commas); writes
one object: mean share and 90 % interval of the first channel, MAPE of the held-out end from a second fit, and
processor seconds of the first fit, whole and sampling alone. Priors as they come, settings of its example notebook:
eight lags of geometric adstock, logistic saturation, two yearly waves. Chains run one after the other on one core.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

DRAWS, CHAINS, SEED = 1_000, 2, 20260


def fitted(frame: pd.DataFrame, columns: dict[str, Any]) -> tuple[Any, float, float]:
    """A fitted model, with processor seconds of all of it and of its sampling."""
    from pymc_marketing.mmm import GeometricAdstock, LogisticSaturation  # type: ignore[import-not-found]
    from pymc_marketing.mmm.multidimensional import MMM  # type: ignore[import-not-found]

    began: list[float] = []

    def note(**_: Any) -> None:
        began[:] = began or [time.process_time()]

    start = time.process_time()
    mmm = MMM(**columns, adstock=GeometricAdstock(l_max=8), saturation=LogisticSaturation(), yearly_seasonality=2)
    options = {"draws": DRAWS, "tune": DRAWS, "chains": CHAINS, "cores": 1, "random_seed": SEED, "progressbar": False}
    mmm.fit(frame.drop(columns=columns["target_column"]), frame[columns["target_column"]], callback=note, **options)
    end = time.process_time()
    return mmm, end - start, end - began[0]


def main(source: str, target: str, date: str, sales: str, channels: str, controls: str, holdout: str) -> None:
    """Fit twice: the whole history, and all of it but the end."""
    warnings.simplefilter("ignore")
    names = channels.split(",")
    columns = {"date_column": date, "target_column": sales, "channel_columns": names,
               "control_columns": controls.split(",")}  # fmt: skip
    frame = pd.read_csv(source, parse_dates=[date])[[date, sales, *names, *columns["control_columns"]]]
    mmm, whole, sampling = fitted(frame, columns)
    sold = mmm.idata.posterior["channel_contribution"].sum("date").stack(draw_=("chain", "draw"))
    first = (sold.sel(channel=names[0]) / sold.sum("channel")).to_numpy()
    seen = len(frame) - int(holdout)
    ahead, _, _ = fitted(frame.head(seen), columns)
    actual = frame[sales].to_numpy()[seen:]
    found = ahead.sample_posterior_predictive(
        frame.iloc[seen:].drop(columns=sales), include_last_observations=True, extend_idata=False,
        random_seed=SEED, progressbar=False,
    )  # fmt: skip
    expected = found["y"].mean("sample").to_numpy() * float(ahead.scalers["_target"])
    out = {
        "share": float(first.mean()),
        "share_lo": float(np.quantile(first, 0.05)),
        "share_hi": float(np.quantile(first, 0.95)),
        "mape": float(np.mean(np.abs(expected / actual - 1))),
        "seconds": whole,
        "sampling": sampling,
    }
    Path(target).write_text(json.dumps(out), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
