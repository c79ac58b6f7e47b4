"""Words in English and Chinese, and numbers, money and dates as people read them."""

from shopplan.i18n.amounts import amount, percent, written
from shopplan.i18n.catalogue import LANGUAGES, has, keys, text
from shopplan.i18n.findings import finding
from shopplan.i18n.formulas import ADDED, formula, how, resource, steps
from shopplan.i18n.numbers import MINUS, MISSING, NUMBERS, Style
from shopplan.i18n.sentences import capital, refusal, sentence

__all__ = [
    "ADDED",
    "LANGUAGES",
    "MINUS",
    "MISSING",
    "NUMBERS",
    "Style",
    "amount",
    "capital",
    "finding",
    "formula",
    "has",
    "how",
    "keys",
    "percent",
    "refusal",
    "resource",
    "sentence",
    "steps",
    "text",
    "written",
]
