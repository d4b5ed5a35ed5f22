"""Framing: how a stream of Napster's is cut into messages."""

from __future__ import annotations

import struct
from typing import Self


class NapsterFraming:
    """Each message follows the length of its body, two bytes, little-endian."""

    def start(self) -> Self:
        """Return this framing: every stream is cut alike."""
        return self

    def wrap(self, payload: bytes) -> bytes:
        """Return length, kind and body; `payload` begins with the kind."""
        return struct.pack("<H", len(payload) - 2) + payload

    def split(self, buffer: bytearray) -> list[bytes]:
        """Take the complete messages off the front of `buffer`."""
        found, start = [], 0
        while len(buffer) - start >= 4:
            end = start + 4 + int.from_bytes(buffer[start : start + 2], "little")
            if end > len(buffer):
                break
            found.append(bytes(buffer[start + 2 : end]))
            start = end
        del buffer[:start]
        return found
