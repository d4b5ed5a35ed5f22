"""What a machine may refuse, played on one that does not: for tests and teachers.

``P2PKIT_WITHOUT=namespaces,packet-sockets,dumpcap`` has everything here behave as where
user namespaces, packet sockets or dumpcap are refused: any of these words, in any
order. This is the one place that reads it.
"""

from __future__ import annotations

import errno
import os
import socket
from typing import Literal

SWITCH = "P2PKIT_WITHOUT"
"""The environment variable; words separated by commas."""

Refusable = Literal["namespaces", "packet-sockets", "dumpcap"]


def refuse_if_switched_off(what: Refusable) -> None:
    """Raise the `PermissionError` of a machine that refuses `what`, if so asked."""
    if what in os.environ.get(SWITCH, "").split(","):
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))


def open_socket(family: int, kind: int, proto: int = 0) -> socket.socket:
    """Open a socket in the network of this process.

    Raises
    ------
    OSError
        If the system refuses it, or is to be taken for one that does.
    """
    if family == getattr(socket, "AF_PACKET", None):
        refuse_if_switched_off("packet-sockets")
    return socket.socket(family, kind, proto)
