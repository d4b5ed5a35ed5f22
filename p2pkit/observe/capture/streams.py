"""Streams: the TCP connections of a capture, and the messages in them.

Packets are taken in the order of the file. A connection is two addresses and ports;
when they open another one, that is a stream of its own.
Read first: ``segments.py``, ``cutting.py``. Read next: ``messages.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from p2pkit.observe.capture.cutting import Cut, Cutter
from p2pkit.observe.capture.headers import ACK, FIN, RST, SYN, TCP
from p2pkit.observe.capture.reading import Reading
from p2pkit.observe.capture.segments import Direction, Piece
from p2pkit.observe.capture.wires import Wire


class Segment(NamedTuple):
    """One TCP packet, as far as putting streams together needs it."""

    packet: int
    source: int
    destination: int
    sequence: int
    acknowledged: int
    flags: int
    length: int


class Said(NamedTuple):
    """One message of a stream: who said it to whom (see `Endpoints`), and where."""

    source: int
    destination: int
    cut: Cut


class Way:
    """One direction of a stream, with the messages in it."""

    def __init__(self) -> None:
        self.direction = Direction()
        self.cutter: Cutter | None = None

    @property
    def unread_bytes(self) -> int:
        """Bytes that became no message: passed over, or of one that did not end."""
        if self.cutter is None:
            return self.direction.stream_bytes
        return self.cutter.unread_bytes + self.cutter.waiting_bytes


class Stream:
    """One connection.

    Attributes
    ----------
    ends : (int, int)
        Who sent the first packet that was seen, and the other end; see `Endpoints`.
    first, last : int
        Its first and last packet.
    opened, closed : bool
        Whether its opening and its end are in the file.
    ways : dict of int to Way
        What each end sent.
    messages : list of Said
        What was said, in order.
    """

    def __init__(self, first: Segment, wire: Wire | None) -> None:
        self.ends = (first.source, first.destination)
        self.first = self.last = first.packet
        self.opened = self.closed = False
        self.ways = {end: Way() for end in self.ends}
        self.messages: list[Said] = []
        self._wire = wire if wire is not None and wire.framing is not None else None
        self._has_data = False

    def is_over(self, segment: Segment) -> bool:
        """Tell whether a segment that opens a stream opens another one."""
        opens = segment.flags & SYN and not segment.flags & ACK
        return bool(opens and (self.closed or self._has_data))

    def take(self, segment: Segment, data: bytes) -> None:
        """Take the next packet, and what the file has of its payload."""
        self.last = segment.packet
        source, other = segment.source, segment.destination
        way = self.ways[source]
        start = segment.sequence
        if segment.flags & SYN:
            self.opened = True
            way.direction.begin(start)
            start += 1
        if segment.flags & ACK:
            self._hear(other, self.ways[other].direction.acknowledged(
                segment.acknowledged
            ))  # fmt: skip
        if segment.length:
            self._has_data = True
            pieces = way.direction.take(segment.packet, start, data, segment.length)
            self._hear(source, pieces)
        if segment.flags & (FIN | RST):
            self.closed = True

    def end(self) -> None:
        """Hear that the file has no more of it."""
        for end, way in self.ways.items():
            self._hear(end, way.direction.end())

    def _hear(self, source: int, pieces: Iterable[Piece]) -> None:
        for piece in pieces:
            if self._wire is None:
                continue
            for cut in self._cutter(source).take(piece):
                other = self.ends[source == self.ends[0]]
                self.messages.append(Said(source, other, cut))
                self._cutter(other).wrote(cut.data)

    def _cutter(self, source: int) -> Cutter:
        way = self.ways[source]
        if way.cutter is None:
            assert self._wire is not None
            way.cutter = Cutter(self._wire, is_whole=way.direction.is_whole)
        return way.cutter


def read_streams(reading: Reading) -> list[Stream]:
    """Return the streams of a capture, in the order in which they begin."""
    streams: list[Stream] = []
    open_ones: dict[tuple[int, int], Stream] = {}
    payload = reading.headers.payload
    for segment in _segments(reading):
        ends = segment.source, segment.destination
        key = ends if ends[0] < ends[1] else ends[::-1]
        stream = open_ones.get(key)
        if stream is None or stream.is_over(segment):
            stream = open_ones[key] = Stream(segment, reading.wire)
            streams.append(stream)
        stream.take(segment, payload.piece(segment.packet) if segment.length else b"")
    for stream in streams:
        stream.end()
    return streams


def _segments(reading: Reading) -> Iterator[Segment]:
    headers, ends = reading.headers, reading.endpoints
    some = np.flatnonzero(headers.carried == TCP)
    columns = (
        some, ends.source[some], ends.destination[some], headers.sequence[some],
        headers.acknowledged[some], headers.flags[some], headers.payload_bytes[some],
    )  # fmt: skip
    return map(Segment, *(column.tolist() for column in columns))
