"""Gnutella at a glance: the 17th byte of a message is its type; the rest is text.

Source: RFC-Gnutella 0.6. Types are those of `protocols.gnutella`.
"""

from __future__ import annotations

import numpy as np

from p2pkit.observe.capture.stretches import Stretches
from p2pkit.observe.capture.wires.types import UNKNOWN, Types

KINDS = {
    0x00: "Ping", 0x01: "Pong", 0x02: "Bye", 0x31: "Vendor", 0x32: "Vendor",
    0x40: "Push", 0x80: "Query", 0x81: "QueryHit",
}  # fmt: skip
ROUTES, ROUTE_NAMES = 0x30, ("RouteReset", "RoutePatch")
"""A table of keywords: the first byte behind the header says which part of it."""

GREETING, HTTP, OTHER = "Greeting", "Http", "Other"
HTTP_BEGINS = (b"GET ", b"HEAD ", b"HTTP/", b"GIV ")
HEADER_BYTES = 23


def types(payload: Stretches) -> Types:
    """Return the type of each message.

    Examples
    --------
    >>> ping = bytes(16) + bytes([0, 1, 0]) + bytes(4)
    >>> found = types(Stretches.of([ping, b"GNUTELLA CONNECT/0.6"]))
    >>> found.name(0), found.name(1)
    ('Ping', 'Greeting')
    """
    found = Types.unknown(len(payload), dict.fromkeys((*KINDS.values(), OTHER)))
    # A message is shorter than 2 ** 24 bytes, so the last byte of its length is zero.
    has_header = (payload.length >= HEADER_BYTES) & (payload.byte(22) == 0)
    codes = np.full(256, found.code(OTHER), np.int64)
    for kind, name in KINDS.items():
        codes[kind] = found.code(name)
    codes[ROUTES] = UNKNOWN
    kinds = payload.byte(16)
    found.codes[:] = np.where(has_header, codes[kinds], UNKNOWN)
    for variant, name in enumerate(ROUTE_NAMES):
        is_route = has_header & (kinds == ROUTES) & (payload.length > HEADER_BYTES)
        found.codes[is_route & (payload.byte(23) == variant)] = found.code(name)
    found.codes[~has_header & payload.starts_with(b"GNUTELLA")] = found.code(GREETING)
    for begin in HTTP_BEGINS:
        found.codes[~has_header & payload.starts_with(begin)] = found.code(HTTP)
    return found
