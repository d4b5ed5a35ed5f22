"""Results: the files in a hit, and what else payloads are made of.

Names are written in UTF-8; one that is none is read as Latin-1.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from ipaddress import IPv4Address

from p2pkit.core import Address
from p2pkit.protocols.gnutella import messages as m


def read_results(
    data: bytes, at: int, end: int, most: int
) -> tuple[list[m.Result], int]:
    """Return up to `most` files that stand between two places, and where they end.

    Raises
    ------
    struct.error, ValueError
        If one breaks off.
    """
    results: list[m.Result] = []
    while at < end and len(results) < most:
        index, size = struct.unpack_from("<II", data, at)
        name_end = data.index(b"\0", at + 8, end)
        ext_end = data.index(b"\0", name_end + 1, end)
        name, ext = read_name(data[at + 8 : name_end]), data[name_end + 1 : ext_end]
        results.append(m.Result(index, size, name, ext))
        at = ext_end + 1
    return results, at


def write_results(results: Iterable[m.Result]) -> bytes:
    """Return files as they stand in a hit: two numbers, a name, extensions."""
    return b"".join(
        struct.pack("<II", capped(one.index), capped(one.size_bytes))
        + one.name.encode().replace(b"\0", b"")
        + b"\0"
        + one.ext
        + b"\0"
        for one in results
    )


def write_address(address: Address) -> bytes:
    """Return a port, little-endian, and an IPv4 address, in network order."""
    return struct.pack("<H", address[1]) + IPv4Address(address[0]).packed


def read_name(data: bytes) -> str:
    """Return the text that bytes stand for, in whatever code they are."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")


def capped(number: int) -> int:
    """Return a number as 32 bits can hold it."""
    return min(max(number, 0), 0xFFFF_FFFF)
