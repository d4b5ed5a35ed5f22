"""A loopback of one's own, and how many datagrams went over it.

In a network namespace that holds nothing but ``lo``, the kernel's counters count
what was measured and nothing else, and no client can reach the world.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import socket
import struct
from pathlib import Path

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000  # linux/sched.h
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 0x1  # linux/sockios.h, if.h


def enter_own_loopback() -> bool:
    """Move this process, which must have one thread, to a loopback of its own.

    Returns
    -------
    bool
        False where the system has no such thing: then the machine's loopback is
        used, and datagrams of others are counted too.
    """
    try:
        unshare = ctypes.CDLL(None, use_errno=True).unshare
    except (AttributeError, OSError):
        return False
    if unshare(CLONE_NEWNET) and unshare(CLONE_NEWUSER | CLONE_NEWNET):
        return False
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        name = struct.pack("16sH14x", b"lo", 0)
        answer = fcntl.ioctl(any_socket, SIOCGIFFLAGS, name)
        flags = struct.unpack("16sH14x", answer)[1] | IFF_UP
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", flags))
    return True


def datagrams_sent() -> int:
    """Return how many UDP datagrams were sent on this network so far, each once."""
    rows = [
        line.split()
        for line in Path("/proc/self/net/snmp").read_text().splitlines()
        if line.startswith("Udp:")
    ]
    return int(rows[1][rows[0].index("OutDatagrams")])


def resident_mb() -> float:
    """Return the resident memory of this process in megabytes (10**6 bytes)."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
