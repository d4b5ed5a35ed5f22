"""The classic pcap file: a header of 24 bytes, then packets with 16 bytes before each.

Source: draft-ietf-opsawg-pcap, "PCAP Capture File Format".
"""

from __future__ import annotations

import struct

import numpy as np

from p2pkit.core import CaptureError
from p2pkit.observe.capture.records import (
    MOST_BYTES,
    Bytes,
    Ints,
    Records,
    ints,
)

SIGNATURES = {
    bytes.fromhex("d4c3b2a1"): ("<", 1000),
    bytes.fromhex("a1b2c3d4"): (">", 1000),
    bytes.fromhex("4d3cb2a1"): ("<", 1),
    bytes.fromhex("a1b23c4d"): (">", 1),
}
"""First bytes of a file: its byte order, and nanoseconds in a unit of its clock."""

HEADER_BYTES, BEFORE_BYTES = 24, 16
LINK_BITS = 0xFFFF
"""Of the last field of the header; above it may stand the length of a checksum."""


def read(data: Bytes, name: str) -> Records:
    """Find the packets of a mapped pcap file called `name`.

    Raises
    ------
    CaptureError
        If not even the header is there.
    """
    order, unit_ns = SIGNATURES[data[:4].tobytes()]
    if len(data) < HEADER_BYTES:
        reason = f"{name} ends within its first {HEADER_BYTES} bytes"
        raise CaptureError(reason)
    (link,) = struct.unpack_from(order + "I", data.data, 20)
    at, damage = _walk(data, order, name)
    fields = data[at[:, None] + np.arange(BEFORE_BYTES)].view(order + "u4")
    seconds, parts, stored, wire = fields.astype(np.int64).T
    at_ns = seconds * 1_000_000_000 + parts * unit_ns
    links = np.full(len(at), link & LINK_BITS, np.int64)
    return Records(
        data, at + BEFORE_BYTES, stored, np.maximum(wire, stored), at_ns, links,
        damage=damage,
    )  # fmt: skip


def _walk(data: Bytes, order: str, name: str) -> tuple[Ints, str]:
    """Return where each record begins, and what ended the walk too early."""
    length_at = struct.Struct(order + "I").unpack_from
    found: list[int] = []
    view, at, size = data.data, HEADER_BYTES, len(data)
    while at + BEFORE_BYTES <= size:
        (length,) = length_at(view, at + 8)
        if length > MOST_BYTES:
            return ints(found), (
                f"{name} is damaged at byte {at:,}: a packet of {length:,} bytes "
                f"cannot be; the {len(found):,} packets before it are kept"
            )
        if at + BEFORE_BYTES + length > size:
            break
        found.append(at)
        at += BEFORE_BYTES + length
    if at == size:
        return ints(found), ""
    return ints(found), (
        f"{name} ends in the middle of packet {len(found) + 1:,}: the {len(found):,} "
        "before it are kept"
    )
