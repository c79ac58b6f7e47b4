"""Every sentence that an error or a receipt says can be said in Chinese, and a page does so."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import get_args

import pytest

from shopplan.i18n import refusal, sentence
from shopplan.i18n.sentences import templates
from shopplan.ingest import FORMATS
from shopplan.ingest.receipt import ImportRefused, Problem, Reason, Receipt, from_dict
from shopplan.terms import Said, ShopplanError

ROOT = Path(__file__).resolve().parents[2] / "shopplan"
WORD = re.compile(r"[A-Za-z]{2}")
CJK = re.compile(r"[\u3400-\u9fff]")
# call -> positions of its sentences
SAY = {"ShopplanError": (0, 2), "Conflict": (0, 2), "ImportRefused": (2,), "Problem": (2,),
       "sheet.note": (0,), "sheet.say": (0,), "self.note": (0,)}  # fmt: skip
ERRORS = ("ShopplanError", "Conflict")
MADE = {reason.replace("_", " ") for reason in get_args(Reason)} | {", "}
"""Those that no call spells out: why rows are left out, and what stands between the parts of a list."""
PASSED = {
    "Said(part.reason.replace('_', ' '))",
    "Said(data['template'], **{name: _whole(field) for name, field in data['fields'].items()})",
    "_whole(data.get('said', data['message']))",
}
"""Where those are made, and where stored ones are read back."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


class Room:
    """The modules of a room, and who says what in them."""

    def __init__(self, sources: dict[str, str]) -> None:
        self.trees = {path: ast.parse(source) for path, source in sources.items()}
        self.inside: dict[int, Function] = {}
        self.home = {id(node): tree for tree in self.trees.values() for node in ast.walk(tree)}
        for tree in self.trees.values():
            for function in (node for node in ast.walk(tree) if isinstance(node, Function)):
                self.inside |= {id(node): function for node in ast.walk(function) if node is not function}

    def said(self) -> Iterator[str]:
        """Every template; an AssertionError where a sentence is put together in another way."""
        for tree in self.trees.values():
            for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
                name = ast.unparse(call.func)
                if name == "Said":
                    yield from self._sentence(call)
                for place in SAY.get(name, ()):
                    if len(call.args) > place:
                        yield from self._sentence(call.args[place])
                for keyword in call.keywords:
                    if name in SAY and keyword.arg in ("message", "hint"):
                        yield from self._sentence(keyword.value)
                if name in ERRORS and len(call.args) > 1:
                    self._place(call.args[1])

    def _sentence(self, value: ast.expr) -> Iterator[str]:
        match value:
            case _ if ast.unparse(value) in PASSED:
                return
            case ast.Constant(value=str(text)):
                yield from [text] * bool(text)
            case ast.Call(func=ast.Name(id="Said"), args=[template], keywords=fields):
                assert not any(_wordy(field.value) for field in fields), f"words in a field: {ast.unparse(value)}"
                yield from self._sentence(template)
            case ast.IfExp(body=one, orelse=other):
                yield from self._sentence(one)
                yield from self._sentence(other)
            case ast.Name():
                sources = list(self._sources(value))
                assert sources, f"line {value.lineno}: nobody knows what {value.id} says"
                for source in sources:
                    if source is not None:
                        yield from self._sentence(source)
            case _:
                raise AssertionError(f"line {value.lineno}: put together: {ast.unparse(value)}")

    def _place(self, where: ast.expr) -> None:
        """Places are data, or made by `place` and `Said`."""
        function = self.inside.get(id(where))
        sources = [where]
        if isinstance(where, ast.Name) and function is not None:
            sources += [one for one in self._bound(where.id, function) if one is not None]
        assert not any(isinstance(one, ast.JoinedStr) and _wordy(one) for one in sources), ast.unparse(where)

    def _sources(self, name: ast.Name) -> Iterator[ast.expr | None]:
        """What a name may stand for; None where its type says that it is a sentence."""
        function = self.inside.get(id(name))
        found = [] if function is None else [*self._bound(name.id, function), *self._given(name.id, function)]
        yield from found or self._bound(name.id, self.home[id(name)])

    def _bound(self, name: str, scope: ast.AST) -> Iterator[ast.expr | None]:
        for node in ast.walk(scope):
            match node:
                case ast.AnnAssign(target=ast.Name(id=id_), annotation=ast.Name(id="Said")) if id_ == name:
                    yield None
                case ast.Assign(targets=[target], value=value):
                    yield from _parts(target, value, name)
                case (
                    ast.For(target=ast.Name(id=id_), iter=rows) | ast.comprehension(target=ast.Name(id=id_), iter=rows)
                ):
                    if id_ == name and re.search(r"\.notes(\[.*\])?$", ast.unparse(rows)):
                        yield None  # notes are sentences by their type; those of formats are looked at one by one
                case ast.For(target=ast.Tuple() as target, iter=rows):
                    table = ast.unparse(rows).removesuffix(".items()")
                    for row in _rows(table, self.home[id(node)]):
                        yield from _parts(target, row, name)

    def _given(self, name: str, function: Function) -> Iterator[ast.expr | None]:
        """What callers give for a parameter."""
        names = [one.arg for one in function.args.args]
        if name not in names:
            return
        place = names.index(name)
        if (annotation := function.args.args[place].annotation) and ast.unparse(annotation) == "Said":
            yield None
            return
        from_end = place - len(names) + len(function.args.defaults)
        if from_end >= 0:
            yield function.args.defaults[from_end]
        place -= names[0] == "self"
        for call in (node for one in self.trees.values() for node in ast.walk(one) if isinstance(node, ast.Call)):
            if ast.unparse(call.func).split(".")[-1] == function.name and len(call.args) > place:
                yield call.args[place]


def _wordy(value: ast.expr) -> bool:
    """Whether a value holds words that no catalogue knows."""
    match value:
        case ast.Constant(value=str(text)):
            return WORD.search(text) is not None
        case ast.JoinedStr(values=parts):
            return any(isinstance(part, ast.Constant) and _wordy(part) for part in parts)
        case ast.IfExp(body=one, orelse=other):
            return _wordy(one) or _wordy(other)
        case _:
            return False


def _parts(target: ast.expr, value: ast.expr, name: str) -> Iterator[ast.expr]:
    if isinstance(target, ast.Name) and target.id == name:
        yield value
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        for one, part in zip(target.elts, value.elts, strict=True):
            yield from _parts(one, part, name)


def _rows(name: str, tree: ast.Module) -> Iterator[ast.expr]:
    """The rows of a table that stands in the module as a tuple or dict."""
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=[ast.Name(id=id_)], value=ast.Tuple(elts=rows)) if id_ == name:
                yield from rows
            case ast.Assign(targets=[ast.Name(id=id_)], value=ast.Dict(keys=keys, values=values)) if id_ == name:
                yield from (ast.Tuple([key, value]) for key, value in zip(keys, values, strict=True) if key)


def sources() -> dict[str, dict[str, str]]:
    """Room -> path -> source."""
    out: dict[str, dict[str, str]] = {}
    for path in sorted(ROOT.rglob("*.py")):
        short = path.relative_to(ROOT).as_posix()
        out.setdefault(short.partition("/")[0], {})[short] = path.read_text("utf-8")
    return out


def fields(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}


def test_every_sentence_has_a_chinese_one_and_none_is_left_over():
    said = {template for room in sources().values() for template in Room(room).said()}
    said |= {note for format_ in FORMATS for note in format_.notes} | MADE
    assert sorted(said - templates("zh").keys()) == [], "to be added to locale/zh/errors.po"
    assert sorted(templates("zh").keys() - said) == [], "to be taken out of locale/zh/errors.po"


def test_both_have_the_same_fields_and_the_chinese_one_is_chinese():
    known = templates("zh")
    assert [one for one in known if fields(one) != fields(known[one])] == []
    assert [one for one in known if WORD.search(re.sub(r"\{[^}]*\}", "", one)) and not CJK.search(known[one])] == []


@pytest.mark.parametrize(
    "source",
    [
        "raise ShopplanError(f'there is no {x}')",
        "raise ShopplanError('there is no ' + x)",
        "raise ShopplanError(Said(f'there is no {x}'))",
        "raise ShopplanError('it is wrong', f'row {n}')",
        "raise ShopplanError('it is wrong', hint=f'use {x}')",
        "Problem(0, '', ', '.join(names))",
        "Said('read as {what}', what='a picture' if x else y)",
        "def f():\n    said = f'no {x}'\n    raise ShopplanError(said)",
        "def f(said):\n    raise ShopplanError(said)\nf(f'no {x}')",
        "def f(sheet):\n    sheet.note(unknown)",
    ],
)
def test_a_sentence_that_cannot_be_translated_is_found(source):
    with pytest.raises(AssertionError):
        list(Room({"x.py": source}).said())


@pytest.mark.parametrize(
    "source",
    [
        "raise ShopplanError('one', f'{a}.{b}')",
        "def f():\n    said = Said('one', n=n) if x else 'one'\n    raise ShopplanError(said)",
        "def f(said):\n    raise ShopplanError(said)\nf('one')",
        "rows = (('one', 1), ('one', 2))\ndef f():\n    for said, n in rows:\n        raise ShopplanError(said)",
    ],
)
def test_what_can_be_translated_passes(source):
    assert set(Room({"x.py": source}).said()) == {"one"}


def test_a_refusal_in_both_languages():
    problems = [Problem(3, "net", Said("{value!r} is not a number", value="{x}")), Problem(4, "", "the cell is empty")]
    error = ImportRefused("a.csv", problems, "correct the cells in the file and import it again")
    hint = "correct the cells in the file and import it again"
    assert str(error) == f"a.csv, row 3, column net. '{{x}}' is not a number (and 1 more). {hint}"
    chinese = "a.csv，第 3 行，“net”列。“{x}”不是数字（另有 1 处）。请在文件中更正这些单元格后重新导入"
    assert sentence("zh", error.whole) == chinese
    assert sentence("en", error.whole) == str(error)
    assert sentence("zh", str(problems[1])) == "第 4 行：单元格为空"


def test_a_problem_that_was_stored_can_still_be_said_in_chinese():
    titles = Said("not read: the sheets {titles}", titles=("A", "B"))
    order = Said(
        "no day is above 12, so the order of day and month is not certain; read as {order}",
        order=Said("day/month/year"),
    )
    problems = (Problem(0, "", titles), Problem(0, "date", order), Problem(2, "", "the cell is empty"))
    stored = json.loads(json.dumps(Receipt("a.csv", "", "sales", "sales", problems=problems).to_dict()))
    assert stored["problems"][2] == {"row": 2, "column": "", "message": "the cell is empty"}
    read = from_dict(stored).problems
    assert read == problems
    assert [sentence("zh", str(one)) for one in read] == [sentence("zh", str(one)) for one in problems]
    assert sentence("zh", str(read[1])).endswith("按日/月/年读取")


def test_lists_and_data_in_both_languages():
    said = Said("left out: {parts}", parts=(Said("{count} {reason}", count=2, reason=Said("bad debt")), "x, y"))
    assert (said, sentence("zh", said)) == ("left out: 2 bad debt, x, y", "未采用：坏账 2 行、x, y")
    assert sentence("zh", "nobody worded {this}") == "nobody worded {this}"
    assert sentence("zh", ShopplanError(Said("nobody worded {this}", this=1)).whole) == "nobody worded 1"


def test_an_error_is_told_in_sentences_and_its_place_as_it_is():
    error = ShopplanError("net sales of last month must be above zero", "a.csv", "enter what the shop sold last month")
    told = "a.csv. Net sales of last month must be above zero. Enter what the shop sold last month"
    assert refusal("en", error) == told
    assert refusal("zh", error).startswith("a.csv。")
    assert CJK.search(refusal("zh", error))
