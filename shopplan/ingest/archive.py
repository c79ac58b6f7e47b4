"""Unpacking: what an upload holds, within bounds of number, growth and size. Nothing is ever written to disk.

What is small is unpacked whole; large texts, packed or not, are read in pieces.
"""

from __future__ import annotations

import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from shopplan.ingest.receipt import ImportRefused, Problem
from shopplan.terms import Said

MAX_BYTES = 1 << 30
"""Larger files that are read whole are refused."""
MAX_PIECES = 1 << 33
"""What is unpacked in pieces may be larger: up to 8 GiB."""
PIECE = 1 << 22
"""Bytes of a piece."""
MAX_RATIO = 200
"""A packed file that grows more than this is taken for a bomb."""
MAX_ENTRIES = 100
"""Files in one archive."""
PACKED = (b"PK", b"\x1f\x8b")
"""How a .zip, a workbook and a .gz begin."""
_PACKED = (b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf", b"BZh", b"\xfd7zXZ")
_ELSEWHERE = re.compile(r"^[/\\]|^[A-Za-z]:|(^|[/\\])\.\.([/\\]|$)|\\|\x00")
_NOT_DATA = re.compile(r"(^|/)(__MACOSX/|\.|Thumbs\.db$|desktop\.ini$)", re.IGNORECASE)


_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError)
"""What reading a damaged or locked archive raises."""


@dataclass(frozen=True)
class Member:
    """A text that is read in pieces: a file, what a .gz holds, or a file of a .zip.

    Attributes
    ----------
    name : str
        For messages.
    path : Path
    inside : str or None
        None is the file itself, "" what a .gz holds, else the name in a .zip.
    """

    name: str
    path: Path
    inside: str | None = None

    def pieces(self) -> Iterator[bytes]:
        """The bytes, unpacked.

        Raises
        ------
        ImportRefused
            When it is damaged or grows beyond reason.
        """
        limit = min(MAX_PIECES, max(self.path.stat().st_size * MAX_RATIO, 1 << 20))
        size = 0
        try:
            with self._opened() as stream:
                while piece := stream.read(PIECE):
                    size += len(piece)
                    if self.inside is not None and size > limit:
                        raise _bomb(self.name, self.path.stat().st_size, limit)
                    yield piece
        except _DAMAGE as error:
            if self.inside is None:
                raise
            raise _broken(self.name, error) from error

    def _opened(self) -> IO[bytes] | gzip.GzipFile:
        if self.inside is None:
            return self.path.open("rb")
        if not self.inside:
            return gzip.open(self.path)
        with zipfile.ZipFile(self.path) as packed:
            return packed.open(self.inside)


def large(name: str, path: Path, size: int) -> list[Member] | None:
    """The texts of a file, when one of them is larger than ``size``; None where all is small, or a workbook.

    Raises
    ------
    ImportRefused
        As by `contents`.
    """
    with path.open("rb") as stream:
        head = stream.read(4)
    if not head.startswith(PACKED):
        return [Member(name, path)] if path.stat().st_size > size else None
    if head.startswith(b"PK"):
        found = _members(name, path, size)
    else:
        found = [Member(name, path, "")] if _unpacked(Member(name, path, ""), size) else None
    for member in found or ():
        _checked(member.name, next(member.pieces(), b""))
    return found


def _members(name: str, path: Path, size: int) -> list[Member] | None:
    """The files of a .zip, when one of them is large and no workbook is among them."""
    try:
        with zipfile.ZipFile(path) as packed:
            entries = [info for info in packed.infolist() if not info.is_dir()]
    except (zipfile.BadZipFile, OSError, ValueError):
        return None  # reading it whole says what is wrong
    if any(info.filename.startswith("xl/") or info.filename.lower().endswith(".xlsx") for info in entries):
        return None
    if all(info.file_size <= size for info in entries):
        return None
    chosen = _chosen(name, entries, min(MAX_PIECES, path.stat().st_size * MAX_RATIO))
    return [Member(f"{name}/{PurePosixPath(info.filename).name}", path, info.filename) for info in chosen]


def _unpacked(member: Member, size: int) -> bool:
    """Whether a packed text has more than so many bytes."""
    length = 0
    for piece in member.pieces():
        length += len(piece)
        if length > size:
            return True
    return False


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
    except _DAMAGE as error:
        raise _broken(name, error) from error
    if len(content) > limit:
        raise _bomb(name, len(data), limit)
    return content


def _bomb(name: str, size: int, limit: int) -> ImportRefused:
    template = "the packed file of {size:,} bytes unpacks to more than {limit:,} bytes"
    message = Said(template, size=size, limit=limit)
    return _refused(name, message, "unpack and split it")


def _broken(name: str, error: Exception) -> ImportRefused:
    """What is wrong with an archive that cannot be read, and what to do."""
    if isinstance(error, RuntimeError) and "password" in str(error):
        return _refused(name, "the archive is locked with a password", "unpack it and import what it holds")
    if isinstance(error, zipfile.BadZipFile | RuntimeError):
        return _refused(name, "the archive is damaged", "unpack it and import what it holds")
    return _refused(name, "the packed file is damaged", "download it again")


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
    except _DAMAGE as error:
        raise _broken(name, error) from error


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
