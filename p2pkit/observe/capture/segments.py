"""Segments: one direction of a TCP stream, put together again.

Segments may come late, twice, in pieces that overlap, or never. What is new is given on
in order; what came again and what is missing is counted. Source: RFC 9293, section 3.4.
Read next: ``cutting.py``, ``streams.py``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

MOST_WAITING = 512
"""Segments of one direction that wait for one before them; then that one is missing."""

ROUND = 1 << 32
"""Sequence numbers begin again at 0 here."""


class Piece(NamedTuple):
    """Bytes of a stream that are new and in order.

    Parameters
    ----------
    packet : int
        The packet by which they and all before them had come: a place in the file.
    data : bytes
        The bytes.
    missing_bytes : int
        Bytes of the stream before these that are not in the file.
    """

    packet: int
    data: bytes
    missing_bytes: int = 0


class Direction:
    """What one end sent.

    Attributes
    ----------
    is_whole : bool
        Whether the file shows how it began.
    again_bytes : int
        Payload that was on the wire before.
    missing_bytes : int
        Payload that the other end has and no packet of the file carried.
    cut_bytes : int
        Payload that was on the wire, and of which the file kept only the length.
    late_segments : int
        Segments that came before one that belongs in front of them.
    stream_bytes : int
        Payload that was given on, each byte once.
    """

    def __init__(self) -> None:
        self.is_whole = False
        self.again_bytes = self.missing_bytes = self.cut_bytes = 0
        self.stream_bytes = self.late_segments = 0
        self._reached = 0  # the last packet of the file that was needed so far
        self._next: int | None = None  # of the byte that comes next, counted from 0
        self._waiting: dict[int, tuple[int, bytes, int]] = {}

    def begin(self, sequence: int) -> None:
        """Hear that the stream begins behind this number."""
        if self._next is None:
            self.is_whole = True
            self._next = sequence + 1

    def take(
        self, packet: int, sequence: int, data: bytes, length: int
    ) -> Iterator[Piece]:
        """Take a segment; yield what is in order now.

        `length` is how much it carried on the wire; `data` may have been cut short.
        """
        if self._next is None:
            self._next = sequence
        start = self._unrolled(sequence)
        if start > self._next:
            self.late_segments += 1
            self._wait(start, packet, data, length)
            if len(self._waiting) > MOST_WAITING:
                yield from self._leap()
            return
        yield from self._give(start, packet, data, length)
        yield from self._release()

    def acknowledged(self, number: int) -> Iterator[Piece]:
        """Hear that the other end has all before `number`; yield what need not wait."""
        if self._next is None:
            return
        reached = self._unrolled(number)
        while self._waiting and min(self._waiting) < reached:
            yield from self._leap()

    def end(self) -> Iterator[Piece]:
        """Hear that nothing more comes; yield what still waited."""
        while self._waiting:
            yield from self._leap()

    def _unrolled(self, sequence: int) -> int:
        """Return a number that does not begin again, near where we are."""
        assert self._next is not None
        step = (sequence - self._next + ROUND // 2) % ROUND - ROUND // 2
        return self._next + step

    def _wait(self, start: int, packet: int, data: bytes, length: int) -> None:
        known = self._waiting.get(start)
        if known is not None:
            self.again_bytes += min(known[2], length)
        if known is None or known[2] < length:
            self._waiting[start] = (packet, data, length)

    def _give(
        self, start: int, packet: int, data: bytes, length: int, gap: int = 0
    ) -> Iterator[Piece]:
        assert self._next is not None
        old = min(max(self._next - start, 0), length)
        self.again_bytes += old
        if old == length:
            return
        new = data[old:]
        self._next = start + length
        self.stream_bytes += len(new)
        self._reached = max(self._reached, packet)
        yield Piece(self._reached, new, gap)
        cut = length - max(old, len(data))
        if cut > 0:  # the capture cut it short
            self.cut_bytes += cut
            yield Piece(self._reached, b"", cut)

    def _release(self) -> Iterator[Piece]:
        """Yield the segments that need not wait any more."""
        while self._waiting:
            start = min(self._waiting)
            assert self._next is not None
            if start > self._next:
                return
            packet, data, length = self._waiting.pop(start)
            yield from self._give(start, packet, data, length)

    def _leap(self) -> Iterator[Piece]:
        """Give up what is missing, and go on with what has waited longest."""
        assert self._next is not None
        start = min(self._waiting)
        packet, data, length = self._waiting.pop(start)
        gap = max(start - self._next, 0)
        self.missing_bytes += gap
        yield from self._give(start, packet, data, length, gap)
        yield from self._release()
