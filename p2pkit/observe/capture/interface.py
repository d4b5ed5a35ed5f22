"""What is known of a network interface: its MTU, and what it does for the system."""

from __future__ import annotations

import contextlib
import ctypes
import socket
import struct
import sys
from typing import NamedTuple

SIOCGIFMTU, SIOCETHTOOL = 0x8921, 0x8946  # <linux/sockios.h>
_ASKS = (0x1E, 0x23, 0x2B)  # <linux/ethtool.h>: TSO, GSO, GRO


class Interface(NamedTuple):
    """What an interface does to packets.

    Attributes
    ----------
    mtu : int
        Longest IP packet in bytes; 0 if that is not known.
    offload : bool or None
        Whether it takes TCP segments longer than that, so that a capture shows fewer
        and longer packets than a wire would carry; None if that is not known.
    """

    mtu: int = 0
    offload: bool | None = None


def interface_at(sock: socket.socket, name: str) -> Interface:
    """Return what is known of an interface in the network that a socket belongs to."""
    if sys.platform != "linux":
        return Interface()
    import fcntl

    request = name.encode()[:15].ljust(16, b"\0")
    try:
        answer = fcntl.ioctl(sock, SIOCGIFMTU, request + bytes(24))
    except OSError:
        return Interface()
    (mtu,) = struct.unpack_from("=i", answer, 16)
    found = []
    for ask in _ASKS:
        value = ctypes.create_string_buffer(struct.pack("=II", ask, 0), 8)
        where = struct.pack("@P", ctypes.addressof(value))
        with contextlib.suppress(OSError):
            fcntl.ioctl(sock, SIOCETHTOOL, request + where.ljust(24, b"\0"))
            found.append(struct.unpack("=II", value.raw)[1] != 0)
    return Interface(mtu, any(found) if found else None)
