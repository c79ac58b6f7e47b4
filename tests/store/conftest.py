"""A store of its own for each test."""

import pytest

from shopplan.store import FactStore


@pytest.fixture
def store(tmp_path):
    opened = FactStore.open(tmp_path / "shop.duckdb")
    yield opened
    opened.close()
