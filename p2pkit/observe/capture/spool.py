"""Spools: a capture in the making, which is a pcapng file at every moment.

While packets come, blocks of the ring are written as they are: a copy costs a third
of a microsecond a packet, where to write each packet costs two. They stand in the
file as pcapng blocks of a kind that other programs skip. In the end `finish` turns
them into packets, in the same file and from front to back: a packet takes less room
in pcapng than in the ring, so what is written never reaches what is still to be read.

So a full disk, or the death of whoever records, costs nothing that was on the disk:
anybody may call `finish` later.
"""

from __future__ import annotations

import os
import struct
from pathlib import Path

from p2pkit.observe.capture import pcapng
from p2pkit.observe.capture.census import Census, Flows, Names
from p2pkit.observe.capture.ring import count_of, packets_of

_HEAD = struct.Struct("<III")  # type, length of all, length of what came
_TAIL = struct.Struct("<I")
_AROUND_BYTES = 16


class Spool:
    """Takes blocks of a ring to a file, up to a limit.

    Parameters
    ----------
    file : int
        The descriptor of a file that is open for writing, at its end.
    limit_bytes : int
        How long it may get.

    Attributes
    ----------
    trouble : str
        Why nothing is kept any more, as a sentence; empty while all is well.
    unsaved : int
        Packets that came since then.
    """

    def __init__(self, file: int, limit_bytes: int) -> None:
        self._file, self._limit_bytes = file, limit_bytes
        self._bytes = os.fstat(file).st_size
        self.trouble, self.unsaved = "", 0

    def take(self, block: memoryview) -> None:
        """Write a block; once it cannot be kept, only count what goes by."""
        if not (self.trouble or self._keep(block)):
            return
        self.unsaved += count_of(block)

    def _keep(self, block: memoryview) -> str:
        """Write a block; return, and remember, why it could not be done."""
        padding = -len(block) % 4
        length = len(block) + padding + _AROUND_BYTES
        if self._bytes + length > self._limit_bytes:
            self.trouble = (
                f"the limit of {self._limit_bytes:,} bytes was reached: allow more "
                "with limit_bytes"
            )
            return self.trouble
        head = _HEAD.pack(pcapng.RING_BLOCK, length, len(block))
        try:
            self._write([head, block, bytes(padding) + _TAIL.pack(length)], length)
        except OSError as error:
            os.ftruncate(self._file, self._bytes)
            self.trouble = f"the file could not be written: {error.strerror}"
        else:
            self._bytes += length
        return self.trouble

    def _write(self, parts: list[bytes | memoryview], length: int) -> None:
        written = os.writev(self._file, parts)
        if written < length:  # the disk is full within the block; this says why
            rest = b"".join(parts)[written:]
            while rest:
                rest = rest[os.write(self._file, rest) :]


def finish(path: Path, names: Names) -> Census:
    """Turn what was spooled into packets with names; of a finished file, count.

    Parameters
    ----------
    path : Path
        A file that a `Spool` wrote, whole or cut at any place.
    names : Names
        Who is who.

    Raises
    ------
    OSError
        If the file cannot be read or written.
    """
    with path.open("r+b", buffering=0) as file:
        return _Finishing(file.fileno(), Flows(names)).run()


class _Finishing:
    def __init__(self, file: int, flows: Flows) -> None:
        self._file, self._flows = file, flows
        self._read_to = self._written_to = 0

    def run(self) -> Census:
        size = os.fstat(self._file).st_size
        while self._read_to + 12 <= size:
            kind, length = struct.unpack("<II", os.pread(self._file, 8, self._read_to))
            if length < 12 or self._read_to + length > size:
                break  # it was cut while this block was written
            data = os.pread(self._file, length, self._read_to)
            self._read_to += length
            self._turn(kind, data)
        os.ftruncate(self._file, self._written_to)
        return self._flows.census()

    def _turn(self, kind: int, data: bytes) -> None:
        if kind == pcapng.RING_BLOCK:
            (came,) = struct.unpack_from("<I", data, 8)
            self._put(self._packets(data[12 : 12 + came]))
        elif kind == pcapng.PACKET:
            at_ns, _, packet = pcapng.packet_at(data, 0)
            self._flows.ending(at_ns, packet)
            self._put(data)
        elif kind != pcapng.GAP:
            self._put(data)

    def _packets(self, block: bytes) -> bytes:
        ending, packet = self._flows.ending, pcapng.packet
        return b"".join(
            [
                packet(at_ns, wire_bytes, data, ending(at_ns, data))
                for at_ns, wire_bytes, data in packets_of(block)
            ]
        )

    def _put(self, data: bytes) -> None:
        """Write behind what is written, and make what lies between a block to skip."""
        start = self._written_to
        self._written_to += len(data)
        gap_bytes = self._read_to - self._written_to
        if not gap_bytes:
            return  # nothing was turned yet: it stands where it is
        assert gap_bytes >= 12, "packets take less room in pcapng than in the ring"
        head = struct.pack("<II", pcapng.GAP, gap_bytes)
        os.pwrite(self._file, data + head, start)
        os.pwrite(self._file, _TAIL.pack(gap_bytes), self._read_to - 4)
