"""Every chart in both languages and themes: valid, free of data, fed by its declared columns."""

import json
import re
from collections.abc import Iterator
from typing import Any

import altair as alt
import pytest

from shopplan.charts import CHARTS, SOURCES, legend, spec
from shopplan.charts.theme import CATEGORIES, STATES
from shopplan.i18n import LANGUAGES, has, text

ALL = [(name, lang, dark) for name in CHARTS for lang in LANGUAGES for dark in (False, True)]
FIXED_DOMAINS = [[0, 1], ["total", "up", "down"], list(SOURCES), list(CATEGORIES), list(STATES)]


def walk(node: Any) -> Iterator[tuple[str, Any]]:
    """Every key and value in a spec."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield key, value
            yield from walk(value)
    elif isinstance(node, list):
        for value in node:
            yield from walk(value)


def fields(drawn: dict[str, Any]) -> set[str]:
    """Fields a spec takes from its frame: encoded, grouped by or named in an expression, less those it makes."""
    used, made = set(), set()
    for key, value in walk(drawn):
        if key == "field":
            used.add(value)
        elif key == "groupby":
            used.update(value)
        elif key == "as":
            made.update([value] if isinstance(value, str) else value)
        elif key != "labelExpr" and isinstance(value, str):  # there, datum is a tick
            used.update(re.findall(r"datum\.(\w+)", value))
    return used - made


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", CHARTS)
def test_a_spec_is_valid_vega_lite_and_small(name: str, lang: str) -> None:
    """In the light theme; the dark one is the same but for its colours."""
    drawn = spec(name, lang, "CNY", False)
    kind = alt.LayerChart if "layer" in drawn else alt.Chart
    kind.from_dict({**drawn, "data": {"values": [{"month": "2027-01-01"}]}})
    assert len(json.dumps(drawn, ensure_ascii=True)) < 12_000
    assert drawn["width"] == "container"
    assert drawn["description"] == text(lang, f"chart.{name}.alt")


@pytest.mark.parametrize("name", CHARTS)
def test_nothing_in_a_spec_depends_on_data(name: str) -> None:
    drawn = spec(name, "en", "CNY", False)
    for key, value in walk(drawn):
        assert key not in ("datasets", "values")
        assert key != "data" or set(value) == {"sequence"}
        if key == "domain" and not isinstance(value, bool):
            assert value in FIXED_DOMAINS


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_reads_its_declared_columns_and_all_of_them(name: str) -> None:
    assert fields(spec(name, "zh", "CNY", True)) == set(CHARTS[name].columns)


@pytest.mark.parametrize("name", CHARTS)
def test_a_plot_fits_a_dense_board(name: str) -> None:
    height = spec(name, "en", "CNY", False)["height"]
    if CHARTS[name].by_row:
        assert 20 <= height["step"] <= 60
    else:
        assert 180 <= height <= 260


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", CHARTS)
def test_titles_and_text_alternatives_are_written(name: str, lang: str) -> None:
    chart = CHARTS[name]
    assert has(lang, chart.title)
    assert len(text(lang, chart.alt)) > len(text(lang, chart.title))


def test_language_and_number_style_reach_the_axes() -> None:
    english, chinese, full = (
        json.dumps(drawn, ensure_ascii=False)
        for drawn in (
            spec("net_sales", "en", "GBP", False),
            spec("net_sales", "zh", "CNY", False),
            spec("net_sales", "zh", "CNY", False, "full"),
        )
    )
    assert "'M'" in english
    assert "'万'" not in english
    assert "£ a month" in english
    assert "'万'" in chinese
    assert "'亿'" in chinese
    assert "¥/月" in chinese
    assert "'万'" not in full


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", CHARTS)
def test_the_two_themes_differ_in_colours_only(name: str, lang: str) -> None:
    light, dark = (json.dumps(spec(name, lang, "CNY", dark)) for dark in (False, True))
    assert light != dark
    assert re.sub(r"#[0-9a-f]{6}\b", "#", light) == re.sub(r"#[0-9a-f]{6}\b", "#", dark)


@pytest.mark.parametrize(("name", "lang", "dark"), ALL)
def test_a_legend_names_every_sign(name: str, lang: str, dark: bool) -> None:
    drawn = legend(name, lang, dark, [("直播 & <b>", "#123456")])
    assert "直播 &amp; &lt;b&gt;" in drawn
    assert drawn.count("aria-hidden") == 1 + len(CHARTS[name].legend)
    for _, _, key in CHARTS[name].legend:
        assert text(lang, f"chart.word.{key}") in drawn


@pytest.mark.parametrize("name", CHARTS)
def test_signs_of_one_legend_differ_without_their_colour(name: str) -> None:
    signs = [sign for sign, _, _ in CHARTS[name].legend if sign != "square"]
    assert len(signs) == len(set(signs)) or name in ("net_sales", "forecast")


def test_a_chart_without_fixed_signs_and_entries_has_no_legend() -> None:
    assert legend("season", "en", False) == ""


def test_the_lowest_cash_is_marked_where_it_is() -> None:
    drawn = spec("cash", "en", "CNY", False)
    marks = [mark for key, mark in walk(drawn) if key == "mark" and mark.get("type") == "point"]
    assert [(mark["shape"], mark.get("yOffset", 0)) for mark in marks] == [("circle", 0)]


@pytest.mark.parametrize("name", CHARTS)
def test_a_layer_that_is_mostly_empty_has_no_say_in_the_scales(name: str) -> None:
    """Vega warns of the extent of nothing at each move of a lever."""
    for key, layers in walk(spec(name, "en", "CNY", False)):
        for layer in layers if key == "layer" else ():
            if "pointed.strip" in json.dumps(layer.get("transform", "")):
                assert not any(key == "field" for key, _ in walk(layer["encoding"]))
