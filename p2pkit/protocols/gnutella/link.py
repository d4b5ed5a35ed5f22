"""Link: a stream between two servents, and how far its handshake is."""

from __future__ import annotations

from enum import Enum

from p2pkit.core import Address, Timer
from p2pkit.protocols.gnutella.text import Greeting


class Stage(Enum):
    """How far a handshake is; what moves it is in `handshake.TURNS`."""

    OPENED = "the stream is there, and whoever opened it is to speak"
    OFFERED = "we have said CONNECT"
    ANSWERED = "we have said 200 to an offer"
    OPEN = "both have said 200"


class Link:
    """A stream, and what its handshake has brought.

    Attributes
    ----------
    stream : Address
        Where the stream comes from, or goes to.
    peer : Address
        Where the peer listens, as far as we know.
    stage : Stage
        How far the handshake is.
    role : str
        What the picture calls the link.
    degree : int
        Links that the peer has, if it has said so; else 0.
    has_table : bool
        Whether the peer sends and reads query tables.
    greeting : Greeting
        What the peer said last in the handshake.
    """

    __slots__ = (
        "_deadline", "degree", "greeting", "has_table", "offenses", "ours", "peer",
        "pongs_due", "quiet_rounds", "role", "stage", "stream",
    )  # fmt: skip

    def __init__(self, stream: Address, ours: bool) -> None:
        self.stream = self.peer = stream
        self.ours = ours
        self.stage = Stage.OPENED
        self.role = "stream"
        self.degree = 0
        self.has_table = False
        self.greeting = Greeting("")
        self._deadline: Timer | None = None
        self.offenses = 0
        self.pongs_due = 0
        self.quiet_rounds = 0

    def set_deadline(self, timer: Timer | None) -> None:
        """Have a timer end the link unless it is open by then; None for no timer."""
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = timer

    @property
    def is_open(self) -> bool:
        """Whether messages may cross it."""
        return self.stage is Stage.OPEN


Headers = tuple[tuple[str, str], ...]
