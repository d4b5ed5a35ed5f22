"""Fragments: datagrams that were longer than a packet may be, put together again.

A sender's IP layer cuts a datagram that does not fit; each piece says where it belongs,
and only the first one has the ports. Source: RFC 791, section 3.2. Only IPv4.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from p2pkit.observe.capture.headers import FRAGMENT, UDP, Headers

HEADER_BYTES = 8
"""Of UDP; it stands in the first piece."""

MOST_OPEN = 1_024
"""Datagrams that wait for a piece; one more, and the oldest is given up."""

OFFSET_BITS, MORE = 0x1FFF, 0x2000

Key = tuple[int, int, int]
"""Source, destination and number of a datagram."""


class Whole(NamedTuple):
    """A datagram that came in pieces.

    Parameters
    ----------
    packets : tuple of int
        The packets that carried it, the one with its begin first.
    data : bytes
        What it carried.
    """

    packets: tuple[int, ...]
    data: bytes

    @property
    def last(self) -> int:
        """The packet by which all of it had come."""
        return max(self.packets)


class Piece(NamedTuple):
    """A part of a datagram: where it belongs, whether more follow, its packet."""

    start: int
    has_more: bool
    packet: int
    data: bytes


def put_together(headers: Headers) -> list[Whole]:
    """Return the datagrams of UDP all of whose pieces are there, in order."""
    some = np.flatnonzero((headers.carried == FRAGMENT) & ~headers.is_ipv6)
    network = headers.network[some]
    columns = (
        some, network.number(12, 4), network.number(16, 4), network.number(4, 2),
        network.byte(9), network.number(6, 2), headers.payload_bytes[some],
    )  # fmt: skip
    found: list[Whole] = []
    waiting: dict[Key, list[Piece]] = {}
    for packet, source, to, number, carried, place, size in zip(
        *(column.tolist() for column in columns), strict=True
    ):
        data = headers.payload.piece(packet)
        if carried != UDP or len(data) < size:
            continue
        key = source, to, number
        pieces = waiting.setdefault(key, [])
        pieces.append(
            Piece((place & OFFSET_BITS) * 8, bool(place & MORE), packet, data)
        )
        whole = _joined(pieces)
        if whole is not None:
            del waiting[key]
            found.append(whole)
        elif len(waiting) > MOST_OPEN:
            del waiting[next(iter(waiting))]
    return found


def _joined(pieces: list[Piece]) -> Whole | None:
    """Return the datagram that some pieces make; None while one is missing."""
    ordered, reached = sorted(pieces), 0
    for piece in ordered:
        if piece.start != reached:
            return None
        reached += len(piece.data)
    if ordered[-1].has_more or reached < HEADER_BYTES:
        return None
    data = b"".join(piece.data for piece in ordered)
    return Whole(tuple(piece.packet for piece in ordered), data[HEADER_BYTES:])
