"""Every page, launched in both languages on a shop of each kind: no exception, and what is drawn."""

from __future__ import annotations

import json
import re
from functools import cache
from html import unescape
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from streamlit.testing.v1 import AppTest

from shopplan import plan
from shopplan.charts import CHARTS
from shopplan.i18n import LANGUAGES, MISSING, Style, keys, text
from shopplan.plan.tables import summary
from shopplan.scenario import Scenario
from shopplan.terms import DRAWS_DEFAULT, METRICS
from shopplan.ui.kpi import TILES
from shopplan.ui.levers import PANELS

ROOT = Path(__file__).resolve().parents[2]
LIVE = {
    "plan": ["net_sales", "gross_margin", "cash", "milestones", "phases", "headcount"],
    "budget": ["spend", "orders_by_source", "curves", "curve"],
    "growth": ["net_sales", "channel_sales", "channel_mix", "gross_margin", "season", "forecast"],
    "milestones": ["milestones", "net_sales"],
    "resources": ["phases", "headcount"],
    "cash": ["cash", "cash_bridge", "stock"],
}
PAGES = (*LIVE, "data", "settings")

# Latin words that a Chinese reader expects as they are: names, file kinds, signs of the field.
LATIN = {"shopplan", "English", "Excel", "csv", "xlsx", "txt", "gz", "utf", "Theta", "demo", "daily", "search"}
LATIN |= {"Shopify", "WooCommerce", "Google", "Meta"}
KEY_LIKE = re.compile(r"(?<![\w/.:-])[a-z]+(?:_[a-z]+)*(?:\.[a-z_]+)+(?![\w/])")
ID_LIKE = re.compile(r"(?<![\w./-])[a-z]+_[a-z_]+(?![\w./])")


@cache
def all_keys() -> frozenset[str]:
    return keys("en")


def launch(page: str, lang: str, link: str = "") -> AppTest:
    """A fresh session on a page."""
    app = AppTest.from_file(ROOT / "shopplan/ui/router.py", default_timeout=60)
    app.query_params["lang"] = lang
    if link:
        app.query_params["s"] = link
    app.run()
    if page != "plan":
        app.switch_page(f"../../pages/{page}.py").run()
    return app


def charts(app: AppTest) -> dict[str, tuple[dict, pa.Table]]:
    """Name -> (spec, data rows) of the charts on the page, in their order."""
    names = {text(lang, row.alt): name for name, row in CHARTS.items() for lang in LANGUAGES}
    out = {}
    for element in app.get("vega_lite_chart"):
        spec = json.loads(element.proto.spec)
        out[names[spec["description"]]] = (spec, pa.ipc.open_stream(element.proto.data.data).read_all())
    return out


def component(app: AppTest, name: str) -> dict:
    """The data of one of our components on the page."""
    (found,) = [e.proto for e in app.get("bidi_component") if e.proto.component_name == f"shopplan_{name}"]
    return json.loads(found.json)


def strings(value) -> list[str]:
    """Every text in nested data that a component shows; ids and keys left out."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        silent = {"id", "key", "tone", "kind", "locale", "words"}
        return [s for k, v in value.items() if k not in silent for s in strings(v)]
    return [s for v in value for s in strings(v)] if isinstance(value, list) else []


def visible(app: AppTest) -> list[str]:
    """Every text on the page, as it is shown."""
    out = []
    for element in app.get("html"):
        if not element.proto.body.lstrip().startswith("<style"):
            out += [unescape(part) for part in re.sub(r"<[^>]*>", "\n", element.proto.body).split("\n") if part.strip()]
    for element in app.get("bidi_component"):
        out += strings(json.loads(element.proto.json))
    for kind in ("markdown", "caption", "subheader", "info", "warning", "error", "text"):
        out += [str(e.value) for e in app.get(kind)]
    for kind in ("button", "toggle", "selectbox", "number_input", "text_input", "expander", "file_uploader"):
        out += [e.proto.label if hasattr(e, "proto") else e.label for e in app.get(kind)]
    for element in app.get("vega_lite_chart"):
        out += titles(json.loads(element.proto.spec))
    return [s for s in out if s.strip()]


def titles(spec) -> list[str]:
    """Titles and text alternatives in a chart's spec."""
    if isinstance(spec, dict):
        own = [v for k, v in spec.items() if k in ("title", "description") and isinstance(v, str)]
        return own + [s for v in spec.values() for s in titles(v)]
    return [s for v in spec for s in titles(v)] if isinstance(spec, list) else []


def heading(app: AppTest) -> str:
    (title,) = [e.proto.body for e in app.get("html") if "<h1" in e.proto.body]
    return unescape(re.search(r"<h1[^>]*>(.*?)</h1>", title).group(1))


def test_the_list_of_pages_is_whole():
    assert set(PAGES) == {path.stem for path in (ROOT / "pages").glob("*.py")}
    assert set(LIVE) == set(PANELS)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("page", PAGES)
def test_a_page_draws(shop, kind, page, lang):
    app = launch(page, lang)
    assert [e.value for e in app.exception] == []
    assert heading(app) == text(lang, f"page.{page}")
    drawn = charts(app)
    if page in LIVE and kind != "empty":
        typed = {"forecast"} if kind == "numbers" else set()  # what was typed has no history to forecast from
        assert list(drawn) == [name for name in LIVE[page] if name not in typed]
        assert app.query_params == {"s": "t000.h24", "lang": lang}
    elif page == "data" and kind in ("demo", "file"):
        assert list(drawn) == ["history_quality"]
    else:
        assert drawn == {}
    for name, (spec, rows) in drawn.items():
        assert spec["description"] == text(lang, CHARTS[name].alt)
        assert set(CHARTS[name].columns) <= set(rows.column_names), name
        # a shop may plan without milestones that fall into the horizon; every other chart has rows
        assert rows.num_rows > 0 or name == "milestones"
        assert "datasets" not in spec
        assert "values" not in spec.get("data", {})
    shown = visible(app)
    assert [s for s in shown if set(KEY_LIKE.findall(s)) & all_keys()] == []
    assert [s for s in shown if set(ID_LIKE.findall(s)) - {"x_example"}] == []
    if lang == "zh":
        untranslated = {w for s in shown for w in re.findall(r"[A-Za-z]*[a-z]{3,}", without_names(s))} - LATIN
        assert untranslated == set()


def without_names(shown: str) -> str:
    """A text without file names, addresses and the hostile channel's name."""
    return re.sub(r"<img.*?>|!\[.*?\)|\S*\.(?:csv|xlsx|gz)\S*", "", shown)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("page", LIVE)
def test_the_eight_figures_are_those_of_the_model(shop, kind, page, lang):
    if kind == "empty":
        pytest.skip("an empty store has no plan")
    app = launch(page, lang, "t000.h18.price=-0.03")
    baseline = shop.baseline("000")
    scenario = Scenario(horizon=18).with_values({"price": -0.03})
    result = plan.run(scenario, baseline, DRAWS_DEFAULT)
    told = summary(result, shop.targets(baseline))
    style = Style(lang, baseline.currency)
    tiles = {t["id"]: t for t in component(app, "kpi_strip")["tiles"]}
    assert list(tiles) == [*TILES, "cash_low", "odds", "headcount"]
    for metric in TILES:
        value = told["totals"][metric]
        shown = MISSING if value is None else style.value(METRICS[metric].unit, value)
        assert tiles[metric]["value"] == shown
    assert (tiles["cac"]["value"] == MISSING) is (told["totals"]["marketing"] == 0)  # no cost where nobody was bought
    assert tiles["cash_low"]["value"] == style.money(told["totals"]["cash_low"])
    assert tiles["headcount"]["value"] == style.value("people", max(m["headcount"] for m in told["months"]))
    ahead = [m for m in told["milestones"] if m["odds"] is not None]
    assert tiles["odds"]["value"] == style.odds(ahead[0]["odds"] if ahead else None)
    changed = plan.run(Scenario(), baseline, DRAWS_DEFAULT).total("net_sales", 18)
    assert tiles["net_sales"]["delta"] == style.delta("money", told["totals"]["net_sales"] - changed)


def test_the_main_chart_holds_the_plan_and_its_history(shop, kind):
    if kind == "empty":
        pytest.skip("an empty store has no plan")
    baseline = shop.baseline("000")
    result = plan.run(Scenario(), baseline, DRAWS_DEFAULT)
    rows = charts(launch("plan", "en"))["net_sales"][1].to_pandas()
    planned = rows[rows["month"] >= result.months[0]]
    assert planned["mean"].to_numpy() == pytest.approx(result.path("net_sales"))
    assert planned["saved"].to_numpy() == pytest.approx(result.path("net_sales"))
    low, high = result.band("net_sales")
    assert planned["lo"].to_numpy() == pytest.approx(low)
    assert planned["hi"].to_numpy() == pytest.approx(high)
    assert np.all(planned["lo"] < planned["hi"])
    past = rows[rows["month"] < result.months[0]]["history"].to_numpy()
    assert past == pytest.approx(baseline.history["net_sales"].tail(24).to_numpy(), nan_ok=True)


@pytest.mark.parametrize("page", LIVE)
def test_the_panel_shows_its_levers_at_the_values_of_the_plan(shop, kind, page):
    if kind == "empty":
        pytest.skip("an empty store has no plan")
    panel = component(launch(page, "en", "t000.h24.growth=0.1.price=-0.03"), "lever_panel")
    values = plan.run(Scenario().with_values({"growth": 0.1, "price": -0.03}), shop.baseline("000"), draws=0).values
    assert {g["id"] for g in panel["groups"]} <= {name for name, _ in PANELS[page]}
    levers = [lever for group in panel["groups"] for lever in group["levers"]]
    assert {lever["key"].partition(":")[0] for lever in levers} <= {x for _, ids in PANELS[page] for x in ids}
    assert len({lever["key"] for lever in levers}) == len(levers) > 5
    for lever in levers:
        assert lever["value"] == pytest.approx(values[lever["key"]])
        assert lever["low"] <= lever["value"] <= lever["high"]
        assert lever["label"]
        assert lever["help"]
        assert lever["source"]
        assert lever["changed"] == (lever["key"] in ("growth", "price"))


def test_an_empty_store_offers_three_ways(shop, kind):
    if kind != "empty":
        pytest.skip("this shop is set up")
    app = launch("plan", "en")
    labels = [b.label for b in app.button]
    assert text("en", "welcome.demo.go") in labels
    assert text("en", "welcome.numbers.go") in labels
    assert len(app.get("file_uploader")) == 1
    assert len(app.text_input) == 3


def test_a_link_that_holds_nonsense_is_said_and_the_rest_works(shop, kind):
    if kind == "empty":
        pytest.skip("an empty store has no plan")
    app = launch("plan", "en", "t000.h24.price=-0.03.nosuch=1")
    assert [e.value for e in app.exception] == []
    assert app.query_params["s"] == "t000.h24.price=-0.03"


@pytest.mark.parametrize("link", ["t777", "t000.h24.split:nosuch=0.5", "t000.h24.lock=split:nosuch",
                                  "t000.h24.headcount:nobody=3", "%3Cimg%20src=x%3E", "."])  # fmt: skip
def test_a_link_to_what_this_shop_has_not_is_dropped_with_a_word(shop, kind, link):
    if kind == "empty":
        pytest.skip("an empty store has no plan")
    app = launch("plan", "en", link)
    assert [e.value for e in app.exception] == []
    assert len(app.warning) == 1
    assert list(charts(app)) == LIVE["plan"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_charts_say_what_the_figures_above_them_show(shop, kind, lang):
    if kind == "empty":
        pytest.skip("an empty store has no plan")
    app = launch("plan", lang, "t000.h24.price=-0.03")
    titles = re.compile(r'<h2 class="chart-title[^>]*>(.*?)</h2>')
    heads = [unescape(h) for e in app.get("html") for h in titles.findall(e.proto.body)]
    assert len(heads) == len(LIVE["plan"])
    said = dict(zip(LIVE["plan"], heads, strict=True))
    tiles = {tile["id"]: tile["value"] for tile in component(app, "kpi_strip")["tiles"]}
    assert tiles["gross_margin"] in said["gross_margin"]
    assert tiles["contribution"] in said["gross_margin"]
    assert tiles["cash_low"] in said["cash"]
    assert tiles["headcount"] in said["headcount"]
    result = plan.run(Scenario().with_values({"price": -0.03}), shop.baseline("000"), DRAWS_DEFAULT)
    year = Style(lang, result.baseline.currency).money(float(result.path("net_sales")[:12].sum()))
    assert year in said["net_sales"]
    below = result.first_below_reserve()
    key = "holds" if below is None else "runs_out" if result.cash_low[0] < 0 else "below"
    assert said["cash"].startswith(text(lang, f"say.cash.{key}", low="|", month="|", since="|").split("|")[0])
    ahead = [m for m in result.milestones(shop.targets(result.baseline)) if m.target.due <= 24]
    rows = charts(app)["milestones"][1].to_pandas()["state"]
    good = int(rows.isin(["met", "on_track"]).sum())
    shown = re.findall(r"\d+", said["milestones"])
    assert shown == [] if not ahead else {str(len(ahead))} <= set(shown) <= {str(len(ahead)), str(good)}
