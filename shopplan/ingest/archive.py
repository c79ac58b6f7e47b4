"""Unpacking: what an upload holds, within bounds of number, growth and size. Nothing is ever written to disk."""

from __future__ import annotations

import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import PurePosixPath

from shopplan.ingest.receipt import ImportRefused, Problem
from shopplan.terms import Said

MAX_BYTES = 1 << 30
"""Larger files, packed or unpacked, are refused."""
MAX_RATIO = 200
"""A packed file that grows more than this is taken for a bomb."""
MAX_ENTRIES = 100
"""Files in one archive."""
_PACKED = (b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf", b"BZh", b"\xfd7zXZ")
_ELSEWHERE = re.compile(r"^[/\\]|^[A-Za-z]:|(^|[/\\])\.\.([/\\]|$)|\\|\x00")
_NOT_DATA = re.compile(r"(^|/)(__MACOSX/|\.|Thumbs\.db$|desktop\.ini$)", re.IGNORECASE)


def is_workbook(data: bytes) -> bool:
    """Whether the bytes are an Office workbook, which is a zip archive too, or what is left of one."""
    if not data.startswith(_PACKED[0]):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            return any(info.filename.startswith("xl/") for info in packed.infolist())
    except (zipfile.BadZipFile, OSError, ValueError):
        return b"xl/" in data


def contents(name: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of each file in an upload: itself, what a .gz holds, or each file of a .zip.

    Raises
    ------
    ImportRefused
        When it is empty, too large, damaged, locked, grows beyond reason, holds other archives, or names a file
        outside of itself.
    """
    if not data.strip():
        raise _refused(name, "the file is empty", "export it again")
    if data[:2] == b"\x1f\x8b":
        yield name, _checked(name, _gunzip(name, data))
    elif data.startswith(_PACKED[:2]) and not is_workbook(data):
        yield from _unzip(name, data)
    elif len(data) > MAX_BYTES:
        raise _refused(name, "the file is larger than 1 GiB", "split it by month")
    else:
        yield name, data


def _checked(name: str, content: bytes) -> bytes:
    if not content.strip():
        raise _refused(name, "the file is empty", "export it again")
    if content.startswith(_PACKED) and not is_workbook(content):
        raise _refused(name, "an archive inside an archive is not unpacked", "unpack it and import what it holds")
    return content


def _gunzip(name: str, data: bytes) -> bytes:
    limit = min(MAX_BYTES, max(len(data) * MAX_RATIO, 1 << 20))
    try:
        with gzip.open(io.BytesIO(data)) as packed:
            content = packed.read(limit + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise _refused(name, "the packed file is damaged", "download it again") from error
    if len(content) > limit:
        template = "the packed file of {size:,} bytes unpacks to more than {limit:,} bytes"
        message = Said(template, size=len(data), limit=limit)
        raise _refused(name, message, "unpack and split it")
    return content


def _unzip(name: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    limit = min(MAX_BYTES, max(len(data) * MAX_RATIO, 1 << 20))
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            entries = [info for info in packed.infolist() if not info.is_dir()]
            entries = _chosen(name, entries, limit)
            for info in entries:
                with packed.open(info) as stream:
                    content = stream.read(limit + 1)
                limit -= len(content)
                if limit < 0:
                    raise _refused(name, "the archive unpacks to more than it says", "unpack and split it")
                short = PurePosixPath(info.filename).name
                yield f"{name}/{short}", _checked(f"{name}/{short}", content)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError) as error:
        locked = isinstance(error, RuntimeError) and "password" in str(error)
        message = "the archive is locked with a password" if locked else "the archive is damaged"
        raise _refused(name, message, "unpack it and import what it holds") from error


def _chosen(name: str, entries: list[zipfile.ZipInfo], limit: int) -> list[zipfile.ZipInfo]:
    """The data files of an archive, when all of it is within bounds."""
    if len(entries) > MAX_ENTRIES:
        message = Said(
            "the archive holds {count:,} files; at most {most} are unpacked", count=len(entries), most=MAX_ENTRIES
        )
        raise _refused(name, message, "unpack it and import the files that are needed")
    for info in entries:
        if _ELSEWHERE.search(info.orig_filename):
            raise _refused(name, "the archive names a file outside of itself", "pack the files again without paths")
    size = sum(info.file_size for info in entries)
    if size > limit:
        message = Said("the archive of files with {size:,} bytes grows beyond {limit:,} bytes", size=size, limit=limit)
        raise _refused(name, message, "unpack and split it")
    chosen = [info for info in entries if not _NOT_DATA.search(info.filename)]
    if not chosen:
        raise _refused(name, "the archive holds no files", "export it again")
    return chosen


def _refused(name: str, message: str, hint: str) -> ImportRefused:
    return ImportRefused(name, [Problem(0, "", message)], hint)
