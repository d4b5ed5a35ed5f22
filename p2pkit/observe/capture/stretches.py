"""Stretches: many pieces of one array of bytes, looked at all at once.

Each question costs some ten or twenty nanoseconds a piece. What lies beyond the end of
a piece reads as zero, so whoever asks compares lengths where a zero would do.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from p2pkit.observe.capture.records import Bytes, Ints, Mask, ints

WORD = 8
"""Bytes that are read at once; each piece has so many before it, whoever they are of.

A word that ends where the wanted bytes end can be read for every piece: one that begins
with them could reach beyond the array.
"""


class Stretches:
    """Pieces of an array of bytes.

    Parameters
    ----------
    data : array of uint8
        The bytes.
    start, length : array of int64
        Where each piece begins, at least `WORD`, and how long it is; all inside `data`.

    Examples
    --------
    >>> two = Stretches.of([b"ping", b"find_node"])
    >>> two.byte(0).tolist(), two.ends_with(b"node").tolist()
    ([112, 102], [False, True])
    """

    def __init__(self, data: Bytes, start: Ints, length: Ints) -> None:
        self.data, self.start, self.length = data, start, length

    @classmethod
    def of(cls, pieces: Iterable[bytes]) -> Stretches:
        """Return pieces that lie apart, as stretches of one array."""
        kept = list(pieces)
        length = ints([len(one) for one in kept])
        data = np.frombuffer(b"".join((bytes(WORD), *kept)), np.uint8)
        return cls(data, WORD + np.cumsum(length) - length, length)

    def __len__(self) -> int:
        return len(self.start)

    def __getitem__(self, which: Mask | Ints | slice) -> Stretches:
        return Stretches(self.data, self.start[which], self.length[which])

    def piece(self, index: int) -> bytes:
        """Return one piece."""
        begin = int(self.start[index])
        return self.data[begin : begin + int(self.length[index])].tobytes()

    def byte(self, at: int | Ints) -> Bytes:
        """Return one byte of each piece, counted from its begin."""
        inside = (at >= 0) & (at < self.length)
        if inside.all():
            return self.data.take(self.start + at)
        found: Bytes = np.zeros(len(self), np.uint8)
        where = np.flatnonzero(inside)
        found[where] = self.data.take(self.start[where] + _of(at, where))
        return found

    def number(self, at: int | Ints, size: int) -> Ints:
        """Return a number of `size` bytes, at most 7, in network order."""
        inside = (at >= 0) & (at + size <= self.length)
        found = np.zeros(len(self), np.int64)
        where = np.flatnonzero(inside)
        words = self._words(self.start[where] + _of(at, where) + size).byteswap()
        found[where] = (words & np.uint64((1 << 8 * size) - 1)).view(np.int64)
        return found

    def has(self, at: int | Ints, literal: bytes) -> Mask:
        """Tell which pieces have these bytes there."""
        found = np.asarray((at >= 0) & (at + len(literal) <= self.length))
        for first in range(0, len(literal), WORD):
            part = literal[first : first + WORD]
            where = np.flatnonzero(found)
            ends = self.start[where] + _of(at, where) + first + len(part)
            words = self._words(ends) >> np.uint64(8 * (WORD - len(part)))
            found[where] = words == np.uint64(int.from_bytes(part, "little"))
        return found

    def starts_with(self, literal: bytes) -> Mask:
        """Tell which pieces begin with these bytes."""
        return self.has(0, literal)

    def ends_with(self, literal: bytes) -> Mask:
        """Tell which pieces end with these bytes."""
        return self.has(self.length - len(literal), literal)

    def texts(self, at: int | Ints, length: Ints, most: int) -> NDArray[np.bytes_]:
        """Return a short text of each piece; longer ones are cut at `most` bytes."""
        rows = np.zeros((len(self), most), np.uint8)
        for i in range(min(most, int(length.max(initial=0)))):
            rows[:, i] = np.where(i < length, self.byte(at + i), 0)
        texts: NDArray[np.bytes_] = rows.view(f"S{most}").ravel()
        return texts

    def _words(self, ends: Ints) -> NDArray[np.uint64]:
        """Return the word before each of these places; its last byte counts most."""
        count = len(self.data) - WORD + 1
        every = np.ndarray((count,), "<u8", self.data, strides=(1,))
        words: NDArray[np.uint64] = every[ends - WORD].astype(np.uint64, copy=False)
        return words


def joined(parts: Sequence[Stretches]) -> Stretches:
    """Return stretches of the same array, one after the other."""
    return Stretches(
        parts[0].data,
        np.concatenate([part.start for part in parts]),
        np.concatenate([part.length for part in parts]),
    )


def _of(at: int | Ints, where: Ints) -> int | Ints:
    return at if isinstance(at, int) else at[where]
