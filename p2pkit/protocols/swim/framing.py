"""Cutting a stream into memberlist's messages, which have an end but no length.

What it shows: to find the end of a table one has to read it member by member. So a
place is kept: begun anew with each byte that drips in, a table of two megabytes would
cost whoever listens an hour of computing, and whoever sends it nothing.
Source: memberlist's net.go as seen on the wire.
Read first: ``raw.py``, ``wire.py``. Read next: ``members.py``.
"""

from __future__ import annotations

from p2pkit.core import FrameTooLarge, RemoteProtocolError
from p2pkit.protocols.swim import reading as kind
from p2pkit.protocols.swim.raw import INCOMPLETE, end_of
from p2pkit.protocols.swim.wire import MAX_STREAM_BYTES, uncompressed


class MemberlistFraming:
    """Cuts one stream into messages."""

    def __init__(self) -> None:
        self.at = 0  # up to where a table that is under way has been read
        self.left = 0  # members of it that are still to come
        self.user_bytes = 0  # what follows them

    def start(self) -> MemberlistFraming:
        """Return a framing for one stream."""
        return MemberlistFraming()

    def wrap(self, payload: bytes) -> bytes:
        """Return the payload as it is."""
        return payload

    def split(self, buffer: bytearray) -> list[bytes]:
        """Take the complete messages off the front of `buffer`, uncompressed."""
        messages: list[bytes] = []
        while buffer:
            end = self._end_of_message(buffer)
            if end == INCOMPLETE:
                if len(buffer) > MAX_STREAM_BYTES:
                    reason = f"no message has ended after {len(buffer)} bytes"
                    raise FrameTooLarge(reason)
                break
            self.at = 0
            message = bytes(buffer[:end])
            del buffer[:end]
            if message[0] == kind.COMPRESS:
                message = uncompressed(message[1:], MAX_STREAM_BYTES)
            messages.append(message)
        return messages

    def _end_of_message(self, buffer: bytearray) -> int:
        first = buffer[0]
        if first == kind.PUSH_PULL:
            return self._end_of_table(buffer)
        if first in (kind.PING, kind.ACK, kind.COMPRESS, kind.FAILURE):
            return end_of(buffer, 1)
        reason = "encrypted" if first == kind.ENCRYPT else "no message of streams"
        raise RemoteProtocolError(reason)

    def _end_of_table(self, buffer: bytearray) -> int:
        if not self.at:
            start = end_of(buffer, 1)
            if start == INCOMPLETE:
                return INCOMPLETE
            header = kind.read_header(bytes(buffer[1:start]))
            self.at, self.left = start, header.nodes
            self.user_bytes = header.user_state_len
        while self.left:
            end = end_of(buffer, self.at)
            if end == INCOMPLETE:
                return INCOMPLETE
            self.at, self.left = end, self.left - 1
        end = self.at + self.user_bytes
        return end if end <= len(buffer) else INCOMPLETE
