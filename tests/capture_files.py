"""Capture files and packets, written by hand byte by byte, for tests of the reader."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from ipaddress import ip_address

Address = tuple[str, int]
A, B = ("127.1.0.1", 6881), ("127.1.0.2", 6882)
SYN, FIN, RST, ACK = 2, 1, 4, 16


def udp(payload: bytes, source: Address = A, to: Address = B) -> bytes:
    """Return a datagram with its network header: IPv4, or IPv6 if the hosts are."""
    ports = struct.pack("!HHHH", source[1], to[1], 8 + len(payload), 0)
    return ip(17, ports + payload, source[0], to[0])


def tcp(
    payload: bytes = b"",
    sequence: int = 0,
    flags: int = ACK,
    source: Address = A,
    to: Address = B,
    acknowledged: int = 0,
    options: bytes = b"",
) -> bytes:
    """Return a segment with its network header."""
    offset = (20 + len(options)) // 4 << 4
    head = struct.pack(
        "!HHIIBBHHH", source[1], to[1], sequence & 0xFFFFFFFF, acknowledged, offset,
        flags, 1000, 0, 0,
    )  # fmt: skip
    return ip(6, head + options + payload, source[0], to[0])


def ip(carried: int, body: bytes, source: str, to: str) -> bytes:
    """Return what IP carries, with its header."""
    hosts = ip_address(source).packed + ip_address(to).packed
    if len(hosts) == 32:
        return struct.pack("!IHBB", 0x60000000, len(body), carried, 64) + hosts + body
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(body), 0, 0, 64, carried, 0)
    return head + hosts + body


def ethernet(packet: bytes, tags: int = 0) -> bytes:
    """Return a frame of Ethernet, with so many VLAN tags."""
    kind = b"\x86\xdd" if packet[:1] >= b"\x60" else b"\x08\x00"
    return bytes(12) + b"\x81\x00\x00\x07" * tags + kind + packet


LINKS = {
    0: lambda one: struct.pack("<I", 10 if one[:1] >= b"\x60" else 2) + one,
    1: ethernet,
    101: lambda one: one,
    108: lambda one: struct.pack("!I", 10 if one[:1] >= b"\x60" else 2) + one,
    113: lambda one: bytes(14) + ethernet(one)[12:],
    276: lambda one: ethernet(one)[12:14] + bytes(18) + one,
}
"""By link type, what puts a packet of IP into a frame of it."""


def pcap(
    frames: Iterable[bytes],
    order: str = "<",
    nanoseconds: bool = False,
    link: int = 1,
    snaplen: int = 1 << 16,
) -> bytes:
    """Return a classic file; packet i was taken at i seconds and i fractions."""
    magic = 0xA1B23C4D if nanoseconds else 0xA1B2C3D4
    parts = [struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, snaplen, link)]
    for i, frame in enumerate(frames):
        kept = frame[:snaplen]
        parts.append(struct.pack(order + "IIII", i, i, len(kept), len(frame)) + kept)
    return b"".join(parts)


def block(kind: int, body: bytes, order: str = "<") -> bytes:
    """Return a block of a pcapng file."""
    body += bytes(-len(body) % 4)
    length = struct.pack(order + "I", 12 + len(body))
    return struct.pack(order + "I", kind) + length + body + length


def section(order: str = "<") -> bytes:
    """Return the head of a section."""
    return block(0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1), order)


def interface(
    order: str = "<", link: int = 1, options: Sequence[tuple[int, bytes]] = ()
) -> bytes:
    """Return an interface with options, such as ``(9, b"\\x09")`` for nanoseconds."""
    listed = b"".join(
        struct.pack(order + "HH", code, len(value)) + value + bytes(-len(value) % 4)
        for code, value in options
    )
    return block(1, struct.pack(order + "HHI", link, 0, 0) + listed, order)


def packet(
    frame: bytes, at: int = 0, order: str = "<", number: int = 0, wire: int = 0
) -> bytes:
    """Return a packet taken at `at` units of the clock of an interface."""
    head = struct.pack(
        order + "IIIII", number, at >> 32, at & 0xFFFFFFFF, len(frame),
        wire or len(frame),
    )  # fmt: skip
    return block(6, head + frame + bytes(-len(frame) % 4), order)


def name_block(names: dict[str, str], order: str = "<") -> bytes:
    """Return a block of names of hosts."""
    body = b""
    for host, name in names.items():
        value = ip_address(host).packed + name.encode() + b"\0"
        kind = 1 if len(ip_address(host).packed) == 4 else 2
        body += struct.pack(order + "HH", kind, len(value)) + value
        body += bytes(-len(value) % 4)
    return block(4, body + bytes(4), order)
