"""A ring of packets that the kernel fills and we empty: Linux's TPACKET_V3.

The kernel writes packets into blocks of memory that it shares with us, and hands a
block over when it is full or `RETIRE_MS` old. So a packet costs neither a call nor a
copy of its own, and nothing is lost at rates where a plain packet socket loses most.

Source: the kernel's ``Documentation/networking/packet_mmap.rst`` and
``linux/if_packet.h``.
"""

from __future__ import annotations

import mmap
import select
import socket
import struct
from collections.abc import Callable, Iterator
from typing import NamedTuple

SOL_PACKET = 263
PACKET_RX_RING, PACKET_STATISTICS, PACKET_VERSION = 5, 6, 10
PACKET_IGNORE_OUTGOING = 23
TPACKET_V3 = 2
ETH_P_ALL = 3

BLOCK_BYTES = 1 << 20
"""Size of a block: longer than any packet of loopback, 65,549 bytes."""
BLOCKS = 64
"""Blocks of a ring: four seconds at 50,000 small datagrams a second."""
RETIRE_MS = 50
"""Age at which the kernel hands over a block that is not full."""
FRAME_BYTES = 2048
"""Only has to divide a block: in this version packets lie end to end."""

_STATUS = struct.Struct("=I")
_STATUS_AT = 8
BLOCK_HEAD = struct.Struct("=III")  # packets, offset of the first, bytes in use
BLOCK_HEAD_AT = 12
# Step to the next, s, ns, bytes kept, bytes on the wire, -, offset of the data.
PACKET_HEAD = struct.Struct("=6IH")
_TO_USER = 1


class Seen(NamedTuple):
    """What the kernel counted: packets that passed the filter, with those dropped."""

    packets: int = 0
    dropped: int = 0
    freezes: int = 0


def kernel_counts(sock: socket.socket) -> Seen:
    """Return what the kernel has counted at a ring's socket since it was last asked."""
    found = sock.getsockopt(SOL_PACKET, PACKET_STATISTICS, 12)
    return Seen(*struct.unpack("=3I", found))


class Ring:
    """Packets of one interface; nothing arrives before `begin`.

    Parameters
    ----------
    sock : socket.socket
        A raw packet socket of protocol 0, which has heard nothing yet; may come from
        another network namespace. The ring does not close it.
    blocks : int
        How many blocks of `block_bytes`; memory that cannot be swapped out.
    block_bytes : int
        A power of two, at least a page.

    Raises
    ------
    OSError
        If the kernel has no such rings, or not the memory.
    """

    def __init__(
        self, sock: socket.socket, blocks: int = BLOCKS, block_bytes: int = BLOCK_BYTES
    ) -> None:
        self._sock, self._blocks, self._block_bytes = sock, blocks, block_bytes
        size = blocks * block_bytes
        shape = (block_bytes, blocks, FRAME_BYTES, size // FRAME_BYTES, RETIRE_MS, 0, 0)
        sock.setsockopt(SOL_PACKET, PACKET_VERSION, TPACKET_V3)
        # Loopback shows each packet twice, going out and coming in: take it once.
        sock.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
        sock.setsockopt(SOL_PACKET, PACKET_RX_RING, struct.pack("=7I", *shape))
        self._memory = mmap.mmap(sock.fileno(), size)
        self._next = 0
        self._poll = select.poll()
        self._poll.register(sock, select.POLLIN)

    def begin(self, interface: str) -> None:
        """Have packets of an interface arrive from now on.

        Raises
        ------
        OSError
            If there is no such interface, or it is down.
        """
        self._sock.bind((interface, ETH_P_ALL))

    def drain(self, take: Callable[[memoryview], None]) -> int:
        """Give every block that the kernel has handed over to `take`, and then back.

        Parameters
        ----------
        take : callable
            Is lent the bytes in use of a block, and keeps nothing of them.

        Returns
        -------
        int
            How many packets the blocks held.
        """
        packets = 0
        with memoryview(self._memory) as memory:
            while True:
                base = self._next * self._block_bytes
                (status,) = _STATUS.unpack_from(memory, base + _STATUS_AT)
                if not status & _TO_USER:
                    return packets
                head_at = base + BLOCK_HEAD_AT
                count, first, used = BLOCK_HEAD.unpack_from(memory, head_at)
                with memory[base : base + max(used, first)] as block:
                    take(block)
                _STATUS.pack_into(memory, base + _STATUS_AT, 0)
                self._next = (self._next + 1) % self._blocks
                packets += count

    def wait(self, limit_s: float) -> None:
        """Wait until the kernel hands a block over, at most so long."""
        self._poll.poll(limit_s * 1000)

    def fileno(self) -> int:
        """Return what to poll for blocks."""
        return self._sock.fileno()

    def close(self) -> None:
        """Give the memory back."""
        self._memory.close()


class RingPacket(NamedTuple):
    """A packet as it lies in a block."""

    at_ns: int
    wire_bytes: int
    data: bytes


def count_of(block: bytes | memoryview) -> int:
    """Return how many packets a block holds."""
    count: int = BLOCK_HEAD.unpack_from(block, BLOCK_HEAD_AT)[0]
    return count


def packets_of(block: bytes) -> Iterator[RingPacket]:
    """Yield the packets of one block, in order of arrival; times since 1970."""
    count, offset, _ = BLOCK_HEAD.unpack_from(block, BLOCK_HEAD_AT)
    for _ in range(count):
        step, at_s, ns, kept, wire, _, start = PACKET_HEAD.unpack_from(block, offset)
        start += offset
        yield RingPacket(at_s * 10**9 + ns, wire, block[start : start + kept])
        offset += step
