"""Framing: a stream of Gnutella is text first, and then messages or the body of a file.

The handshake and HTTP are blocks of lines that end in an empty one. After a handshake
each message has its own length. What comes next is told by what has gone over the
stream so far, both ways, so every stream has a framing of its own.
"""

from __future__ import annotations

from collections import deque

from p2pkit.core import FrameTooLarge, RemoteProtocolError
from p2pkit.protocols.gnutella.text import (
    CONTENT_LENGTH,
    OPENERS,
    Text,
    end_of_head,
    read_text,
)

HEADER_BYTES = 23
MAX_PAYLOAD_BYTES = 65_536
"""Longest payload taken; real servents close at 64 kB too."""

MAX_HEAD_BYTES = 8_192
"""Longest block of text taken."""

MAX_BODY_BYTES = 1 << 20
"""Longest body of an answer of HTTP; who fetches more asks for ranges."""

ACCEPTED = b"GNUTELLA/0.6 200", b"GNUTELLA OK"
"""Who has heard one of these, or said the second, hears messages from then on."""

MOST_OPENED = max(map(len, OPENERS))


class GnutellaFraming:
    """Makes the framings of streams."""

    def start(self) -> GnutellaStream:
        """Return the framing of one stream."""
        return GnutellaStream()

    def wrap(self, payload: bytes) -> bytes:
        """Return the message as it is."""
        return payload

    def split(self, buffer: bytearray) -> list[bytes]:
        """Take the complete messages off the front of what one stream began with."""
        return self.start().split(buffer)


class GnutellaStream:
    """What has gone over one stream, as far as it tells what comes next."""

    def __init__(self) -> None:
        self._is_text = True
        self._requests: deque[bool] = deque()  # of ours: whether a body is to come

    def start(self) -> GnutellaStream:
        """Return the framing of another stream."""
        return GnutellaStream()

    def wrap(self, payload: bytes) -> bytes:
        """Return the message as it is, and note what it asks for."""
        if self._is_text:
            if payload.startswith(b"GNUTELLA OK"):
                self._is_text = False
            elif payload.startswith((b"GET ", b"HEAD ")):
                self._requests.append(payload.startswith(b"GET "))
        return payload

    def split(self, buffer: bytearray) -> list[bytes]:
        """Take the complete messages off the front of `buffer`.

        Raises
        ------
        FrameTooLarge
            If the next one announces, or already has, more bytes than are allowed.
        RemoteProtocolError
            If text is expected, and what comes is none.
        """
        found, start = [], 0
        while start < len(buffer):
            if self._is_text:
                length = self._text_length(buffer, start)
            else:
                length = _length(buffer, start)
            if length < 0:
                break
            found.append(bytes(buffer[start : start + length]))
            start += length
        del buffer[:start]
        return found

    def _text_length(self, buffer: bytearray, start: int) -> int:
        """Return how long the next block and its body are; -1 if not all is there."""
        begin = bytes(buffer[start : start + MOST_OPENED])
        if not any(one.startswith(begin[: len(one)]) for one in OPENERS):
            raise RemoteProtocolError("no greeting")  # noqa: EM101, TRY003
        head = bytes(buffer[start : start + MAX_HEAD_BYTES + 4])
        end = end_of_head(head)
        if end < 0:
            if len(head) > MAX_HEAD_BYTES:
                reason = f"a block of text without an end in {MAX_HEAD_BYTES} bytes"
                raise FrameTooLarge(reason)
            return -1
        text = read_text(head[:end])  # one that cannot be read ends the stream
        self._is_text = not head.startswith(ACCEPTED)
        if not head.startswith(b"HTTP/"):
            return end
        length = end + self._body_length(text)
        if len(buffer) - start < length:
            return -1
        self._requests.popleft()
        return length

    def _body_length(self, answer: Text) -> int:
        if not self._requests:
            raise RemoteProtocolError("answer to no request")  # noqa: EM101, TRY003
        text = answer.header(CONTENT_LENGTH, "0")
        if not (text.isascii() and text.isdigit() and len(text) < 16):
            raise RemoteProtocolError("no length")  # noqa: EM101, TRY003
        length = int(text) if self._requests[0] else 0
        if length > MAX_BODY_BYTES:
            reason = f"a body of {length} bytes, and {MAX_BODY_BYTES} are taken"
            raise FrameTooLarge(reason)
        return length


def _length(buffer: bytearray, start: int) -> int:
    """Return how long the next message is; -1 if it is not all there."""
    left = len(buffer) - start
    if left < HEADER_BYTES:
        return -1
    length = int.from_bytes(buffer[start + 19 : start + 23], "little")
    if length > MAX_PAYLOAD_BYTES:
        reason = f"a payload of {length} bytes, and {MAX_PAYLOAD_BYTES} are taken"
        raise FrameTooLarge(reason)
    return HEADER_BYTES + length if left >= HEADER_BYTES + length else -1
