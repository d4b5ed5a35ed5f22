# SPDX-License-Identifier: GPL-2.0-only
"""Crafted packets on their way out, and their answers back in."""

from __future__ import annotations

import socket
import time
from typing import Any

from scapy.packet import Packet

from p2pkit.observe.capture.layers.ring_socket import RingSocket
from p2pkit.observe.capture.outgoing import Outlet


class CraftedSocket(RingSocket):
    """Sends IP packets to nodes of a cluster, and hears what goes between them.

    Parameters
    ----------
    hears : socket.socket
        A raw packet socket, see `RingSocket`.
    outlet : Outlet
        Looks at each packet before it leaves; it is closed with this one.

    Raises
    ------
    CaptureError
        If there can be no ring; both are closed then.
    """

    desc = "crafted packets among the nodes of one cluster"

    def __init__(self, hears: socket.socket, outlet: Outlet) -> None:
        self._outlet = outlet
        try:
            super().__init__(hears)
        except BaseException:
            outlet.close()
            raise

    def send(self, x: Packet) -> int:
        """Send one packet; return its length in bytes.

        It is built once: a packet with a random field is another one each time.

        Raises
        ------
        ForbiddenTarget
            If it is not a plain packet between nodes.
        """
        data = bytes(x)
        x.sent_time = time.time()
        return self._outlet.send(data)

    def recv(self, x: int = 0, **options: Any) -> Packet | None:
        """Return the next packet, from its IP header on, as it was sent."""
        found = super().recv(x, **options)
        return found.payload if found is not None else None

    def close(self) -> None:
        """Give ring and sockets back."""
        self._outlet.close()
        super().close()
