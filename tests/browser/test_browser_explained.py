"""Pointing at a number in a real Chromium shows how it comes about."""

from __future__ import annotations

import re

import pandas as pd
import pytest
from playwright.sync_api import expect

from tests.browser.product import en, open_page

pytestmark = pytest.mark.browser
SIZES = {"": 1.0, "K": 1e3, "M": 1e6}
SHOWN_MONTHS = 48
"""Of history and plan on the chart of net sales, which fill nearly all of its width."""


def amount(shown: str) -> float:
    number, size = re.fullmatch(r"\D*([\d.,]+)([KM]?)", shown).groups()
    return float(number.replace(",", "")) * SIZES[size]


def pointed_at(page, chart, part: float) -> dict[str, str]:
    """Rows of the tooltip at a part of a chart's width."""
    box = chart.bounding_box()
    x, y = box["x"] + part * box["width"], box["y"] + box["height"] / 2
    page.mouse.move(x - 60, y)
    page.mouse.move(x, y, steps=4)
    tip = page.locator("#vg-tooltip-element.visible")
    expect(tip).to_be_visible()
    return dict(tip.locator("tr").evaluate_all("rows => rows.map(row => [...row.cells].map(c => c.textContent))"))


def test_pointing_at_a_month_shows_its_figure_with_parts_that_add_up(demo_url, page):
    open_page(page, demo_url)
    chart = page.locator('[data-testid="stVegaLiteChart"]').first
    near, far = (pointed_at(page, chart, part) for part in (0.7, 0.9))
    months = [pd.Period(rows[en("chart.word.month")], "M") for rows in (near, far)]
    assert (months[1] - months[0]).n == pytest.approx(0.2 * SHOWN_MONTHS, abs=1.5)
    gross, off, back = (amount(near[f"{s} {en(f'metric.{m}')}"])
                        for s, m in (("=", "gross_sales"), ("−", "discounts"), ("−", "returns")))  # fmt: skip
    assert amount(near[en("chart.word.plan")]) == pytest.approx(gross - off - back, abs=0.012e6)

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
