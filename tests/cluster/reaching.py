"""Trying to reach an address that belongs to nobody: 192.0.2.1, of RFC 5737."""

from __future__ import annotations

import errno
import socket
import sys

from tests.cluster.pinger import Pinger

OUTSIDE = "192.0.2.1"
KINDS = {
    "datagram": (socket.AF_INET, socket.SOCK_DGRAM, 0),
    "stream": (socket.AF_INET, socket.SOCK_STREAM, 0),
    "raw": (socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW),
}
# The least that is an IP packet: UDP, from 127.0.0.1, without a payload.
PACKET = bytes.fromhex("4500001c 00010000 40110000 7f000001 c0000201 00090009 00080000")


def reach(opened: socket.socket) -> str:
    """Send something outside; return the name of the error, or "sent"."""
    try:
        if opened.type == socket.SOCK_STREAM:
            opened.connect((OUTSIDE, 9))
        else:
            opened.sendto(PACKET, (OUTSIDE, 9))
    except OSError as error:
        return errno.errorcode[error.errno or 0]
    return "sent"


class Reacher(Pinger):
    """A node that tries, and tells."""

    def reach(self, kind: str) -> str:
        with socket.socket(*KINDS[kind]) as opened:
            return reach(opened)


if __name__ == "__main__":
    with socket.socket(*KINDS[sys.argv[1]]) as one:
        sys.stdout.write(f"{reach(one)}\n")
