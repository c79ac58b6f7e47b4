"""Text of users on the page."""

from html import unescape

import pytest

from shopplan import learning, typed
from shopplan.i18n import LANGUAGES, has
from shopplan.plan.templates import load, names
from shopplan.terms import Target
from shopplan.ui import words
from shopplan.ui.state import Prefs
from shopplan.ui.words import escaped


@pytest.mark.parametrize("text", ["a_b.csv", "x [y](z) #1 ![p](http://q)", "<b>**$1:2$**</b> `c` ~~d~~", "订单_1"])
def test_text_of_users_is_shown_as_it_is(text):
    """Every sign of markdown is an entity, and every entity is a whole one."""
    shown = escaped(text)
    assert unescape(shown) == text
    assert not set("*_[]()<>`~$!") & set(shown)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("template", names())
def test_a_milestone_of_a_template_says_how_much_it_asks_for(monkeypatch, lang, template):
    monkeypatch.setattr(words.state, "prefs", lambda: Prefs(lang))
    for row in load(template).targets:
        asked = row["value"] if "value" in row else row.get("times_year_ago", row.get("times_mean_month")) - 1
        name = words.target(Target(row["id"], "", row["metric"], 1.0, row["due"], row["window"], row["source"]))
        assert f"{round(100 * asked)}%" in name


def test_a_milestone_of_no_template_is_named_by_its_typed_name_or_what_it_measures(monkeypatch):
    monkeypatch.setattr(words.state, "prefs", lambda: Prefs("en"))
    assert words.target(Target("own1", "Ten thousand", "orders", 1e4, 12)) == "Ten thousand"
    assert words.target(Target("gone", "", "net_sales", 1e6, 12, "year", "009 #1")) == "Net sales"


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    "setting",
    [typed.NUMBERS, typed.CHANNELS, typed.CURRENCY, typed.OCCASIONS, typed.REPORTED,
     typed.EVENTS, typed.RATES, typed.CHANNEL_MAP, typed.PREFS, learning.CURVES, learning.EXPERIMENTS],
)  # fmt: skip
def test_every_setting_has_a_name_in_the_list_of_changes(lang, setting):
    assert has(lang, f"setting.{setting}")
