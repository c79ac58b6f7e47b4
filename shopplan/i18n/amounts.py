"""Numbers as people type or paste them: 300,000, 30万, 1.2M, ¥300,000, １２３, 41%.

What the app prints it also reads. A number is read whole or refused: nothing of it is left out, and where it may mean
two things (300.000) it is asked for again.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal

from shopplan.terms import Said, ShopplanError

LARGEST = 10**12
"""Amounts from here on are refused, as in files."""
_SIZES = {
    "k": 10**3, "m": 10**6, "mn": 10**6, "b": 10**9, "bn": 10**9,
    "千": 10**3, "万": 10**4, "萬": 10**4, "w": 10**4, "百万": 10**6, "千万": 10**7,
    "亿": 10**8, "億": 10**8, "万亿": 10**12,
}  # fmt: skip
_SIGNS = {
    "¥": ("CNY", "JPY"), "cn¥": ("CNY",), "rmb": ("CNY",), "cny": ("CNY",), "元": ("CNY",), "人民币": ("CNY",),
    "jp¥": ("JPY",), "jpy": ("JPY",), "円": ("JPY",), "$": ("USD",), "us$": ("USD",), "usd": ("USD",),
    "€": ("EUR",), "eur": ("EUR",), "£": ("GBP",), "gbp": ("GBP",),
}  # fmt: skip
_SHOWN = 40
"""A refusal repeats so many signs of what was typed."""


def _any(words: Iterable[str]) -> str:
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))


_AMOUNT = re.compile(
    rf"(?P<before>{_any(_SIGNS)})?\s*(?P<minus>-?)\s*"
    r"(?P<number>\d{1,3}(?:[, '’]\d{3})+(?:\.\d*)?|\d{1,2}(?:,\d{2})+,\d{3}(?:\.\d*)?|\d+\.?\d*|\.\d+)"
    rf"\s*(?P<size>{_any(_SIZES)})?\s*(?P<after>{_any(_SIGNS)})?",
    re.IGNORECASE,
)
_PERCENT = re.compile(r"(?P<number>-?(?:\d+\.?\d*|\.\d+))\s*%?")
_TWO_WAYS = re.compile(r"[1-9]\d{0,2}(?:\.\d{3})+")


def amount(typed: str, currency: str, where: str = "") -> float:
    """An amount in major units of a currency, zero or more.

    Parameters
    ----------
    typed : str
    currency : str
        ISO code; the sign of another currency is refused, since nothing is converted here.
    where : str
        Name of the field, for the refusal.

    Raises
    ------
    ShopplanError
        With what was typed and what is wanted.
    """
    text, value = _plain(typed), typed.strip()[:_SHOWN]
    hint = "write it like 300,000, 300000 or 1.2M"
    if not text:
        raise ShopplanError("nothing is filled in", where, hint)
    if _TWO_WAYS.fullmatch(text.strip("¥$€£ ")):
        raise ShopplanError(Said("{value!r} may mean thousands or decimals", value=value), where, hint)
    match = _AMOUNT.fullmatch(text)
    if match is None:
        raise ShopplanError(Said("{value!r} is not an amount", value=value), where, hint)
    for sign in (match["before"], match["after"]):
        if sign and currency not in _SIGNS[sign.casefold()]:
            message = Said("{value!r} is in another currency than {currency}", value=value, currency=currency)
            raise ShopplanError(message, where, "choose its currency, or leave its sign out")
    digits = re.sub(r"[, '’]", "", match["number"])
    number = Decimal(digits) * _SIZES.get((match["size"] or "").casefold(), 1)
    if match["minus"]:
        raise ShopplanError(Said("{value!r} is below zero", value=value), where, hint)
    if number >= LARGEST:
        raise ShopplanError(Said("{value!r} is too large", value=value), where, "check the number of zeros")
    return float(number)


def percent(typed: str, low: int, high: int, where: str = "") -> float:
    """A percentage from ``low`` to ``high`` as a fraction, typed with or without its sign; refused like an `amount`."""
    text, value = _plain(typed), typed.strip()[:_SHOWN]
    hint = "write it like 41%"
    if not text:
        raise ShopplanError("nothing is filled in", where, hint)
    match = _PERCENT.fullmatch(text)
    if match is None:
        raise ShopplanError(Said("{value!r} is not a percentage", value=value), where, hint)
    number = Decimal(match["number"])
    if not low <= number <= high:
        message = Said("{value!r} is not between {low}% and {high}%", value=value, low=low, high=high)
        raise ShopplanError(message, where, hint)
    return float(number / 100)


def written(number: float | None, sign: str = "", places: int = 2) -> str:
    """A number to begin a field with, all its digits in groups of three: 420,000, 41%; empty where there is none."""
    return "" if number is None else f"{number:,.{places}f}".rstrip("0").rstrip(".") + sign


def _plain(typed: str) -> str:
    """Full-width signs and spaces of all kinds as plain ones."""
    return unicodedata.normalize("NFKC", typed).replace("−", "-").strip()
