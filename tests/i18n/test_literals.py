"""No text that a user sees stands in the code of the pages and the interface."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WORDS = re.compile(r"[A-Za-z]{2,}[,.:;]? [A-Za-z]{2,}|[\u3400-\u9fff]")
TAGS = re.compile(r'<[^>]*(?:>|$)|^[^<>]*">')  # of HTML, also where a value cuts a tag in two
# fmt: off
SHOWN = {
    "button", "caption", "checkbox", "code", "dialog", "download_button", "error", "expander", "file_uploader",
    "form_submit_button", "header", "info", "link_button", "markdown", "metric", "multiselect", "number_input", "pills",
    "popover", "radio", "segmented_control", "selectbox", "slider", "spinner", "subheader", "success", "tabs", "text",
    "text_area", "text_input", "title", "toast", "toggle", "warning", "write",
}
NOT_SHOWN = {
    "accept", "format", "height", "icon", "key", "label_visibility", "mime", "on_click", "shortcut", "type", "width",
}
# fmt: on

# file -> {literal: why it is no text for users}
ALLOWED: dict[str, dict[str, str]] = {
    "shopplan/ui/server.py": {"img-src 'self' data: blob:": "a rule of the content security policy"},
}


def docstrings(tree: ast.AST) -> set[int]:
    """Ids of the nodes that are docstrings or attribute docstrings."""
    found = set()
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        for statement in body if isinstance(body, list) else []:
            if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                found.add(id(statement.value))
    return found


def raised(tree: ast.AST) -> set[int]:
    """Ids of the nodes inside raise statements: messages of errors, not texts of a page."""
    return {id(inner) for node in ast.walk(tree) if isinstance(node, ast.Raise) for inner in ast.walk(node)}


def displayed(call: ast.Call) -> Iterator[ast.expr]:
    """What a call of Streamlit puts on the screen; nothing for other calls."""
    name = ast.unparse(call.func).split(".")
    if name[0] in {"st", "streamlit"} and name[-1] in SHOWN:
        yield from call.args[:1]
        yield from (k.value for k in call.keywords if k.arg not in NOT_SHOWN)


def literals(source: str) -> Iterator[str]:
    """Literals that a user would read: several words or Chinese anywhere, any word given to a display call."""
    tree = ast.parse(source)
    passed = docstrings(tree) | raised(tree)
    shown = {id(part) for node in ast.walk(tree) if isinstance(node, ast.Call) for part in displayed(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in passed:
            word = id(node) in shown and re.search(r"[A-Za-z]{2,}", node.value)
            if word or WORDS.search(TAGS.sub("", node.value)):
                yield node.value


PATHS = sorted([*(ROOT / "shopplan" / "ui").rglob("*.py"), *(ROOT / "pages").glob("*.py")])


@pytest.mark.parametrize("path", PATHS, ids=lambda p: str(p.relative_to(ROOT)))
def test_texts_come_from_the_catalogues(path):
    allowed = ALLOWED.get(path.relative_to(ROOT).as_posix(), {})
    found = set(literals(path.read_text("utf-8")))
    assert found - allowed.keys() == set()
    assert allowed.keys() - found == set(), "an allowed literal is gone: take it off the list"


@pytest.mark.parametrize(
    "source",
    [
        "st.title('Budget')",
        "st.button(label='Save')",
        "st.selectbox('Months', options)",
        "x = 'Cash falls below the reserve'",
        "x = f'{n} days left'",
        "x = '现金'",
        "st.metric(name, value, help='Sales')",
    ],
)
def test_a_literal_is_found(source):
    assert len(list(literals(source))) == 1


@pytest.mark.parametrize(
    "source",
    [
        '"""A page about cash and stock."""',
        "def f():\n    '''Draw the cards of a plan.'''",
        "raise ShopplanError('this page knows no such chart')",
        "st.button(text(lang, 'action.save'), key='save', type='primary')",
        "st.markdown('')",
        "x = 'net_sales'",
    ],
)
def test_what_is_no_text_passes(source):
    assert list(literals(source)) == []
