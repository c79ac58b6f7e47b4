"""Every text exists in both languages with the same fields, and every row of the registries has its words."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path
from string import Formatter
from typing import get_args

import pytest

from shopplan.i18n import LANGUAGES, has, keys, text
from shopplan.i18n.catalogue import _catalogue
from shopplan.terms import CHANNEL_KINDS, LEVERS, METRICS, SourceKind, Unit, Window

ROOT = Path(__file__).resolve().parents[2]
CJK = re.compile(r"[\u3400-\u9fff]")
# Texts that are the same in every language, or a language's name for something of the other.
WITHOUT_CJK = {"app.name", "settings.language.en"}
WITH_CJK = {"settings.numbers.wan", "settings.language.zh"}


def raw(lang: str, key: str) -> str:
    """The text as it stands, fields not filled in."""
    return _catalogue(lang)[key]


def fields(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}


def test_both_languages_have_the_same_keys():
    assert keys("en") ^ keys("zh") == frozenset()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_text_is_empty_or_untrimmed(lang):
    assert [k for k in keys(lang) if not raw(lang, k) or raw(lang, k) != raw(lang, k).strip()] == []


def test_the_named_fields_are_the_same_in_both_languages():
    differing = {k for k in keys("en") if fields(raw("en", k)) != fields(raw("zh", k))}
    assert differing == set()
    unnamed = {k for k in keys("en") if not all(re.fullmatch(r"[a-z_]+", name) for name in fields(raw("en", k)))}
    assert unnamed == set()


def holds_words(template: str) -> bool:
    """Whether there is something to translate beside fields and signs."""
    return re.search(r"[A-Za-z]{2}", re.sub(r"\{\w+\}", "", template)) is not None


def test_chinese_texts_are_chinese_and_english_ones_are_not():
    untranslated = {k for k in keys("zh") if holds_words(raw("zh", k)) and not CJK.search(raw("zh", k))}
    assert untranslated == WITHOUT_CJK
    assert {k for k in keys("en") if CJK.search(raw("en", k))} == WITH_CJK


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(("kind", "rows"), [("metric", METRICS), ("lever", LEVERS)])
def test_every_row_of_a_registry_has_a_label_and_a_help_text(lang, kind, rows):
    for row in rows:
        label, explained = text(lang, f"{kind}.{row}"), text(lang, f"{kind}.{row}.help")
        assert len(label) <= 40, row
        assert len(label) < len(explained) <= 240, row
        assert explained[-1] in ".。", row


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(("kind", "rows"), [("metric", METRICS), ("lever", LEVERS)])
def test_no_two_rows_share_a_label(lang, kind, rows):
    labels = [text(lang, f"{kind}.{row}") for row in rows]
    assert len(set(labels)) == len(labels)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_words_of_closed_lists(lang):
    wanted = [f"unit.{one}" for one in get_args(Unit)]
    wanted += [f"group.{lever.group}" for lever in LEVERS.values()]
    wanted += [f"channel.{kind}" for kind in CHANNEL_KINDS]
    wanted += [f"source.{one}" for one in get_args(SourceKind)] + [f"window.{one}" for one in get_args(Window)]
    assert [key for key in wanted if not has(lang, key)] == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_everything_a_template_names_has_words(lang):
    wanted = set()
    for path in (ROOT / "data" / "templates").glob("*.toml"):
        data = tomllib.loads(path.read_text("utf-8"))
        if path.stem != "base":
            wanted.add(f"template.{data['id']}")
        for table, kind in (
            ("roles", "role"),
            ("initiatives", "initiative"),
            ("phases", "phase"),
            ("targets", "target"),
        ):
            wanted |= {f"{kind}.{row['id']}" for row in data.get(table, [])}
    assert wanted
    assert sorted(key for key in wanted if not has(lang, key)) == []


def test_keys_named_in_code_exist():
    missing = []
    for path in [*(ROOT / "shopplan").rglob("*.py"), *(ROOT / "pages").glob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in {"text", "t"}:
                named = [a.value for a in node.args[:2] if isinstance(a, ast.Constant) and isinstance(a.value, str)]
                missing += [f"{path.name}: {key}" for key in named if "." in key and not has("en", key)]
    assert missing == []


def test_a_missing_key_or_field_or_language_is_an_error():
    with pytest.raises(KeyError):
        text("en", "no.such.key")
    with pytest.raises(KeyError):
        text("en", "state.saved_as")
    with pytest.raises(KeyError):
        text("fr", "action.undo")


def test_texts_take_their_fields():
    assert text("en", "state.saved_as", name="Spring {x}") == "Saved as Spring {x}"
    assert text("zh", "action.undo") == "撤销"
