"""The bytes of a file in UTF-8, cut into whole lines as they are asked for."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

LONGEST = 1 << 22
"""Lines (in bytes) that are longer are no rows of a table."""


class Tape:
    """Text on its way to a reader, who may put back what was too much.

    Parameters
    ----------
    texts : iterable of bytes
        The text in pieces of any length.
    skip : int
        So many bytes at the beginning are left out.

    Attributes
    ----------
    ended : bool
        Whether all of the text was taken.
    """

    def __init__(self, texts: Iterable[bytes], skip: int = 0) -> None:
        self._texts = iter(texts)
        self._held = b""
        self._more = True
        self.ended = False
        self._fill(skip)
        self._held = self._held[skip:]

    def take(self, size: int) -> bytes:
        """Whole lines of at least so many bytes, or all that is left; as far as it tells, not a part of a record."""
        self._fill(size + LONGEST)
        end = _cut(self._held, size) if self._more or len(self._held) > size else 0
        end = end or len(self._held)
        text, self._held = self._held[:end], self._held[end:]
        self.ended = not (self._held or self._more)
        return text

    def back(self, text: bytes) -> None:
        """Put back the end of what was taken last."""
        self._held = text + self._held
        self.ended = False

    def _fill(self, size: int) -> None:
        pieces = [self._held]
        length = len(self._held)
        while self._more and length <= size:
            piece = next(self._texts, None)
            self._more = piece is not None
            pieces.append(piece or b"")
            length += len(pieces[-1])
        self._held = b"".join(pieces)


def _cut(data: bytes, size: int) -> int:
    """End of the first line at or beyond ``size`` that quotes do not hold open; 0 where there is none."""
    mark = b"\n" if b"\n" in data else b"\r"
    first = end = data.find(mark, max(size - 1, 0)) + 1
    odd = np.count_nonzero(np.frombuffer(data, dtype="uint8", count=end) == ord('"')) % 2
    while end and odd:
        start, end = end, data.find(mark, end) + 1
        odd ^= data.count(b'"', start, end) % 2 if end else 0
    return end or first
