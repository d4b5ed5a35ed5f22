# SPDX-License-Identifier: GPL-2.0-only
# scapy.contrib.description = Napster, the central index
# scapy.contrib.status = loads
"""Napster for scapy: length and type, two little-endian bytes each, then a line.

>>> (Napster(Type=200) / b'FILENAME CONTAINS "world" MAX_RESULTS 7').build()[:4].hex()
'2700c800'
"""

from __future__ import annotations

from scapy.fields import LenField, LEShortEnumField

from p2pkit.observe.capture.layers.stream import StreamLayer
from p2pkit.protocols.central_index.wire import KINDS

TYPES = {number: kind.__name__ for kind, number, _, _ in KINDS}
HEADER_BYTES = 4


class Napster(StreamLayer):
    """One message; what it says follows as it is."""

    name = "Napster"
    fields_desc = [
        LenField("Length", None, fmt="<H"),
        LEShortEnumField("Type", 0, TYPES),
    ]

    @classmethod
    def message_bytes(cls, data: bytes) -> int:
        """Return header and body."""
        if len(data) < HEADER_BYTES:
            return 0
        return HEADER_BYTES + int.from_bytes(data[:2], "little")

    def extract_padding(self, s: bytes) -> tuple[bytes, bytes | None]:
        """Say where the message ends."""
        return s[: self.Length], s[self.Length :] or None

    def mysummary(self) -> str:
        """Say which message it is."""
        return f"Napster {TYPES.get(self.Type, self.Type)}"
