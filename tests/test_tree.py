"""What holds for every file of the project: sizes, names, and what must not be in it."""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TEXT = {".py", ".md", ".toml", ".po", ".js", ".css", ".txt", ".cfg", ".svg"}
SKIPPED = {"node_modules", "__pycache__"}


def files(*suffixes: str, under: str = ".") -> list[Path]:
    """Files of the project by suffix, hidden folders and sample uploads left out."""
    found = []
    for path in (ROOT / under).rglob("*"):
        inside = path.relative_to(ROOT)
        hidden = any(part.startswith(".") or part in SKIPPED for part in inside.parts)
        if path.suffix in suffixes and not hidden and inside.parts[:2] != ("tests", "data"):
            found.append(path)
    return sorted(found)


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


PROSE = [*files(*TEXT), ROOT / "Makefile", ROOT / ".ci/run", ROOT / ".streamlit/config.toml"]

# Each pattern is written so that it does not find itself.
REFUSED = {
    "a path of one machine": r"(?<![\w.:/])/(work|tmp|root|home|Users)/",
    "a package registry": r"pypi\.(org|python)|python(hosted)\.org|registry\.(npm)|npm(js)\.|anaconda\.(org|com)",
    "unfinished work": r"\b(TO[D]O|FIX[M]E|X[X]X|HA[C]K)\b|NotImplemented[E]rror",
    "how it was made": r"(?i)\b(clau[d]e|anthropi[c]|open[a]i|chat[g]pt|copilo[t]|language [m]odel|ai[- ]generate[d])",
    "an emoji": "[\U0001f000-\U0001faff\ufe0f]",
}
CODE_REFUSED = {
    "st.altair_chart": "in one thread it makes another thread's chart lose its data; draw with st.vega_lite_chart",
    "unsafe_allow_html=True": "it runs scripts that came with the data",
    "except Exception": "it hides faults; name what can go wrong",
}


@pytest.mark.parametrize("path", PROSE, ids=name)
def test_a_file_holds_nothing_refused(path):
    text = path.read_text("utf-8")
    found = {what: match.group() for what, pattern in REFUSED.items() if (match := re.search(pattern, text))}
    assert found == {}


@pytest.mark.parametrize("path", [*files(".py", under="shopplan"), *files(".py", under="pages")], ids=name)
def test_code_does_nothing_refused(path):
    text = path.read_text("utf-8")
    assert {what: why for what, why in CODE_REFUSED.items() if what in text} == {}


@pytest.mark.parametrize("path", files(".py", under="shopplan"), ids=name)
def test_a_module_holds_one_thing(path):
    lines = len(path.read_text("utf-8").splitlines())
    tables = {"shopplan/terms.py": 400}  # one row a metric and lever
    assert lines <= tables.get(name(path), 300)


@pytest.mark.parametrize("path", files(".py", under="pages"), ids=name)
def test_a_page_is_thin(path):
    assert len(path.read_text("utf-8").splitlines()) <= 60


@pytest.mark.parametrize("path", [*files(".py", under="shopplan"), *files(".py", under="pages")], ids=name)
def test_a_function_is_read_at_once(path):
    """Up to 40 lines from ``def`` to its end, the docstring not counted."""
    long = {}
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0]
            doc = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
            lines = node.end_lineno - node.lineno + 1 - (first.end_lineno - first.lineno + 1 if doc else 0)
            if lines > 40:
                long[node.name] = lines
    assert long == {}


def test_test_files_have_names_of_their_own():
    tests = [path.name for path in files(".py", under="tests") if path.name.startswith("test_")]
    assert [one for one, times in Counter(tests).items() if times > 1] == []
    assert not list((ROOT / "tests").rglob("__init__.py"))


def test_requirements_are_exact():
    for listing in ("requirements.txt", "requirements-dev.txt"):
        lines = [line.split(";")[0].strip() for line in (ROOT / listing).read_text("utf-8").splitlines()]
        pins = [line for line in lines if line and not line.startswith(("#", "-r"))]
        assert all(re.fullmatch(r"[a-z0-9.-]+==[\w.]+", pin) for pin in pins), listing
        assert len(pins) == len({pin.split("==")[0] for pin in pins})
