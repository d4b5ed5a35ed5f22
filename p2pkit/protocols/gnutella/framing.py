"""Framing: a stream of Gnutella is text first, and then binary messages.

A block of text is known by how it begins. No id of ours begins so, and whoever makes
one that does harms nobody but itself.
"""

from __future__ import annotations

from p2pkit.core import FrameTooLarge, RemoteProtocolError
from p2pkit.protocols.gnutella.text import CONTENT_LENGTH, end_of_head, read_text

HEADER_BYTES = 23
MAX_PAYLOAD_BYTES = 65_536
"""Longest payload taken; real servents close at 64 kB too."""

MAX_HEAD_BYTES = 8_192
"""Longest block of text taken."""

MAX_BODY_BYTES = 1 << 20
"""Longest body of an answer of HTTP; who fetches more asks for ranges."""

OPENERS = (b"GNUTELLA", b"GET ", b"HEAD ", b"HTTP/", b"GIV ")


class GnutellaFraming:
    """Cuts a stream into blocks of text and messages, which have their own length."""

    def wrap(self, payload: bytes) -> bytes:
        """Return the message as it is."""
        return payload

    def split(self, buffer: bytearray) -> list[bytes]:
        """Take the complete messages off the front of `buffer`.

        Raises
        ------
        FrameTooLarge
            If the next one announces, or already has, more bytes than are allowed.
        RemoteProtocolError
            If a block of text is none.
        """
        found, start = [], 0
        while (length := self._length(buffer, start)) is not None:
            found.append(bytes(buffer[start : start + length]))
            start += length
        del buffer[:start]
        return found

    def _length(self, buffer: bytearray, start: int) -> int | None:
        """Return how long the next message is; None if it is not all there."""
        left = len(buffer) - start
        if not left:
            return None
        if any(buffer.startswith(one[:left], start) for one in OPENERS):
            return _text_length(buffer[start : start + MAX_HEAD_BYTES + 4], left)
        if left < HEADER_BYTES:
            return None
        length = int.from_bytes(buffer[start + 19 : start + 23], "little")
        if length > MAX_PAYLOAD_BYTES:
            reason = f"a payload of {length} bytes, and {MAX_PAYLOAD_BYTES} are taken"
            raise FrameTooLarge(reason)
        return HEADER_BYTES + length if left >= HEADER_BYTES + length else None


def _text_length(head: bytearray, left: int) -> int | None:
    end = end_of_head(head)
    if end < 0:
        if len(head) > MAX_HEAD_BYTES:
            reason = f"a block of text without an end in {MAX_HEAD_BYTES} bytes"
            raise FrameTooLarge(reason)
        return None
    if not head.startswith(b"HTTP/"):
        return end
    text = read_text(bytes(head[:end])).header(CONTENT_LENGTH, "0")
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise RemoteProtocolError("no length")  # noqa: EM101, TRY003
    if int(text) > MAX_BODY_BYTES:
        reason = f"a body of {text} bytes, and {MAX_BODY_BYTES} are taken"
        raise FrameTooLarge(reason)
    return end + int(text) if left >= end + int(text) else None
