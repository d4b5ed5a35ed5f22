"""The nodes' own tap: a host process notes what its nodes exchange with the kernel.

Where nobody may capture, this gives the same packets. A note is a few bytes in front
of the payload, which is all that can be afforded at each datagram; `tapped` makes
packets of the notes of all hosts when the capture has ended.
"""

from __future__ import annotations

import os
import socket
import struct
import time
from array import array
from typing import Any, NamedTuple

import msgspec

from p2pkit.core import Address
from p2pkit.net.wire_tap import ReceiveFrom, SendTo

FLOW, SENT, CAME, OPENED, ACCEPTED, WROTE, READ, ENDED, BROKEN = range(9)
"""Kinds of notes: a flow's two ends; a datagram sent or received; a stream opened or
accepted, its bytes written or read, its end closed or broken off."""

NOTE = struct.Struct("<BQII")  # kind, time in ns, number of the flow, bytes that follow
ENDS = struct.Struct("<4sH4sH")

FLUSH_PARTS = 512
"""Parts of notes that are written together: one call of the system for some hundred
datagrams, and fewer than it takes at once."""


class TapReport(msgspec.Struct, frozen=True):
    """What became of one host's tap.

    Parameters
    ----------
    noted : int
        Notes of datagrams, and of pieces of streams, that were kept.
    unsaved : int
        Those that could not be kept.
    trouble : str
        Why not, as a sentence; empty if all were.
    """

    noted: int
    unsaved: int
    trouble: str


class TapFile:
    """The tap of one host; a `net.wire_tap.WireTap`.

    Written by the loop itself, in pieces of some hundred notes: they go to memory of
    the kernel, which costs 20 us a piece, less than to hand them to a thread would.

    Parameters
    ----------
    path : path
        Where notes go.
    limit_bytes : int
        How long the file may get.
    inside : str
        What the addresses begin with of which every datagram is noted by its sender,
        such as ``127.5.``; empty if there is no such beginning.
    """

    def __init__(
        self, path: str | os.PathLike[str], limit_bytes: int, inside: str
    ) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        self._limit_bytes, self._inside = limit_bytes, inside or " "
        self._flows: dict[tuple[Address, Address], int] = {}
        self._parts: list[bytes] = []
        self._bytes = self._noted = self._unsaved = self._new_flows = 0
        self._trouble = ""

    def sending(self, source: Address, sendto: SendTo) -> SendTo:
        """Return a `sendto` that notes each datagram that the kernel takes."""
        flows: dict[Address, int] = {}
        parts, pack, clock, flush = self._parts, NOTE.pack, time.time_ns, self.flush
        flow = self._flow

        def sent(data: bytes, to: Address) -> int:
            at_ns = clock()
            count = sendto(data, to)
            number = flows.get(to)
            if number is None:
                number = flows[to] = flow(source, to)
            parts.append(pack(SENT, at_ns, number, count))
            parts.append(data)
            if len(parts) >= FLUSH_PARTS:
                flush()
            return count

        return sent

    def receiving(self, target: Address, recvfrom: ReceiveFrom) -> ReceiveFrom:
        """Return a `recvfrom` that notes what comes from elsewhere."""
        inside, note = self._inside, self._note

        def received(most_bytes: int) -> tuple[bytes, Any]:
            data, sender = recvfrom(most_bytes)
            if not sender[0].startswith(inside):
                note(CAME, sender[:2], target, data)
            return data, sender

        return received

    def opened(
        self, source: Address, target: Address, at_ns: int, *, is_ours: bool
    ) -> None:
        """Note that a stream is there."""
        self._note(OPENED if is_ours else ACCEPTED, source, target, b"", at_ns)

    def wrote(self, source: Address, target: Address, data: bytes) -> None:
        """Note that a node wrote bytes to a stream."""
        self._note(WROTE, source, target, data)

    def read(self, source: Address, target: Address, data: bytes) -> None:
        """Note that bytes of a stream came, if nobody inside wrote them."""
        if not source[0].startswith(self._inside):
            self._note(READ, source, target, data)

    def ended(self, source: Address, target: Address, *, broken: bool) -> None:
        """Note that one end of a stream is no more."""
        self._note(BROKEN if broken else ENDED, source, target, b"")

    def close(self) -> TapReport:
        """Write what is left, and return what became of it all."""
        self.flush()
        os.close(self._file)
        return TapReport(self._noted, self._unsaved, self._trouble)

    def flush(self) -> None:
        """Write the notes that wait, or count that they cannot be kept."""
        notes = len(self._parts) // 2 - self._new_flows
        if not self._trouble:
            self._write(b"".join(self._parts))
        if self._trouble:
            self._unsaved += notes
        else:
            self._noted += notes
        self._parts.clear()
        self._new_flows = 0

    def _write(self, data: bytes) -> None:
        if self._bytes + len(data) > self._limit_bytes:
            self._trouble = (
                f"the limit of {self._limit_bytes:,} bytes for each host process was "
                "reached: allow more with limit_bytes"
            )
            return
        try:
            written = 0
            while written < len(data):
                written += os.write(self._file, data[written:])
        except OSError as error:
            os.ftruncate(self._file, self._bytes)
            self._trouble = f"the tap's file could not be written: {error.strerror}"
        else:
            self._bytes += len(data)

    def _note(
        self, kind: int, source: Address, target: Address, data: bytes, at_ns: int = 0
    ) -> None:
        number = self._flow(source, target)
        at_ns = at_ns or time.time_ns()
        self._parts += (NOTE.pack(kind, at_ns, number, len(data)), data)
        if len(self._parts) >= FLUSH_PARTS:
            self.flush()

    def _flow(self, source: Address, target: Address) -> int:
        """Return the number of a flow; noted when it is met first."""
        ends = source, target
        if ends not in self._flows:
            self._flows[ends] = len(self._flows)
            body = ENDS.pack(
                socket.inet_aton(source[0]), source[1],
                socket.inet_aton(target[0]), target[1],
            )  # fmt: skip
            self._parts += (NOTE.pack(FLOW, 0, self._flows[ends], len(body)), body)
            self._new_flows += 1
        return self._flows[ends]


class Tapped(NamedTuple):
    """One note: what, when, between whom, and the payload."""

    kind: int
    at_ns: int
    source: Address
    target: Address
    data: bytes


class Notes:
    """The notes of one host, in order of writing.

    Parameters
    ----------
    data : bytes
        Its file, which may be cut at any place.

    Attributes
    ----------
    times : array of int
        When each was made, in ns since 1970.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._flows: dict[int, tuple[Address, Address]] = {}
        self.times, self._starts = array("q"), array("Q")
        start, size = 0, NOTE.size
        while start + size <= len(data):
            kind, at_ns, number, length = NOTE.unpack_from(data, start)
            end = start + size + length
            if end > len(data):
                return
            if kind == FLOW:
                self._flows[number] = _ends(data[start + size : end])
            else:
                self.times.append(at_ns)
                self._starts.append(start)
            start = end

    def __getitem__(self, index: int) -> Tapped:
        start = self._starts[index]
        kind, at_ns, number, length = NOTE.unpack_from(self._data, start)
        start += NOTE.size
        source, target = self._flows[number]
        return Tapped(kind, at_ns, source, target, self._data[start : start + length])


def _ends(body: bytes) -> tuple[Address, Address]:
    host, port, other_host, other_port = ENDS.unpack(body)
    source = socket.inet_ntoa(host), port
    return source, (socket.inet_ntoa(other_host), other_port)
