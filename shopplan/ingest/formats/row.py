"""A row of the table of formats."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from shopplan.ingest.receipt import Kind
from shopplan.ingest.sheet import Built, Sheet


@dataclass(frozen=True, slots=True)
class Format:
    """An export that is understood.

    Attributes
    ----------
    id : str
    kind : Kind
    build : callable
        Reads the money of a sheet into fact frames.
    needs : str
        Meanings that must be in the header, separated by blanks; ``a|b`` where one of two will do.
    columns : mapping of str to str
        Meaning (`meanings.READING`) -> headers separated by ``|``, the preferred one first; case, spaces,
        punctuation and brackets do not count. Empty for the documented tables, whose names are in `columns.COLUMNS`.
    marks : str
        Headers with their brackets, separated by ``|``: one of them must be there; ``(*)`` stands for any brackets.
        They tell a platform's export from a table that merely has the same kind of columns.
    channel : str
        The channel that all rows belong to, unless the file or the user names another.
    currency : str
        What the money is in where the file does not say.
    never : tuple of str
        Meanings of a documented ads report that mark another format.
    notes : tuple of str
        What is to be known of the platform's money, said with every receipt.
    """

    id: str
    kind: Kind
    build: Callable[[Sheet], Built]
    needs: str
    columns: Mapping[str, str] = field(default_factory=dict)
    marks: str = ""
    channel: str = ""
    currency: str = ""
    never: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def groups(self) -> tuple[tuple[str, ...], ...]:
        """The needed meanings: one of each group."""
        return tuple(tuple(group.split("|")) for group in self.needs.split())
