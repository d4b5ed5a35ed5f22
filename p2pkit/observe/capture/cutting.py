"""Cutting: a stream becomes messages, by the protocol's own framing.

A stream that is seen from its middle on, or with a hole in it, has lost its place. It
is found again where a segment begins with a message: nodes write whole messages, so
most segments do, and those in the middle of a long one do not decode. What is passed
over until then is counted.
Read first: ``segments.py``. Read next: ``streams.py``.
"""

from __future__ import annotations

from typing import NamedTuple

from p2pkit.core import FrameTooLarge, Framing, RemoteProtocolError
from p2pkit.observe.capture.segments import Piece
from p2pkit.observe.capture.wires import Wire

MOST_SOUGHT_BYTES = 1 << 20
"""Bytes in which a first whole message is looked for, from one begin on."""


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
        self._sizes: list[int] = []  # of the segments in `_buffer`, while seeking

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
        self._buffer += piece.data
        if not self._has_place:
            self._sizes.append(len(piece.data))
            self._seek()
        return self._split(piece.packet) if self._has_place else []

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
        self._sizes.clear()
        self._has_place = False

    def _seek(self) -> None:
        """Pass segments over until one may begin a message; it is found if it does."""
        while self._sizes:
            begins = self._begins()
            if begins is not False and len(self._buffer) <= MOST_SOUGHT_BYTES:
                self._has_place = begins is True
                break
            first = self._sizes.pop(0)
            self.unread_bytes += first
            del self._buffer[:first]
        if self._has_place:
            self._sizes.clear()

    def _begins(self) -> bool | None:
        """Tell whether a message begins where `_buffer` does; None is: perhaps."""
        answer: bool | None = False
        for opening in dict.fromkeys((b"", self.wire.opening)):
            framing = self._begun(opening)
            try:
                found = framing.split(bytearray(self._buffer))
            except (FrameTooLarge, RemoteProtocolError):
                continue
            if not found:
                answer = None
            elif self.wire.is_message(found[0]):
                self._framing = self._begun(opening)
                return True
        return answer

    def _begun(self, opening: bytes) -> Framing:
        assert self.wire.framing is not None
        framing = self.wire.framing.start()
        framing.split(bytearray(opening))
        return framing
