"""A scenario survives links and saved rows unchanged, and shares always total 1."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from shopplan.scenario import (
    LeverChange,
    Scenario,
    apply,
    diff,
    family,
    from_dict,
    from_link,
    give_way,
    to_dict,
    to_link,
)
from shopplan.terms import HORIZON_MAX, HORIZON_MIN, LEVERS, ShopplanError

ITEMS = st.one_of(
    st.from_regex(r"[a-z0-9_\-]{1,40}", fullmatch=True),
    st.text("直播平台搜索内容种草私域自然流量线下éß", min_size=1, max_size=12),
)
NUMBERS = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([0.0, -0.0, 1e-300, 5e-324, 1e300, -1.7976931348623157e308, 1e15, 1e16, 0.1 + 0.2, 123456789.0]),
)


@st.composite
def keys(draw, shares_only=False):
    lever = draw(st.sampled_from([x for x in LEVERS.values() if x.shares or not shares_only]))
    return f"{lever.id}:{draw(ITEMS)}" if lever.per else lever.id


@st.composite
def scenarios(draw):
    base = Scenario(
        draw(st.from_regex(r"\w{1,20}", fullmatch=True)), horizon=draw(st.integers(HORIZON_MIN, HORIZON_MAX))
    )
    base = base.with_values(draw(st.dictionaries(keys(), NUMBERS, max_size=30)))
    for key in draw(st.lists(keys(shares_only=True), max_size=5)):
        base = base.with_lock(key, True)
    return base


@given(scenarios())
def test_link_and_back_is_the_same_scenario(scenario):
    read, dropped, limited = from_link(to_link(scenario))
    assert dropped == limited == ()
    assert read == scenario
    assert hash(read) == hash(scenario)


@pytest.mark.parametrize("lever", LEVERS.values(), ids=lambda x: x.id)
def test_every_lever_goes_through_a_link_at_both_ends_of_its_range(lever):
    key = f"{lever.id}:直播-1" if lever.per else lever.id
    for value in (lever.low, lever.high, (lever.low + lever.high) / 3):
        scenario = Scenario().with_values({key: value})
        assert from_link(to_link(scenario)) == (scenario, (), ())
        assert scenario.get(key) == value


@given(scenarios())
def test_saved_row_and_back_is_the_same_scenario(scenario):
    assert from_dict(json.loads(json.dumps(to_dict(scenario)))) == scenario


def test_thirty_changes_fit_in_a_kilobyte():
    long = [f"{lever.id}:{'channel_with_name_' + str(i)}" for lever in LEVERS.values() if lever.per for i in range(2)]
    plain = [lever.id for lever in LEVERS.values() if not lever.per]
    scenario = Scenario().with_values(dict.fromkeys((long[:10] + plain)[:30], 0.3725))
    assert len(scenario.values) == 30
    assert len(to_link(scenario).encode()) < 1000


def test_a_link_reads_as_the_documentation_says():
    scenario, dropped, _ = from_link("t000.h24.price=-0.03.split:live=0.4.lock=split:live")
    assert dropped == ()
    assert scenario == Scenario("000", (("price", -0.03), ("split:live", 0.4)), ("split:live",), 24)


@pytest.mark.parametrize(
    "part",
    [
        "nosuch=1",
        "price",
        "price=cheap",
        "price=nan",
        "price=inf",
        "price=1e999",
        "price:live=0.1",
        "split=0.4",
        "split:=0.4",
        "split:<b>=0.4",
        "split:" + "a" * 41 + "=0.4",
        "lock=price",
        "lock=nosuch",
        "lock=split:a b",
        "lock=",
        "h=12",
        "=1",
    ],
)
def test_a_bad_part_is_dropped_and_named_and_the_rest_stands(part):
    scenario, dropped, _ = from_link(
        f"t000.h36.{part}.return_rate=0.08" if part[0].isalpha() else f"{part}.return_rate=0.08"
    )
    assert dropped == (part,)
    assert scenario.get("return_rate") == 0.08
    assert scenario.get("price") is None
    assert scenario.locks == ()


@given(st.text(max_size=300))
def test_no_text_makes_a_link_raise(text):
    scenario, _, _ = from_link(text)
    assert HORIZON_MIN <= scenario.horizon <= HORIZON_MAX
    assert from_link(to_link(scenario))[0] == scenario


def test_a_link_cannot_be_used_to_fill_memory():
    scenario, dropped, _ = from_link(".".join(f"roas:c{i}=1.lock=split:c{i}" for i in range(1000)))
    assert len(scenario.values) == len(scenario.locks) == 200
    assert len(dropped) == 1600


def test_an_empty_link_is_the_default_scenario():
    assert from_link("") == (Scenario(), (), ())


def test_values_of_a_link_are_clamped_to_fixed_ranges_and_named():
    scenario, dropped, limited = from_link("h99.price=7.growth=-3.budget=1000000.return_rate=0.08")
    assert dropped == ()
    assert limited == (("growth", -3), ("price", 7), ("horizon", 99))
    assert dict(scenario.values) == {"price": 0.3, "growth": -0.5, "budget": 1e6, "return_rate": 0.08}
    assert scenario.horizon == HORIZON_MAX
    assert from_link("h0")[0].horizon == HORIZON_MIN


@pytest.mark.parametrize(
    "data",
    [
        {"values": {"nosuch": 1}},
        {"values": {"price": "cheap"}},
        {"values": {"price": None}},
        {"values": {"price": math.nan}},
        {"values": {"split": 0.3}},
        {"values": [1]},
        {"locks": "split:live"},
        {"locks": ["nosuch"]},
        {"horizon": "long"},
        {"horizon": math.inf},
    ],
)
def test_a_broken_saved_row_is_refused_in_words(data):
    with pytest.raises(ShopplanError):
        from_dict(data)


def test_scenario_is_a_value():
    a = Scenario().with_values({"price": 0.1, "aov": 0.2})
    assert a == Scenario().with_values({"aov": 0.2}).with_values({"price": 0.1})
    assert {a: 1}[Scenario().with_values({"price": 0.1, "aov": 0.2})] == 1
    assert a.with_values({"price": None, "aov": None}) == Scenario()
    assert a.with_lock("split:a", True).with_lock("split:a", False) == a
    with pytest.raises(AttributeError):
        a.horizon = 12


@given(scenarios(), scenarios())
def test_difference_applied_gives_the_other_scenario(a, b):
    changes = diff(a, b)
    assert apply(a, changes).values == b.values
    assert [c.key for c in changes] == sorted({c.key for c in changes})
    assert all(c.before != c.after for c in changes)
    assert diff(a, a) == ()
    back = diff(b, a)
    assert back == tuple(LeverChange(c.key, c.after, c.before) for c in changes)


SHARES = st.dictionaries(st.sampled_from("abcdefgh"), st.floats(0, 1), min_size=1, max_size=8)


@given(SHARES, st.data())
def test_shares_give_way(weights, data):
    weight = sum(weights.values())
    assume(weight > 1e-6)
    shares = {k: w / weight for k, w in weights.items()}
    key = data.draw(st.sampled_from(sorted(shares)))
    locked = data.draw(st.sets(st.sampled_from(sorted(shares))))
    wanted = data.draw(st.floats(-0.5, 1.5))
    out = give_way(shares, key, wanted, locked)
    assert sum(out.values()) == pytest.approx(1, abs=1e-12)
    assert list(out) == list(shares)
    assert all(-1e-15 <= x <= 1 + 1e-12 for x in out.values())
    fixed = locked - {key}
    assert all(out[k] == shares[k] for k in fixed)
    free = [k for k in shares if k not in fixed and k != key]
    room = 1 - sum(shares[k] for k in fixed)
    if free:
        assert out[key] == pytest.approx(min(max(wanted, 0), max(room, 0)), abs=1e-12)
    else:
        assert out[key] == pytest.approx(room, abs=1e-12)
    before = sum(shares[k] for k in free)
    left = 1 - sum(x for k, x in out.items() if k not in free)
    if before > 1e-9:
        assert [out[k] for k in free] == pytest.approx([left * shares[k] / before for k in free], abs=1e-9)


def test_shares_by_hand():
    shares = {"a": 0.5, "b": 0.3, "c": 0.2}
    assert give_way(shares, "a", 0.6) == pytest.approx({"a": 0.6, "b": 0.24, "c": 0.16})
    assert give_way(shares, "a", 0.9, ["b"]) == pytest.approx({"a": 0.7, "b": 0.3, "c": 0.0})
    assert give_way(shares, "a", 0.1, ["b", "c"]) == pytest.approx(shares)
    assert give_way({"a": 1.0, "b": 0.0, "c": 0.0}, "a", 0.4) == pytest.approx({"a": 0.4, "b": 0.3, "c": 0.3})


def test_family_is_all_members_of_a_split():
    known = ["split:a", "split:b", "price", "mix:a"]
    assert family("split:a", known) == ["split:a", "split:b"]
    assert family("price", known) == []
