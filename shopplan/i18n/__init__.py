"""Words in English and Chinese, and numbers, money and dates as people read them."""

from shopplan.i18n.catalogue import LANGUAGES, has, keys, text
from shopplan.i18n.findings import finding
from shopplan.i18n.formulas import ADDED, formula, how, resource, steps
from shopplan.i18n.numbers import MISSING, NUMBERS, Style
from shopplan.i18n.sentences import sentence

__all__ = [
    "ADDED",
    "LANGUAGES",
    "MISSING",
    "NUMBERS",
    "Style",
    "finding",
    "formula",
    "has",
    "how",
    "keys",
    "resource",
    "sentence",
    "steps",
    "text",
]
