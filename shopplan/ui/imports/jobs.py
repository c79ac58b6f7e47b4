"""Imports at work: files go into the store in a thread, so that no page waits for them, this session's or another's."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import lru_cache

from shopplan.ingest import Parsed, Receipt, Source
from shopplan.store.pace import Cancelled, Progress
from shopplan.terms import ShopplanError
from shopplan.workspace import Shop

AT_ONCE = 2
"""Imports that run at a time; more of them wait."""


@dataclass(frozen=True)
class Outcome:
    """What came of one file: its receipt, or why nothing of it is stored."""

    name: str
    sha256: str
    receipt: Receipt | None = None
    error: ShopplanError | None = None


class Job:
    """Files on their way into the store, one after the other, each in a transaction of its own.

    Attributes
    ----------
    outcomes : list of Outcome
        Of the files that are done.
    progress : Progress or None
        How far the file at work is.
    started : float
        By the monotonic clock.
    """

    def __init__(self, shop: Shop, files: Sequence[Parsed | Source], who: str) -> None:
        self.files = tuple(files)
        self.outcomes: list[Outcome] = []
        self.progress: Progress | None = None
        self._shop, self._who = shop, who
        self._stop = threading.Event()
        self.started = time.monotonic()
        _active().add(self)
        self._future: Future[None] = _workers().submit(self._run)

    def cancel(self) -> None:
        """Stop at the next chunk: the file at work and those after it are not stored, those before it stay."""
        self._stop.set()

    @property
    def stopping(self) -> bool:
        """Whether it was told to stop."""
        return self._stop.is_set()

    def done(self, within: float = 0.0) -> bool:
        """Whether all files are through, waiting for it for some seconds; raises what was not foreseen."""
        wait([self._future], timeout=within)
        if self._future.done():
            self._future.result()
        return self._future.done()

    def now(self) -> str:
        """Name of the file at work."""
        return name_of(self.files[min(len(self.outcomes), len(self.files) - 1)])

    def _run(self) -> None:
        try:
            self._import()
        finally:
            _active().discard(self)

    def _import(self) -> None:
        for file in self.files:
            self.progress = None
            try:
                if self.stopping:
                    raise Cancelled("the import was stopped; nothing of it is stored", name_of(file))
                receipt = self._shop.commit(file, self._who, self._note, self._stop.is_set)
                self.outcomes.append(Outcome(name_of(file), hash_of(file), receipt))
            except ShopplanError as error:
                self.outcomes.append(Outcome(name_of(file), hash_of(file), error=error))

    def _note(self, progress: Progress) -> None:
        self.progress = progress


def name_of(file: Parsed | Source) -> str:
    """What a file is called."""
    return file.receipt.file if isinstance(file, Parsed) else file.name


def hash_of(file: Parsed | Source) -> str:
    """SHA-256 of a file."""
    return file.receipt.sha256 if isinstance(file, Parsed) else file.sha256


def busy() -> bool:
    """Whether an import of any session runs; the store takes one change at a time."""
    return bool(_active())


@lru_cache(maxsize=1)
def _active() -> set[Job]:
    return set()


@lru_cache(maxsize=1)
def _workers() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(AT_ONCE, thread_name_prefix="import")
