"""The catalogues: every text a user sees, by language and stable key.

One ``.po`` file a language and domain in ``locale/``; the message id is the key (``lever.price.help``), the message
string is the text, with named fields as in `str.format`. All domains of a language share one space of keys. Errors
are worded where they are raised, in English, so ``errors.po`` stands apart; see `sentences`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from babel.messages.pofile import read_po

LANGUAGES = ("en", "zh")
LOCALE = Path(__file__).with_name("locale")
ERRORS = "errors.po"


def entries(path: Path) -> Iterator[tuple[str, str]]:
    """Id and text of the messages in a file."""
    with path.open("rb") as file:
        for message in read_po(file, abort_invalid=True):
            if message.id:
                yield str(message.id), str(message.string)


@cache
def _catalogue(lang: str) -> Mapping[str, str]:
    if lang not in LANGUAGES:
        raise KeyError(f"there is no language {lang!r}")
    texts: dict[str, str] = {}
    for path in sorted(set((LOCALE / lang).glob("*.po")) - {LOCALE / lang / ERRORS}):
        for key, said in entries(path):
            if key in texts:
                raise KeyError(f"{lang}: the key {key!r} stands twice, again in {path.name}")
            texts[key] = said
    return MappingProxyType(texts)


def text(lang: str, key: str, /, **values: object) -> str:
    """The text of a key.

    Parameters
    ----------
    lang : {"en", "zh"}
    key : str
        For example ``"metric.net_sales"``.
    **values
        The named fields of the text.

    Raises
    ------
    KeyError
        When the key is in no catalogue, or a field of the text has no value.
    """
    found = _catalogue(lang)[key]
    return found.format(**values) if values or "{" in found else found


def has(lang: str, key: str) -> bool:
    """Whether there is a text; for keys made from data, such as the name of a channel."""
    return key in _catalogue(lang)


def keys(lang: str) -> frozenset[str]:
    """All keys of a language."""
    return frozenset(_catalogue(lang))
