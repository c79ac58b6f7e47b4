"""The live board in a real Chromium: dragging, links, drafts, saved scenarios, every page by its address."""

from __future__ import annotations

import urllib.request
from contextlib import suppress
from datetime import date

import pytest
from playwright.sync_api import expect

from shopplan.i18n import text
from shopplan.workspace import Shop
from tests.browser.conftest import serve
from tests.browser.product import (
    LIVE,
    PAGES,
    PATHS,
    addressed,
    another,
    button,
    copied,
    dialog,
    en,
    exact,
    figure,
    figures,
    hold,
    lever,
    link_of,
    open_page,
    settled,
    type_value,
)

pytestmark = pytest.mark.browser
TOTALS = """() => {
    const shares = [...document.querySelectorAll('*')].flatMap(node => node.shadowRoot
        ? [...node.shadowRoot.querySelectorAll('.lever[data-key^="split:"] input[type=text]')] : []);
    window.totals = [];
    const note = () => {
        totals.push(shares.reduce((sum, field) => sum + Number(field.value), 0).toFixed(1));
        requestAnimationFrame(note);
    };
    note();
}"""
"""Notes in every frame what the printed shares total."""


@pytest.fixture
def visitor(browser, faults):
    """Makes further visitors, each with a browser context of its own."""
    contexts = []

    def come():
        contexts.append(browser.new_context(viewport={"width": 1440, "height": 1000}, locale="en-GB"))
        return another(contexts[-1], faults)

    yield come
    for context in contexts:
        context.close()


# --- the address -----------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def typed_home(tmp_path_factory):
    """A shop of three numbers, whose plan is there sooner than one that reads a history."""
    home = tmp_path_factory.mktemp("typed")
    shop = Shop.open(home / "shop.duckdb")
    shop.enter_numbers(420_000.0, 60_000.0, 0.41, date(2026, 10, 1), "CNY")
    shop.close()
    return home


@pytest.mark.parametrize("path", PATHS)
def test_a_deep_link_works_as_the_first_request_after_a_start(page, demo_home, typed_home, tmp_path, path):
    with serve("app.py", copied(typed_home if path else demo_home, tmp_path)) as url:
        open_page(page, url, path, "t000.h24.price=-0.03")
        if path in ("", *LIVE):
            expect(page.locator(".kpi-value")).to_have_count(8)
            expect(page.locator("svg.marks, canvas.marks").first).to_be_visible()
        assert link_of(page) == "t000.h24.price=-0.03"
        names = page.get_by_role("link").all_inner_texts()
        assert [en(f"page.{name}") for name in PAGES if en(f"page.{name}") not in " ".join(names)] == []
        page.close()


def test_pages_come_with_rules_that_let_them_talk_to_their_server_only(demo_url):
    for path in ("/", "/budget", "/nosuch"):
        wish = {"Accept": "text/html", "Accept-Encoding": "gzip", "If-None-Match": "x"}
        with urllib.request.urlopen(urllib.request.Request(demo_url + path, headers=wish)) as answer:
            body, headers = answer.read(), answer.headers
        rules = dict(rule.split(" ", 1) for rule in headers["Content-Security-Policy"].split("; "))
        assert rules["default-src"] == "'self'"
        assert "connect-src" not in rules
        allowed = {source for sources in rules.values() for source in sources.split() if ":" in source}
        assert allowed == {"data:", "blob:"}
        assert "'unsafe-inline'" not in rules["script-src"]
        assert int(headers["Content-Length"]) == len(body)
        assert b"BACKEND_BASE_URL" in body
    with urllib.request.urlopen(demo_url + "/_stcore/health") as answer:
        assert answer.read() == b"ok"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_link_reproduces_the_scenario_on_any_page_for_anyone(page, demo_url, visitor):
    open_page(page, demo_url)
    type_value(page, "price", "-4")
    type_value(page, "growth", "12")
    seen, link = figures(page), link_of(page)
    other = visitor()
    for path in ("cash", "milestones", "plan"):
        open_page(other, demo_url, path, link)
        assert figures(other) == seen
    page.get_by_role("link", name=en("page.budget")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(en("page.budget"))
    settled(page)
    assert figures(page) == seen
    assert link_of(page) == link


def test_the_share_dialog_shows_the_address_of_this_page_and_scenario(page, demo_url, visitor):
    open_page(page, demo_url, "cash", "t000.h24.dso=30")
    button(page, "share").click()
    shown = dialog(page).locator("code").inner_text()
    assert shown.startswith(f"{demo_url}/cash?s=t000.h24.dso=30")
    seen = figures(page)
    other = visitor()
    other.goto(shown)
    expect(figure(other, "cash_low")).to_have_text(seen[5])


def test_a_reload_keeps_the_draft(page, demo_url):
    open_page(page, demo_url)
    type_value(page, "price", "-4")
    seen = figures(page)
    page.reload()
    expect(exact(page, "price")).to_have_value("-4.0")
    settled(page)
    assert figures(page) == seen


def test_what_a_link_cannot_mean_here_is_said_in_a_line(page, demo_url):
    open_page(page, demo_url, "", "t000.h24.price=-0.03.split:nobody=0.5")
    expect(page.get_by_role("alert")).to_contain_text("split:nobody")
    assert link_of(page) == "t000.h24.price=-0.03"


def test_in_a_narrow_window_pages_are_picked_from_a_list_that_closes_and_back_is_one_step(page, demo_url):
    page.set_viewport_size({"width": 390, "height": 844})
    open_page(page, demo_url)
    type_value(page, "price", "-4")
    page.get_by_test_id("stExpandSidebarButton").click()
    page.get_by_role("link", name=en("page.cash")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(en("page.cash"))
    expect(page.get_by_test_id("stSidebar")).to_have_attribute("data-collapsed", "true")
    addressed(page, "price")
    rights = page.locator(".st-key-scenario-bar :is(button, label)").evaluate_all(
        "nodes => nodes.map(node => node.getBoundingClientRect().right)"
    )
    assert len(rights) >= 8
    assert max(rights) <= 390
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text(en("page.plan"))


# --- levers ----------------------------------------------------------------------------------------
def test_figures_and_chart_move_while_the_thumb_is_held(page, demo_url):
    open_page(page, demo_url)
    drawn = """() => { const chart = document.querySelector('svg.marks, canvas.marks');
                       return chart.toDataURL ? chart.toDataURL() : chart.outerHTML }"""
    before, chart = figures(page), page.evaluate(drawn)
    x, y, width = hold(page, "budget")
    for i in range(1, 21):
        page.mouse.move(x + i * width / 60, y)
        page.wait_for_timeout(30)
    expect(figure(page, "net_sales")).not_to_have_text(before[0])
    page.wait_for_function(f"before => ({drawn})() !== before", arg=chart)
    held = figures(page)
    assert held[3] != before[3]
    assert link_of(page) == "t000.h24"  # the address follows on release
    page.mouse.up()
    addressed(page, "budget")
    page.reload()
    settled(page)
    expect(figure(page, "net_sales")).not_to_have_text(before[0])


def test_shares_stay_at_100_percent_while_one_is_dragged_and_a_locked_one_stays(page, demo_url):
    open_page(page, demo_url, "budget")
    keys = page.locator('.lever[data-key^="split:"]').evaluate_all("rows => rows.map(row => row.dataset.key)")
    assert len(keys) >= 3
    moved, locked, *free = keys
    lever(page, moved)
    kept = exact(page, locked).input_value()
    page.get_by_role("button", name=en("panel.lock", label="").strip()).nth(1).click()
    lock = page.locator(f'.lever[data-key="{locked}"] button.lock')
    expect(lock).to_have_attribute("aria-pressed", "true")
    x, y, width = hold(page, moved)
    was = [exact(page, key).input_value() for key in free]
    page.evaluate(TOTALS)
    for i in range(1, 11):
        page.mouse.move(x + i * width / 100, y)
        page.wait_for_timeout(40)
    expect(exact(page, free[0])).not_to_have_value(was[0])
    assert set(page.evaluate("totals")) == {"100.0"}
    assert page.evaluate("totals.length") > 5
    assert exact(page, locked).input_value() == kept
    page.mouse.up()
    addressed(page, "split")
    after = [float(exact(page, key).input_value()) for key in keys]
    assert sum(after) == pytest.approx(100)
    assert exact(page, locked).input_value() == kept
    assert f"lock={locked}" in link_of(page)


def test_a_lever_works_by_keyboard_alone(page, demo_url):
    open_page(page, demo_url)
    before = figures(page)
    thumb = lever(page, "price")
    thumb.focus()
    page.keyboard.press("ArrowRight")
    addressed(page, "price")
    assert figures(page) != before
    changes = page.get_by_text(en("scenario.changed"))
    expect(changes).to_be_visible()
    expect(thumb).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(figure(page, "net_sales")).to_have_text(before[0])
    expect(changes).to_be_hidden()


def test_undo_redo_and_reset(page, demo_url):
    open_page(page, demo_url)
    start = figures(page)
    x, y, width = hold(page, "price")
    for i in range(1, 6):
        page.mouse.move(x - i * width / 60, y)
        page.wait_for_timeout(60)
    page.mouse.up()
    addressed(page, "price")
    dragged = figures(page)
    assert dragged != start
    type_value(page, "growth", "10")
    grown = figures(page)
    for name, expected in (("undo", dragged), ("undo", start), ("redo", dragged), ("redo", grown), ("reset", start)):
        button(page, name).click()
        expect(figure(page, "net_sales")).to_have_text(expected[0])
        settled(page)
        assert figures(page) == expected
    button(page, "undo").click()
    expect(figure(page, "net_sales")).to_have_text(grown[0])


# --- saved scenarios -------------------------------------------------------------------------------
def save_as(page, name):
    button(page, "save-as").click()
    dialog(page).get_by_label(en("word.name")).fill(name)
    dialog(page).get_by_test_id("stBaseButton-primaryFormSubmit").click()
    expect(dialog(page)).to_have_count(0)
    expect(page.locator(".scenario-name")).to_contain_text(name)
    settled(page)


def choose(page, name):
    """Open the dialog of saved scenarios at one of them."""
    button(page, "open").click()
    dialog(page).get_by_role("combobox").click()
    page.get_by_role("option", name=name, exact=True).click()
    named = page.locator(f'[value="{name}"]')  # the field of the former choice may still be there for a moment
    expect(dialog(page).get_by_label(en("word.name")).and_(named)).to_be_visible()
    settled(page)


def test_save_open_rename_and_duplicate(page, demo_url):
    open_page(page, demo_url)
    type_value(page, "price", "-4")
    cheap = figures(page)
    save_as(page, "Cheaper")
    button(page, "open").click()
    button(page, "open-default").click()
    expect(figure(page, "net_sales")).not_to_have_text(cheap[0])
    choose(page, "Cheaper")
    button(page, "open-it").click()
    expect(figure(page, "net_sales")).to_have_text(cheap[0])
    expect(page.locator(".scenario-name")).to_contain_text("Cheaper")
    choose(page, "Cheaper")
    dialog(page).get_by_label(en("word.name")).fill("Cheaper goods")
    button(page, "rename-it").click()
    expect(page.locator(".scenario-name")).to_contain_text("Cheaper goods")
    choose(page, "Cheaper goods")
    button(page, "duplicate-it").click()
    settled(page)  # the list that is open while the page adds to it stays the old one
    dialog(page).get_by_role("combobox").click()
    expect(page.get_by_role("option", name=en("conflict.copy", name="Cheaper goods"), exact=True)).to_be_visible()


def test_two_people_saving_the_same_scenario_lose_nothing(page, demo_url, visitor):
    open_page(page, demo_url)
    type_value(page, "price", "-2")
    save_as(page, "Shared plan")
    saved = page.evaluate("location.href")
    other = visitor()
    other.goto(saved)
    expect(exact(other, "price")).to_have_value("-2.0")
    settled(other)
    type_value(page, "price", "-3")
    button(page, "save").click()
    settled(page)
    type_value(other, "price", "-9")
    button(other, "save").click()
    expect(dialog(other)).to_contain_text(en("conflict.title"))
    dialog(other).get_by_role("button", name=en("conflict.both")).click()
    expect(other.locator(".scenario-name")).to_contain_text(en("conflict.copy", name="Shared plan"))
    expect(exact(other, "price")).to_have_value("-9.0")
    choose(other, "Shared plan")
    button(other, "open-it").click()
    expect(exact(other, "price")).to_have_value("-3.0")


def test_the_second_to_save_may_take_the_newest_version(page, demo_url, visitor):
    open_page(page, demo_url)
    save_as(page, "Two hands")
    saved = page.evaluate("location.href")
    other = visitor()
    other.goto(saved)
    settled(other)
    type_value(page, "price", "-3")
    button(page, "save").click()
    settled(page)
    type_value(other, "price", "-9")
    button(other, "save").click()
    dialog(other).get_by_role("button", name=en("conflict.theirs")).click()
    expect(exact(other, "price")).to_have_value("-3.0")


# --- milestones, settings, looks ------------------------------------------------------------------
def test_a_milestone_that_is_changed_is_kept(page, demo_url):
    open_page(page, demo_url, "milestones")
    page.get_by_text(en("milestone.edit")).click()
    grid = page.locator('[data-testid="stDataFrame"]')
    entry = page.locator("textarea.gdg-input")
    for _ in range(5):  # a table that moves while it is drawn, out of the window too, is missed by the pointer
        settled(page)
        grid.scroll_into_view_if_needed()
        box = grid.bounding_box()
        page.mouse.dblclick(box["x"] + 80, box["y"] + 52)
        with suppress(AssertionError):
            expect(entry).to_be_attached(timeout=3_000)
            break
    entry.press("Control+A")
    entry.press_sequentially("First million")
    entry.press("Enter")
    page.wait_for_timeout(2500)  # the table sends what was typed with a delay
    button(page, "save-targets").click()
    expect(page.locator("table.plain").first).to_contain_text("First million")
    page.reload()
    expect(page.locator("table.plain").first).to_contain_text("First million")
    settled(page)
    page.get_by_text(en("milestone.edit")).click()
    settled(page)
    button(page, "template-targets").click()
    expect(page.locator("table.plain").first).not_to_contain_text("First million")


def pick(page, label, option):
    page.get_by_role("combobox", name=label).click()
    page.get_by_role("option", name=option, exact=True).click()


def test_language_and_number_style_change_at_once_and_stay(demo_home, tmp_path, page, visitor):
    with serve("app.py", copied(demo_home, tmp_path)) as url:
        open_page(page, url, "settings")
        pick(page, en("settings.language"), en("settings.language.zh"))
        expect(page.get_by_role("heading", level=1)).to_have_text(text("zh", "page.settings"))
        settled(page)
        pick(page, text("zh", "settings.numbers"), text("zh", "settings.numbers.wan"))
        settled(page)
        page.goto(url)  # a new session: language and numbers are kept in the settings
        expect(page.get_by_role("heading", level=1)).to_have_text(text("zh", "page.plan"))
        expect(figure(page, "net_sales")).to_contain_text("万")
        other = visitor()
        other.goto(url + "/cash")
        expect(other.get_by_role("heading", level=1)).to_have_text(text("zh", "page.cash"))
        other.close()
        page.close()


@pytest.mark.parametrize("path", PAGES)
def test_a_page_in_chinese_dark_and_narrow_is_without_faults(browser, demo_url, faults, path):
    """Console errors and outside requests of any page fail it, in the other language and theme too."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme="dark", locale="zh-CN")
    page = another(context, faults)
    page.goto(f"{demo_url}/{path}")
    expect(page.get_by_role("heading", level=1)).to_have_text(text("zh", f"page.{path}"))
    settled(page)
    if path in LIVE:
        expect(page.locator("svg.marks, canvas.marks").first).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_timeout(500)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.locator('[data-testid="stMain"]').evaluate("node => node.scrollWidth - node.clientWidth") <= 0
    context.close()
    assert faults == []
