"""Text of users on the page."""

from html import unescape

import pytest

from shopplan.ui.words import escaped


@pytest.mark.parametrize("text", ["a_b.csv", "x [y](z) #1 ![p](http://q)", "<b>**$1:2$**</b> `c` ~~d~~", "订单_1"])
def test_text_of_users_is_shown_as_it_is(text):
    """Every sign of markdown is an entity, and every entity is a whole one."""
    shown = escaped(text)
    assert unescape(shown) == text
    assert not set("*_[]()<>`~$!") & set(shown)
