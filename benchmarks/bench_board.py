"""How fast the plan follows the hand, in a real browser beside a plain Streamlit page: ``make bench-board``.

App, bare page and browser share one machine, so nothing else should run. The pages take turns: compare them within a
run, since a shared machine's speed moves by a fifth from hour to hour.
"""

from __future__ import annotations

import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
ROUNDS, MOVES, WARM, POSITIONS = 3, 30, 4, 60
REST_MS = 450
PAINT_LIMIT_MS, SERVER_LIMIT_MS, FRAMES_LEAST = 150, 40, 24
_CHROMIUM = ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-background-networking"]
_WATCH = """(() => {
  const seen = window.seen = { key: 0, first: 0, last: 0, frames: 0 };
  addEventListener('keydown', () => Object.assign(seen, { key: performance.now(), first: 0, last: 0 }), true);
  let asked = false;
  const changed = () => {
    seen.first ||= performance.now();
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      seen.frames++;
      setTimeout(() => { seen.last = performance.now(); });
    });
  };
  const figures = '[data-live], [data-testid="stMetric"]';
  const at = ({ target }) => (target.nodeType === 1 ? target : target.parentElement)?.closest(figures);
  new MutationObserver((all) => { if (all.some(at)) changed(); })
    .observe(document, { subtree: true, childList: true, characterData: true });
  for (const name of ['fill', 'stroke', 'fillText', 'fillRect']) {
    const draw = CanvasRenderingContext2D.prototype[name];
    CanvasRenderingContext2D.prototype[name] = function (...given) {
      if (this.canvas.isConnected) changed();
      return draw.apply(this, given);
    };
  }
})()"""
"""Notes when the first and the last change of a chart or figure after a key is on screen, and counts such frames."""


@contextmanager
def served(script: str, folder: Path) -> Iterator[tuple[str, int]]:
    """Address and process of a page's server, with stores in ``folder``."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = {**os.environ, "SHOPPLAN_DB": str(folder / "shop.duckdb"), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "streamlit", "run", script, "--server.port", str(port)]
    with subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            for _ in range(600):
                try:
                    socket.create_connection(("127.0.0.1", port), timeout=1).close()
                    break
                except OSError:
                    time.sleep(0.1)
            yield f"http://127.0.0.1:{port}", server.pid
        finally:
            server.terminate()


def processor_ms(pid: int) -> float:
    """Milliseconds of processor that a process has used (Linux; 0 elsewhere)."""
    try:
        used = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    except OSError:
        return 0.0
    return 1000 * sum(map(int, used)) / os.sysconf("SC_CLK_TCK")


def keys(page: Page, pid: int) -> dict[str, list[float]]:
    """Presses arrow keys on the first slider; milliseconds until changes are on screen, and of the server."""
    page.get_by_role("slider").first.focus()
    paint, first = [], []
    before = 0.0
    for i in range(WARM + MOVES):
        if i == WARM:
            before = processor_ms(pid)
        page.keyboard.press("ArrowLeft" if i % 2 else "ArrowRight")
        page.wait_for_function(f"seen.last && performance.now() - seen.last > {REST_MS}", polling=50)
        if i >= WARM:
            seen = page.evaluate("seen")
            paint.append(seen["last"] - seen["key"])
            first.append(seen["first"] - seen["key"])
    return {"paint": paint, "first": first, "server": [(processor_ms(pid) - before) / MOVES]}


def drag(page: Page) -> float:
    """Frames with a changed chart or figure while the thumb goes through `POSITIONS`, before it is let go."""
    box = page.get_by_role("slider").first.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.evaluate("seen.frames = 0")
    for step in range(POSITIONS):
        page.mouse.move(x + 2 * step, y)
        page.wait_for_timeout(16)
    frames = page.evaluate("seen.frames")
    page.mouse.up()
    page.wait_for_timeout(1500)
    return float(frames)


def measure(address: str, pid: int) -> dict[str, list[float]]:
    """All figures of a page once."""
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=_CHROMIUM)
        page = browser.new_page(viewport={"width": 1440, "height": 1600})
        page.add_init_script(_WATCH)
        page.goto(address)
        page.get_by_role("slider").first.wait_for(state="attached")
        page.wait_for_function("seen.last && performance.now() - seen.last > 2000", polling=100)
        figures = keys(page, pid) | {"frames": [drag(page)]}
        browser.close()
    return figures


def report(name: str, rows: list[dict[str, list[float]]]) -> list[float]:
    """Print a page's line; p50 of the last paint, server's milliseconds and frames of every round."""
    rounds = [statistics.median(row["paint"]) for row in rows]
    paint, first = (sorted(x for row in rows for x in row[kind]) for kind in ("paint", "first"))
    server, frames = (statistics.median(row[kind][0] for row in rows) for kind in ("server", "frames"))
    print(
        f"| {name} | {statistics.median(paint):.0f} ({min(rounds):.0f} to {max(rounds):.0f}) "
        f"| {paint[int(0.95 * len(paint))]:.0f} | {statistics.median(first):.0f} | {server:.0f} | {frames:.0f} |"
    )
    return [statistics.median(paint), server, frames]


def main() -> bool:
    """Measure both pages in turn; whether the limits hold."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made = [sys.executable, "-m", "shopplan", "demo", "--db", str(folder / "shop.duckdb")]
        subprocess.run(made, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        pages = {"Plan": f"{ROOT / 'app.py'}", "bare page": f"{ROOT / 'benchmarks' / 'bare_page.py'}"}
        rows: dict[str, list[dict[str, list[float]]]] = {page: [] for page in pages}
        print(f"load {os.getloadavg()[0]:.1f}; {ROUNDS} rounds of {MOVES} moves\n")
        for _ in range(ROUNDS):
            for page, script in pages.items():
                with served(script, folder) as (address, pid):
                    rows[page].append(measure(address, pid))
    print("| | last paint p50, ms (of a round) | p95 | first change p50, ms | server, ms a move | frames in a drag |")
    print("|---|---:|---:|---:|---:|---:|")
    plan, bare = (report(page, rows[page]) for page in pages)
    print(f"\nlast paint beside the bare page: {plan[0] / bare[0]:.2f}")
    return plan[0] <= PAINT_LIMIT_MS and plan[1] <= SERVER_LIMIT_MS and plan[2] >= FRAMES_LEAST


if __name__ == "__main__":
    sys.exit(not main())
