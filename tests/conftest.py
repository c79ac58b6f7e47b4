"""What every test shares: nobody's real shop is touched, and property tests try the same examples each time."""

from __future__ import annotations

import json
import os
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import settings

from shopplan.cli import main
from shopplan.workspace import Shop

settings.register_profile("same", deadline=None, derandomize=True, max_examples=60)
settings.register_profile("search", deadline=None, max_examples=500)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))


@pytest.fixture(autouse=True)
def own_store(tmp_path, monkeypatch):
    """Stores of a test lie in its own temporary folder, whatever the environment names."""
    monkeypatch.setenv("SHOPPLAN_DB", str(tmp_path / "shop.duckdb"))
    monkeypatch.delenv("SHOPPLAN_STORE", raising=False)


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory) -> Path:
    """A folder with the demo shop's stores; tests that write work on a copy."""
    home = tmp_path_factory.mktemp("demo")
    shop = Shop.open(home / "shop.duckdb")
    shop.load_demo()
    shop.learning.begin()  # once here instead of in every copy
    shop.close()
    return home


@pytest.fixture
def call(capsys):
    """Run a command; gives its status, what it printed and what it complained of."""

    def run(*argv: str) -> tuple[int, str, str]:
        try:
            status = main([str(a) for a in argv])
        except SystemExit as end:  # argparse leaves this way
            status = end.code
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


HOSTILE_CHANNEL = "<img src=http://x.example/a> ![b](http://x.example/c)"
"""A channel's name that would draw two pictures if it were read as HTML or markdown."""


@pytest.fixture(scope="session")
def shop_csv(tmp_path_factory) -> Path:
    """Sixteen months of daily sales in two channels, one of them with a hostile name."""
    rows = ["date,channel,gross,net,cost,orders,new orders,currency"]
    for i in range(487):
        day = date(2025, 7, 1) + timedelta(i)
        wave = 1 + 0.2 * (day.weekday() >= 5) + i / 1500
        rows += [f'{day},"{HOSTILE_CHANNEL}",{900 * wave:.2f},{855 * wave:.2f},{500 * wave:.2f},9,6,USD']
        rows += [f"{day},search,{2400 * wave:.2f},{2300 * wave:.2f},{1300 * wave:.2f},24,15,USD"]
    path = tmp_path_factory.mktemp("csv") / "daily <img src=x> ![n](y).csv"
    path.write_text("\n".join(rows) + "\n", "utf-8")
    return path


def planned(call, *argv: str) -> dict:
    """What ``run --json`` prints."""
    status, out, err = call("run", "--json", *argv)
    assert (status, err) == (0, "")
    return json.loads(out)
