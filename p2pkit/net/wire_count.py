"""Wire counts: what one node gave to the kernel, and took from it.

`Counters` tells what a protocol said; these tell what went over the wire: with what
faults doubled, and without what they swallowed. They are made from the counters and
from counts on the rare ways around them, so the usual way pays nothing.
"""

from __future__ import annotations

import contextlib
import operator
import socket
import struct
import sys
from collections.abc import Callable, Iterable

import msgspec

from p2pkit.net.sockets import SO_MEMINFO

SO_PEEK_OFF = 42
SIOCINQ, SIOCOUTQNSD = 0x541B, 0x894B  # <linux/sockios.h>
MAX_WAITING = 100_000
"""Datagrams of one socket that are counted; a megabyte holds some thousand."""


class WireCount(msgspec.Struct):
    """What one node, or several, exchanged with the kernel so far.

    Parameters
    ----------
    sent, sent_bytes : int
        Datagrams handed to the kernel, and their payload.
    received : int
        Datagrams taken from it.
    socket_drops : int
        Datagrams that found the socket's buffer full.
    waiting : int
        Datagrams that lie in the socket.
    stream_sent, stream_received : int
        Bytes of streams that left for the wire, and that arrived from it, read or not.
    broken : int
        Streams that were broken off: what then was under way is not known.
    lives : int
        How often the node was started.
    is_there : bool
        Whether it holds its socket now.
    """

    sent: int = 0
    sent_bytes: int = 0
    received: int = 0
    socket_drops: int = 0
    waiting: int = 0
    stream_sent: int = 0
    stream_received: int = 0
    broken: int = 0
    lives: int = 1
    is_there: bool = True

    def __add__(self, other: WireCount) -> WireCount:
        """Return both together; of a node's lives, that of the later one."""
        return self._with(other, operator.add, other.is_there)

    def __sub__(self, earlier: WireCount) -> WireCount:
        """Return what came since then."""
        return self._with(earlier, operator.sub, self.is_there)

    def _with(
        self, other: WireCount, do: Callable[[int, int], int], is_there: bool
    ) -> WireCount:
        found = WireCount(is_there=is_there)
        for name in self.__struct_fields__[:-1]:  # all but the last are numbers
            setattr(found, name, do(getattr(self, name), getattr(other, name)))
        return found


class StreamSums:
    """What the streams of one node have carried.

    Attributes
    ----------
    sent_messages, sent_bytes, heard_messages : int
        Messages on streams, which the node's counters hold with those in datagrams.
    """

    __slots__ = ("_ended", "heard_messages", "sent_bytes", "sent_messages")

    def __init__(self) -> None:
        self.sent_messages = self.sent_bytes = self.heard_messages = 0
        self._ended = WireCount(lives=0)

    def end(self, count: WireCount) -> None:
        """Keep what a stream has carried that is no more."""
        self._ended += count

    def total(self, streams: Iterable[WireCount], *, is_there: bool) -> WireCount:
        """Return what they all have carried, with those that still are."""
        found = sum(streams, self._ended + WireCount(lives=0))
        found.lives, found.is_there = 1, is_there
        return found


def waiting_datagrams(sock: socket.socket) -> int:
    """Return how many datagrams lie in a socket; they stay there.

    Only Linux tells; elsewhere, and of a closed socket, it is 0. Datagrams without
    any bytes are counted only once.
    """
    if sys.platform != "linux" or sock.fileno() < 0:
        return 0
    memory = sock.getsockopt(socket.SOL_SOCKET, SO_MEMINFO, 36)
    if not struct.unpack_from("=I", memory)[0]:
        return 0  # no byte of the buffer is in use
    sock.setsockopt(socket.SOL_SOCKET, SO_PEEK_OFF, 0)  # each look goes one further
    byte, found = bytearray(1), 0
    try:
        with contextlib.suppress(BlockingIOError):
            while found < MAX_WAITING:
                sock.recv_into(byte, 1, socket.MSG_PEEK | socket.MSG_TRUNC)
                found += 1
    finally:
        sock.setsockopt(socket.SOL_SOCKET, SO_PEEK_OFF, -1)
    return found


def stream_bytes(sock: socket.socket, request: int) -> int:
    """Return the bytes that a stream's socket holds: unread, or not sent yet."""
    if sys.platform != "linux" or sock.fileno() < 0:
        return 0
    import fcntl

    answer = fcntl.ioctl(sock.fileno(), request, bytes(4))
    return int(struct.unpack("=i", answer)[0])
