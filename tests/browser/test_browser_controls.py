"""The lever panel and the strip of figures under a real pointer, keyboard and finger."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import serve, watch

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def controls_url(tmp_path_factory):
    with serve("tests/browser/apps/controls.py", tmp_path_factory.mktemp("controls")) as url:
        yield url


@pytest.fixture
def board(page, controls_url):
    return opened(page, controls_url)


def opened(page: Page, url: str) -> Page:
    page.goto(url)
    expect(page.get_by_role("slider", name="Budget")).to_be_visible()
    expect(page.locator("svg.marks, canvas.marks").first).to_be_visible()
    return page


def slider(page: Page, name: str):
    return page.get_by_role("slider", name=name, exact=True)


def field(page: Page, name: str):
    return page.get_by_label(f"{name}, exact value")


def hold(page: Page, name: str) -> tuple[float, float, float]:
    """Press the thumb; returns its place and the width of the track."""
    track = slider(page, name)
    box = track.bounding_box()
    low, high, value = (
        float(track.get_attribute("min")),
        float(track.get_attribute("max")),
        float(track.input_value()),
    )
    x = box["x"] + 8 + (box["width"] - 16) * (value - low) / (high - low)
    y = box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    return x, y, box["width"] - 16


def bar(page: Page) -> str:
    return page.locator(".mark-rect path").first.get_attribute("d")


def shares(page: Page) -> list[float]:
    return [float(field(page, f"Share {name}").input_value()) for name in "ABC"]


def test_figures_and_chart_move_while_the_thumb_is_held(board):
    before = bar(board)
    x, y, width = hold(board, "Budget")
    for i in range(1, 11):
        board.mouse.move(x + i * width / 50, y)
        board.wait_for_timeout(30)
    expect(board.locator('[data-tile="tile0"] .kpi-value')).to_have_text("70,000")
    expect(board.get_by_text("moving=True")).to_be_visible()
    assert bar(board) != before
    board.mouse.up()
    expect(board.get_by_text("last: Move(key='budget', value=70000.0, moving=False)")).to_be_visible()


def test_a_slow_page_does_not_pull_the_thumb_back_and_gets_fewer_messages(page, controls_url):
    opened(page, controls_url + "/?slow=0.15")
    x, y, width = hold(page, "Budget")
    for i in range(1, 31):
        page.mouse.move(x + i * width / 100, y)
        page.wait_for_timeout(30)
        at = float(slider(page, "Budget").input_value())
        assert at == pytest.approx(50_000 + i * 1_000, abs=1_000)
    page.mouse.up()
    expect(page.get_by_text("last: Move(key='budget', value=80000.0, moving=False)")).to_be_visible()
    held = int(re.search(r"\d+", page.get_by_text("held:").inner_text())[0])
    assert 2 <= held <= 15


def test_other_shares_give_way_while_one_is_held_and_a_locked_one_stays(board):
    board.get_by_role("button", name="Lock Share C").click()
    expect(board.get_by_text("last: Lock(key='c', locked=True)")).to_be_visible()
    x, y, width = hold(board, "Share A")
    for goal in (0.6, 0.7):
        board.mouse.move(x + (goal - 0.5) * width, y, steps=5)
        expect(field(board, "Share B")).to_have_value(f"{(0.8 - goal) * 100:.1f}")
        assert sum(shares(board)) == pytest.approx(100)
    board.mouse.move(x + width, y, steps=5)
    board.mouse.up()
    expect(field(board, "Share A")).to_have_value("80.0")
    expect(field(board, "Share B")).to_have_value("0.0")
    assert shares(board) == [80.0, 0.0, 20.0]
    assert float(slider(board, "Share A").input_value()) == pytest.approx(0.8)
    expect(board.get_by_text("at most 80.0 %")).to_be_visible()
    board.get_by_role("button", name="Lock Share B").click()
    expect(board.get_by_role("button", name="Lock Share B")).to_have_attribute("aria-pressed", "true")
    field(board, "Share A").fill("60")
    field(board, "Share A").press("Enter")
    expect(board.get_by_text("stays at 80.0 %")).to_be_visible()
    assert shares(board) == [80.0, 0.0, 20.0]
    board.get_by_role("button", name="Lock Share B").click()
    expect(board.get_by_text("stays at 80.0 %")).to_be_hidden()


def test_keyboard_moves_by_steps_pages_and_to_the_ends(board):
    track = slider(board, "Budget")
    track.focus()
    for key, shown in (("ArrowRight", "51,000"), ("ArrowLeft", "50,000"), ("End", "100,000"), ("Home", "0")):
        board.keyboard.press(key)
        expect(board.locator('[data-tile="tile0"] .kpi-value')).to_have_text(shown)
        expect(track).to_have_attribute("aria-valuetext", f"¥{shown}")
        expect(track).to_be_focused()
    board.keyboard.press("PageUp")
    expect(field(board, "Budget")).not_to_have_value("0")
    assert float(track.input_value()) > 1_000
    expect(board.get_by_text("held: 0")).to_be_visible()


def test_number_field_takes_numbers_as_people_write_them(board):
    entry = field(board, "Budget")
    for typed, shown in (("12,500", "12,500"), ("¥ 30000", "30,000"), ("900000", "100,000")):
        entry.fill(typed)
        entry.press("Enter")
        expect(board.locator('[data-tile="tile0"] .kpi-value')).to_have_text(shown)
        expect(entry).to_have_value(shown)
    entry.press("ArrowDown")
    expect(entry).to_have_value("99,000")
    expect(board.get_by_text("from ¥0 to ¥100,000")).to_be_hidden()
    entry.fill("５万")
    entry.press("Enter")
    expect(entry).to_have_value("50,000")
    for typed, shown in (("a lot", "50,000"), ("-5000", "0"), ("3亿", "100,000")):
        entry.fill(typed)
        entry.press("Enter")
        expect(entry).to_have_value(shown)
        expect(board.get_by_text("from ¥0 to ¥100,000")).to_be_visible()


def test_percent_is_typed_in_percent(board):
    field(board, "Share A").fill("35")
    field(board, "Share A").press("Enter")
    expect(board.get_by_text("last: Move(key='a', value=0.35, moving=False)")).to_be_visible()
    expect(field(board, "Share B")).to_have_value("39.0")


def test_lock_is_a_toggle_for_the_keyboard(board):
    lock = board.get_by_role("button", name="Lock Share B")
    expect(lock).to_have_attribute("aria-pressed", "false")
    lock.press("Enter")
    expect(lock).to_have_attribute("aria-pressed", "true")
    lock.press("Space")
    expect(lock).to_have_attribute("aria-pressed", "false")
    expect(lock).to_be_focused()


def test_reset_stands_only_on_a_changed_lever(board):
    reset = board.get_by_role("button", name="Reset Budget")
    expect(reset).to_be_hidden()
    slider(board, "Budget").press("End")
    reset.click()
    expect(field(board, "Budget")).to_have_value("50,000")
    expect(reset).to_be_hidden()


def test_help_says_what_the_lever_does_and_where_its_default_comes_from(board):
    about = board.get_by_role("button", name="About Budget")
    expect(board.get_by_text("Last 12 months.")).to_be_hidden()
    about.press("Enter")
    expect(about).to_have_attribute("aria-expanded", "true")
    expect(board.get_by_text("What is spent.")).to_be_visible()
    expect(board.get_by_text("Last 12 months.")).to_be_visible()


def test_groups_unfold_and_a_switch_and_a_month_report(board):
    hire = board.get_by_role("checkbox", name="Hire to need")
    expect(hire).to_be_hidden()
    board.get_by_text("People").click()
    hire.check()
    expect(board.get_by_text("last: Move(key='hire', value=1.0, moving=False)")).to_be_visible()
    expect(hire).to_be_visible()
    month = slider(board, "Start")
    expect(month).to_have_attribute("aria-valuetext", "M")
    month.press("ArrowRight")
    expect(board.get_by_text("last: Move(key='start', value=3.0, moving=False)")).to_be_visible()
    expect(month).to_have_attribute("aria-valuetext", "A")


def test_figure_explains_itself_to_the_keyboard(board):
    tile = board.get_by_role("button", name="Cash low")
    board.locator('[data-tile="tile6"]').focus()
    board.keyboard.press("Tab")
    expect(tile).to_be_focused()
    shown = board.get_by_role("tooltip").filter(has_text="opening + flow")
    expect(shown).to_be_visible()
    expect(shown).to_contain_text("Opening")
    assert tile.get_attribute("aria-describedby") == shown.get_attribute("id")
    board.keyboard.press("Escape")
    expect(shown).to_be_hidden()
    board.keyboard.press("Enter")
    expect(shown).to_be_visible()


@pytest.mark.parametrize(("width", "rows"), [(1440, 1), (1000, 2), (390, 2)])
def test_strip_wraps_and_its_popover_stays_inside_the_window(board, width, rows):
    board.set_viewport_size({"width": width, "height": 800})
    tiles = board.locator(".kpi-tile")
    expect(tiles).to_have_count(8)
    board.wait_for_timeout(300)
    assert len({round(tile.bounding_box()["y"]) for tile in tiles.all()}) == rows
    tiles.last.click()
    box = board.locator(".kpi-pop:popover-open").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width


def test_strip_stays_in_sight_while_the_page_scrolls(board):
    board.set_viewport_size({"width": 1280, "height": 560})
    main = board.locator('[data-testid="stMain"]')
    main.evaluate("node => node.scrollTo(0, 200)")
    assert main.evaluate("node => node.scrollTop") > 60
    header = board.locator('[data-testid="stHeader"]').bounding_box()
    assert board.locator(".kpi-strip").bounding_box()["y"] == pytest.approx(header["y"] + header["height"], abs=2)


def swipe(page: Page, name: str, start: float, x: int, y: int) -> None:
    """A finger put on a track at a part of its width that goes some pixels and leaves."""
    slider(page, name).evaluate("node => node.scrollIntoView({block: 'center'})")
    finger, box = page.context.new_cdp_session(page), slider(page, name).bounding_box()
    left, top = box["x"] + start * box["width"], box["y"] + box["height"] / 2
    for kind, part in (("touchStart", 0.0), *(("touchMove", i / 10) for i in range(1, 11)), ("touchEnd", 1.0)):
        at = [] if kind == "touchEnd" else [{"x": left + part * x, "y": top + part * y}]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": at})
        page.wait_for_timeout(20)
    page.wait_for_timeout(400)


def test_fingers_find_what_they_touch(browser: Browser, controls_url, faults):
    phone = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = phone.new_page()
    watch(page, faults)
    opened(page, controls_url)
    lock = page.get_by_role("button", name="Lock Share A")
    expect(lock).to_have_count(0)  # a phone shows one open group
    page.locator("summary", has_text="Split").tap()
    for target in (slider(page, "Budget"), field(page, "Budget"), lock):
        target.scroll_into_view_if_needed()
        assert target.bounding_box()["height"] >= 44
    page.locator('[data-tile="cash"]').tap()
    expect(page.locator(".kpi-pop:popover-open")).to_contain_text("opening + flow")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    slider(page, "Budget").scroll_into_view_if_needed()
    before = page.locator('[data-testid="stMain"]').evaluate("node => node.scrollTop")
    swipe(page, "Budget", 0.8, 4, -160)
    assert page.locator('[data-testid="stMain"]').evaluate("node => node.scrollTop") > before + 60
    assert (field(page, "Budget").input_value(), slider(page, "Budget").input_value()) == ("50,000", "50000")
    swipe(page, "Budget", 0.5, 80, 4)
    expect(page.locator('[data-tile="tile0"] .kpi-value')).not_to_have_text("50,000")
    assert float(slider(page, "Budget").input_value()) > 60_000
    swipe(page, "Budget", 0.25, 0, 0)
    expect(page.locator('[data-tile="tile0"] .kpi-value')).to_have_text(field(page, "Budget").input_value())
    assert float(slider(page, "Budget").input_value()) == pytest.approx(25_000, abs=3_000)
    phone.close()
    assert faults == []
