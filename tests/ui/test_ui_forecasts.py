"""The look back on the Growth page is about the whole shop, whatever channel stands last."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from shopplan.i18n import Style
from shopplan.plan.outlook import Seen
from shopplan.ui import forecasts

STYLE = Style("en", "CNY")


def seen(*names):
    """Looks back of 3 and 12 months in which each name misses by ten times its place, in percent."""
    months = pd.date_range("2025-11-01", periods=12, freq="MS")
    made, scores = [], []
    for back in (3, 12):
        for place, name in enumerate(names, 1):
            yhat = 1000.0 * place + np.arange(back)
            ds, cutoff = months[-back:], months[-back] - pd.DateOffset(months=1)
            made.append(pd.DataFrame({"unique_id": name, "ds": ds, "yhat": yhat, "back": back, "cutoff": cutoff}))
            scores.append({"unique_id": name, "back": back, "wape": place / 10})
    return Seen(pd.concat(made, ignore_index=True), pd.DataFrame(scores), pd.DataFrame())


@pytest.fixture(autouse=True)
def plain(monkeypatch):
    monkeypatch.setattr(forecasts, "t", lambda key, **said: " ".join([key, *map(str, said.values())]))
    monkeypatch.setattr(forecasts, "_events", lambda months, *_: [None] * len(months))
    ahead = pd.DataFrame(
        {"month": pd.date_range("2026-11-01", periods=24, freq="MS"), "mean": 1.0, "lo": 0.5, "hi": 2.0}
    )
    monkeypatch.setattr(forecasts, "expected", lambda *_: ahead)


def drawn(found):
    history = pd.DataFrame({"month": pd.date_range("2025-11-01", periods=12, freq="MS"), "net_sales": 5.0})
    before = forecasts._columns(SimpleNamespace(history=history, country="CN"), STYLE, found, ())["before"]
    return before[~np.isnan(before)]


@pytest.mark.parametrize("names", [("total", "shop"), ("shop", "total"), ("a", "total", "b")])
def test_head_and_chart_are_about_the_total(names):
    found, place = seen(*names), names.index("total") + 1
    assert forecasts._head(found, STYLE) == f"growth.judge 12 {10 * place}.0%"
    assert set(drawn(found) // 1000) == {place}
    assert len(drawn(found)) == 15


@pytest.mark.parametrize("found", [None, Seen(pd.DataFrame(), pd.DataFrame(), pd.DataFrame()), seen("shop")])
def test_without_a_total_nothing_is_said_or_drawn_of_the_whole_shop(found):
    assert forecasts._head(found, STYLE) == "chart.forecast"
    assert len(drawn(found)) == 0
