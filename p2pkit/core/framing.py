"""Framing: how a stream of bytes is cut into messages."""

from __future__ import annotations

import struct
from typing import Protocol, Self

from p2pkit.core.errors import FrameTooLarge


class Framing(Protocol):
    """Cuts a stream into messages; protocols on streams name their own.

    Drivers call `start` for each stream, and `wrap` and `split` of what it returns.
    """

    def start(self) -> Framing:
        """Return what cuts one stream: itself, if it remembers nothing of a stream."""
        ...

    def wrap(self, payload: bytes) -> bytes:
        """Return the bytes to write for one message."""
        ...

    def split(self, buffer: bytearray) -> list[bytes]:
        """Take the complete messages off the front of `buffer`.

        Raises
        ------
        FrameTooLarge
            If the next message announces more bytes than are allowed.
        """
        ...


class LengthPrefix:
    """Each message follows its length, four bytes in network order.

    Parameters
    ----------
    max_bytes : int
        Longest message in bytes; a peer that announces more is disconnected.

    Examples
    --------
    >>> framing = LengthPrefix()
    >>> buffer = bytearray(framing.wrap(b"one") + framing.wrap(b"two")[:5])
    >>> framing.split(buffer), len(buffer)
    ([b'one'], 5)
    """

    def __init__(self, max_bytes: int = 1 << 20) -> None:
        self.max_bytes = max_bytes

    def start(self) -> Self:
        """Return this framing: every stream is cut alike."""
        return self

    def wrap(self, payload: bytes) -> bytes:
        """Return the length and the payload."""
        return struct.pack("!I", len(payload)) + payload

    def split(self, buffer: bytearray) -> list[bytes]:
        """Take the complete messages off the front of `buffer`."""
        messages, start = [], 0
        while len(buffer) - start >= 4:
            (length,) = struct.unpack_from("!I", buffer, start)
            if length > self.max_bytes:
                reason = (
                    f"a message of {length} bytes was announced, and at most "
                    f"{self.max_bytes} are taken"
                )
                raise FrameTooLarge(reason)
            if len(buffer) - start - 4 < length:
                break
            messages.append(bytes(buffer[start + 4 : start + 4 + length]))
            start += 4 + length
        del buffer[:start]
        return messages
