"""No text stands in the catalogues that nothing shows."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import get_args

from shopplan.i18n import keys
from shopplan.terms import Per

ROOT = Path(__file__).resolve().parents[2]


def trees() -> Iterator[ast.Module]:
    for path in chain((ROOT / "shopplan").rglob("*.py"), (ROOT / "pages").glob("*.py")):
        yield ast.parse(path.read_text("utf-8"))


def words(tree: ast.AST) -> Iterator[str]:
    """Every text in the code, whole, and every name of an argument: rows of a tooltip are named so."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.keyword) and node.arg:
            yield node.arg


def families(tree: ast.AST) -> Iterator[str]:
    """Keys that are put together (``f"lever.{id}.help"``, ``known("role", id)``), as patterns with groups."""
    for node in ast.walk(tree):
        match node:
            case ast.JoinedStr(values=[ast.Constant(value=str(start)), *_]) if re.match(r"[a-z]+\.", start):
                yield "".join(re.escape(p.value) if isinstance(p, ast.Constant) else "(.+)" for p in node.values)
            case ast.Call(args=[ast.Constant(value=str(kind)), *_]) if ast.unparse(node.func).endswith("known"):
                yield rf"{re.escape(kind)}\.(.+)"


def test_every_key_is_used():
    code = list(trees())
    said = set(chain.from_iterable(map(words, code)))
    data = (path.read_text("utf-8") for path in (ROOT / "data").rglob("*.toml"))
    ids = said | set(re.findall(r'"([^"\n]+)"', "\n".join(data)))
    patterns = {*chain.from_iterable(map(families, code)), *(rf"{kind}\.(.+)" for kind in get_args(Per) if kind)}

    def named(text: str) -> bool:
        found = (re.fullmatch(pattern, text) for pattern in patterns)
        return any(match and all(map(known, match.groups())) for match in found)

    def known(part: str) -> bool:
        return part in ids or part.isdigit() or named(part)

    unused = sorted(key for key in keys("en") if key not in said and not named(key))
    assert unused == []
