"""Names of channels to ids."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopplan.store.channels import _KNOWN, channel
from shopplan.terms import CHANNEL_KINDS


@pytest.mark.parametrize(
    ("name", "id_", "kind"),
    [
        ("平台搜索", "search", "search"),
        ("直播", "live", "live"),
        ("内容种草", "content", "content"),
        ("私域", "private", "private"),
        ("自然流量", "organic", "organic"),
        ("线下", "offline", "offline"),
        (" Live  Stream ", "live", "live"),
        ("抖音", "douyin", "live"),
        ("Google Ads", "google", "search"),
        ("Corner shop 7", "corner-shop-7", "other"),
        ("own_slug-1", "own_slug-1", "other"),
    ],
)
def test_known_names_have_their_standard_id(name, id_, kind):
    found = channel(name)
    assert (found.id, found.kind) == (id_, kind)


def test_the_given_name_is_kept_unless_it_is_a_bare_id():
    assert channel("直播").name == "直播"
    assert channel("live").name == "Live stream"


@given(st.text(max_size=60))
def test_any_name_gets_one_safe_id(name):
    found = channel(name)
    assert re.fullmatch(r"[a-z0-9_-]{1,40}", found.id)
    assert found == channel(name)
    assert len(found.name) <= 80


def test_different_chinese_names_have_different_ids():
    assert channel("东门店").id != channel("西门店").id


def test_every_known_channel_has_a_kind_and_no_name_stands_twice():
    names = [word.casefold() for id_, label, _, words in _KNOWN for word in {id_, label.casefold(), *words.split("|")}]
    assert len(names) == len(set(names))
    assert {kind for _, _, kind, _ in _KNOWN} <= set(CHANNEL_KINDS)
