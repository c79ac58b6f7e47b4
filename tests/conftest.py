"""What every test shares: nobody's real shop is touched, and property tests try the same examples each time."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

settings.register_profile("same", deadline=None, derandomize=True, max_examples=60)
settings.register_profile("search", deadline=None, max_examples=500)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))


@pytest.fixture(autouse=True)
def own_store(tmp_path, monkeypatch):
    """Stores of a test lie in its own temporary folder, whatever the environment names."""
    monkeypatch.setenv("SHOPPLAN_DB", str(tmp_path / "shop.duckdb"))
    monkeypatch.delenv("SHOPPLAN_STORE", raising=False)
