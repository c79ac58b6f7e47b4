"""What goes wrong, and what is assumed, in the words of the reader."""

from __future__ import annotations

import json
import shutil
from datetime import date
from html import unescape

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from shopplan import cli
from shopplan.i18n import Style, text
from shopplan.ingest import read
from shopplan.response import Entry
from shopplan.scenario import Scenario
from shopplan.store.view import Rate, Rates
from shopplan.terms import METRICS
from shopplan.ui import live
from shopplan.ui.kpi import TILES
from shopplan.workspace import Shop
from tests.pages.test_pages import charts, component, launch, visible

WRONG = "date,channel,net,orders\n2026-01-01,search,12.5,3\n2026-01-02,search,a lot,3\n"


def three_numbers(shop: Shop) -> None:
    shop.enter_numbers(420_000.0, 60_000.0, 0.41, date(2026, 10, 1), "CNY")


@pytest.mark.parametrize(
    ("lang", "where", "why", "hint"),
    [
        ("en", "row 3, column net", "'a lot' is not a number", "Correct the cells in the file and import it again"),
        ("zh", "第 3 行，“net”列", "“a lot”不是数字", "请在文件中更正这些单元格后重新导入"),
    ],
)
def test_a_refused_file_says_where_why_and_what_to_do(own, lang, where, why, hint):
    app = launch("plan", lang)
    app.file_uploader[0].set_value([("sales.csv", WRONG.encode(), "text/csv")]).run()
    assert [e.value for e in app.exception] == []
    shown = visible(app)
    assert {where, why, hint} <= set(shown)
    assert own.facts.batches().empty


def test_the_command_line_says_it_in_english(tmp_path, capsys):
    file = tmp_path / "sales.csv"
    file.write_text(WRONG, "utf-8")
    assert cli.main(["import", str(file), "--db", str(tmp_path / "shop.duckdb"), "--json"]) == 1
    (refused,) = json.loads(capsys.readouterr().out)
    assert refused["refused"] == "'a lot' is not a number"
    assert refused["where"] == "sales.csv, row 3, column net"
    (problem,) = refused["problems"]
    assert (problem["row"], problem["column"], problem["message"]) == (3, "net", "'a lot' is not a number")


def typed(app: AppTest, lang: str, **fields: str) -> list[str]:
    """Fill the form of three numbers and send it: what is refused, a line a field."""
    for field, value in fields.items():
        next(f for f in app.text_input if f.label == text(lang, f"welcome.{field}")).set_value(value)
    next(b for b in app.button if b.label == text(lang, "welcome.numbers.go")).click().run()
    assert [e.value for e in app.exception] == []
    return [line for e in app.error for line in unescape(e.value).split("\n\n")]


def test_numbers_that_cannot_be_are_said_field_by_field_in_chinese(own):
    app = launch("plan", "zh")
    assert typed(app, "zh", sales="很多", marketing="6万", margin="140%") == [
        "上月净销售额。“很多”不是金额。请写成 300,000、300000 或 30万",
        "毛利率（占净销售额百分比）。“140%”不在 1% 与 99% 之间。请写成 41%",
    ]
    assert own.entered().sales_last_month is None


def test_numbers_are_taken_as_they_are_typed_and_stay_until_they_are(own):
    app = launch("plan", "en")
    assert len(typed(app, "en")) == 3
    (told,) = typed(app, "en", sales="30万", marketing="¥60,000", margin="140%")
    assert told.startswith("Gross margin, percent of net sales. '140%' is not between 1% and 99%")
    assert [field.value for field in app.text_input] == ["30万", "¥60,000", "140%"]
    assert typed(app, "en", margin="41%") == []
    now = own.entered()
    assert (now.sales_last_month, now.marketing_month, now.gross_margin) == (300_000, 60_000, 0.41)


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("page", ["plan", "data"])
def test_spend_without_sales_asks_for_sales(own, lang, page):
    own.commit(read(b"date,channel,spend\n2026-01-05,live,10\n2026-01-06,live,12\n", "spend.csv"))
    app = launch(page, lang)
    assert [e.value for e in app.exception] == []
    shown = visible(app)
    assert text(lang, "welcome.no_sales") in shown
    assert text(lang, "welcome.demo.go") not in shown
    three_numbers(own)
    assert own.ready


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_settings_list_who_changed_what(own, lang):
    own.work.log("Ann <b>", "import.commit", {"file": "a <i>.csv"})
    own.set_currency("USD", "Bo")
    shown = visible(launch("settings", lang))
    at = shown.index("Bo")
    newest = [text(lang, "audit.setting.save"), text(lang, "setting.reported_currency")]
    assert shown[at + 1 : at + 3] == newest
    at = shown.index("Ann <b>")
    assert shown[at + 1 : at + 3] == [text(lang, "audit.import.commit"), "a <i>.csv"]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_spend_that_was_typed_is_not_called_missing(own, lang):
    three_numbers(own)
    app = launch("data", lang)
    app.session_state["data-section"] = "typed"
    shown = visible(app.run())
    spend = Style(lang, "CNY").money(own.baseline("000").default("budget"), full=True)
    assert text(lang, "data.typed.entered", spend=spend) in shown
    assert text(lang, "data.typed.no_spend") not in shown


DAYS = enumerate(pd.date_range("2025-01-01", periods=365))
LINES = [f"{day:%Y-%m-%d},search,{900 + i % 7},{900 + i % 7},9,GBP" for i, day in DAYS]
POUNDS = "\n".join(["date,channel,gross,net,orders,currency", *LINES]).encode()


@pytest.mark.parametrize(
    ("lang", "page", "told"),
    [("en", "plan", "CN¥60,000 a month that was typed"), ("zh", "plan", "每月 ¥60,000，币种"),
     ("en", "data", "CN¥60,000 a month that was typed"), ("zh", "data", "每月 ¥60,000，币种")],
)  # fmt: skip
def test_marketing_typed_in_another_currency_than_the_data_is_said_to_be_left_out(own, lang, page, told):
    three_numbers(own)
    own.commit(read(POUNDS, "pounds.csv"))
    app = launch(page, lang)
    app.session_state["data-section"] = "typed"
    shown = " ".join(visible(app.run()))
    assert told in shown
    if page == "data":
        assert text(lang, "data.typed.no_spend") in shown
    own.set_rates(Rates("GBP", (Rate("CNY", 0.11),)))
    app = launch(page, lang)
    app.session_state["data-section"] = "typed"
    shown = " ".join(visible(app.run()))
    assert told not in shown
    if page == "data":
        spend = Style(lang, "GBP").money(own.baseline("000").default("budget"), full=True)
        assert text(lang, "data.typed.entered", spend=spend) in shown
        assert own.baseline("000").default("budget") == pytest.approx(6_600.0)


def test_the_rate_of_a_currency_that_was_only_typed_can_be_given(own):
    three_numbers(own)
    own.commit(read(POUNDS, "pounds.csv"))
    app = launch("data", "en")
    app.session_state["data-section"] = "rates"
    app.run()
    assert any("60.0K" in told for told in visible(app))
    (money,) = [n for n in app.number_input if "worth" in n.label]
    money.set_value(0.11)
    next(b for b in app.button if b.label == text("en", "rates.set")).click().run()
    assert [e.value for e in app.exception] == []
    assert own.entered().marketing_month == pytest.approx(6_600.0)


def test_no_present_spend_is_marked_on_a_curve_where_none_is_known(own):
    own.commit(read(POUNDS, "pounds.csv"))
    told = text("en", "chart.word.present")
    for name in ("curve", "curves"):
        app = launch("budget", "en")
        rows = charts(app)[name][1]
        assert not any(rows["present"].to_pylist())
        assert told not in visible(app)
    own.enter_channels({"search": Entry(spend=2_000.0)})
    app = launch("budget", "en")
    rows = charts(app)["curves"][1].to_pandas()
    assert rows.loc[rows["present"], ["channel", "spend"]].to_numpy().tolist() == [["search", 2_000.0]]
    assert told in visible(app)


@pytest.mark.parametrize(("lang", "basket"), [("en", "CN¥120"), ("zh", "¥120")])
def test_an_assumed_basket_is_among_the_assumptions(own, lang, basket):
    three_numbers(own)
    app = launch("data", lang)
    app.session_state["data-section"] = "assumptions"
    shown = visible(app.run())
    at = shown.index(text(lang, "metric.aov"))
    assert shown[at + 1] == basket
    assert text(lang, "source.note.basket_by_currency") in shown[at + 2]


def the_list_of_scenarios() -> None:
    from shopplan.scenario import Scenario
    from shopplan.ui import live, scenarios, state

    if not state.started():
        state.start(Scenario(), state.Opened(Scenario()), state.Prefs("en"))
    scenarios.open_one(live.shop())


def test_a_copy_is_said_and_chosen_in_the_list(own):
    first = own.work.save_scenario(None, Scenario().with_values({"price": -0.03}), "Plan *A*", who="me")
    own.work.save_scenario(None, Scenario(), "Other", who="me")
    app = AppTest.from_function(the_list_of_scenarios, default_timeout=60).run()
    app.selectbox(key="open-which").set_value(first).run()
    app.button(key="duplicate-it").click().run()
    assert [e.value for e in app.exception] == []
    assert [unescape(e.value) for e in app.toast] == ["Plan *A* (copy) was made"]
    chosen = app.selectbox(key="open-which").value
    assert (chosen.name, chosen.scenario) == ("Plan *A* (copy)", first.scenario)
    assert app.text_input[0].value == "Plan *A* (copy)"
    app.button(key="open-it").click().run()
    assert app.session_state["compare"].name == "Plan *A* (copy)"


def test_a_copy_of_what_was_deleted_meanwhile_is_refused_with_a_word(own):
    saved = own.work.save_scenario(None, Scenario(), "Spring", who="me")
    app = AppTest.from_function(the_list_of_scenarios, default_timeout=60).run()
    own.work.delete(saved.id, saved.version)
    app.button(key="duplicate-it").click().run()
    assert [e.value for e in app.exception] == []
    assert len(app.toast) == 1


def test_a_scenario_is_deleted_only_after_a_second_click(own):
    own.work.save_scenario(None, Scenario(), "Spring", who="me")
    app = AppTest.from_function(the_list_of_scenarios, default_timeout=60).run()
    assert "“Spring” will be gone for everybody who uses this shop." in visible(app)
    (asks,) = app.get("popover")
    assert asks.proto.popover.label == text("en", "action.delete")
    assert [b.key for b in asks.button] == ["delete-it"]
    asks.button[0].click().run()
    assert [e.value for e in app.exception] == []
    assert list(own.work.scenarios()) == []


def test_the_command_line_and_the_plan_page_show_the_same_figures(demo_home, tmp_path, capsys):
    home = shutil.copytree(demo_home, tmp_path / "both")
    argv = ["--set", "price=-3%", "--set", "split:search=0.3", "--months", "30"]
    assert cli.main(["run", "--json", "--db", str(home / "shop.duckdb"), *argv]) == 0
    out = json.loads(capsys.readouterr().out)
    opened = Shop.open(home / "shop.duckdb")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Shop, "open", classmethod(lambda cls: opened))
        live.shop.clear()
        tiles = component(launch("plan", "en", "t000.h30.price=-0.03.split:search=0.3"), "kpi_strip")["tiles"]
    live.shop.clear()
    opened.close()
    style, totals = Style("en", out["currency"]), out["totals"]
    due = next(m for m in out["milestones"] if m["odds"] is not None)
    expected = {metric: style.value(METRICS[metric].unit, totals[metric]) for metric in TILES}
    expected |= {"cash_low": style.money(totals["cash_low"]), "odds": style.odds(due["odds"]),
                 "headcount": style.value("people", totals["headcount"])}  # fmt: skip
    assert {tile["id"]: tile["value"] for tile in tiles} == expected
