"""A look into a file before anything is stored: what it was recognised as and why, its columns and its first rows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd

from shopplan.ingest.archive import Member
from shopplan.ingest.days import are_dates
from shopplan.ingest.formats import Match
from shopplan.ingest.formats.row import Format
from shopplan.ingest.grid import Grid
from shopplan.ingest.headers import raw_headers
from shopplan.ingest.reading import Options, Upload, files_of, grid_of, read_grid, recogniser
from shopplan.ingest.receipt import ImportRefused
from shopplan.ingest.records import BLANKS
from shopplan.ingest.source import Source, large_members
from shopplan.ingest.tables import Parsed
from shopplan.ingest.values import numbers

ROWS = 200
"""So many first rows are kept, to be shown and to guess from."""
STEP = 1 << 22
"""Characters of a chunk of a large file: small ones tell often how far it is."""
HIDDEN = "•••"
"""Stands for what may be about a buyer."""
_BUYER = re.compile(
    r"^name$|customer|buyer|recipient|receiver|consignee|(first|last|full|user|billing|shipping|contact)\s*name|phone|"
    r"mobile|\btel\b|address|street|\bzip\b|postcode|postal|e-?mail|\bvat\b|passport|"
    r"姓名|收货|收件|买家|会员名|手机|电话|地址|邮箱|邮编|支付宝账号|身份证|旺旺|昵称|kund|käufer|client|adress|direcci|straße|telefon|\bplz\b",
    re.IGNORECASE,
)
_CONTACT = re.compile(r"\S+@\S+\.\w+|\+?\d[\d\s()-]{8,}\d$")
_FORMULA = re.compile(r'^="(.*)"$', re.DOTALL)
_ANY = Format("", "other", lambda sheet: None, "")  # type: ignore[arg-type,return-value]


@dataclass(frozen=True)
class Shape:
    """How a table is written.

    Attributes
    ----------
    header, rows
        Header cells and the cells of the first rows, as they stand in the file.
    match : Match or None
        What the header was recognised as; None where it is not known.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    header_line: int
    encoding: str
    delimiter: str
    match: Match | None

    def meanings(self) -> tuple[str, ...]:
        """What each column was read as; empty where it was not read."""
        found = {}
        for meaning, places in self.match.positions.items() if self.match else ():
            found[places[0]] = meaning
        return tuple(found.get(place, "") for place in range(len(self.header)))

    def evidence(self) -> tuple[str, ...]:
        """The headers that told the format: its own marks, else all the columns that are known."""
        if self.match is None:
            return ()
        marks = raw_headers(self.match.format.marks.split("|"))
        own = [cell for cell in self.header if cell and raw_headers([cell]) & marks]
        known = [cell for cell, meaning in zip(self.header, self.meanings(), strict=True) if meaning]
        return tuple(own or known)

    def shown(self, place: int, count: int) -> tuple[str, ...]:
        """First cells of a column, with what may be about a buyer hidden."""
        meaning = self.meanings()[place]
        cells = [row[place] if place < len(row) else "" for row in self.rows[:count]]
        about = meaning == "customer" or (not meaning and _BUYER.search(self.header[place]))
        hide = [bool(about) or (not meaning and bool(_CONTACT.search(cell))) for cell in cells]
        return tuple(HIDDEN if private and cell else cell for private, cell in zip(hide, cells, strict=True))


@dataclass(frozen=True)
class Look:
    """One file of an upload as it was understood.

    Attributes
    ----------
    shape : Shape or None
        None where it is no table.
    parsed : Parsed, Source or None
        What can be stored; a large file is read when it is stored.
    refusal : ImportRefused or None
        Why it cannot be stored.
    """

    name: str
    sha256: str
    shape: Shape | None = None
    parsed: Parsed | Source | None = None
    refusal: ImportRefused | None = None
    source: Upload | Member | Path | None = field(default=None, repr=False)

    def again(self, options: Options) -> Look:
        """The same file read another way."""
        if self.source is None:
            return self
        if isinstance(self.source, Path | Member):
            return look_large(self.source, self.name, options)
        return _look(self.source, options)


def looks(source: bytes, name: str, options: Options) -> Iterator[Look]:
    """Look into each file of an upload; one that cannot be unpacked is a single refused look."""
    try:
        for one in files_of(source, name):
            yield _look(one, options)
    except ImportRefused as refusal:
        yield Look(refusal.name, "", refusal=refusal)


def look_large(file: Path | Member, name: str, options: Options) -> Look:
    """Look into a text that is read in chunks; see `source.Source`."""
    try:
        source = Source(file, name, options, STEP)
        text, grid = source.first()
    except ImportRefused as refusal:
        return Look(name, "", refusal=refusal, source=file)
    return Look(name, source.sha256, _shape(grid, text.encoding), source, source=file)


def looks_at(path: Path, name: str, options: Options) -> Iterator[Look]:
    """Look into each file of an upload that lies on disk; large texts are read in chunks."""
    try:
        members = large_members(path, name)
    except ImportRefused as refusal:
        yield Look(refusal.name, "", refusal=refusal)
        return
    if members is None:
        yield from looks(path.read_bytes(), name, options)
    for member in members or ():
        yield look_large(member, member.name, options)


def _look(one: Upload, options: Options) -> Look:
    found = Look(one.name, one.sha256, source=one)
    try:
        text, grid = grid_of(one, recogniser(options))
    except ImportRefused as refusal:
        return replace(found, shape=_unknown(one), refusal=refusal)
    shape = _shape(grid, text.encoding)
    try:
        return replace(found, shape=shape, parsed=read_grid(one, text, grid, options))
    except ImportRefused as refusal:
        return replace(found, shape=shape, refusal=refusal)


def _shape(grid: Grid, encoding: str, known: bool = True) -> Shape:
    rows = tuple(
        tuple(_FORMULA.sub(r"\1", cell) for cell in row) for row in grid.cells.head(ROWS).itertuples(index=False)
    )
    match = grid.match if known else None
    return Shape(tuple(grid.header), rows, grid.header_line, encoding, grid.delimiter, match)


def _unknown(one: Upload) -> Shape | None:
    """The shape of a table that nobody knows; None where it is no table."""
    try:
        text, grid = grid_of(one, _any_header)
    except ImportRefused:
        return None
    return _shape(grid, text.encoding, known=False)


def _any_header(header: list[str]) -> Match | None:
    """Takes a row of different words for the header of some table; of several rows the widest counts."""
    cells = [cell.strip(BLANKS) for cell in header]
    stated = [cell for cell in cells if cell]
    if len(stated) < 2 or len(set(stated)) < len(stated):
        return None
    series = pd.Series(stated, dtype="str")
    values = len(stated) - len(numbers(series).bad) + int(are_dates(series).sum())
    if values > len(stated) / 3:
        return None
    return Match(_ANY, {str(place): [place] for place, cell in enumerate(cells) if cell}, (("",),))
