"""Files of any size: the same reading in chunks, with a peak of memory that the size of the file does not change.

A plain text file is read three times: its encoding is proved and its hash taken, the decimal marks and date orders of
all its rows are looked at, and then its facts are made chunk by chunk. Smaller files, workbooks and archives are read
whole.
"""

from __future__ import annotations

import codecs
import hashlib
import io
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, Unpack

import numpy as np
import numpy.typing as npt
import pandas as pd

from shopplan.ingest.account import joined
from shopplan.ingest.decode import Text, decode, refuse_control
from shopplan.ingest.grid import SAMPLE, Grid, blocks, find_table
from shopplan.ingest.meanings import READING
from shopplan.ingest.reading import Options, files_of, parse, read_one, recogniser, refuse_if_nothing
from shopplan.ingest.receipt import ImportRefused, Problem, Receipt
from shopplan.ingest.sheet import Habits
from shopplan.ingest.tables import Parsed
from shopplan.ingest.values import dates, numbers

CHUNK = 1 << 24
"""Characters of a chunk. Reading needs about twelve times as many bytes of memory."""
_STEP = 1 << 22


class Source:
    """A file that is read in chunks.

    Attributes
    ----------
    name : str
    scope : str
        As of `Parsed`, once a chunk was read.
    """

    def __init__(self, path: Path, name: str, options: Options, chunk: int = CHUNK) -> None:
        self.path, self.name, self._options, self._chunk = path, name, options, chunk
        self._receipts: list[Receipt] = []
        self._notes: list[Problem] = []
        self._apart = self._at = 0
        self.scope = ""
        self._text, self.sha256 = _encoding(path, name)
        with _opened(path, self._text.encoding) as stream:
            self._place = find_table(name, stream.read(SAMPLE), recogniser(options))
        self._habits = self._survey()

    def parts(self) -> Iterator[tuple[Mapping[str, pd.DataFrame], float]]:
        """The `chunks`, each with the fraction of the file that is read."""
        size = self.path.stat().st_size
        for frames in self.chunks():
            yield frames, min(self._at / size, 1.0)

    def chunks(self) -> Iterator[Mapping[str, pd.DataFrame]]:
        """Fact frames of one part of the file after the other, as in `Parsed.frames`.

        Raises
        ------
        ImportRefused
            When a row cannot be read, or order money stands on lines that are far apart.
        """
        self._receipts.clear()
        self._apart = 0
        seen: npt.NDArray[np.uint64] = np.zeros(0, dtype="uint64")
        for grid in self._grids():
            seen = self._together(grid, seen)
            parsed = parse(self.name, grid, self._text, self._options, self._habits)
            self._receipts.append(parsed.receipt)
            self.scope = parsed.scope
            yield parsed.frames

    def first(self) -> tuple[Text, Grid]:
        """How the file is written, and its first rows."""
        with _opened(self.path, self._text.encoding) as stream:
            return self._text, next(blocks(self.name, stream, self._place, SAMPLE))

    def read_through(self) -> Receipt:
        """Read all chunks and keep none: the receipt that storing the file would give."""
        for _ in self.chunks():
            continue
        return self.receipt()

    def receipt(self) -> Receipt:
        """The account of all chunks, once they were read."""
        receipt = joined(self._receipts)
        refuse_if_nothing(receipt)
        counts = (receipt.orders, receipt.orders_kept)
        orders, kept = (count if count is None else count - self._apart for count in counts)
        problems = (*receipt.problems, *self._notes)
        return replace(receipt, sha256=self.sha256, orders=orders, orders_kept=kept, problems=problems)

    def _grids(self, columns: list[int] | None = None) -> Iterator[Grid]:
        with self.path.open("rb") as raw, _reader(raw, self._text.encoding) as stream:
            for grid in blocks(self.name, stream, self._place, self._chunk, columns):
                self._at = raw.tell()
                yield grid

    def _survey(self) -> Habits:
        """Decimal marks and date orders over all rows, so that every chunk is read alike."""
        marks: dict[str, set[str]] = {}
        orders: dict[str, bool] = {}
        guessed: dict[str, bool] = {}
        positions = {id_: places[0] for id_, places in self._place.match.positions.items()}
        wanted = {id_: place for id_, place in positions.items() if READING.get(id_) in ("money", "number", "date")}
        for grid in self._grids(sorted(set(wanted.values()))):
            for id_, place in wanted.items():
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
            raise ImportRefused(self.name, [problem], "correct the cells in the file and import it again")
        common = set().union(*shown.values())
        usual = common.pop() if len(common) == 1 else ""
        return Habits({id_: min(found, default=usual) for id_, found in shown.items()}, {**guessed, **orders})

    def _header(self, id_: str) -> str:
        return self._place.header[self._place.match.positions[id_][0]]

    def _together(self, grid: Grid, seen: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
        """Count orders with lines in several chunks once; refuse them where order money is divided over lines."""
        positions = self._place.match.positions
        if "order_id" not in positions:
            return seen
        new = np.unique(pd.util.hash_array(grid.cells[positions["order_id"][0]].to_numpy(dtype=object)))
        known = np.isin(new, seen, assume_unique=True)
        if known.any() and positions.keys() & {"order_paid", "order_listed"}:
            message = "lines of one order stand far apart, so its amounts cannot be divided"
            raise ImportRefused(self.name, [Problem(0, "", message)], "sort the file by order and import it again")
        self._apart += int(known.sum())
        return np.concatenate([seen, new[~known]])


def open_source(path: str | Path, name: str = "", **options: Unpack[Options]) -> Source:
    """Open a plain text file for reading in chunks; see `reading.Options`.

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
    """Read every file of an upload; of a .zip each file is read or refused for itself, a large text is opened.

    Raises
    ------
    ImportRefused
        When the upload cannot be unpacked, or a large text is no table.
    """
    if not isinstance(source, bytes) and is_large(Path(source)):
        yield open_source(source, name, **options)
        return
    for one in files_of(source, name):
        try:
            yield read_one(one, options)
        except ImportRefused as refusal:
            yield refusal


def is_large(path: Path) -> bool:
    """Whether a file is read in chunks: plain text of more than one chunk."""
    if not path.is_file() or path.stat().st_size <= CHUNK:
        return False
    with path.open("rb") as stream:
        return not stream.read(4).startswith((b"PK", b"\x1f\x8b"))


def _opened(path: Path, encoding: str) -> io.TextIOWrapper:
    return _reader(path.open("rb"), encoding)


def _reader(raw: BinaryIO, encoding: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(raw, {"utf-8": "utf-8-sig"}.get(encoding, encoding), newline="")


def _encoding(path: Path, name: str) -> tuple[Text, str]:
    """Encoding of a file, proved over all of its bytes, and its SHA-256."""
    with path.open("rb") as stream:
        head = stream.read(_STEP)
    if len(head) == _STEP:  # not through a letter
        wide = b"\x00" in head
        head = head[: len(head) // 4 * 4] if wide else head[: head.rfind(b"\n") + 1] or head
    text = decode(name, head)
    for _ in range(3):
        failed, sha256 = _proved(path, name, text.encoding)
        if failed is None:
            return replace(text, text=""), sha256
        text = decode(name, failed)
    raise ImportRefused(name, [Problem(0, "", "the encoding of the file is not known")], "save it as CSV (UTF-8)")


def _proved(path: Path, name: str, encoding: str) -> tuple[bytes | None, str]:
    """None where all bytes can be read, else those that cannot; and the hash of the file."""
    decoder = codecs.getincrementaldecoder(encoding)()
    digest = hashlib.sha256()
    row = 1
    with path.open("rb") as stream:
        while True:
            data = stream.read(_STEP)
            digest.update(data)
            try:
                text = decoder.decode(data, final=not data)
            except UnicodeDecodeError as error:
                start = data.rfind(b"\n", 0, max(error.start, 1)) + 1
                return data[start:] or data, ""
            refuse_control(name, text, row)
            row += text.count("\n")
            if not data:
                return None, digest.hexdigest()
