"""Pointing at a number of a live page shows how it comes about: charts, headings, tables, in both languages."""

from __future__ import annotations

import json
import re
from html import unescape

import pytest

from shopplan import plan
from shopplan.charts import CHARTS
from shopplan.charts.theme import STATES
from shopplan.i18n import LANGUAGES, MISSING, Style, formula, has, how, resource, steps, text
from shopplan.scenario import Scenario
from shopplan.terms import DRAWS_DEFAULT, METRICS, RESOURCES
from tests.pages.test_pages import ID_LIKE, LATIN, LIVE, charts, launch

SIGNS = "=+−×÷"
NUMBERS = ("money", "fraction", "count", "ratio", "days", "people")
FIELD_NAMES = LATIN | {"ROAS", "MER", "CAC", "EBITDA"}


@pytest.fixture(scope="module")
def kind() -> str:
    """The rules are the same for every shop; the demo shop has all that a page can show."""
    return "demo"


def bodies(app) -> list[str]:
    return [e.proto.body for e in app.get("html")]


def nodes(app, tag: str) -> list[tuple[str, str, str]]:
    """Class, description and text of the nodes of a tag."""
    found = []
    for attributes, shown in re.findall(rf"<{tag}((?:\s[^>]*)?)>(.*?)</{tag}>", "\n".join(bodies(app)), re.S):
        named = dict(re.findall(r'([\w-]+)="([^"]*)"', attributes))
        about = unescape(named.get("aria-description", ""))
        found.append((named.get("class", ""), about, unescape(re.sub("<[^>]*>", "", shown))))
    return found


def holds_number(shown: str) -> bool:
    return re.search(r"\d", shown) is not None


def is_explained(name: str, column: str, lang: str, spec: str, legend: str) -> bool:
    """By its formula and parts, by a line of arithmetic that holds it, or by a text."""
    about = CHARTS[name].columns[column].how
    rows = re.split(r'[{,]"([^"]+)":', spec)
    held = [i for i in range(1, len(rows), 2) if re.search(rf"datum\.{column}\b", rows[i + 1])]
    if any(rows[i][0] in SIGNS for i in held):
        return True
    if about in METRICS and steps(about):
        wanted = {f"{sign} {text(lang, f'metric.{part}')}" for sign, part in steps(about)}
        return wanted <= set(rows) and {part for _, part in steps(about)} <= set(CHARTS[name].columns)
    told = how(lang, about)
    return (
        any(rows[i + 2 : i + 3] and rows[i + 2][0] in SIGNS for i in held)
        or told in legend
        or any(x in spec for x in (told, "datum.about"))
    )


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("page", LIVE)
def test_every_number_of_a_page_says_how_it_comes_about(shop, page, lang):
    app = launch(page, lang, "t000.h24.price=-0.03.stock_cover=5")
    assert [e.value for e in app.exception] == []
    legends, unexplained = unescape("\n".join(bodies(app))), []
    for name, (spec, rows) in charts(app).items():
        drawn = json.dumps(spec, ensure_ascii=False).replace('\\"', '"')
        for column, about in CHARTS[name].columns.items():
            if about.unit in NUMBERS:
                assert column in rows.column_names
                assert about.how in METRICS or has(lang, f"how.{about.how}"), (name, column)
                unexplained += [] if is_explained(name, column, lang, drawn, legends) else [f"{name}.{column}"]
    unexplained += [shown for cls, about, shown in nodes(app, "h2") if holds_number(shown) and not about]
    unexplained += [shown for _, about, shown in nodes(app, "li") if holds_number(shown) and not about
                    and shown not in visible_facts(app)]  # fmt: skip
    for table in re.findall(r'<table class="plain">(.*?)</table>', "\n".join(bodies(app)), re.S):
        heads = re.findall(r'<th scope="col"([^>]*)>', table)
        unexplained += [head for head in heads if "num" in head and "aria-description" not in head]
    assert unexplained == []


def visible_facts(app) -> list[str]:
    """Sentences under the curve of a channel: they say where the curve comes from and explain themselves."""
    lists = [b for b in bodies(app) if '<ul class="findings"' in b and 'role="status"' not in b]
    return [unescape(item) for b in lists for item in re.findall(r"<li>(.*?)</li>", b)]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("page", LIVE)
def test_explanations_are_in_the_reader_s_language(shop, page, lang):
    app = launch(page, lang)
    told = [unescape(x) for b in bodies(app) for x in re.findall(r'aria-description="([^"]*)"', b)]
    assert told
    assert [x for x in told if ID_LIKE.search(x) or "{" in x] == []
    if lang == "zh":
        assert {w for x in told for w in re.findall(r"[A-Za-z]*[a-z]{3,}", x)} - FIELD_NAMES == set()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_heading_of_the_margin_shows_its_formula_with_the_values_of_the_parts(shop, lang):
    app = launch("plan", lang)
    result = plan.run(Scenario(), shop.baseline("000"), DRAWS_DEFAULT)
    style = Style(lang, result.baseline.currency)
    (about,) = [x for cls, x, shown in nodes(app, "h2") if style.money(result.total("gross_margin")) in shown]
    rate, margin, _, lever = about.split("\n")
    assert style.percent(result.values["margin"]) in lever
    shown = {m: f"{text(lang, f'metric.{m}')} {style.value(METRICS[m].unit, result.total(m))}"
             for m in ("gross_margin_rate", "gross_margin", "net_sales", "cogs")}  # fmt: skip
    assert rate == f"{shown['gross_margin_rate']} = {shown['gross_margin']} ÷ {shown['net_sales']}"
    assert margin == f"{shown['gross_margin']} = {shown['net_sales']} − {shown['cogs']}"


def test_the_odds_of_a_milestone_are_shown_as_the_futures_that_were_counted(shop):
    app = launch("milestones", "en")
    result = plan.run(Scenario(), shop.baseline("000"), DRAWS_DEFAULT)
    ahead = [m for m in result.milestones(shop.targets(result.baseline)) if m.target.due <= 24]
    cells = [about for cls, about, _ in nodes(app, "td") if text("en", "chart.word.in_time") in about]
    assert len(cells) == len(ahead) > 0
    for m, about in zip(ahead, cells, strict=True):
        counted, all_of_them = (int(x) for x in re.findall(r" (\d+)(?= ÷|$)", about))
        assert all_of_them == DRAWS_DEFAULT
        assert counted / all_of_them == pytest.approx(m.odds)


def test_the_parts_in_the_charts_come_to_the_number_they_explain(shop):
    drawn = {
        name: rows.to_pandas() for page in ("plan", "growth") for name, (_, rows) in charts(launch(page, "en")).items()
    }
    sales, margin, cash = drawn["net_sales"], drawn["gross_margin"], drawn["cash"]
    shown = sales["mean"].fillna(sales["history"])
    assert shown.to_numpy() == pytest.approx((sales["gross_sales"] - sales["discounts"] - sales["returns"]).to_numpy())
    assert (margin["net_sales"] - margin["cogs"]).to_numpy() == pytest.approx(margin["gross_margin"].to_numpy())
    assert (margin["contribution_2"] - margin["marketing"]).to_numpy() == pytest.approx(
        margin["contribution"].to_numpy()
    )
    (_, receipts), *paid = steps("net_cash_flow")
    flow = cash[receipts] - cash[[p for _, p in paid]].sum(axis=1)
    assert (cash["cash_before"] + flow).to_numpy() == pytest.approx(cash["cash"].to_numpy())
    made_of = sorted({part for kind in RESOURCES for _, part in resource(kind)})
    phases = drawn["phases"][drawn["phases"]["category"] != "people"]
    assert phases[made_of].sum(axis=1).to_numpy() == pytest.approx(phases["amount"].to_numpy())
    mix = drawn["channel_mix"]
    whole = mix.groupby("month")["organic_orders"].transform("sum")
    assert (mix["organic_orders"] / whole).to_numpy() == pytest.approx(mix["share"].to_numpy())


def test_the_parts_of_a_milestone_over_several_months_are_those_of_the_same_months(shop):
    result = plan.run(Scenario(), shop.baseline("000"), 0)
    assert result.within("gross_sales", "total", 5) == pytest.approx(result.path("gross_sales")[:5].sum())
    assert result.within("net_sales", "quarter", 9) == pytest.approx(result.path("net_sales")[6:9].sum())
    first = result.within("net_sales", "year", 1)
    past = result.baseline.history["net_sales"].to_numpy()[-11:].sum()
    assert first == pytest.approx(past + result.path("net_sales")[0])


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("page", LIVE)
def test_the_tables_behind_charts_explain_their_columns(shop, page, lang):
    app = launch(page, lang)
    next(x for x in app.toggle if x.label == text(lang, "action.show_table")).set_value(True).run()
    assert [e.value for e in app.exception] == []
    tables = app.dataframe[: len(LIVE[page])]  # charts come before what can be edited
    for table in tables:
        columns = json.loads(table.proto.columns)
        assert all(ID_LIKE.search(c) is None for c in table.value.columns)
        numbers = [c for c in table.value.columns if c in columns]
        assert all(columns[c]["help"] for c in numbers)
        assert set(columns) <= {*table.value.columns, "_index"}
        assert {*STATES, "up", "down", "people"}.isdisjoint(table.value.astype(str).to_numpy().ravel())
    if page == "plan":
        told = json.loads(tables[0].proto.columns)
        assert tables[0].value[text(lang, "column.history")].iloc[0] == MISSING  # the plan comes before what is past
        assert told[text(lang, "column.mean")]["help"] == formula(lang, "net_sales")
        assert told[text(lang, "metric.gross_sales")]["help"] == formula(lang, "gross_sales")
