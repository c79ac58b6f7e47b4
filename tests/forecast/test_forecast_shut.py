"""Stated stock-outs: what stops all sales stops them ahead too, what halves them halves them, and neither is odd."""

import numpy as np
import pandas as pd
import pytest

from shopplan.forecast import forecast, reconciled, report, totals

N, H = 48, 6
ALL = pd.date_range("2022-01-01", periods=N + H, freq="MS")
GONE, PLANNED = [20, 33, 41], [N + 2]


def history(y=None, at=GONE, left=0.0, name="a"):
    y = 20 * np.exp(np.random.default_rng(0).normal(0, 0.05, N)) if y is None else y
    y = np.where(np.isin(np.arange(len(y)), at), left * y, y)
    return pd.DataFrame({"unique_id": name, "ds": ALL[: len(y)], "y": y})


def switch(*at, **columns):
    return pd.DataFrame({"ds": ALL, "out": np.isin(np.arange(N + H), at).astype(float), **columns})


def others(ahead):
    return ahead.drop(index=[one - N for one in PLANNED])


def test_a_planned_stock_out_sells_nothing_where_earlier_ones_did_not():
    plain = forecast(history(at=[]), H)
    ahead = forecast(history(), H, X=switch(*GONE, *PLANNED))
    assert (ahead.loc[2, ["yhat", "lo-80", "hi-80", "lo-95", "hi-95"]] == 0).all()
    np.testing.assert_allclose(others(ahead)["yhat"], others(plain)["yhat"], rtol=0.05)
    assert (others(ahead)["lo-95"] > 10).all(), "the other months are not those of a shop that often sells nothing"
    assert report(history(), X=switch(*GONE)).empty
    whole = totals(history(), H, X=switch(*GONE, *PLANNED)).iloc[0]
    assert whole["yhat"] == pytest.approx(others(ahead)["yhat"].sum())


def test_a_planned_dip_is_as_deep_as_earlier_ones_and_none_of_them_is_odd():
    told = switch(*GONE, *PLANNED)
    ahead = forecast(history(left=0.2), H, X=told)["yhat"]
    assert ahead[2] / others(ahead).mean() == pytest.approx(0.2, rel=0.25)
    assert report(history(left=0.2), X=told).empty


@pytest.mark.parametrize("at", [range(N - 4, N), [*range(12, 20), *range(30, 38)]], ids=["to the end", "for a third"])
def test_long_stated_stock_outs_are_neither_an_end_nor_the_way_of_the_shop(at):
    ahead = forecast(history(at=[*at]), H, X=switch(*at))
    assert set(ahead["model"].iloc[0].split("+")) & {"structural", "ets"}
    np.testing.assert_allclose(ahead["yhat"], 20, rtol=0.1)
    assert forecast(history(at=range(N - 4, N)), H)["model"].iloc[0] == "stopped", "nobody says that it comes back"


def test_a_switch_of_one_channel_leaves_the_others_and_the_total_adds_up():
    both = pd.concat([history(), history(at=[], name="b")])
    told = pd.concat([switch(*GONE, *PLANNED).assign(unique_id="a"), switch().assign(unique_id="b")])
    table = reconciled(both, H, X=told).pivot(index="ds", columns="unique_id")
    month = ALL[PLANNED[0]]
    assert table["yhat"].loc[month, "a"] == 0
    for name in ("yhat", "lo-80", "hi-80"):
        assert table[name].loc[month, "total"] == pytest.approx(table[name].loc[month, "b"], rel=0.1)


def test_a_zero_that_chance_explains_shuts_nothing():
    """A fifth of the months sell nothing: that one did under a promotion says little of promotions."""
    none = np.random.default_rng(1).permutation(N)[: N // 5]
    ahead = forecast(history(at=none), H, X=switch(none[0], *PLANNED))
    assert ahead["yhat"][2] > 0.7 * others(ahead)["yhat"].mean()


def test_a_switch_that_sold_once_or_is_no_switch_shuts_nothing():
    y = history(at=GONE[1:])
    assert forecast(y, H, X=switch(*GONE, *PLANNED))["yhat"][2] > 0
    price = switch(*GONE[1:], *PLANNED).assign(out=lambda x: 5 * x["out"])
    assert forecast(y, H, X=price)["yhat"][2] > 0


def test_days_without_stock_and_days_closed():
    days = pd.date_range("2026-01-05", periods=104)
    y = np.where(days.day_of_week == 6, 0.0, 100.0 + np.arange(104) % 7)
    out = np.isin(np.arange(104), [30, 31, 32, 66, 92])
    past = pd.DataFrame({"unique_id": "a", "ds": days, "y": np.where(out, 0.0, y)})[:90]
    told = pd.DataFrame({"ds": days, "out": out.astype(int), "on_sundays": (days.day_of_week == 6).astype(int)})
    ahead = forecast(past, 14, X=told)
    assert ahead["ds"][ahead["yhat"] == 0].tolist() == [days[i] for i in (90, 92, 97)]
    np.testing.assert_allclose(ahead["yhat"][ahead["yhat"] > 0], 103, rtol=0.06)
