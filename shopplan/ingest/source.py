"""Files of any size: the same reading in chunks, with a peak of memory that the size of the file does not change.

A text is read twice: its encoding is proved and its hash taken, and then its facts are made chunk by chunk, with the
decimal marks and date orders of its first rows. Where these do not show them, or later rows differ, all rows are looked
at first. What an archive holds is unpacked as often. Smaller files and workbooks are read whole.
"""

from __future__ import annotations

import codecs
import hashlib
import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Unpack

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from shopplan.ingest.account import joined
from shopplan.ingest.archive import PIECE, Member, large
from shopplan.ingest.days import dates
from shopplan.ingest.decode import CONTROL, Text, decode, refuse_control
from shopplan.ingest.grid import SAMPLE, Grid, blocks, find_table
from shopplan.ingest.meanings import READING
from shopplan.ingest.reading import Options, files_of, parse, read_one, recogniser, refuse_if_nothing
from shopplan.ingest.receipt import MAX_PROBLEMS, ImportRefused, Problem, Receipt, doubt
from shopplan.ingest.sheet import Habits, Unlike
from shopplan.ingest.tables import Parsed
from shopplan.ingest.values import numbers

CHUNK = 1 << 24
"""Bytes of a chunk. Reading needs about 25 times as many bytes of memory."""
_CORRECT = "correct the cells in the file and import it again"


class Source:
    """A file that is read in chunks.

    Attributes
    ----------
    name : str
    scope : str
        As of `Parsed`, once a chunk was read.
    """

    def __init__(self, file: Path | Member, name: str, options: Options, chunk: int = 0) -> None:
        self.member = file if isinstance(file, Member) else Member(name, file)
        self.name, self._options, self._chunk = name, options, chunk or CHUNK
        self._receipts: list[Receipt] = []
        self._notes: list[Problem] = []
        self._apart = self._at = 0
        self.scope = ""
        self._text, self.sha256, self._size = _encoding(self.member)
        self._place = find_table(name, self._sample(), recogniser(options))
        self._habits = replace(self._survey(itertools.islice(self._grids(self._typed()), 1)), early=True)
        if self._notes:
            self.survey()

    def survey(self) -> None:
        """Look at the decimal marks and date orders of all rows, so that every chunk is read alike.

        Raises
        ------
        ImportRefused
            When a column has two decimal marks.
        """
        self._notes.clear()
        self._habits = self._survey(self._grids(self._typed()))

    def parts(self) -> Iterator[tuple[Mapping[str, pd.DataFrame], float]]:
        """The `chunks`, each with the fraction of the file that is read."""
        for frames in self.chunks():
            yield frames, min(self._at / self._size, 1.0)

    def chunks(self) -> Iterator[Mapping[str, pd.DataFrame]]:
        """Fact frames of one part of the file after the other, as in `Parsed.frames`.

        After a row that cannot be read there are none any more, but the parts are still looked through, so that the
        refusal names the rows of all of them.

        Raises
        ------
        ImportRefused
            When rows cannot be read, or order money stands on lines that are far apart.
        Unlike
            When rows are not written as the first ones are: begin again after a `survey`.
        """
        self._receipts.clear()
        self._apart = 0
        seen: npt.NDArray[np.int64] = np.zeros(0, dtype="int64")
        wrong: list[Problem] = []
        for grid in self._grids():
            seen = self._together(grid, seen)
            try:
                parsed = parse(self.name, grid, self._text, self._options, self._habits)
            except ImportRefused as refusal:
                if refusal.hint != _CORRECT:  # it is not about cells
                    raise
                wrong += refusal.problems
                if len(wrong) >= MAX_PROBLEMS:
                    break
            else:
                self._receipts.append(parsed.receipt)
                self.scope = parsed.scope
            yield {} if wrong else parsed.frames
        if wrong:
            raise ImportRefused(self.name, wrong, _CORRECT)

    def first(self) -> tuple[Text, Grid]:
        """How the file is written, and its first rows."""
        return self._text, next(blocks(self.name, self._texts(), self._place, SAMPLE))

    def glance(self) -> Receipt:
        """The receipt of the first rows alone, before all of the file is read."""
        text, grid = self.first()
        return parse(self.name, grid, text, self._options, self._habits).receipt

    def read_through(self) -> Receipt:
        """Read all chunks and keep none: the receipt that storing the file would give."""
        try:
            for _ in self.chunks():
                continue
        except Unlike:
            self.survey()
            return self.read_through()
        return self.receipt()

    def receipt(self) -> Receipt:
        """The account of all chunks, once they were read."""
        receipt = joined(self._receipts)
        refuse_if_nothing(receipt)
        counts = (receipt.orders, receipt.orders_kept)
        orders, kept = (count if count is None else count - self._apart for count in counts)
        problems = (*receipt.problems, *self._notes)
        sure = max(0.3, round(receipt.confidence - doubt(self._notes), 2))
        receipt = replace(receipt, orders=orders, orders_kept=kept, confidence=sure)
        return replace(receipt, sha256=self.sha256, problems=problems)

    def _grids(self, columns: Mapping[str, int] | None = None) -> Iterator[Grid]:
        """The table in parts; only the columns at some places, where they are named."""
        wanted = None if columns is None else tuple(sorted(set(columns.values())))
        yield from blocks(self.name, self._texts(), self._place, self._chunk, wanted)

    def _sample(self) -> str:
        """The beginning of the text."""
        return next(self._texts())[: 4 * SAMPLE].decode("utf-8", "ignore")[:SAMPLE]

    def _texts(self) -> Iterator[bytes]:
        """The text in UTF-8, without a mark at its beginning."""
        encoding, mark = self._text.encoding, codecs.BOM_UTF8
        decoder = codecs.getincrementaldecoder(encoding)()
        at = 0  # of its own: a glance may be taken while all of it is read
        for piece in self.member.pieces():
            text = piece if encoding == "utf-8" else decoder.decode(piece).encode()
            first, at = at == 0, at + len(piece)
            self._at = at
            yield text.removeprefix(mark) if first else text

    def _typed(self) -> dict[str, int]:
        """Places of the columns whose cells are numbers or dates."""
        positions = self._place.match.positions
        return {id_: places[0] for id_, places in positions.items() if READING.get(id_) in ("money", "number", "date")}

    def _survey(self, grids: Iterable[Grid]) -> Habits:
        """Decimal marks and date orders of some grids."""
        marks: dict[str, set[str]] = {}
        orders: dict[str, bool] = {}
        guessed: dict[str, bool] = {}
        for grid in grids:
            for id_, place in self._typed().items():
                cells = grid.cells[place]
                if READING.get(id_) != "date":
                    marks.setdefault(id_, set()).add(numbers(cells).mark)
                else:
                    read = dates(cells)
                    if read.day_first is not None:
                        (guessed if read.notes else orders).setdefault(id_, read.day_first)
                        self._notes += [Problem(0, self._header(id_), note) for note in read.notes[:1]]
        sure = {self._header(id_) for id_ in orders}
        self._notes = list(dict.fromkeys(note for note in self._notes if note.column not in sure))[:1]
        shown = {id_: found - {""} for id_, found in marks.items()}
        for id_ in [id_ for id_, found in shown.items() if len(found) > 1]:
            problem = Problem(0, self._header(id_), "the column has two decimal marks")
            raise ImportRefused(self.name, [problem], _CORRECT)
        common = set().union(*shown.values())
        usual = common.pop() if len(common) == 1 else ""
        return Habits({id_: min(found, default=usual) for id_, found in shown.items()}, {**guessed, **orders})

    def _header(self, id_: str) -> str:
        return self._place.header[self._place.match.positions[id_][0]]

    def _together(self, grid: Grid, seen: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Count orders with lines in several chunks once; refuse them where order money is divided over lines."""
        positions = self._place.match.positions
        if "order_id" not in positions:
            return seen
        ids = pc.unique(pa.array(grid.cells[positions["order_id"][0]].array)).to_pylist()
        ids = [id_ for id_ in ids if id_]
        new = np.sort(np.fromiter(map(hash, ids), dtype="int64", count=len(ids)))
        near = seen[np.minimum(np.searchsorted(seen, new), len(seen) - 1)] if len(seen) else ~new
        known = near == new
        if known.any() and positions.keys() & {"order_paid", "order_listed"}:
            message = "lines of one order stand far apart, so its amounts cannot be divided"
            raise ImportRefused(self.name, [Problem(0, "", message)], "sort the file by order and import it again")
        self._apart += int(known.sum())
        return np.sort(np.concatenate([seen, new[~known]]), kind="stable")  # two sorted runs are quickly merged


def open_source(path: str | Path, name: str = "", **options: Unpack[Options]) -> Source:
    """Open a text, packed or not, for reading in chunks; see `reading.Options`.

    Raises
    ------
    ImportRefused
        When it is no table, or its values cannot be read.
    """
    path = Path(path)
    return Source(path, name or path.name, options)


def read_all(
    source: bytes | str | Path, name: str = "", **options: Unpack[Options]
) -> Iterator[Parsed | Source | ImportRefused]:
    """Read every file of an upload; of a .zip each file is read or refused for itself, large texts are opened.

    Raises
    ------
    ImportRefused
        When the upload cannot be unpacked, or a large text that is no part of a .zip is no table.
    """
    members = None if isinstance(source, bytes) else large_members(Path(source), name)
    if members is None:
        for one in files_of(source, name):
            try:
                yield read_one(one, options)
            except ImportRefused as refusal:
                yield refusal
    for member in members or ():
        try:
            yield Source(member, member.name, options)
        except ImportRefused as refusal:
            if not member.inside:
                raise
            yield refusal


def large_members(path: Path, name: str = "") -> list[Member] | None:
    """The texts of an upload that are to be read in chunks; None where it is small, a workbook, or not there."""
    return large(name or path.name, path, CHUNK) if path.is_file() else None


def _encoding(member: Member) -> tuple[Text, str, int]:
    """Encoding of a text, proved over all of its bytes; its SHA-256 (packed, that of the .gz) and its length."""
    head = next(member.pieces(), b"")
    if len(head) == PIECE:  # not through a letter
        wide = b"\x00" in head
        head = head[: len(head) // 4 * 4] if wide else head[: head.rfind(b"\n") + 1] or head
    text = decode(member.name, head)
    for _ in range(3):
        failed, sha256, size = _proved(member, text.encoding)
        if failed is None:
            if member.inside == "":
                with member.path.open("rb") as packed:
                    sha256 = hashlib.file_digest(packed, "sha256").hexdigest()
            return replace(text, text=""), sha256, size
        text = decode(member.name, failed)
    unknown = Problem(0, "", "the encoding of the file is not known")
    raise ImportRefused(member.name, [unknown], "save it as CSV (UTF-8)")


def _proved(member: Member, encoding: str) -> tuple[bytes | None, str, int]:
    """None where all bytes can be read, else those that cannot; the hash of the text and its length."""
    decoder = codecs.getincrementaldecoder(encoding)()
    wide = encoding.startswith(("utf-16", "utf-32"))
    digest = hashlib.sha256()
    row, size = 1, 0
    for piece in itertools.chain(member.pieces(), [b""]):
        digest.update(piece)
        size += len(piece)
        try:
            text = decoder.decode(piece, final=not piece)
        except UnicodeDecodeError as error:
            start = piece.rfind(b"\n", 0, max(error.start, 1)) + 1
            return piece[start:] or piece, "", 0
        letters = np.frombuffer(piece, dtype="uint8")
        if wide or CONTROL[letters[(letters < ord(" ")) | (letters == 127)]].any():
            refuse_control(member.name, text, row)
        row += text.count("\n")
    return None, digest.hexdigest(), size
