"""Own promotions and days without stock: they reach the forecast, the look back and the curves."""

import numpy as np
import pandas as pd
import pytest

from shopplan.plan.evidence import gather
from shopplan.plan.occasions import Occasion, check, promotions, stock_outs
from shopplan.plan.outlook import look_ahead, look_back
from shopplan.plan.shortfall import missing_share
from shopplan.terms import ShopplanError

DAYS = pd.date_range("2023-01-01", "2025-12-31")


def days(seed=1):
    """Sales by day with weekdays and a season."""
    rng = np.random.default_rng(seed)
    log = 0.2 * np.cos(2 * np.pi * DAYS.day_of_year / 365.25) + 0.2 * (DAYS.day_of_week >= 5)
    return pd.Series(1000 * np.exp(log + rng.normal(0, 0.08, len(DAYS))), DAYS)


def monthly(sold):
    return sold.resample("MS").sum().to_frame("shop")


def daily(sold):
    return pd.DataFrame({"ds": sold.index, "net": sold.to_numpy()})


def test_stated_days_without_stock_are_filled_up_however_few():
    sold = days()
    out = pd.date_range("2025-06-10", "2025-06-11")
    short = sold.mask(sold.index.isin(out), sold * 0.5)
    lost = float((sold - short).sum() / sold["2025-06"].sum())
    assert missing_share(daily(short)) == {}, "so little does not stand out"
    (month, share), *more = missing_share(daily(short), out).items()
    assert (f"{month}", more) == ("2025-06-01", [])
    assert share == pytest.approx(lost, rel=0.25)


def test_a_promotion_that_comes_again_brings_what_it_brought():
    sold = days()
    past = Occasion("Birthday", "promotion", "2024-05-06", "2024-05-19")
    inside = sold.index.isin(past.days())
    net = monthly(sold.where(~inside, 2 * sold))
    again = [past, Occasion("Birthday", "promotion", "2026-08-03", "2026-08-16")]
    plain = look_ahead(net, pd.Timestamp("2026-01-01").date()).net[:12, 0]
    with_it = look_ahead(net, pd.Timestamp("2026-01-01").date(), promotions(again)).net[:12, 0]
    august = with_it[7] / plain[7]
    assert 1.2 < august < 1.6, "about half of the month at twice the sales"
    assert with_it[4] < plain[4], "and May is not taken for a better month"


def test_the_look_back_fills_shortfalls_by_what_was_known_then():
    sold = days()
    out = pd.date_range("2024-11-04", "2024-11-20")
    short = sold.mask(sold.index.isin(out), 0.0)
    seen, blind = (look_back(monthly(short), daily(short), stated) for stated in (out, out[:0]))
    whole = float(sold["2025-11"].sum())
    november, unfilled = (_year_ago(one)["2025-11-01"] for one in (seen, blind))
    assert abs(november / whole - 1) < 0.08
    assert unfilled < november
    assert set(seen.scores["back"]) == {1, 3, 6, 12}
    later = short.mask(short.index > "2024-12-31", short * 3)
    again = look_back(monthly(later), daily(later), out)
    np.testing.assert_allclose(_year_ago(again), _year_ago(seen))


def _year_ago(seen):
    made = seen.made[(seen.made["back"] == 12) & (seen.made["unique_id"] == "total")]
    return made.set_index("ds")["yhat"]


def test_what_was_odd_in_the_history_is_told():
    net = monthly(days())
    net.iloc[20] *= 6
    found = look_back(net, daily(days()), pd.DatetimeIndex([])).found
    (row,) = found[found["found"] == "outlier"].to_dict("records")
    assert row["ds"] == net.index[20]
    assert row["value"] / row["usual"] == pytest.approx(6, rel=0.3)


def test_short_days_and_promotions_reach_the_curves():
    sold = days()
    out = Occasion("Warehouse move", "stock_out", "2024-03-04", "2024-03-10")
    sale = Occasion("Birthday", "promotion", "2024-05-06", "2024-05-19")
    nothing = sold.index.isin(pd.date_range("2025-07-07", "2025-07-20"))
    sales = pd.DataFrame({"ds": DAYS, "channel": "shop", "orders": 10, "new_orders": np.nan, "keyed_orders": 0,
                          "gross": sold.where(~nothing, 0.0).to_numpy(), "discounts": 0.0})  # fmt: skip
    spend = pd.DataFrame({"ds": DAYS, "channel": "ads", "spend": 100.0})
    measures = pd.DataFrame({"ds": [], "measure": [], "value": []})
    found = gather(sales, spend, measures, "CN", (out, sale))
    short = pd.Series(found.history.controls[:, 0], found.history.dates)
    assert short["2024-03-04"] == 1.0, "stated"
    assert short["2025-07-07":"2025-07-20"].tolist() == [1.0, 1.0], "plain from the sales"
    assert short.sum() == pytest.approx(3.0)
    assert found.promotions["event"].tolist() == ["Birthday"]


def test_occasions_that_cannot_be_are_refused():
    for wrong, said in [
        (Occasion("", "promotion", "2024-05-06", "2024-05-19"), "no name"),
        (Occasion("Sale", "promotion", "2024-02-30", "2024-03-02"), "not a date"),
        (Occasion("Sale", "promotion", "2024-05-06", "2024-05-01"), "before the first"),
        (Occasion("Sale", "promotion", "2024-05-06", "2042-05-01"), "more than a year"),
    ]:
        with pytest.raises(ShopplanError, match=said):
            check([wrong])
    assert len(stock_outs([Occasion("Sale", "promotion", "2024-05-06", "2024-05-10")])) == 0
