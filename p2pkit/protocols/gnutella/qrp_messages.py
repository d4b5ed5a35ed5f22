"""Query routing on the wire: a table is emptied, and then patched piece by piece.

Both messages have type 0x30 and cross one link. A patch is deflated as a whole and cut
into pieces, which come in order, each with its number.
Read first: ``query_table.py``. Read next: ``qrp_incoming.py``.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator
from typing import Any

from p2pkit.core import Message, RemoteProtocolError
from p2pkit.protocols.gnutella.messages import Descriptor
from p2pkit.protocols.gnutella.query_table import BITS, INFINITY

KIND = 0x30
RESET, PATCH = 0, 1
PLAIN, DEFLATED = 0, 1
PIECE_BYTES = 4096
"""Longest piece that we send; 255 of them are more than any table needs."""

_RESET, _PATCH = struct.Struct("<BIB"), struct.Struct("<BBBBB")


class RouteReset(Descriptor, frozen=True, kw_only=True, gc=False):
    """What follows is about a new table of `entries` slots, all of them empty."""

    entries: int = 1 << BITS
    infinity: int = INFINITY


class RoutePatch(Descriptor, frozen=True, kw_only=True, gc=False):
    """One piece of a patch.

    Parameters
    ----------
    number, pieces : int
        Which piece this is, from 1, and how many there are; 1 to 255.
    packing : int
        0 for plain, 1 for deflated.
    entry_bits : int
        Bits for each slot: 4 or 8.
    data : bytes
        The piece.
    """

    number: int = 1
    pieces: int = 1
    packing: int = DEFLATED
    entry_bits: int = 4
    data: bytes = b""


def read_route(data: bytes, header: dict[str, Any]) -> RouteReset | RoutePatch:
    """Return the message in a payload of type 0x30."""
    if data[0] == RESET:
        _, entries, infinity = _RESET.unpack_from(data)
        return RouteReset(**header, entries=entries, infinity=infinity)
    if data[0] != PATCH:
        raise RemoteProtocolError("malformed payload")  # noqa: EM101, TRY003
    _, number, pieces, packing, bits = _PATCH.unpack_from(data)
    return RoutePatch(
        **header, number=number, pieces=pieces, packing=packing, entry_bits=bits,
        data=data[_PATCH.size :],
    )  # fmt: skip


def write_reset(one: RouteReset) -> bytes:
    """Return the payload of a reset."""
    return _RESET.pack(RESET, one.entries, one.infinity)


def write_patch(one: RoutePatch) -> bytes:
    """Return the payload of a piece of a patch."""
    head = PATCH, one.number, one.pieces, one.packing, one.entry_bits
    return _PATCH.pack(*head) + one.data


def patches(guid: bytes, patch: bytes) -> Iterator[RoutePatch]:
    """Yield the messages that bring a patch of 4 bits a slot."""
    packed = zlib.compress(patch, 9)
    pieces = [
        packed[at : at + PIECE_BYTES] for at in range(0, len(packed), PIECE_BYTES)
    ]
    for number, data in enumerate(pieces, 1):
        yield RoutePatch(guid=guid, number=number, pieces=len(pieces), data=data)


READERS: dict[int, Callable[[bytes, dict[str, Any]], Message]] = {KIND: read_route}
WRITERS: dict[type, tuple[int | None, Callable[[Any], bytes]]] = {
    RouteReset: (KIND, write_reset),
    RoutePatch: (KIND, write_patch),
}
