"""The formats that are recognised, as a table of rows.

To add one, add a `Format` to the module of its family: its id, its kind, the reader of its money (`orders.orders` for
orders, `spend.spend` for ads, or one of `ledger`), the meanings that must be there, and the headers of each meaning in
every language the platform exports in. Put a sample with its header and invented values into ``tests/data/formats``
and its figures into the table beside it, and name the format in ``i18n/locale/*/ingest.po``. Nothing else is needed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from shopplan.ingest import columns as c
from shopplan.ingest.formats import ads, ads_china, documented, shops, shops_china
from shopplan.ingest.formats.row import Format
from shopplan.ingest.headers import match, plain_header, raw_header, raw_headers

FORMATS: tuple[Format, ...] = (
    *shops.FORMATS,
    *shops_china.FORMATS,
    *ads.FORMATS,
    *ads_china.FORMATS,
    *documented.FORMATS,
)
"""Of platforms' exports the one with the most known columns is taken; documented tables are tried in this order."""


@dataclass(frozen=True, slots=True)
class Match:
    """How a header fits a format: meaning -> positions, and the groups of needed meanings that are missing."""

    format: Format
    positions: dict[str, list[int]]
    missing: tuple[tuple[str, ...], ...]

    @property
    def known(self) -> int:
        """How many columns were recognised."""
        return len(self.positions)

    @property
    def confidence(self) -> float:
        """The share of a platform's columns that were found, from 0.5; 1 for a documented table."""
        return 0.5 + 0.5 * self.known / len(self.format.columns) if self.format.columns else 1.0


def recognise(header: list[str], kind: str = "") -> Match | None:
    """The format that a header fits fully, else the one that comes nearest, else None.

    ``kind`` leaves only formats of one kind.
    """
    own: list[Match] = []
    near: list[Match] = []
    raw = raw_headers(header)
    for format in FORMATS:
        found = _fit(format, header, raw) if kind in ("", format.kind) else None
        if found is None:
            continue
        if found.missing:
            near += [found] * (found.known >= 2)
        elif format.columns:
            own.append(found)
        elif not own:
            return found
    if own:
        return max(own, key=lambda match: match.known)
    return max(near, key=lambda match: (-len(match.missing), match.known), default=None)


def _fit(format: Format, header: list[str], raw: frozenset[str]) -> Match | None:
    if format.columns and _marks(format.id).isdisjoint(raw):
        return None
    if format.never and not match(c.SPEND, header).keys().isdisjoint(format.never):
        return None
    positions = _own(format, header) if format.columns else match(format.id, header)
    return fitted(format, positions)


def fitted(format: Format, positions: dict[str, list[int]]) -> Match:
    """A format with the columns that were found for it, and what is missing."""
    missing = tuple(group for group in format.groups if not any(id_ in positions for id_ in group))
    return Match(format, positions, missing)


@lru_cache(maxsize=64)
def _names(id_: str) -> dict[str, tuple[int, str]]:
    """Plain header -> preference (0 is best) and meaning, of one platform's export."""
    format = next(row for row in FORMATS if row.id == id_)
    return {
        plain_header(name): (rank, meaning)
        for meaning, names in format.columns.items()
        for rank, name in reversed(list(enumerate(names.split("|"))))
    }


@lru_cache(maxsize=64)
def _marks(id_: str) -> frozenset[str]:
    format = next(row for row in FORMATS if row.id == id_)
    return frozenset(raw_header(name) for name in format.marks.split("|"))


def _own(format: Format, header: list[str]) -> dict[str, list[int]]:
    """Positions of a platform's columns, the preferred header first."""
    known = _names(format.id)
    found: dict[str, list[tuple[int, int]]] = {}
    for position, cell in enumerate(header):
        hit = known.get(plain_header(cell))
        if hit:
            found.setdefault(hit[1], []).append((hit[0], position))
    return {id_: [position for _, position in sorted(places)] for id_, places in found.items()}
