"""The sentences of errors and receipts in the reader's language.

They are worded in English where they are raised (`terms.Said`); the English template is its key in ``errors.po``.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, reduce
from types import MappingProxyType

from shopplan.i18n.catalogue import ERRORS, LOCALE, entries
from shopplan.terms import Said, ShopplanError


@cache
def templates(lang: str) -> Mapping[str, str]:
    """English template -> template in a language; empty for English."""
    path = LOCALE / lang / ERRORS
    return MappingProxyType(dict(entries(path)) if path.exists() else {})


def refusal(lang: str, error: ShopplanError) -> str:
    """An error as a reader is told: where, what and what to do, the last two as sentences of their own."""
    told = [capital(sentence(lang, part)) for part in (error.message, error.hint) if part]
    parts = [sentence(lang, error.where)] * bool(error.where) + told
    return reduce(lambda one, then: sentence(lang, Said("{one}. {then}", one=one, then=then)), parts)


def capital(told: str) -> str:
    """A sentence that begins like one."""
    return told[:1].upper() + told[1:]


def sentence(lang: str, said: str) -> str:
    """A sentence in a language; in English where there is no other wording, and data as they are.

    Parameters
    ----------
    lang : {"en", "zh"}
    said : str
        A plain string or a `Said`, whose fields may be sentences, or tuples of them, too.
    """
    known = templates(lang)
    if not isinstance(said, Said) or not said.fields:
        return known.get(said, str(said))
    comma = known.get(", ", ", ")

    def put(value: object) -> object:
        if isinstance(value, tuple):
            return comma.join(sentence(lang, one) for one in value)
        return sentence(lang, value) if isinstance(value, str) else value

    return known.get(said.template, said.template).format(**{name: put(v) for name, v in said.fields.items()})
