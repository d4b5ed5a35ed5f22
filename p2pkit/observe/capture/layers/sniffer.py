# SPDX-License-Identifier: GPL-2.0-only
"""A sniffer that begins when it says so, and ends with all that it has heard.

Scapy's `AsyncSniffer` opens its socket in its thread, so the first packets may pass
before it hears, and it throws away what waits in the kernel when it is stopped.
"""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from typing import Any, Self

from scapy.error import Scapy_Exception
from scapy.plist import PacketList
from scapy.sendrecv import AsyncSniffer

from p2pkit.core import CaptureError
from p2pkit.observe.capture.layers.ring_socket import MAX_WAIT_S, RingSocket

START_S = 10.0
"""How long a thread may take to begin on a busy machine."""

END_S = 5.0
"""How long what has passed already is waited for at the end."""


class Sniffer(AsyncSniffer):
    """Packets from `start` to `stop`, or inside a ``with`` block.

    Parameters
    ----------
    sock : RingSocket
        What it hears; it is closed at the end.
    **options
        As for scapy's `AsyncSniffer`: ``count``, ``prn``, ``lfilter``, ``store``,
        ``stop_filter``, ``session``.

    Attributes
    ----------
    results : PacketList or None
        The packets, once it has ended.
    """

    def __init__(self, sock: RingSocket, **options: Any) -> None:
        self._sock, self._began = sock, threading.Event()
        super().__init__(
            opened_socket=sock, started_callback=self._began.set, **options
        )

    def start(self) -> None:
        """Begin to hear; returns when it does.

        Raises
        ------
        CaptureError
            If its thread does not begin.
        """
        super().start()
        if not self._began.wait(START_S):
            reason = f"the sniffer did not begin within {START_S:.0f} s"
            raise CaptureError(reason) from self.exception

    def stop(self, join: bool = True) -> PacketList | None:
        """End, and return the packets that had passed until now."""
        passed, deadline = self._sock.stats().packets, time.monotonic() + END_S
        while self.running and not self._sock.has_received(passed):
            if self.thread is None or time.monotonic() > deadline:
                break
            self.thread.join(MAX_WAIT_S)
        if self.running:
            with suppress(Scapy_Exception):  # it has just ended by itself
                super().stop(join=False)
        self.join()
        self._sock.close()
        return self.results

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
