"""What currency each amount of a file is in."""

from __future__ import annotations

import re
from collections.abc import Iterable

from shopplan.ingest.headers import bracketed
from shopplan.ingest.meanings import READING
from shopplan.ingest.money import CURRENCIES
from shopplan.ingest.receipt import Problem
from shopplan.ingest.sheet import Sheet
from shopplan.ingest.values import numbers
from shopplan.terms import Said

_WORDS = {
    "元": "CNY",
    "人民币": "CNY",
    "人民币元": "CNY",
    "cn¥": "CNY",
    "¥": "CNY",
    "rmb": "CNY",
    "yuan": "CNY",
    "£": "GBP",
    "€": "EUR",
    "$": "USD",
    "us$": "USD",
    "美元": "USD",
    "欧元": "EUR",
    "euro": "EUR",
    "euros": "EUR",
    "英镑": "GBP",
    "日元": "JPY",
    "円": "JPY",
    "港币": "HKD",
    "₹": "INR",
}
_SAME_SIGN = {"CNY": {"JPY"}, "USD": {"AUD", "CAD", "HKD", "MXN", "NZD", "SGD", "TWD", "BRL", "CLP", "COP", "ARS"}}
"""Currencies that share the sign of a more usual one; they count where they are given or named."""
ASSUMED = "the file names no currency; {code} is assumed"
_SAID = re.compile(
    r"(?i:\bin|currency|amounts?|währung|devise|moneda|币种|货币|单位|金額は)\W{0,3}"
    r"([A-Z]{3}(?![A-Za-z])|(?i:euros?)\b|人民币|美元|欧元|英镑|日元|港币|元|円)"
)
"""Codes in capitals: ``in all channels`` names no currency."""
_SAID_IN = re.compile(r"(?:\b(?:en|em|w|i|på)\s|[\u3040-\u9fff])([A-Z]{3})(?![A-Za-z])")
"""Amounts ``en EUR``, ``em BRL``, ``w PLN``, ``i SEK``, and between Chinese or Japanese letters."""


def code_of(word: str) -> str:
    """ISO code of a currency as files write it; empty when it is none."""
    plain = word.strip().casefold()
    return _WORDS.get(plain) or (word.strip().upper() if word.strip().upper() in CURRENCIES else "")


def find_currency(sheet: Sheet, preamble: str, given: str, usual: str, certain: bool = False) -> None:
    """Set the currency of the sheet: from a column, a header, signs in the cells or the lines above the header.

    ``given`` holds where the file names none, else ``usual``, which is said; it is ``certain`` where the platform has
    no other.
    """
    _by_column(sheet)
    money = sorted(str(id_) for id_ in sheet.cells if READING.get(str(id_)) == "money")
    for id_ in money:
        code = code_of(bracketed(sheet.headers[id_]))
        if code:
            _saw(sheet, code, id_)
        for sign in sheet.numbers(id_).currency.split():
            meant = sheet.currency or given
            _saw(sheet, meant if meant in _SAME_SIGN.get(sign, ()) else sign, id_)
    spare = " ".join(numbers(cells).currency for cells in sheet.spare).split() if not sheet.currency else []
    if len(set(spare)) == 1:
        sheet.currency = given if given in _SAME_SIGN.get(spare[0], ()) else spare[0]
    said = [code for word in _SAID.findall(preamble) + _SAID_IN.findall(preamble) if (code := code_of(word))]
    if not sheet.currency:
        sheet.currency = said[0] if said else given
    if not sheet.currency and money:
        sheet.currency = usual
        message = Said(ASSUMED, code=usual)
        (sheet.say if certain else sheet.note)(message)


def assumed(problems: Iterable[Problem]) -> bool:
    """Whether a receipt says that the file names no currency."""
    return any(isinstance(one.message, Said) and one.message.template == ASSUMED for one in problems)


def _by_column(sheet: Sheet) -> None:
    if not sheet.has("currency"):
        return
    words = sheet.text("currency").where(sheet.keep, "")
    known = {word: code_of(word) for word in words.unique() if word}
    for word in [word for word, code in known.items() if not code]:
        sheet.problems.append(Problem(0, sheet.headers["currency"], Said("{word!r} is not a currency code", word=word)))
    codes = words.map({**known, "": ""})
    often = codes[codes != ""].value_counts()
    if often.empty:
        return
    sheet.currency = str(often.index[0])
    if len(often) > 1:
        sheet.currencies = codes.where(codes != "", sheet.currency).astype("str")


def _saw(sheet: Sheet, code: str, id_: str) -> None:
    """Take note of a currency in a header or a cell; one that the file does not name elsewhere is a problem."""
    known = {sheet.currency} if sheet.currencies is None else set(sheet.currencies.unique())
    if sheet.currency and code not in known:
        template = "two currencies, {one} and {other}; several are read from a column of currencies only"
        message = Said(template, one=sheet.currency, other=code)
        problem = Problem(0, sheet.headers.get(id_, ""), message)
        if problem not in sheet.problems:
            sheet.problems.append(problem)
    sheet.currency = sheet.currency or code
