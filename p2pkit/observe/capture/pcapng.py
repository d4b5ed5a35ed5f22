"""pcapng: the few kinds of blocks that our captures are made of.

A file is a sequence of blocks; each says its type and its length, so that a reader
skips what it does not know. Times are nanoseconds since 1970.

Source: the Internet draft "PCAP Now Generic (pcapng) Capture File Format".
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterable, Iterator
from importlib import metadata
from typing import NamedTuple

SECTION, INTERFACE, NAMES, STATISTICS, PACKET = 0x0A0D0D0A, 1, 4, 5, 6
LOCAL = 0x8000_0000
"""Types from here on are nobody's: readers of other people skip them."""
RING_BLOCK, GAP = LOCAL | 0x7032_7001, LOCAL | 0x7032_7002
"""A block of a ring as it came; bytes that are of no use any more."""

ETHERNET, RAW_IP = 1, 101
"""Link types."""
MAX_BLOCK_BYTES = 16 << 20
"""Longest block that is believed in."""

_COMMENT = 1
_HEAD = struct.Struct("<II")
_TAIL = struct.Struct("<I")
_PACKET_HEAD = struct.Struct("<7I")


def block(kind: int, body: bytes) -> bytes:
    """Return a block; `body` is filled up to whole words of four bytes."""
    body += bytes(-len(body) % 4)
    length = len(body) + 12
    return _HEAD.pack(kind, length) + body + _TAIL.pack(length)


def section() -> bytes:
    """Return the block that a file begins with."""
    body = struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)
    return block(SECTION, body + options([(4, _application().encode())]))


def interface(name: str, link: int = ETHERNET, taken: str = "") -> bytes:
    """Return the block of an interface.

    Parameters
    ----------
    name : str
        Such as ``lo``.
    link : int
        What its packets begin with.
    taken : str
        Which packets were taken, as a note; all if empty.
    """
    body = struct.pack("<HHI", link, 0, 0)
    told = [(2, name.encode()), (9, b"\x09")]  # times count in 10**-9 s
    if taken:
        told.append((11, b"\0" + taken.encode()))
    return block(INTERFACE, body + options(told))


def names(pairs: Iterable[tuple[str, str]]) -> bytes:
    """Return the block that gives IPv4 addresses names; pairs of host and name."""
    body = b""
    for host, name in pairs:
        value = socket.inet_aton(host) + name.encode() + b"\0"
        body += _option(1, value)
    return block(NAMES, body + struct.pack("<HH", 0, 0))


def statistics(at_ns: int, began_ns: int, seen: int, dropped: int, kept: int) -> bytes:
    """Return the block that says what the kernel saw of the first interface."""
    counts = [(4, seen), (7, dropped), (8, kept)]
    told = [(2, _time(began_ns)), (3, _time(at_ns))]
    told += [(kind, struct.pack("<Q", count)) for kind, count in counts]
    return block(STATISTICS, struct.pack("<I", 0) + _time(at_ns) + options(told))


def packet(at_ns: int, wire_bytes: int, data: bytes, ending: bytes) -> bytes:
    """Return the block of a packet of the first interface.

    Parameters
    ----------
    at_ns : int
        When it was seen.
    wire_bytes : int
        How long it was; more than `data` if that was cut.
    data : bytes
        What was kept of it.
    ending : bytes
        Its options, see `comment`.
    """
    length, padding = len(data), -len(data) % 4
    total = 32 + length + padding + len(ending)
    head = _PACKET_HEAD.pack(
        PACKET, total, 0, at_ns >> 32, at_ns & 0xFFFF_FFFF, length, wire_bytes
    )
    return b"".join((head, data, bytes(padding), ending, _TAIL.pack(total)))


def comment(text: str) -> bytes:
    """Return the options of a packet with a comment; none for an empty one."""
    return options([(_COMMENT, text.encode())])


def options(told: Iterable[tuple[int, bytes]]) -> bytes:
    """Return options and their end; those without a value are left out."""
    found = b"".join(_option(kind, value) for kind, value in told if value)
    return found + bytes(4) if found else b""


class Block(NamedTuple):
    """A block of a file, of which only the head was looked at."""

    kind: int
    start: int
    end: int


def blocks(data: bytes | memoryview, start: int = 0) -> Iterator[Block]:
    """Yield the whole blocks in `data`; ends early where they make no sense."""
    while start + 12 <= len(data):
        kind, length = _HEAD.unpack_from(data, start)
        if not 12 <= length <= MAX_BLOCK_BYTES or length % 4:
            return
        if start + length > len(data):
            return
        yield Block(kind, start, start + length)
        start += length


def packet_at(data: bytes | memoryview, start: int) -> tuple[int, int, bytes]:
    """Return time, length on the wire and bytes of the packet in a block."""
    *_, high, low, kept, wire = _PACKET_HEAD.unpack_from(data, start)
    return high << 32 | low, wire, bytes(data[start + 28 : start + 28 + kept])


def _application() -> str:
    try:
        return f"p2pkit {metadata.version('p2pkit')}"
    except metadata.PackageNotFoundError:
        return "p2pkit"


def _option(kind: int, value: bytes) -> bytes:
    return struct.pack("<HH", kind, len(value)) + value + bytes(-len(value) % 4)


def _time(at_ns: int) -> bytes:
    return struct.pack("<II", at_ns >> 32, at_ns & 0xFFFF_FFFF)
