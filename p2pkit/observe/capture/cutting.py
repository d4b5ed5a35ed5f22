"""Cutting: a stream becomes messages, by the protocol's own framing.

A stream that is seen from its middle on, or with a hole in it, has lost its place. It
is found again at the next segment that begins with a whole message: nodes write whole
messages, so most segments do. What is passed over until then is counted.
Read first: ``segments.py``. Read next: ``streams.py``.
"""

from __future__ import annotations

from typing import NamedTuple

from p2pkit.core import FrameTooLarge, Framing, RemoteProtocolError
from p2pkit.observe.capture.segments import Piece
from p2pkit.observe.capture.wires import Wire


class Cut(NamedTuple):
    """One message of a stream.

    Parameters
    ----------
    packet : int
        The packet that its last byte came in.
    data : bytes
        The message, as its codec takes it.
    framing_bytes : int
        Bytes of the stream beyond the message itself, such as a length before it.
        Below 0 where a message was compressed on the wire.
    """

    packet: int
    data: bytes
    framing_bytes: int


class Cutter:
    """One direction of a stream: what has come of it, and where messages end.

    Parameters
    ----------
    wire : Wire
        What is spoken; has a framing.
    is_whole : bool
        Whether the stream is seen from its first byte on.

    Attributes
    ----------
    unread_bytes : int
        Bytes passed over, because nobody can tell where messages begin in them.
    """

    def __init__(self, wire: Wire, *, is_whole: bool) -> None:
        assert wire.framing is not None
        self.wire = wire
        self.unread_bytes = 0
        self._framing: Framing = wire.framing.start()
        self._buffer = bytearray()
        self._has_place = is_whole

    @property
    def waiting_bytes(self) -> int:
        """Bytes of a message that has not ended."""
        return len(self._buffer)

    def wrote(self, data: bytes) -> None:
        """Hear of a message that went the other way: it may say what comes here."""
        self._framing.wrap(data)

    def take(self, piece: Piece) -> list[Cut]:
        """Take the next bytes; return the messages that end in them."""
        if piece.missing_bytes:
            self._lose()
        if not piece.data:
            return []
        if not self._has_place and not self._find(piece.data):
            self.unread_bytes += len(piece.data)
            return []
        self._buffer += piece.data
        return self._split(piece.packet)

    def _split(self, packet: int) -> list[Cut]:
        before = len(self._buffer)
        try:
            found = self._framing.split(self._buffer)
        except (FrameTooLarge, RemoteProtocolError):
            # What it took before it gave up is lost with it.
            self.unread_bytes += before - len(self._buffer)
            self._lose()
            return []
        if not found:
            return []
        extra = before - len(self._buffer) - sum(map(len, found))
        # Every framing of the kit adds the same to each of several messages.
        each, rest = divmod(extra, len(found))
        return [
            Cut(packet, data, each + (rest if not number else 0))
            for number, data in enumerate(found)
        ]

    def _lose(self) -> None:
        """Lose the place."""
        self.unread_bytes += len(self._buffer)
        self._buffer.clear()
        self._has_place = False

    def _find(self, data: bytes) -> bool:
        """Try whether a message begins here; then the stream goes on from here."""
        for opening in dict.fromkeys((b"", self.wire.opening)):
            framing = self._begun(opening)
            try:
                found = framing.split(bytearray(data))
            except (FrameTooLarge, RemoteProtocolError):
                continue
            if found and self.wire.is_message(found[0]):
                self._framing = self._begun(opening)
                self._has_place = True
                return True
        return False

    def _begun(self, opening: bytes) -> Framing:
        assert self.wire.framing is not None
        framing = self.wire.framing.start()
        framing.split(bytearray(opening))
        return framing
