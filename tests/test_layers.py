"""Who may import whom: every import of every module, those inside functions too, against one table."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

MODEL = "terms scenario forecast response customers"
PLANNING = f"{MODEL} plan solve audit monitor"
ALL = f"{PLANNING} i18n ingest store demo charts reports learning typed workspace"

# room -> (rooms it may import, packages it may import beside the standard library)
ALLOWED = {
    "terms": ("", ""),
    "scenario": ("terms", ""),
    "i18n": ("terms", "babel"),
    "ingest": ("terms", "numpy pandas pyarrow duckdb openpyxl charset_normalizer"),
    "csv_file": ("terms", "pandas"),
    "forecast": ("terms csv_file", "numpy pandas scipy statsmodels holidays"),
    "response": ("terms csv_file", "numpy pandas scipy statsmodels"),
    "customers": ("terms", "numpy pandas scipy statsmodels"),
    "demo": ("terms forecast response", "numpy pandas"),
    "store": ("terms scenario ingest", "numpy pandas pyarrow duckdb ibis sqlalchemy"),
    "plan": (MODEL, "numpy pandas scipy"),
    "solve": (f"{MODEL} plan", "numpy pandas scipy"),
    "audit": (f"{MODEL} plan", "numpy pandas"),
    "monitor": (f"{MODEL} plan", "numpy pandas"),
    "charts": ("terms i18n", "numpy pandas altair vl_convert"),
    "reports": (f"{PLANNING} charts i18n", "numpy pandas openpyxl pptx xlsxwriter"),
    "learning": (f"{MODEL} plan store typed workspace", "numpy pandas threadpoolctl"),
    "typed": ("terms response plan store", "numpy"),
    "workspace": (ALL.removesuffix(" workspace"), "numpy pandas threadpoolctl"),
    "ui": (ALL, "numpy pandas pyarrow streamlit starlette"),
    "cli": ("terms workspace cli_curves cli_import cli_log cli_models cli_run cli_shared", ""),
    "cli_curves": ("plan workspace cli_shared", ""),
    "cli_import": ("terms ingest store workspace cli_shared", ""),
    "cli_levers": ("terms scenario plan cli_shared", ""),
    "cli_log": ("store cli_shared", ""),
    "cli_models": ("terms forecast response", "numpy pandas threadpoolctl"),
    "cli_run": ("terms scenario plan store i18n workspace cli_levers cli_shared", ""),
    "cli_shared": ("", ""),
    "__main__": ("cli", ""),
    "pages": ("ui terms", "streamlit"),
    "app": ("ui", "streamlit"),
}


def room_of(path: Path) -> str:
    """The room a file belongs to: its folder or module below ``shopplan``, or ``pages``, or ``app``."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return parts[1] if parts[0] == "shopplan" and len(parts) > 1 else parts[0]


def imported(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and dotted name of everything a module imports; ``from a import b`` gives ``a.b``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            prefix = "." * node.level + (node.module or "")
            yield from ((node.lineno, f"{prefix}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in {"import_module", "__import__"}:
            yield node.lineno, f"?{ast.unparse(node)}"


def faults(source: str, room: str) -> list[str]:
    """Imports that the table does not allow, as ``line: name``."""
    rooms, packages = (set(names.split()) for names in ALLOWED[room])
    found = []
    for line, name in imported(ast.parse(source)):
        head, _, rest = name.partition(".")
        if head == "shopplan":
            allowed = rest.split(".")[0] in rooms | {room}
        else:
            allowed = head in packages or head in sys.stdlib_module_names
        if not allowed:
            found.append(f"{line}: {name}")
    return found


SOURCES = sorted([*(ROOT / "shopplan").rglob("*.py"), *(ROOT / "pages").glob("*.py"), ROOT / "app.py"])


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_module_imports_only_what_its_room_may(path):
    if path == ROOT / "shopplan" / "__init__.py":
        assert not list(imported(ast.parse(path.read_text("utf-8"))))
        return
    room = room_of(path)
    assert room in ALLOWED, f"the room {room} has no row in the table"
    assert not faults(path.read_text("utf-8"), room)


@pytest.mark.parametrize(
    ("room", "source"),
    [
        ("plan", "import streamlit as st"),
        ("plan", "from shopplan.ui import cards"),
        ("plan", "from shopplan import store"),
        ("plan", "def f():\n    from shopplan.store import FactStore"),
        ("terms", "import numpy as np"),
        ("forecast", "from shopplan.response import Curve"),
        ("cli", "import shopplan.ui.state"),
        ("pages", "from shopplan.plan import run"),
        ("plan", "from . import sibling"),
        ("plan", "import importlib\nimportlib.import_module('streamlit')"),
    ],
)
def test_a_wrong_import_is_found(room, source):
    assert len(faults(source, room)) == 1


@pytest.mark.parametrize(
    ("room", "source"),
    [
        ("plan", "from shopplan.plan.baseline import Baseline\nimport numpy as np\nfrom dataclasses import dataclass"),
        ("pages", "import streamlit as st\nfrom shopplan.ui import page"),
        ("ui", "from shopplan import workspace"),
        ("demo", "from shopplan.forecast.calendar import events"),
    ],
)
def test_a_right_import_passes(room, source):
    assert faults(source, room) == []
