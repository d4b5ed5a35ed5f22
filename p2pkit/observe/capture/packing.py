"""Headers: the Ethernet, IP, UDP and TCP around payload that a tap has noted.

They say what the kernel's would, as far as a tap can know it: addresses, ports,
lengths, checksums, and running numbers of streams. Ethernet addresses are zeros, as
on loopback.

Source: RFC 791, RFC 768 and RFC 9293.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from typing import NamedTuple

from p2pkit.core import Address

SEGMENT_BYTES = 1448
"""Payload of a segment: what is left of an Ethernet's 1,500 bytes behind IP and TCP
with its timestamps."""
WINDOW = 65_535
TTL = 64
FIN, SYN, RST, PUSH, ACK = 0x01, 0x02, 0x04, 0x08, 0x10

_ETHERNET = bytes(12) + b"\x08\x00"
_IP = struct.Struct("!BBHHHBBH4s4s")
_PSEUDO = struct.Struct("!4s4sBBH")
_UDP = struct.Struct("!HHHH")
_TCP = struct.Struct("!HHIIBBHHH")
_DO_NOT_FRAGMENT = 0x4000


def checksum(data: bytes) -> int:
    """Return the Internet checksum, RFC 1071.

    The ones' complement sum of words of 16 bits is the remainder by 65,535.

    Examples
    --------
    >>> hex(checksum(bytes.fromhex("0001f203f4f5f6f7")))
    '0x220d'
    """
    if len(data) % 2:
        data += b"\0"
    return 0xFFFF - int.from_bytes(data, "big") % 0xFFFF


def datagram(source: Address, target: Address, data: bytes, number: int) -> bytes:
    """Return the frame of a UDP datagram; `number` is that of its IP packet."""
    ends = socket.inet_aton(source[0]), socket.inet_aton(target[0])
    length = len(data) + _UDP.size
    ports = source[1], target[1], length
    pseudo = _PSEUDO.pack(*ends, 0, socket.IPPROTO_UDP, length)
    total = checksum(pseudo + _UDP.pack(*ports, 0) + data)
    return _frame(ends, socket.IPPROTO_UDP, number, _UDP.pack(*ports, total) + data)


class Segment(NamedTuple):
    """A TCP segment to be: who sends it, its flags and its payload."""

    source: Address
    target: Address
    flags: int
    data: bytes = b""


class Stream:
    """One TCP connection, of which segments are made with running numbers.

    Parameters
    ----------
    is_begun : bool
        Whether it was there before the tap, so that no opening is seen.
    """

    def __init__(self, *, is_begun: bool) -> None:
        self._next: dict[Address, int] = {}
        self._first = 1 if is_begun else 0
        self.ended: set[Address] = set()

    def segment(self, one: Segment, number: int) -> bytes:
        """Return the frame of a segment, and count what it carries."""
        ends = socket.inet_aton(one.source[0]), socket.inet_aton(one.target[0])
        sequence = self._next.get(one.source, self._first)
        acked = self._next.get(one.target, self._first) if one.flags & ACK else 0
        tcp = (one.source[1], one.target[1], sequence, acked, 5 << 4, one.flags, WINDOW)
        length = _TCP.size + len(one.data)
        pseudo = _PSEUDO.pack(*ends, 0, socket.IPPROTO_TCP, length)
        total = checksum(pseudo + _TCP.pack(*tcp, 0, 0) + one.data)
        carried = len(one.data) + (1 if one.flags & (SYN | FIN) else 0)
        self._next[one.source] = (sequence + carried) & 0xFFFF_FFFF
        segment = _TCP.pack(*tcp, total, 0) + one.data
        return _frame(ends, socket.IPPROTO_TCP, number, segment)


def opening(source: Address, target: Address) -> tuple[Segment, ...]:
    """Return the three segments by which a stream is opened."""
    return (
        Segment(source, target, SYN),
        Segment(target, source, SYN | ACK),
        Segment(source, target, ACK),
    )


def pieces(source: Address, target: Address, data: bytes) -> Iterator[Segment]:
    """Yield the segments that carry what was written at once."""
    for start in range(0, len(data), SEGMENT_BYTES):
        piece = data[start : start + SEGMENT_BYTES]
        last = start + SEGMENT_BYTES >= len(data)
        yield Segment(source, target, ACK | PUSH if last else ACK, piece)


def _frame(
    ends: tuple[bytes, bytes], protocol: int, number: int, inside: bytes
) -> bytes:
    head = (
        0x45, 0, _IP.size + len(inside), number & 0xFFFF, _DO_NOT_FRAGMENT, TTL,
        protocol,
    )  # fmt: skip
    total = checksum(_IP.pack(*head, 0, *ends))
    return _ETHERNET + _IP.pack(*head, total, *ends) + inside
