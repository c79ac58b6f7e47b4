"""A real Chromium against a real server: both are started here, and both are gone when the tests are.

Every test gets a fresh `page`; a console error, an uncaught exception or a request to any other machine fails it.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")
# Chromium itself looks for updates and measures networks; here only the app may talk.
QUIET = (
    "--headless=new",
    "--no-sandbox",
    "--no-first-run",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
)
START_SECONDS = 60


@contextmanager
def serve(script: str, folder: Path) -> Iterator[str]:
    """Address of `streamlit run script`, with stores in ``folder``; the server ends with the block."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = folder / "server.log"
    env = {**os.environ, "SHOPPLAN_DB": str(folder / "shop.duckdb"), "PYTHONPATH": str(ROOT)}
    env.pop("SHOPPLAN_STORE", None)
    command = [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        script,
        "--server.port",
        str(port),
        "--server.headless",
        "true",
    ]
    with log.open("wb") as out, subprocess.Popen(command, cwd=ROOT, env=env, stdout=out, stderr=out) as server:
        try:
            _wait(f"http://127.0.0.1:{port}/_stcore/health", server, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def _wait(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while server.poll() is None and time.monotonic() < end:
        try:
            urllib.request.urlopen(address, timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"the app did not start:\n{log.read_text(errors='replace')[-2000:]}")


@pytest.fixture(scope="session")
def app_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The product with an empty store, for tests that store nothing."""
    with serve("app.py", tmp_path_factory.mktemp("app")) as url:
        yield url


@pytest.fixture(scope="session")
def demo_url(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The product with the demo shop; what a test saves there bears names of its own, and settings stay."""
    folder = shutil.copytree(demo_home, tmp_path_factory.mktemp("demo"), dirs_exist_ok=True)
    with serve("app.py", folder) as url:
        yield url


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium a module: its event loop must not stay behind for tests that start loops of their own."""
    if not CHROMIUM:
        pytest.skip("there is no Chromium: install Debian's `chromium`, or name one in CHROMIUM")
    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield chromium
        chromium.close()


@pytest.fixture
def faults() -> list[str]:
    """What went wrong in the browser during the test; a test that expects a fault takes it out."""
    return []


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    fresh = browser.new_context(viewport={"width": 1440, "height": 1000}, locale="en-GB")
    fresh.set_default_timeout(45_000)
    yield fresh
    fresh.close()


@pytest.fixture
def page(context: BrowserContext, faults: list[str]) -> Iterator[Page]:
    """A fresh page; the test fails when it had faults."""
    fresh = context.new_page()
    watch(fresh, faults)
    yield fresh
    fresh.close()
    assert faults == []


def watch(page: Page, faults: list[str]) -> None:
    """Write down console errors, uncaught exceptions and requests to any other machine."""
    page.on("console", lambda said: faults.append(f"console: {said.text}") if said.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(f"exception: {error}"))
    page.on("request", lambda request: None if _own(request.url) else faults.append(f"outside: {request.url}"))


def _own(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in ("data", "blob") or parts.hostname == "127.0.0.1"
