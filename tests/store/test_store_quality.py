"""What is odd or missing in the facts: each rule finds its case, stays quiet on good data, and names what mends it."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from shopplan.i18n import LANGUAGES, has
from shopplan.store.quality import CODES, RULES, Held, findings

TODAY = date(2026, 7, 10)
IMPORTS = ["batch_id", "file", "format", "kind", "date_from", "date_to", "channels"]


def rows(channel: str, first: str, last: str, column: str = "net", skip: tuple[str, ...] = ()) -> pd.DataFrame:
    """A value a day with a weekly wave, days that begin with one of ``skip`` left out."""
    days = pd.date_range(first, last)
    frame = pd.DataFrame({"ds": days, "channel": channel, column: 100.0 + 10 * np.sin(np.arange(len(days)))})
    return frame[[not any(str(day).startswith(one) for one in skip) for day in days]]


def held(sales=None, spend=None, imports=(), channels=(), **more) -> Held:
    return Held(
        rows("a", "2026-01-01", "2026-07-05") if sales is None else sales,
        rows("a", "2026-01-01", "2026-07-05", "spend") if spend is None else spend,
        pd.DataFrame(list(imports), columns=IMPORTS),
        pd.DataFrame(list(channels), columns=["id", "name", "kind"]),
        more.pop("today", TODAY),
        **more,
    )


def test_good_data_give_no_finding():
    assert findings(held()) == ()
    nothing = pd.DataFrame({"ds": pd.to_datetime([]), "channel": [], "net": []})
    assert findings(held(nothing, nothing.rename(columns={"net": "spend"}))) == ()


def test_months_without_sales_or_spend_are_told_as_spans():
    sales = rows("a", "2026-01-01", "2026-07-05", skip=("2026-02", "2026-03", "2026-05"))
    spend = rows("a", "2026-01-01", "2026-07-05", "spend", skip=("2026-06",))
    found = [(f.code, f.values["first"], f.values["last"], f.fix) for f in findings(held(sales, spend))]
    assert found == [
        ("gap_months", date(2026, 2, 1), date(2026, 3, 1), "bring"),
        ("gap_months", date(2026, 5, 1), date(2026, 5, 1), "bring"),
        ("gap_spend", date(2026, 6, 1), date(2026, 6, 1), "bring"),
    ]


def test_days_are_missed_where_a_channel_sells_every_day_only():
    skip = ("2026-04-10", "2026-04-11", "2026-04-12", "2026-05-01")
    (found,) = findings(held(rows("a", "2026-01-01", "2026-07-05", skip=skip)))
    assert (found.code, found.values["days"], found.values["first"]) == ("gap_days", 3, date(2026, 4, 10))
    seldom = rows("a", "2026-01-01", "2026-07-05").iloc[::3]
    assert findings(held(seldom)) == ()


@pytest.mark.parametrize(("factor", "code"), [(9.0, "peak"), (0.1, "dip")])
def test_days_far_from_the_usual_lead_to_the_import_that_brought_them(factor, code):
    sales = rows("a", "2026-01-01", "2026-07-05")
    odd = sales["ds"].isin(pd.to_datetime(["2026-04-10", "2026-04-12"]))
    sales.loc[odd, "net"] *= factor
    imports = [
        (1, "a.csv", "sales_daily", "sales", date(2026, 1, 1), date(2026, 3, 31), ("a",)),
        (2, "b.csv", "sales_daily", "sales", date(2026, 4, 1), date(2026, 7, 5), ("a",)),
    ]
    (found,) = findings(held(sales, imports=imports))
    assert (found.code, found.fix, found.target) == (code, "receipt", "2")
    assert (found.values["first"], found.values["last"]) == (date(2026, 4, 10), date(2026, 4, 12))
    assert found.values["times" if factor > 1 else "share"] == pytest.approx(factor, rel=0.15)


def test_a_season_is_no_outlier():
    sales = rows("a", "2026-01-01", "2026-07-05")
    sales["net"] *= np.linspace(1, 6, len(sales))
    assert findings(held(sales)) == ()


def test_different_reports_on_the_same_days_may_count_twice():
    orders = (1, "orders.csv", "shopify_orders", "sales", date(2026, 1, 1), date(2026, 3, 31), ("a",))
    table = (2, "daily.csv", "sales_daily", "sales", date(2026, 3, 1), date(2026, 7, 5), ("a",))
    later = (3, "orders2.csv", "shopify_orders", "sales", date(2026, 3, 15), date(2026, 7, 5), ("a",))
    (found,) = findings(held(imports=[orders, table]))
    assert (found.code, found.target, found.values["first"]) == ("overlap", "2", date(2026, 3, 1))
    assert findings(held(imports=[orders, later])) == ()
    other = (*table[:-1], ("b",))
    assert findings(held(imports=[orders, other])) == ()


def test_channels_without_spend_or_without_sales():
    sales = pd.concat([rows("a", "2026-01-01", "2026-07-05"), rows("shop", "2026-01-01", "2026-07-05")])
    spend = rows("ads", "2026-01-01", "2026-07-05", "spend")
    kinds = [("a", "A", "organic"), ("shop", "Shop", "marketplace"), ("ads", "Ads", "search")]
    found = [(f.code, f.fix, f.target) for f in findings(held(sales, spend, channels=kinds))]
    assert found == [("no_spend", "typed", "shop"), ("no_sales", "channels", "ads")]


def test_old_data_and_missing_rates_come_first():
    table = (2, "daily.csv", "sales_daily", "sales", date(2026, 3, 1), date(2026, 7, 5), ("a",))
    found = findings(held(imports=[table], today=date(2026, 9, 30), unrated=("EUR",)))
    assert [(f.code, f.fix, f.target) for f in found] == [("old", "bring", ""), ("no_rate", "rates", "EUR")]
    assert found[0].values["age"] == 87


def test_many_alike_are_counted():
    sales = rows("a", "2024-01-01", "2026-07-05", skip=tuple(f"202{y}-{m:02d}" for y in (4, 5) for m in (2, 4, 6, 8)))
    found = [f for f in findings(held(sales, rows("a", "2024-01-01", "2026-07-05", "spend"))) if f.code == "gap_months"]
    assert [f.more for f in found] == [0, 0, 5]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_finding_has_its_sentence_and_its_click(lang):
    assert RULES
    assert [code for code in CODES if not has(lang, f"quality.{code}")] == []
    assert [
        fix for fix in ("bring", "receipt", "channels", "rates", "typed") if not has(lang, f"quality.fix.{fix}")
    ] == []
