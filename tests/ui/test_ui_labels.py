"""Labels inside charts: any number of targets and curves stays readable."""

from datetime import date
from types import SimpleNamespace

import numpy as np
import pytest

from shopplan.i18n import MISSING, Style
from shopplan.terms import Target
from shopplan.ui import explain, labels, sayings

PAST, AHEAD = 3, 12


def target(id_: str, threshold: float, due: int, window: str = "month") -> Target:
    return Target(id_, id_, "net_sales", threshold, due, window)


@pytest.fixture
def drawn(monkeypatch):
    """The columns of the net sales chart with targets over sales of 90 to 110 a month."""
    monkeypatch.setattr(labels, "t", lambda key, **values: f"{key} {values.get('name', values['value'])}")
    monkeypatch.setattr(labels.words, "target", lambda row: row.name)

    def draw(*targets: Target) -> dict[str, np.ndarray]:
        months = [date(2026, 8 + i, 1) if i < 5 else date(2027, i - 4, 1) for i in range(PAST + AHEAD)]
        live = SimpleNamespace(targets=targets, result=SimpleNamespace(months=months[PAST:]), style=Style("en", "USD"))
        sales = np.linspace(90.0, 110.0, PAST + AHEAD)
        columns = {"month": np.array(months, dtype="datetime64[D]"), "history": sales, "hi": sales}
        return labels.with_targets(live, columns, PAST)

    return draw


def heights(columns: dict[str, np.ndarray]) -> np.ndarray:
    """Lower edges of the labels."""
    edges = columns["target_at"] - columns["target_below"] * labels.LABEL_ROOM * labels.TARGET_ROOM * 110
    return np.sort(edges[~np.isnan(edges)])


def test_labels_of_close_targets_keep_apart(drawn):
    columns = drawn(*(target(f"t{i}", 100.0 + i / 10, i + 1) for i in range(6)))
    assert np.diff(heights(columns)).min() >= labels.LABEL_ROOM * labels.TARGET_ROOM * 110 - 1e-9
    assert np.sort(columns["target"][~np.isnan(columns["target"])]) == pytest.approx([100 + i / 10 for i in range(6)])


def test_two_close_lines_have_their_labels_on_their_outer_sides(drawn):
    columns = drawn(target("lower", 100.0, 4), target("upper", 104.0, 2), target("high", 140.0, 6))
    named = [x is not None for x in columns["target_label"]]
    sides = zip(columns["target_label"][named], columns["target_below"][named], strict=True)
    assert {name.split()[-1]: below for name, below in sides} == {"lower": True, "upper": False, "high": False}
    assert columns["target_at"][named] == pytest.approx(columns["target"][named])
    assert set(columns["today"]) == {PAST / (PAST + AHEAD)}


def test_a_month_with_two_targets_shows_both_and_its_sales_twice(drawn):
    columns = drawn(target("month", 100.0, 4), target("year", 1260.0, 4, "year"))
    assert sorted(x for x in columns["target_label"] if x) == ["milestone.on_chart month", "milestone.on_chart year"]
    assert len(columns["month"]) == PAST + AHEAD + 1
    twice = columns["month"] == columns["month"][PAST + 3]
    assert len(set(columns["hi"][twice])) == 1
    assert sorted(columns["target"][twice]) == [100.0, 105.0]


def test_a_target_out_of_reach_is_named_without_pressing_the_plan_flat(drawn):
    columns = drawn(target("far", 5_000.0, 2), target("farther", 9_000.0, 2), target("near", 105.0, 3))
    assert np.nanmax(columns["target"]) == 105.0
    assert heights(columns).max() <= labels.TARGET_ROOM * 110
    assert sorted(x for x in columns["target_label"] if x and "above" in x) == [
        "milestone.above_chart far",
        "milestone.above_chart farther",
    ]


def test_targets_after_the_last_month_or_of_other_metrics_are_left_out(drawn):
    columns = drawn(target("late", 100.0, AHEAD + 1), Target("cash", "cash", "cash", 100.0, 3, "month"))
    assert np.isnan(columns["target_at"]).all()
    assert len(columns["month"]) == PAST + AHEAD


def curve(end: float, sales: float, now: bool = False) -> dict[str, np.ndarray]:
    """Two points of a curve, of which the shop may stand at the second one now."""
    there = {"present": np.array([False, now]), "plan": np.array([False, False])}
    return {"spend": np.array([0.0, end]), "sales": np.array([0.0, sales]), "hi": np.array([0.0, 100.0]), **there}


def test_the_name_of_a_curve_keeps_clear_of_the_mark_of_another():
    step = labels.LABEL_ROOM * 100
    beside, *_ = labels.names_at([curve(40.0, 20.0), curve(50.0, 21.0, now=True), curve(200.0, 90.0)])[1::2]
    assert beside == pytest.approx(21.0 - step)
    low, *_ = labels.names_at([curve(40.0, 3.0), curve(50.0, 4.0, now=True), curve(200.0, 90.0)])[1::2]
    assert low == pytest.approx(4.0 + step)  # below it would lie on the axis
    behind, *_ = labels.names_at([curve(40.0, 20.0), curve(39.0, 21.0, now=True), curve(200.0, 90.0)])[1::2]
    assert behind == 20.0


def test_names_of_curves_keep_apart_only_where_their_ends_are_near():
    parts = [curve(50.0, 20.0), curve(51.0, 21.0), curve(100.0, 20.5)]
    first, second, alone = labels.names_at(parts)[1::2]
    assert (first, alone) == (20.0, 20.5)
    assert second == pytest.approx(20.0 + labels.LABEL_ROOM * 100)


@pytest.mark.parametrize(
    ("sales", "margin", "assumed", "key"),
    [
        (2_000.0, 1_200.0, False, "say.curves"),
        (1_700.0, 680.0, False, "say.curves.loss"),
        (2_000.0, 1_200.0, True, "say.curves.assumed"),
    ],
)
def test_the_heading_of_the_curves_says_when_more_spend_does_not_pay_or_is_assumed_to(
    monkeypatch, sales, margin, assumed, key
):
    monkeypatch.setattr(sayings.curve, "most_wanted", lambda live: ("search", sales, margin))
    monkeypatch.setattr(sayings.curve, "assumed", lambda live, channel: assumed)
    monkeypatch.setattr(sayings, "channel", str)
    monkeypatch.setattr(sayings, "t", lambda key, **values: f"{key} {values}")
    said = sayings.of(SimpleNamespace(style=Style("en", "USD")), "curves")
    assert said.split()[0] == key
    assert f"${margin:,.0f}" in said.replace("K", "")


def test_without_marketing_there_is_no_cost_of_a_new_customer(monkeypatch):
    monkeypatch.setattr(explain, "t", str)
    style = Style("en", "USD")
    values = {"cac": 0.0, "marketing": 0.0, "new_orders": 9.0}
    assert explain.valued(style, "cac", values.__getitem__).startswith(f"metric.cac {MISSING} =")
