"""The tables of levers, metrics and templates: every row is whole, and every name in them exists."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import get_args

import pytest

from shopplan.plan import templates
from shopplan.response import PRIORS
from shopplan.terms import (
    CHANNEL_KINDS,
    HORIZON_MAX,
    LEVERS,
    METRICS,
    Group,
    Per,
    ShopplanError,
    Unit,
    Window,
    lever_key,
    split_key,
)

DRIVERS = {"conversion", "traffic", "orders", "aov", "returns", "repeat"}
"""What an initiative can lift."""
SOURCE = re.compile(r"(\d{3}) #(\d+)|assumption")
INVENTORY = Path(__file__).resolve().parents[2] / "shared" / "design" / "source-plans.md"
TEMPLATES = templates.names()


def test_there_are_enough_levers():
    assert len(LEVERS) >= 40
    for wanted in ("budget", "mix", "growth", "price", "customers", "margin", "people", "cash", "stock", "capex"):
        assert wanted in {x.group for x in LEVERS.values()}


@pytest.mark.parametrize("lever", LEVERS.values(), ids=lambda x: x.id)
def test_a_lever_is_whole(lever):
    assert LEVERS[lever.id] is lever
    assert re.fullmatch(r"[a-z_]+", lever.id)
    assert lever.unit in get_args(Unit)
    assert lever.group in get_args(Group)
    assert lever.per in get_args(Per)
    assert lever.low < lever.high
    assert lever.step > 0
    steps = (lever.high - lever.low) / lever.step
    assert steps == pytest.approx(round(steps), abs=1e-6), "the last step must land on the end of the range"
    assert round(steps) >= 1
    assert set(lever.moves) <= METRICS.keys()
    assert len(set(lever.moves)) == len(lever.moves)
    assert lever.moves or lever.id == "cash_reserve", "only the reserve moves findings and odds, and no metric"
    if lever.shares:
        assert (lever.low, lever.high, bool(lever.per)) == (0, 1, True)
    if lever.relative:
        assert lever.unit in ("money", "people")
        assert lever.low <= 1 <= lever.high, "the default itself must be in range"


def test_keys_name_a_lever_and_a_member_or_nothing():
    for lever in LEVERS.values():
        key = lever_key(lever.id, "x" if lever.per else "")
        assert split_key(key) == (lever, "x" if lever.per else "")
        with pytest.raises(ShopplanError):
            split_key(lever_key(lever.id, "" if lever.per else "x"))


@pytest.mark.parametrize("metric", METRICS.values(), ids=lambda x: x.id)
def test_a_metric_is_whole(metric):
    assert METRICS[metric.id] is metric
    assert metric.unit in get_args(Unit)
    names = {n.id for n in ast.walk(ast.parse(metric.formula or "0", mode="eval")) if isinstance(n, ast.Name)}
    assert names <= METRICS.keys()
    assert metric.id not in names
    if metric.total == "ratio":
        assert re.fullmatch(r"\w+ / \w+", metric.formula), "a ratio has one metric above and one below the line"
    if metric.unit == "money" and metric.total == "last":
        assert not metric.formula, "balances are computed, not added up"


def test_kinds_of_channels_have_priors_where_money_can_be_spent():
    assert set(PRIORS) == set(CHANNEL_KINDS) - {"organic"}


def test_every_source_plan_is_a_template():
    assert TEMPLATES == ("000", "001", "002", "003", "004")


def test_an_unknown_template_is_refused_with_the_known_ones():
    with pytest.raises(ShopplanError, match="000, 001"):
        templates.load("../base")


@pytest.mark.parametrize("name", TEMPLATES)
def test_phases_tile_the_longest_horizon(name):
    phases = templates.load(name).phases
    assert sum(p["months"] for p in phases) == HORIZON_MAX
    assert all(p["months"] >= 1 for p in phases)
    assert len({p["id"] for p in phases}) == len(phases)
    for p in phases:
        reference = p.get("reference", {})
        assert set(reference) <= {"people", "marketing", "technology", "other"}
        assert sum(reference.values()) <= 1


@pytest.mark.parametrize("name", TEMPLATES)
def test_initiatives_fit_their_levers(name):
    rows = templates.load(name).initiatives
    assert len({r["id"] for r in rows}) == len(rows)
    for row in rows:
        assert row["driver"] in DRIVERS
        assert row["low"] < row["high"]
        for lever, value in {
            "initiative_uplift": (row["low"] + row["high"]) / 2,
            "initiative_start": row["start"],
            "initiative_ramp": row["ramp"],
            "initiative_chance": row["chance"],
        }.items():
            assert LEVERS[lever].low <= value <= LEVERS[lever].high
        assert 0 <= row["cost_of_sales"] < 0.1


@pytest.mark.parametrize("name", TEMPLATES)
def test_targets_name_metrics_and_windows(name):
    rows = templates.load(name).targets
    assert rows
    assert len({r["id"] for r in rows}) == len(rows)
    for row in rows:
        assert row["metric"] in METRICS
        assert row["window"] in get_args(Window)
        assert 1 <= row["due"] <= HORIZON_MAX
        assert len({"value", "times_year_ago", "times_mean_month"} & set(row)) == 1
        assert "value" in row or row["metric"] == "net_sales", "only net sales are scaled to the shop"


@pytest.mark.parametrize("name", TEMPLATES)
def test_figures_lie_in_the_range_of_their_lever(name):
    t = templates.load(name)
    for lever_id, figure in t.levers.items():
        lever = LEVERS[lever_id]
        assert figure.kind in ("as_is", "of_sales", "of_aov")
        if not lever.relative:
            assert figure.kind == "as_is"
            assert lever.low <= figure.value <= lever.high
    lines = sum(t.levers[x].value for x in LEVERS if x.startswith("line_"))
    assert 0 <= lines <= 0.9
    assert set(t.conversion) - set(CHANNEL_KINDS) == set()
    assert "other" in t.conversion
    assert set(t.entry_channels) <= set(PRIORS)
    assert sum(r["share"] for r in t.roles) == pytest.approx(1)


def test_every_lever_has_a_default_from_somewhere():
    measured = {"budget", "split", "mix", "roas", "bend", "carryover", "headcount", "pay"}
    for name in TEMPLATES:
        given = set(templates.load(name).levers)
        assert set(LEVERS) - given - measured == {x.id for x in LEVERS.values() if x.per == "initiative"}


def sources():
    for name in TEMPLATES:
        t = templates.load(name)
        for part in ("levers", "conversion", "entry_channels", "people", "pay"):
            yield from ((f"{name} {part} {k}", figure.source) for k, figure in getattr(t, part).items())
        for part in ("roles", "initiatives", "phases", "targets"):
            yield from ((f"{name} {part} {row['id']}", row["source"]) for row in getattr(t, part))
    yield from ((f"prior {kind}", prior.source) for kind, prior in PRIORS.items())


def test_every_value_says_where_it_comes_from():
    odd = [(where, source) for where, source in sources() if not SOURCE.fullmatch(source)]
    assert odd == []


def test_the_rows_that_are_named_are_in_the_source_plans():
    if not INVENTORY.exists():
        pytest.skip("the inventory of the source plans is not beside the project")
    rows = dict(re.findall(r"^\| (\d+) \|.*\| (\d{3}) \|[^|]*\|$", INVENTORY.read_text(encoding="utf-8"), re.M))
    assert len(rows) > 140
    named = {(where, *SOURCE.fullmatch(source).groups()) for where, source in sources() if source != "assumption"}
    assert [x for x in sorted(named) if rows.get(x[2]) != x[1]] == []
