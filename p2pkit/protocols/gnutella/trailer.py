"""Trailer: what follows the files of a hit: who made the servent, and its extensions.

Four letters name the vendor, two bytes of flags say which others count, and the rest
is the vendor's own, or a GGEP block. In ours stands how far away a walk has found
something, for its hit comes back further than `hops` may count.
Source: RFC-Gnutella 0.6, section 2.2.7. Read first: ``ggep.py``.
"""

from __future__ import annotations

from p2pkit.core import RemoteProtocolError
from p2pkit.protocols.gnutella.ggep import MAGIC, read_ggep, write_ggep

VENDOR = b"P2PK"
"""The four letters of our servents."""

STEPS = "P2PS"
HAS_GGEP = 0x20
PLAIN = VENDOR + bytes([2, 0, 0])


def write_trailer(steps: int) -> bytes:
    """Return the trailer of a hit that a walk has found after `steps` links."""
    ggep = write_ggep({STEPS: steps.to_bytes(4, "little")})
    return VENDOR + bytes([2, HAS_GGEP, HAS_GGEP]) + ggep


def read_steps(trailer: bytes) -> int:
    """Return after how many links a walk has found something; 0 if it does not say."""
    at = trailer.find(MAGIC, len(VENDOR))
    if at < 0 or not trailer.startswith(VENDOR):
        return 0
    try:
        return int.from_bytes(read_ggep(trailer[at:])[0].get(STEPS, b"")[:4], "little")
    except RemoteProtocolError:
        return 0
