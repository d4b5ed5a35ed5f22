"""The nodes' own tap: a host process notes what its nodes exchange with the kernel.

Where nobody may capture, this gives the same packets. A note is a few bytes in front
of the payload, which is all that can be afforded at each datagram; `tapped` makes
packets of the notes of all hosts when the capture has ended. Read next:
``tap_notes.py``.
"""

from __future__ import annotations

import os
import socket
import struct
import time
from typing import Any

import msgspec

from p2pkit.core import Address
from p2pkit.net.wire_tap import SendTo, Take

FLOW, SENT, CAME, OPENED, ACCEPTED, WROTE, READ, ENDED, BROKEN = range(9)
"""Kinds of notes: a flow's two ends; a datagram sent or received; a stream opened or
accepted, its bytes written or read, its end closed or broken off."""

ENDS = struct.Struct("<4sH4sH")
HEAD = struct.Struct("<I")
"""Length of a batch of notes, which follow as one list in msgpack."""

FLUSH_NOTES = 64
"""Notes that are written together: so few that they are still in the processor's
nearest cache, and so many that a call of the system costs each little."""

MAX_INSIDERS = 65_536
"""Addresses that a node remembers as those of nodes that are tapped themselves."""

FLUSH_BYTES = 1 << 16
"""Payload of a note that does not wait for others."""

Note = tuple[int, int, int, bytes]
"""Time, number of the flow, kind, payload."""


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
        self._notes: list[Note] = []
        self._encode = msgspec.msgpack.Encoder().encode
        self._bytes = self._noted = self._unsaved = self._new_flows = 0
        self._trouble = ""

    def sending(self, source: Address, sendto: SendTo) -> SendTo:
        """Return a `sendto` that notes each datagram that the kernel takes."""
        flows: dict[Address, int] = {}
        notes, clock, flush, flow = self._notes, time.time_ns, self.flush, self._flow

        def sent(data: bytes, to: Address) -> int:
            at_ns = clock()
            count = sendto(data, to)
            number = flows.get(to)
            if number is None:
                number = flows[to] = flow(source, to)
            notes.append((at_ns, number, SENT, data))
            if len(notes) >= FLUSH_NOTES:
                flush()
            return count

        return sent

    def arriving(self, target: Address, take: Take) -> Take:
        """Return a `take` that notes what comes from elsewhere."""
        inside, note = self._inside, self._note
        insiders: set[Any] = set()

        def taken(data: bytes, sender: Any) -> None:
            if sender not in insiders:
                if not sender[0].startswith(inside):
                    note(CAME, sender[:2], target, data)
                elif len(insiders) < MAX_INSIDERS:
                    insiders.add(sender)
            take(data, sender)

        return taken

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
        notes = len(self._notes) - self._new_flows
        if self._notes and not self._trouble:
            batch = self._encode(self._notes)
            self._write(HEAD.pack(len(batch)) + batch)
        if self._trouble:
            self._unsaved += notes
        else:
            self._noted += notes
        self._notes.clear()
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
        self._notes.append((at_ns or time.time_ns(), number, kind, data))
        if len(self._notes) >= FLUSH_NOTES or len(data) >= FLUSH_BYTES:
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
            self._notes.append((0, self._flows[ends], FLOW, body))
            self._new_flows += 1
        return self._flows[ends]
