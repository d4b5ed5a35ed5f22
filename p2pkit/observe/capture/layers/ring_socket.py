# SPDX-License-Identifier: GPL-2.0-only
"""The ring as a socket of scapy's, so that `sniff` and `AsyncSniffer` work on it.

Scapy's own sockets lose packets from two thousand a second on, and say nothing. A ring
keeps them while scapy takes its time, and counts what it could not keep.
"""

from __future__ import annotations

import operator
import select
import socket
from collections import deque
from collections.abc import Iterable
from typing import Any

from scapy.layers.l2 import Ether
from scapy.packet import Packet
from scapy.supersocket import SuperSocket
from scapy.utils import EDecimal

from p2pkit.core import CaptureError
from p2pkit.observe.capture.ring import (
    Ring,
    RingPacket,
    Seen,
    kernel_counts,
    packets_of,
)

BLOCKS = 16
"""MiB of a ring that somebody looks at live: some 80,000 small packets."""

MAX_WAIT_S = 0.05
"""How long `select` waits at most: scapy looks between two calls whether to stop."""


class RingSocket(SuperSocket):
    """What an interface carries, each packet once.

    Parameters
    ----------
    sock : socket.socket
        A raw packet socket of protocol 0; may come from another network namespace.
        It is closed with this one, also if there can be none.
    interface : str
        Whose packets.
    blocks : int
        Size of the ring in MiB.

    Raises
    ------
    CaptureError
        If the kernel refuses the ring, or has no such interface.
    """

    desc = "packets of a ring that the kernel fills"
    nonblocking_socket = True

    def __init__(
        self, sock: socket.socket, interface: str = "lo", blocks: int = BLOCKS
    ) -> None:
        self.ins, self.outs, self.iface = sock, None, interface
        self._seen, self._received = Seen(), 0
        self._waiting: deque[RingPacket] = deque()
        self.closed = True  # until there is a ring: scapy closes what is half made
        try:
            self._ring = _begun(sock, interface, blocks)
        except BaseException:
            sock.close()
            raise
        self.closed = False

    def recv_raw(self, x: int = 0) -> tuple[type[Packet] | None, bytes | None, Any]:
        """Return the next packet: its first layer, its bytes, its time."""
        if not self._waiting:
            self._drain()
        if not self._waiting:
            return None, None, None
        found = self._waiting.popleft()
        self._received += 1
        return Ether, found.data, EDecimal(found.at_ns) / 10**9

    def send(self, x: Packet) -> int:
        """Refuse: a ring only hears.

        Raises
        ------
        OSError
            Always.
        """
        reason = "a ring hears and does not send: use cluster.send_packet(...)"
        raise OSError(reason)

    def stats(self) -> Seen:
        """Return what the kernel has counted so far, lost packets among it."""
        if not self.closed:
            more = kernel_counts(self.ins)
            self._seen = Seen(*map(operator.add, self._seen, more))
        return self._seen

    def has_received(self, packets: int) -> bool:
        """Whether so many packets have been received, or were lost."""
        return self._received + self.stats().dropped >= packets

    def close(self) -> None:
        """Give ring and socket back."""
        if not self.closed:
            self.stats()
            self._ring.close()
        super().close()

    @staticmethod
    def select(sockets: Iterable[Any], remain: float | None = MAX_WAIT_S) -> list[Any]:
        """Return the sockets that have a packet, after a short wait if none has."""
        ready = [one for one in sockets if one.has_packet()]
        if not ready:
            wait_s = MAX_WAIT_S if remain is None else min(max(remain, 0), MAX_WAIT_S)
            select.select(list(sockets), [], [], wait_s)
            ready = [one for one in sockets if one.has_packet()]
        return ready

    def has_packet(self) -> bool:
        """Whether a packet is there to be received."""
        if not self._waiting:
            self._drain()
        return bool(self._waiting)

    def _drain(self) -> None:
        self._ring.drain(lambda block: self._waiting.extend(packets_of(bytes(block))))


def _begun(sock: socket.socket, interface: str, blocks: int) -> Ring:
    """Return a ring that hears an interface."""
    try:
        ring = Ring(sock, blocks)
        try:
            ring.begin(interface)
        except OSError:
            ring.close()
            raise
    except OSError as error:
        reason = (
            f"the kernel gives no ring of {blocks} MiB for packets of {interface}: "
            f"{error.strerror}. Nodes can note their packets themselves: capture with "
            'cluster.capture(source="tap")'
        )
        raise CaptureError(reason) from error
    return ring
