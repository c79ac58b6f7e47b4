"""Pointing at a number in a real Chromium shows how it comes about."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import serve
from tests.browser.product import copied, en, open_page

pytestmark = pytest.mark.browser
SIZES = {"": 1.0, "K": 1e3, "M": 1e6}
TICKS = """nodes => nodes.filter(node => /[A-Z][a-z]+ \\d\\d/.test(node.textContent))
  .filter(node => node.getAttribute("opacity") !== "0")
  .map(node => { const at = node.getBoundingClientRect(); return [node.textContent, at.x + at.width / 2] })"""
"""Months on an axis and where they begin."""


def amount(shown: str) -> float:
    number, size = re.fullmatch(r"\D*([\d.,]+)([KM]?)", shown).groups()
    return float(number.replace(",", "")) * SIZES[size]


def test_pointing_at_a_month_shows_its_figure_with_parts_that_add_up(demo_home, tmp_path, page):
    with serve("app.py", copied(demo_home, tmp_path)) as url:
        open_page(page, url)
        chart = page.locator('[data-testid="stVegaLiteChart"]').first
        ticks = chart.locator(".role-axis-label text").evaluate_all(TICKS)
        (_, before), (label, x) = ticks[-3:-1]
        box = chart.bounding_box()
        page.mouse.move(x, box["y"] + box["height"] / 2)
        page.mouse.move(x + (x - before) / 6, box["y"] + box["height"] / 2, steps=4)  # ticks are months apart
        tip = page.locator("#vg-tooltip-element.visible")
        expect(tip).to_be_visible()
        rows = dict(tip.locator("tr").evaluate_all("rows => rows.map(row => [...row.cells].map(c => c.textContent))"))
        month, year = label.split()
        assert rows[en("chart.word.month")] == f"{month} 20{year}"
        gross, off, back = (amount(rows[f"{s} {en(f'metric.{m}')}"])
                            for s, m in (("=", "gross_sales"), ("−", "discounts"), ("−", "returns")))  # fmt: skip
        assert amount(rows[en("chart.word.plan")]) == pytest.approx(gross - off - back, abs=0.012e6)

        heading, told = page.locator("h2.chart-title.told").first, page.locator(".kpi-told")
        heading.hover()
        expect(told).to_contain_text(en("metric.gross_sales"))
        page.mouse.move(5, 5)
        expect(told).to_be_hidden()
        page.keyboard.press("Tab")
        heading.focus()
        expect(told).to_be_visible()
        page.keyboard.press("Escape")
        expect(told).to_be_hidden()
        page.close()
