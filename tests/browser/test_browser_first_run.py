"""From an empty store to a plan, three ways; then files good and bad, typed figures, and names that look like code."""

from __future__ import annotations

from contextlib import suppress

import pytest
from playwright.sync_api import Locator, Page, TimeoutError, expect

from tests.browser.conftest import serve
from tests.browser.product import (
    PAGES,
    another,
    button,
    dialog,
    en,
    exact,
    figure,
    figures,
    lever,
    link_of,
    open_page,
    settled,
    type_value,
)
from tests.conftest import HOSTILE_CHANNEL

pytestmark = pytest.mark.browser
HOSTILE_SCENARIO = "<img src=http://x.example/s> ![t](http://x.example/t) **b**"


@pytest.fixture
def empty_url(tmp_path):
    with serve("app.py", tmp_path) as url:
        yield url


@pytest.fixture(scope="module")
def own_url(browser, shop_csv, tmp_path_factory):
    """A server whose shop came from a file with a hostile channel name, brought through the first screen."""
    with serve("app.py", tmp_path_factory.mktemp("own")) as url:
        context = browser.new_context(locale="en-GB")
        faults: list[str] = []
        page = another(context, faults)
        open_page(page, url)
        page.locator("input[type=file]").set_input_files(shop_csv)
        page.get_by_role("button", name=en("imports.one"), exact=True).click()
        expect(page.locator(".kpi-value")).to_have_count(8)
        context.close()
        assert faults == []
        yield url


@pytest.fixture
def leaving(page):
    """The page is left before its server ends; a lost connection is no fault then."""
    yield page
    page.goto("about:blank")


def test_the_demo_shop_is_one_click_away(empty_url, leaving):
    page = open_page(leaving, empty_url)
    button(page, "start-demo").click()
    expect(page.locator(".kpi-value")).to_have_count(8, timeout=40_000)
    expect(page.locator("svg.marks, canvas.marks").first).to_be_visible()
    expect(page.get_by_text(en("state.demo"))).to_be_visible()


def test_three_numbers_make_a_plan_whose_currency_is_a_setting(empty_url, leaving):
    page = open_page(leaving, empty_url)
    for key, number in (("sales", "42万"), ("marketing", "¥60,000"), ("margin", "140%")):
        page.get_by_label(en(f"welcome.{key}")).fill(number)
    page.get_by_role("button", name=en("welcome.numbers.go")).click()
    expect(page.get_by_test_id("stAlert")).to_contain_text("'140%'")
    assert page.get_by_label(en("welcome.sales")).input_value() == "42万"
    page.get_by_label(en("welcome.margin")).fill("41%")
    page.get_by_role("button", name=en("welcome.numbers.go")).click()
    expect(page.locator(".kpi-value")).to_have_count(8)
    settled(page)
    assert "¥" in figure(page, "net_sales").inner_text()
    lever(page, "budget")
    assert exact(page, "budget").input_value().replace(",", "").startswith("6")
    page.get_by_role("link", name=en("page.settings")).click()
    page.get_by_role("combobox", name=en("settings.currency")).click()
    page.get_by_role("option", name="EUR", exact=True).click()
    settled(page)
    page.get_by_role("link", name=en("page.plan"), exact=True).click()
    expect(figure(page, "net_sales")).to_contain_text("€")


def test_numbers_that_cannot_be_are_refused_with_a_word(app_url, page):
    open_page(page, app_url)
    page.get_by_role("button", name=en("welcome.numbers.go")).click()
    expect(page.get_by_test_id("stAlert")).to_be_visible()
    expect(page.locator(".kpi-value")).to_have_count(0)


def test_a_bad_file_is_refused_with_row_and_column_and_nothing_changes(app_url, page, shop_csv):
    open_page(page, app_url)
    bad = shop_csv.read_text("utf-8").splitlines()
    bad[3] = bad[3].replace(bad[3].split(",")[-5], "ten", 1)
    upload = {"name": "bad <b>file</b>.csv", "mimeType": "text/csv", "buffer": "\n".join(bad).encode()}
    page.locator("input[type=file]").set_input_files(upload)
    told = page.get_by_test_id("stMain")
    expect(told).to_contain_text(en("imports.cannot", file=upload["name"]))
    expect(told).to_contain_text("row 4")
    expect(told).to_contain_text("ten")
    expect(page.get_by_role("button", name=en("imports.one"), exact=True)).to_have_count(0)
    expect(page.locator("b", has_text="file")).to_have_count(0)
    page.reload()
    expect(button(page, "start-demo")).to_be_visible()


def test_what_was_understood_is_shown_before_anything_is_stored(app_url, page, shop_csv):
    open_page(page, app_url)
    page.locator("input[type=file]").set_input_files(shop_csv)
    expect(page.get_by_role("button", name=en("imports.one"), exact=True)).to_be_visible()
    expect(page.get_by_test_id("stMain")).to_contain_text("974")
    page.goto(app_url)
    expect(button(page, "start-demo")).to_be_visible()


def filled(page: Page, grid: Locator, column: int, value: str) -> None:
    """Type into a cell of the grid's first row."""
    entry = page.locator("#portal input")
    for _ in range(8):  # a page that is still drawing swallows the click or the key, or moves the grid out of sight
        grid.scroll_into_view_if_needed()
        box = grid.bounding_box()
        page.mouse.click(box["x"] + 60, box["y"] + 52)
        for _ in range(column):
            page.keyboard.press("ArrowRight")
        page.keyboard.press("Enter")
        with suppress(TimeoutError):
            entry.wait_for(timeout=4_000)
            break
    entry.fill(value)
    entry.press("Enter")
    expect(entry).to_have_count(0)
    page.wait_for_timeout(400)  # the table sends what was typed with a delay


def test_without_spend_history_it_is_said_and_typed_figures_change_the_plan(own_url, page):
    open_page(page, own_url)
    expect(page.get_by_role("status").filter(has_text="no spend history")).to_be_visible()
    before = figures(page)
    page.get_by_role("link", name=en("page.data"), exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(en("page.data"))
    settled(page)
    page.get_by_role("radio", name=en("data.section.typed")).click()
    settled(page)
    grid = page.locator('[class*="st-key-typed-"]').get_by_test_id("stDataFrame")
    filled(page, grid, 1, "2000")
    filled(page, grid, 2, "3.5")
    button(page, "save-typed").click()
    expect(page.get_by_test_id("stToast")).to_contain_text("2,000")
    settled(page)
    expect(page.get_by_text("The forecast already contains")).to_be_visible()
    page.get_by_role("link", name=en("page.plan"), exact=True).click()
    expect(figure(page, "marketing_share")).not_to_have_text(before[3])
    settled(page)
    expect(page.get_by_text("no spend history")).to_have_count(0)
    page.get_by_role("link", name=en("page.budget"), exact=True).click()
    expect(page.locator("table.plain").first).to_contain_text("3.50")


def test_a_copy_of_a_scenario_is_said_and_chosen(own_url, page):
    open_page(page, own_url)
    button(page, "save-as").click()
    dialog(page).get_by_label(en("word.name")).fill("Plan A")
    dialog(page).get_by_test_id("stBaseButton-primaryFormSubmit").click()
    expect(page.locator(".scenario-name")).to_contain_text("Plan A")
    button(page, "open").click()
    button(page, "duplicate-it").click()
    expect(page.get_by_test_id("stToast")).to_have_text(en("scenario.copied", name="Plan A (copy)"))
    name = dialog(page).get_by_label(en("word.name"))
    expect(name).to_have_count(1)  # for a moment the form of the one that was copied stands there too
    expect(name).to_have_value("Plan A (copy)")


def test_names_that_look_like_code_are_shown_as_text(own_url, page):
    """No element and no request comes of them; the fixture of the page fails on either request."""
    open_page(page, own_url)
    type_value(page, "price", "-2")
    button(page, "save-as").click()
    dialog(page).get_by_label(en("word.name")).fill(HOSTILE_SCENARIO)
    dialog(page).get_by_test_id("stBaseButton-primaryFormSubmit").click()
    expect(page.locator(".scenario-name")).to_contain_text(HOSTILE_SCENARIO)
    link = link_of(page)
    for path in PAGES:
        open_page(page, own_url, path, link)
        assert page.locator("img[src*='x.example'], a[href*='x.example']").count() == 0
        if path == "data":
            page.get_by_role("radio", name=en("data.section.channels")).click()
        if path in ("growth", "data"):
            expect(page.get_by_text(HOSTILE_CHANNEL).first).to_be_attached()
    open_page(page, own_url)
    for opener in ("open", "save", "share"):
        button(page, opener).click()
        expect(dialog(page)).to_be_visible()
        settled(page)
        assert page.locator("img[src*='x.example'], a[href*='x.example']").count() == 0
        page.keyboard.press("Escape")
        expect(dialog(page)).to_have_count(0)
    open_page(page, own_url, "", "t000.h24.<img src=http:||x.example|u>.![v](http:||x.example|v)".replace("|", "/"))
    expect(page.get_by_role("alert")).to_be_visible()
    assert page.locator("img[src*='x.example'], a[href*='x.example']").count() == 0


BOTH_SAID = """([none, done]) => {
  window.contradicted = false;
  new MutationObserver(() => {
    const said = document.querySelector('[data-testid=stMain]').innerText;
    window.contradicted ||= said.includes(done) && said.includes(none);
  }).observe(document.body, {subtree: true, childList: true, characterData: true});
}"""


def test_what_an_import_brought_is_never_called_stored_above_the_findings_of_before(empty_url, leaving, shop_csv):
    page = open_page(leaving, empty_url, "data")
    none, done = en("quality.none"), en("imports.done", files=1, rows="974")
    expect(page.get_by_text(none)).to_be_visible()
    page.locator("input[type=file]").set_input_files(shop_csv)
    go = page.get_by_role("button", name=en("imports.one"), exact=True)
    expect(go).to_be_visible()
    page.evaluate(BOTH_SAID, [none, done])
    go.click()
    expect(page.get_by_text(done)).to_be_visible()
    expect(page.get_by_test_id("stButtonGroup").first).to_contain_text(f"{en('data.section.imports')} (1)")
    expect(page.locator(".finding").first).to_be_visible()
    assert not page.evaluate("window.contradicted")
