"""The product as a browser test sees it: its pages, its words, its figures."""

from __future__ import annotations

import shutil
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import BrowserContext, Locator, Page, expect

from shopplan.i18n import text
from tests.browser.conftest import watch

expect.set_options(timeout=45_000)  # a cold start reads a shop's whole history
LIVE = ("plan", "budget", "growth", "milestones", "resources", "cash")
PAGES = (*LIVE, "data", "settings")
PATHS = ("", *PAGES)


def en(key: str, **values: object) -> str:
    """A text of the English catalogue."""
    return text("en", key, **values)


def copied(home: Path, folder: Path) -> Path:
    """A copy of a shop's stores for a server of its own."""
    shutil.copytree(home, folder, dirs_exist_ok=True)
    return folder


def open_page(page: Page, url: str, path: str = "", link: str = "", lang: str = "en") -> Page:
    """Go to a page of the app and wait until it stands."""
    query = f"?lang={lang}" + (f"&s={link}" if link else "")
    page.goto(f"{url}/{path}{query}")
    expect(page.get_by_role("heading", level=1)).to_have_text(text(lang, f"page.{path or 'plan'}"))
    settled(page)
    return page


def settled(page: Page) -> None:
    """Wait until the server has finished and what it sent is drawn."""
    expect(page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]')).to_be_attached()
    expect(page.locator('[data-testid="stSkeleton"]')).to_have_count(0)
    page.wait_for_timeout(150)


def another(context: BrowserContext, faults: list[str]) -> Page:
    """One more watched page; in a context of its own it is another visitor."""
    fresh = context.new_page()
    watch(fresh, faults)
    return fresh


def figure(page: Page, name: str) -> Locator:
    """The value on a tile of the strip."""
    return page.locator(f'[data-tile="{name}"] .kpi-value')


def figures(page: Page) -> list[str]:
    expect(page.locator(".kpi-value")).to_have_count(8)
    return page.locator(".kpi-value").all_inner_texts()


def lever(page: Page, key: str) -> Locator:
    """The slider of a lever by its key; its group is unfolded first."""
    row = page.locator(f'.lever[data-key="{key}"]')
    expect(row).to_be_attached()
    if not row.is_visible():
        row.locator("xpath=ancestor::details").locator("summary").click()
    return row.locator("input[type=range], input[type=checkbox]")


def exact(page: Page, key: str) -> Locator:
    """The number field of a lever."""
    return page.locator(f'.lever[data-key="{key}"] input[type=text]')


def hold(page: Page, key: str) -> tuple[float, float, float]:
    """Press the thumb of a lever; gives its place and the width of its track."""
    track = lever(page, key)
    track.scroll_into_view_if_needed()
    box = track.bounding_box()
    low, high = (float(track.get_attribute(name)) for name in ("min", "max"))
    x = box["x"] + 8 + (box["width"] - 16) * (float(track.input_value()) - low) / (high - low)
    y = box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    return x, y, box["width"] - 16


def type_value(page: Page, key: str, value: str) -> None:
    """Type a lever's value and wait for the plan that follows from it."""
    before = page.url
    lever(page, key)
    exact(page, key).fill(value)
    exact(page, key).press("Enter")
    page.wait_for_function("before => location.href !== before", arg=before)
    settled(page)


def addressed(page: Page, part: str) -> None:
    """Wait until the address holds a part of a scenario, then until the page stands."""
    page.wait_for_function("part => decodeURIComponent(location.search).includes(part)", arg=part)
    settled(page)


def link_of(page: Page) -> str:
    """The scenario in the address."""
    return parse_qs(urlsplit(page.url).query)["s"][0]


def button(page: Page, key: str) -> Locator:
    """A button of the app by its key."""
    return page.locator(f".st-key-{key} button:visible").first


def dialog(page: Page) -> Locator:
    return page.get_by_role("dialog")
