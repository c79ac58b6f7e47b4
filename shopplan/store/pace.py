"""How far a long import is, and how it is stopped."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from shopplan.terms import ShopplanError

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an import is.

    Attributes
    ----------
    rows : int
        Rows of facts stored so far.
    fraction : float
        0 to 1.
    seconds_left : float or None
        None while nothing can be said.
    """

    rows: int
    fraction: float
    seconds_left: float | None


def ahead(items: Iterator[_T]) -> Iterator[_T]:
    """The items, each made while the one before it is used."""
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(next, items, None)
        while (item := coming.result()) is not None:
            coming = pool.submit(next, items, None)
            yield item


class Cancelled(ShopplanError):
    """An import that the user stopped; nothing of it is stored."""


class Pace:
    """Tells how far an import is, and ends it when it is to be stopped.

    Parameters
    ----------
    file : str
    progress : callable, optional
        Called with a `Progress` after every chunk.
    cancelled : callable, optional
        Asked after every chunk; true ends the import.
    """

    def __init__(
        self, file: str, progress: Callable[[Progress], None] | None, cancelled: Callable[[], bool] | None
    ) -> None:
        self._file, self._progress, self._cancelled = file, progress, cancelled
        self._rows, self._began = 0, time.monotonic()

    def step(self, rows: int, fraction: float) -> None:
        """Take note of a stored chunk.

        Raises
        ------
        Cancelled
            When the import is to be stopped.
        """
        if self._cancelled is not None and self._cancelled():
            raise Cancelled("the import was stopped; nothing of it is stored", self._file, "import the file again")
        self._rows += rows
        if self._progress is not None:
            passed = time.monotonic() - self._began
            left = passed / fraction * (1 - fraction) if fraction > 0 else None
            self._progress(Progress(self._rows, fraction, left))
