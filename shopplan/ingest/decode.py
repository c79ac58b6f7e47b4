"""Bytes to text: the encoding decided from the content."""

from __future__ import annotations

import codecs
import contextlib
import re
from dataclasses import dataclass

import numpy as np
from charset_normalizer import from_bytes

from shopplan.ingest.receipt import ImportRefused, Problem
from shopplan.terms import Said

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_OTHER_FILES = (
    (b"%PDF", Said("a PDF document")),
    (b"\x89PNG", Said("a picture")),
    (b"\xff\xd8\xff", Said("a picture")),
    (b"GIF8", Said("a picture")),
    (b"\xd0\xcf\x11\xe0", Said("an old Excel file (.xls)")),
    (b"PK\x03\x04", Said("a zip archive")),
    (b"Rar!", Said("an archive")),
    (b"7z\xbc\xaf", Said("an archive")),
    (b"SQLite format 3", Said("a database")),
    (b"PAR1", Said("a Parquet file")),
    (b"{\\rtf", Said("a text document")),
)
_PAGE = re.compile(rb"\s*<(!doctype|html|table|\?xml|head|body|meta|script)", re.IGNORECASE)
_JSON = re.compile(rb'\s*[{\[]\s*["{\[]')
MAX_LINE = 1 << 22
"""Longer lines (in bytes) are no rows of a table."""
_CODE_PAGES = ["cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "big5", "shift_jis", "cp932", "euc_kr", "cp949"]
"""Of two that give the same text, the first one is named."""
_WESTERN = frozenset(
    "àáâãäåæçèéêëìíîïñòóôõöøœùúûüÿßÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØŒÙÚÛÜ€£¢§°²³ºª«»¡¿·×½¼%‰–—‘’“”„‚…•®©™´¤\u00a0\u00ad"
)
_CHINESE_HEADERS = re.compile("日期|时间|花费|消耗|订单|金额|商品|点击|数量|计划|渠道|编号|名称|状态|店铺|合计")
_SAMPLE = 200_000
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
CONTROL = np.array([_CONTROL.match(chr(byte)) is not None for byte in range(256)])
"""Which bytes are characters that no table holds, in all encodings but UTF-16 and UTF-32."""
_HINT = "save it as CSV (UTF-8) or XLSX"


@dataclass(frozen=True, slots=True)
class Text:
    """Decoded content; ``sure`` is False where the encoding was guessed."""

    text: str
    encoding: str
    sure: bool = True


def decode(name: str, data: bytes) -> Text:
    """Text of a file: BOM, strict UTF-8, UTF-16 by its zero bytes, GB18030, then other code pages.

    Raises
    ------
    ImportRefused
        When it is no text or no encoding fits.
    """
    for magic, what in _OTHER_FILES:
        if data.startswith(magic):
            raise _no_table(name, what)
    if _PAGE.match(data) or _JSON.match(data):
        raise _no_table(name, Said("a web page") if _PAGE.match(data) else Said("JSON"))
    _refuse_long_line(name, data)
    found = _by_bom(name, data) or _by_trial(data)
    if found is None:
        raise ImportRefused(name, [Problem(0, "", "the encoding of the file is not known")], _HINT)
    refuse_control(name, found.text)
    return found


def _no_table(name: str, what: Said) -> ImportRefused:
    return ImportRefused(name, [Problem(0, "", Said("this is {what}, not a table", what=what))], _HINT)


def refuse_control(name: str, text: str, row: int = 1) -> None:
    """Refuse characters that no table holds; ``row`` is the line in which the text begins."""
    control = _CONTROL.search(text)
    if control:
        row += text.count("\n", 0, control.start())
        raise ImportRefused(name, [Problem(row, "", "the file holds binary data, not text")], _HINT)


def _refuse_long_line(name: str, data: bytes) -> None:
    """Refuse a line of many megabytes before it is taken apart."""
    place = 0
    while place + MAX_LINE < len(data):
        end = max(data.rfind(mark, place, place + MAX_LINE) for mark in (b"\n", b"\r"))
        if end < 0:
            row = data.count(b"\n", 0, place) + 1
            message = Said("the line is longer than {most} MB, which no row of a table is", most=MAX_LINE >> 20)
            raise ImportRefused(name, [Problem(row, "", message)], "open the file in a spreadsheet and save it as CSV")
        place = end + 1


def _by_bom(name: str, data: bytes) -> Text | None:
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            try:
                return Text(data.decode(encoding).removeprefix("\ufeff"), encoding.removesuffix("-sig"))
            except UnicodeDecodeError as error:
                row = data[: error.start].count(b"\n") + 1
                template = "the file says it is {encoding}, but a character cannot be read"
                message = Said(template, encoding=encoding.removesuffix("-sig"))
                raise ImportRefused(name, [Problem(row, "", message)], _HINT) from error
    return None


def _by_trial(data: bytes) -> Text | None:
    head = data[:_SAMPLE]
    if b"\x00" in head:
        return _utf16_without_bom(data, head)
    try:
        return Text(data.decode("utf-8"), "utf-8")
    except UnicodeDecodeError as error:  # judge by the part where it stops being plain
        first = re.search(rb"[\x80-\xff]", data)
        start = first.start() if first else error.start
        head = data[max(0, start - 100) : start + _SAMPLE]
    if _looks_chinese(head):
        korean = _looks_korean(head)
        with contextlib.suppress(UnicodeDecodeError):
            encoding = "euc_kr" if korean else "gb18030"
            return Text(data.decode(encoding), encoding, sure=not korean)
    if _looks_western(head):
        with contextlib.suppress(UnicodeDecodeError):
            return Text(data.decode("cp1252"), "cp1252", sure=False)
    guess = from_bytes(head, cp_isolation=_CODE_PAGES).best()
    if guess is None:
        return None
    encoding = next((page for page in _CODE_PAGES if page in guess.could_be_from_charset), guess.encoding)
    try:
        return Text(data.decode(encoding), encoding, sure=False)
    except UnicodeDecodeError:
        return None


def _looks_korean(head: bytes) -> bool:
    """Whether all pairs lie in the zone of Hangul, where Chinese headers lie only in part, and none of those stands."""
    pairs = re.findall(rb"[\x81-\xfe][\x40-\xfe]", head)
    hangul = all(0xB0 <= pair[0] <= 0xC8 or pair[0] <= 0xA3 for pair in pairs)
    return hangul and len(pairs) >= 8 and not _CHINESE_HEADERS.search(head.decode("gb18030", "replace"))


def _looks_western(head: bytes) -> bool:
    """Whether letters beyond ASCII are few and those of Western European languages, read as code page 1252."""
    text = head.decode("cp1252", "replace")
    other = {letter for letter in text if letter > "\x7f"}
    czech = "ø" in other and not other.isdisjoint("ìè")
    accented = sum(letter > "\x7f" and letter.isalpha() for letter in text)
    words = [word for word in re.findall(r"[^\W\d_]+", text) if not word.isascii()]
    return other <= _WESTERN and not czech and accented <= 0.45 * sum(map(len, words))


def _utf16_without_bom(data: bytes, head: bytes) -> Text | None:
    """UTF-16 has a zero beside every Latin letter, separator and line break; the order that reads as text wins."""
    zeros = {"utf-16-le": head[1::2].count(0), "utf-16-be": head[0::2].count(0)}
    encoding = max(zeros, key=lambda one: zeros[one])
    if min(zeros.values()) > 0.2 * zeros[encoding]:
        return None
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return None
    sample = text[:_SAMPLE]
    usual = sum(letter < "\u0250" or "\u2000" <= letter <= "\u9fff" or letter >= "\uff00" for letter in sample)
    return Text(text, encoding, sure=False) if usual >= 0.95 * len(sample) else None


def _looks_chinese(head: bytes) -> bool:
    """Whether byte pairs lie in the zone of common Chinese characters; Western text read as GB18030 does not."""
    pairs = re.findall(rb"[\x81-\xfe][\x40-\xfe]", head)
    common = sum(0xA1 <= pair[0] <= 0xF7 and pair[1] >= 0xA1 for pair in pairs)
    return bool(pairs) and common >= 0.9 * len(pairs)
