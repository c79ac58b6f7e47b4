"""Bytes to text: unpacking, and the encoding decided from the content."""

from __future__ import annotations

import codecs
import contextlib
import gzip
import io
import re
import zlib
from dataclasses import dataclass

from charset_normalizer import from_bytes

from shopplan.ingest.tables import ImportRefused, Problem

MAX_BYTES = 1 << 30
"""Larger files, packed or unpacked, are refused."""
MAX_RATIO = 200
"""A gzip file that grows more than this is taken for a bomb."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_OTHER_FILES = (
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"\xd0\xcf\x11\xe0", "an old Excel file (.xls)"),
    (b"PK\x03\x04", "a zip archive"),
    (b"Rar!", "an archive"),
    (b"7z\xbc\xaf", "an archive"),
    (b"SQLite format 3", "a database"),
    (b"PAR1", "a Parquet file"),
)
_CODE_PAGES = ["cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "big5", "shift_jis", "euc_kr"]
_SAMPLE = 200_000
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_HINT = "save it as CSV (UTF-8) or XLSX"


@dataclass(frozen=True, slots=True)
class Text:
    """Decoded content; ``sure`` is False where the encoding was guessed."""

    text: str
    encoding: str
    sure: bool = True


def unpack(name: str, data: bytes) -> bytes:
    """The content of a .gz of one file, or the bytes as they are.

    Raises
    ------
    ImportRefused
        When the file is empty, too large, damaged or grows beyond reason.
    """
    if data[:2] == b"\x1f\x8b":
        limit = min(MAX_BYTES, max(len(data) * MAX_RATIO, 1 << 20))
        try:
            with gzip.open(io.BytesIO(data)) as packed:
                content = packed.read(limit + 1)
        except (OSError, EOFError, zlib.error) as error:
            raise ImportRefused(name, [Problem(0, "", "the packed file is damaged")], "download it again") from error
        if len(content) > limit:
            message = f"the packed file of {len(data):,} bytes unpacks to more than {limit:,} bytes"
            raise ImportRefused(name, [Problem(0, "", message)], "unpack and split it")
        data = content
    if len(data) > MAX_BYTES:
        raise ImportRefused(name, [Problem(0, "", "the file is larger than 1 GiB")], "split it by month")
    if not data.strip():
        raise ImportRefused(name, [Problem(0, "", "the file is empty")], "export it again")
    return data


def decode(name: str, data: bytes) -> Text:
    """Text of a file: BOM, strict UTF-8, UTF-16 by its zero bytes, GB18030, then other code pages.

    Raises
    ------
    ImportRefused
        When it is no text or no encoding fits.
    """
    for magic, what in _OTHER_FILES:
        if data.startswith(magic):
            raise ImportRefused(name, [Problem(0, "", f"this is {what}, not a table")], _HINT)
    found = _by_bom(name, data) or _by_trial(data)
    if found is None:
        raise ImportRefused(name, [Problem(0, "", "the encoding of the file is not known")], _HINT)
    if _CONTROL.search(found.text):
        raise ImportRefused(name, [Problem(0, "", "the file holds binary data, not text")], _HINT)
    return found


def _by_bom(name: str, data: bytes) -> Text | None:
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            try:
                return Text(data.decode(encoding).removeprefix("\ufeff"), encoding.removesuffix("-sig"))
            except UnicodeDecodeError as error:
                row = data[: error.start].count(b"\n") + 1
                message = f"the file says it is {encoding.removesuffix('-sig')}, but a character cannot be read"
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
        with contextlib.suppress(UnicodeDecodeError):
            return Text(data.decode("gb18030"), "gb18030")
    guess = from_bytes(head, cp_isolation=_CODE_PAGES).best()
    if guess is None:
        return None
    try:
        return Text(data.decode(guess.encoding), guess.encoding, sure=False)
    except UnicodeDecodeError:
        return None


def _utf16_without_bom(data: bytes, head: bytes) -> Text | None:
    """UTF-16 of mostly Latin text has a zero in every other byte."""
    zeros = head[1::2].count(0), head[0::2].count(0)
    encoding = "utf-16-le" if zeros[0] > zeros[1] else "utf-16-be"
    if max(zeros) < 0.3 * len(head) / 2 or min(zeros) > 0.05 * max(zeros):
        return None
    try:
        return Text(data.decode(encoding), encoding, sure=False)
    except UnicodeDecodeError:
        return None


def _looks_chinese(head: bytes) -> bool:
    """Whether byte pairs lie in the zone of common Chinese characters; Western text read as GB18030 does not."""
    pairs = re.findall(rb"[\x81-\xfe][\x40-\xfe]", head)
    common = sum(0xA1 <= pair[0] <= 0xF7 and pair[1] >= 0xA1 for pair in pairs)
    return bool(pairs) and common >= 0.9 * len(pairs)
