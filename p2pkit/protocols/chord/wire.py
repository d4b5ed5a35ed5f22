"""What messages are made of: bounded ids, values and contacts, as they cross the wire.

Ids are bytes there, because msgpack's integers end at 64 bits.
"""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

MAX_VALUE_BYTES = 900
"""Longest value; with its envelope it still fits one datagram."""
MAX_BYTES = 1400
"""Longest message: an answer that names 30 contacts, on any path without fragments."""
MAX_HOPS = 20
"""Peers that a recursive lookup may pass: as many as 2**40 nodes would need."""
MAX_OFFERED = 24
"""Keys in one offer."""
MAX_VERSION = 2**63 - 1
"""Nobody gets there by counting; what is put at it stays at it."""

WireId = Annotated[bytes, Meta(max_length=20)]
Tid = Annotated[bytes, Meta(min_length=1, max_length=8)]
Value = Annotated[bytes, Meta(max_length=MAX_VALUE_BYTES)]
Version = Annotated[int, Meta(ge=0, le=MAX_VERSION)]


class Peer(msgspec.Struct, frozen=True, array_like=True):
    """A contact on the wire; its host as 4 bytes, or 16 of IPv6."""

    id: WireId
    host: Annotated[bytes, Meta(min_length=4, max_length=16)]
    port: Annotated[int, Meta(ge=1, le=65535)]


Peers = Annotated[tuple[Peer, ...], Meta(max_length=20)]
Path = Annotated[tuple[WireId, ...], Meta(max_length=MAX_HOPS)]
Keys = Annotated[tuple[WireId, ...], Meta(max_length=MAX_OFFERED)]
Versions = Annotated[tuple[tuple[WireId, Version], ...], Meta(max_length=MAX_OFFERED)]
