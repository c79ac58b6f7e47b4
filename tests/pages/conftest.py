"""A shop of each kind behind the pages, opened once, and the readers of what a page drew."""

from __future__ import annotations

import gc
import shutil
from datetime import date

import pytest
import streamlit as st

from shopplan.ingest import read
from shopplan.ui import live, state
from shopplan.ui.imports import progress
from shopplan.workspace import Shop

KINDS = ("demo", "empty", "numbers", "file")


@pytest.fixture
def own(tmp_path):
    """An empty shop behind the pages."""
    shop = Shop.open(tmp_path / "own" / "shop.duckdb")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Shop, "open", classmethod(lambda cls: shop))
        patch.setattr(progress, "QUICK", 30.0)
        patch.setattr(state, "who", lambda: "tester")
        live.shop.clear()
        yield shop
    st.cache_resource.clear()
    st.cache_data.clear()
    shop.close()


@pytest.fixture(scope="module", params=KINDS)
def kind(request) -> str:
    return request.param


@pytest.fixture(scope="module")
def shop(kind, tmp_path_factory, demo_home, shop_csv):
    """The shop that the pages of this test work on."""
    home = tmp_path_factory.mktemp(kind)
    if kind == "demo":
        shutil.copytree(demo_home, home, dirs_exist_ok=True)
    opened = Shop.open(home / "shop.duckdb")
    if kind == "numbers":
        opened.enter_numbers(420_000.0, 60_000.0, 0.41, date(2026, 10, 1), "CNY")
    if kind == "file":
        opened.commit(read(shop_csv, shop_csv.name))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Shop, "open", classmethod(lambda cls: opened))
        live.shop.clear()
        yield opened
    st.cache_resource.clear()
    gc.unfreeze()
    opened.close()
