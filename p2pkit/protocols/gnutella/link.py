"""Link: a stream between two servents, and how far its handshake is."""

from __future__ import annotations

from enum import Enum

from p2pkit.core import Address
from p2pkit.protocols.gnutella.text import Greeting


class Stage(Enum):
    """How far a handshake is; what moves it is in `Handshake.on_greeting`."""

    OPENED = "the stream is there, and whoever opened it is to speak"
    OFFERED = "we have said CONNECT"
    ANSWERED = "we have said 200 to an offer"
    OPEN = "both have said 200"


class Link:
    """A stream, and what its handshake has brought."""

    def __init__(self, stream: Address, ours: bool) -> None:
        self.stream, self.ours = stream, ours
        self.peer = stream  # where it listens, as far as we know
        self.stage = Stage.OPENED
        self.degree = 0  # links the peer has, if it has said so
        self.greeting = Greeting("")  # what the peer said last

    @property
    def is_open(self) -> bool:
        """Whether messages may cross it."""
        return self.stage is Stage.OPEN


Headers = tuple[tuple[str, str], ...]
