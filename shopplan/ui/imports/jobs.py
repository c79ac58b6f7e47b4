"""Files at work: they go into the store, or are tried there, in a thread, so that no page waits for them."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from functools import lru_cache

from shopplan.ingest import Parsed, Receipt, Source
from shopplan.store.pace import Cancelled, Progress
from shopplan.terms import ShopplanError
from shopplan.workspace import Shop


@dataclass(frozen=True)
class Outcome:
    """What came of one file: its receipt, or why nothing of it is stored.

    Attributes
    ----------
    key : str
        As it was given to the job.
    version : str
        Of the facts before it; while they have it still, what a trial found holds.
    """

    key: str
    name: str
    sha256: str
    version: str
    receipt: Receipt | None = None
    error: ShopplanError | None = None


class Job:
    """Files on their way into the store, one after the other, each in a transaction of its own.

    Parameters
    ----------
    shop : Shop
    files : mapping of str to Parsed or Source
        Keys tell a file and the way it is read from others.
    who : str
    trial : bool
        Store nothing: the receipts say what storing the files would do.

    Attributes
    ----------
    outcomes : list of Outcome
        Of the files that are done.
    progress : Progress or None
        How far the file at work is.
    started : float
        By the monotonic clock.
    """

    def __init__(self, shop: Shop, files: Mapping[str, Parsed | Source], who: str, trial: bool = False) -> None:
        self.files, self.trial = dict(files), trial
        self.outcomes: list[Outcome] = []
        self.progress: Progress | None = None
        self._shop, self._who = shop, who
        self._stop = threading.Event()
        self.started = time.monotonic()
        _active().add(self)
        self._future: Future[None] = _worker().submit(self._run)

    def cancel(self) -> None:
        """Stop at the next chunk: the file at work and those after it are not stored, those before it stay."""
        self._stop.set()
        if self._future.cancel():  # it has not begun
            self._run()

    @property
    def stopping(self) -> bool:
        """Whether it was told to stop."""
        return self._stop.is_set()

    @property
    def waiting(self) -> bool:
        """Whether another job is at work before it."""
        return not (self._future.running() or self._future.done())

    def done(self, within: float = 0.0) -> bool:
        """Whether all files are through, waiting for it for some seconds."""
        wait([self._future], timeout=within)
        return self._future.done()

    def fault(self) -> BaseException | None:
        """What was not foreseen and ended it."""
        return None if self._future.cancelled() else self._future.exception()

    def now(self) -> str:
        """Name of the file at work."""
        files = list(self.files.values())
        return files[min(len(self.outcomes), len(files) - 1)].name

    def _run(self) -> None:
        try:
            for key, file in self.files.items():
                self.progress = None
                self.outcomes.append(self._one(key, file))
        finally:
            _active().discard(self)

    def _one(self, key: str, file: Parsed | Source) -> Outcome:
        sha256 = file.receipt.sha256 if isinstance(file, Parsed) else file.sha256
        outcome = Outcome(key, file.name, sha256, self._shop.facts.data_version())
        try:
            if self.stopping:
                raise Cancelled("the import was stopped; nothing of it is stored", outcome.name)
            if self.trial:
                receipt = self._shop.changes(file, self._note, self._stop.is_set)
            else:
                receipt = self._shop.commit(file, self._who, self._note, self._stop.is_set)
            return replace(outcome, receipt=receipt)
        except ShopplanError as error:
            return replace(outcome, error=error)

    def _note(self, progress: Progress) -> None:
        self.progress = progress


def busy() -> bool:
    """Whether a job of any session is at work or waits; the store takes one at a time."""
    return bool(_active())


@lru_cache(maxsize=1)
def _active() -> set[Job]:
    return set()


@lru_cache(maxsize=1)
def _worker() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, thread_name_prefix="import")
