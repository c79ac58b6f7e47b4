"""From the bytes of a file to facts: `read` is the way in."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from collections.abc import Mapping as Dict
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial, reduce
from pathlib import Path
from typing import TypedDict, Unpack

import pandas as pd

from shopplan.ingest.account import accounted, merged
from shopplan.ingest.archive import contents, is_workbook
from shopplan.ingest.clean import NO_DATA, clean, unwrapped
from shopplan.ingest.currency import find_currency
from shopplan.ingest.days import are_dates
from shopplan.ingest.decode import Text, decode
from shopplan.ingest.formats import Match, recognise
from shopplan.ingest.grid import Grid, Recognise, from_text
from shopplan.ingest.headers import columns_of, plain_header
from shopplan.ingest.mapping import Mapping, fingerprint
from shopplan.ingest.meanings import READING
from shopplan.ingest.receipt import ImportRefused, Problem, Receipt, doubt
from shopplan.ingest.sheet import UNKNOWN, Built, Habits, Sheet
from shopplan.ingest.tables import FACT_TABLES, Parsed, scope_of, typed
from shopplan.ingest.workbook import from_workbook
from shopplan.terms import Said

DEFAULT_CHANNEL = "online"
_BETWEEN = re.compile(r"\s+(?:-|–|—|to|bis|au|al|a|t/m)\s+|\s*(?:~|～|至)\s*|(?<=\d)\s*[–—]\s*(?=\d)")


class Options(TypedDict, total=False):
    """What a user may say about a file; everything has a default.

    channel: channel of rows that name none, else that of the platform. currency: ISO code where the file names none,
    else ``usual``, which is said. kind: only formats of this kind are recognised. period: first and last day, for one
    that names no days. mapping: what the columns mean; files of another shape are then refused. remembered: mappings by
    their fingerprint, for files of their shapes.
    """

    channel: str
    currency: str
    usual: str
    kind: str
    period: tuple[str, str]
    mapping: Mapping | None
    remembered: Dict[str, Mapping]


@dataclass(frozen=True)
class Upload:
    """One file out of an upload."""

    name: str
    sha256: str
    content: bytes


def read(source: bytes | str | Path, name: str = "", **options: Unpack[Options]) -> Parsed:
    """Read one file whole, or refuse it whole.

    Parameters
    ----------
    source : bytes or path
        CSV (also .gz of one file), XLSX, or a .zip of one of them.
    name : str
        What the file is called; the last part of the path by default. It decides nothing.
    **options
        See `Options`.

    Returns
    -------
    Parsed
        Fact frames and the receipt, which accounts for every row.

    Raises
    ------
    ImportRefused
        With file, row, column and reason of up to 20 problems.
    """
    found = list(files_of(source, name))
    if len(found) > 1:
        message = Said("the archive holds {count} files; they are read one by one", count=len(found))
        raise ImportRefused(name or str(source), [Problem(0, "", message)], "unpack it and import its files")
    return read_one(found[0], options)


def files_of(source: bytes | str | Path, name: str) -> Iterator[Upload]:
    """The files of an upload: itself, or those that an archive holds."""
    if isinstance(source, bytes):
        data = source
    else:
        path = Path(source)
        name = name or path.name
        if not path.is_file():
            raise ImportRefused(name, [Problem(0, "", "there is no such file")], "check the path")
        data = path.read_bytes()
    for inner, content in contents(name, data):
        yield Upload(inner, hashlib.sha256(data if inner == name else content).hexdigest(), content)


def read_one(source: Upload, options: Options) -> Parsed:
    """Read one file of an upload whole."""
    return read_grid(source, *grid_of(source, recogniser(options)), options)


def grid_of(source: Upload, known: Recognise) -> tuple[Text, Grid]:
    """How a file is written, and its cells below the header."""
    if is_workbook(source.content):
        return Text("", "xlsx"), from_workbook(source.name, source.content, known)
    text = decode(source.name, source.content)
    return text, from_text(source.name, text.text, known)


def read_grid(source: Upload, text: Text, grid: Grid, options: Options) -> Parsed:
    """The facts of a whole file, once its cells are there."""
    parsed = parse(source.name, grid, text, options)
    refuse_if_nothing(parsed.receipt)
    return replace(parsed, receipt=replace(parsed.receipt, sha256=source.sha256))


def recogniser(options: Options) -> Recognise:
    """What tells which export a header belongs to; a mapping counts for more than what is known of exports."""
    known = options.get("mapping") or partial(recognise, kind=options.get("kind", ""))
    remembered = {} if options.get("mapping") else options.get("remembered", {})

    def recall(header: list[str]) -> Match | None:
        mapping = remembered.get(fingerprint(header))
        return (mapping(header) if mapping else None) or known(header)

    return recall if remembered else known


def _agreed(options: Options, habits: Habits, header: list[str]) -> tuple[Options, Habits]:
    """What is said of a file, filled up with what its mapping says."""
    mapping = options.get("mapping") or options.get("remembered", {}).get(fingerprint(header))
    if mapping is None:
        return options, habits
    options = {
        **options,
        "currency": options.get("currency") or mapping.currency,
        "channel": options.get("channel") or mapping.channel,
    }
    if mapping.day_first is not None:
        habits = replace(habits, day_first={**habits.day_first, "date": mapping.day_first})
    return options, habits


def parse(name: str, grid: Grid, text: Text, options: Options, habits: Habits = UNKNOWN) -> Parsed:
    """The facts of a grid and their receipt, which lacks the hash of the file."""
    _refuse_header(name, grid)
    options, habits = _agreed(options, habits, grid.header)
    sheet = _sheet(name, grid, options, habits)
    if not text.sure:
        sheet.note(Said("the encoding is not certain; read as {encoding}", encoding=text.encoding))
    rows = len(grid.cells)
    built = _built(sheet, grid, options)
    format = grid.match.format
    receipt = Receipt(
        name,
        "",
        format.id,
        format.kind,
        encoding=text.encoding,
        delimiter=grid.delimiter,
        header_line=grid.header_line,
        rows_read=rows,
    )
    parsed = _finished(receipt, sheet, built, grid.match)
    return replace(parsed, scope=scope_of(format.id, options.get("channel", "")))


def _built(sheet: Sheet, grid: Grid, options: Options) -> Built:
    """The facts of a sheet; none where the table has a header and no rows."""
    format = grid.match.format
    clean(sheet, grid.header, grid.cells)
    empty = not sheet.keep.any()
    if format.columns and sheet.has("order_id"):
        sheet.spread()
    chinese = any("\u4e00" <= letter <= "\u9fff" for header in sheet.headers.values() for letter in header)
    usual = format.currency or options.get("usual") or ("CNY" if chinese else "USD")
    find_currency(sheet, grid.preamble, options.get("currency", ""), usual, bool(format.currency))
    if empty:
        sheet.note("the report has a header and no rows: nothing is stored")
        return Built({}, _nothing(format.kind))
    for said in format.notes:
        sheet.say(said)
    built = format.build(sheet)
    sheet.refuse_if_wrong()
    return built


def _nothing(kind: str) -> dict[str, Decimal]:
    """The sums of a file of which no row counts."""
    names = {"sales": ("gross", "net"), "spend": ("spend",)}.get(kind, ())
    return dict.fromkeys(names, Decimal(0))


def _finished(receipt: Receipt, sheet: Sheet, built: Built, match: Match) -> Parsed:
    """Kept rows as typed frames, and the receipt that adds up."""
    frames: dict[str, pd.DataFrame] = {}
    for table, frame in built.frames.items():
        if "currency" not in frame and any(column.name == "currency" for column in FACT_TABLES[table]):
            frame = frame.assign(currency=sheet.money)
        if not built.kept_only:
            frame = frame[sheet.keep]
        frames[table] = typed(table, frame.reset_index(drop=True))
    if "order_lines" in frames:
        frames |= _left(sheet)
    unsure = doubt(note for note in sheet.notes if note not in sheet.said)
    kept = int(sheet.keep.sum())
    receipt = replace(
        receipt,
        rows_kept=kept,
        rows_left_out=merged(sheet.left_out),
        currency=sheet.currency,
        sums=built.sums if kept else {**_nothing(receipt.kind), **built.sums},
        by_status=built.by_status,
        orders=built.orders,
        problems=tuple(sheet.notes),
        confidence=max(0.3, round(match.confidence - unsure, 2)),
    )
    return Parsed(frames, accounted(receipt, frames))


def _left(sheet: Sheet) -> dict[str, pd.DataFrame]:
    """The orders that are no sales; none where the file has no such order."""
    if not sheet.no_sale.any():
        return {}
    gone = sheet.among(sheet.no_sale) & ~sheet.among(sheet.keep)
    ids = sheet.ids[gone].reset_index(drop=True)
    return {"orders_left": typed("orders_left", pd.DataFrame({"order_id": ids, "channel": ""}))} if len(ids) else {}


def refuse_if_nothing(receipt: Receipt) -> None:
    """Refuse a file of which no row is kept because none states any money; cancelled orders are something to state."""
    reasons = {part.reason for part in receipt.rows_left_out} - NO_DATA
    if reasons == {"no_money"} and not receipt.rows_kept:
        left = [(part.count, Said(part.reason.replace("_", " "))) for part in receipt.rows_left_out]
        parts = tuple(Said("{count} {reason}", count=count, reason=reason) for count, reason in left)
        hint = Said("left out: {parts}", parts=parts)
        raise ImportRefused(receipt.file, [Problem(0, "", "no row of the file can be kept")], hint)


def _refuse_header(name: str, grid: Grid) -> None:
    """Refuse a header that lacks a needed column or names one twice."""
    problems = []
    format = grid.match.format
    for group in grid.match.missing:
        words = [column for column in columns_of(format.id) if column.id in group]
        known = "; ".join(", ".join([*column.en.split("|")[:3], *column.zh.split("|")[:2]]) for column in words)
        known = known or "; ".join(", ".join(format.columns[id_].split("|")[:3]) for id_ in group)
        wanted = reduce(lambda one, other: Said("{one} or {other}", one=one, other=other), group)
        message = Said("no column for {wanted}; known names are {known}", wanted=wanted, known=known)
        problems.append(Problem(grid.header_line, wanted, message))
    positions = [position for places in grid.match.positions.values() for position in places]
    seen: set[str] = set()
    for position in sorted(positions):
        header = plain_header(grid.header[position])
        if header in seen and not format.columns:
            problems.append(Problem(grid.header_line, grid.header[position], "the header names this column twice"))
        seen.add(header)
    if problems:
        raise ImportRefused(name, problems, "the Data page lists the column names and has sample files")


def _sheet(name: str, grid: Grid, options: Options, habits: Habits) -> Sheet:
    """Cells by column id; of several headers with one meaning the preferred one is read."""
    format = grid.match.format
    chosen = {id_: places[0] for id_, places in grid.match.positions.items()}
    cells = pd.DataFrame({id_: unwrapped(grid.cells[place]) for id_, place in chosen.items()})
    headers = {id_: grid.header[place] for id_, place in chosen.items()}
    channel = options.get("channel") or format.channel or DEFAULT_CHANNEL
    period = options.get("period") or _period(grid.preamble)
    further = [(id_, place) for id_, places in grid.match.positions.items() for place in places[1:]]
    spare = tuple(grid.cells[place] for id_, place in further if READING.get(id_) == "money")
    sheet = Sheet(name, cells, headers, grid.lines, channel, period=period, habits=habits, spare=spare)
    for id_, place in () if format.columns else further:
        message = Said("not read: {header} is read for {meaning}", header=headers[id_], meaning=id_)
        sheet.notes.append(Problem(0, grid.header[place], message))
    if format.columns:
        sheet.say(Said("the rows belong to the channel {channel}", channel=channel))
    for said in grid.notes:
        sheet.say(said)
    return sheet


def _period(preamble: str) -> tuple[str, str]:
    """First and last day that a line above the header names."""
    for line in preamble.splitlines():
        parts = [part.strip(" ,;\t\"'()") for part in _BETWEEN.split(line.split(":")[-1].split("：")[-1])]
        if len(parts) == 2 and are_dates(pd.Series(parts, dtype="str")).all():
            return parts[0], parts[1]
    return "", ""
