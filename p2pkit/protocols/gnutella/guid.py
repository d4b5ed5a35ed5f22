"""Ids: 16 bytes that name a servent or a question."""

from __future__ import annotations

from hashlib import sha1

from p2pkit.core import Address, Rng, format_address

GUID_BYTES = 16


def new_guid(rng: Rng) -> bytes:
    """Return a random id."""
    return _marked(rng.randbytes(GUID_BYTES))


def servent_guid(address: Address) -> bytes:
    """Return the id of the servent at an address: who knows the one knows the other."""
    return _marked(sha1(format_address(address).encode()).digest()[:GUID_BYTES])


def _marked(guid: bytes) -> bytes:
    """Set byte 8 to ff and byte 15 to 0, as servents after version 0.4 do."""
    return guid[:8] + b"\xff" + guid[9:15] + b"\0"
