"""What both drivers need to run a node: its face, its states, chance and tallies."""

from __future__ import annotations

import enum
import random
import traceback
from collections.abc import Callable
from typing import Any

from p2pkit.core.contact import Contact
from p2pkit.core.counters import Counters, Tally
from p2pkit.core.errors import LocalProtocolError, RemoteProtocolError
from p2pkit.core.event import Crashed, Event, Record
from p2pkit.core.framing import Framing, LengthPrefix

MAX_DATAGRAM_BYTES = 65_507
"""Longest payload of a UDP datagram over IPv4: 65,535 less two headers."""

RECEIVE_BUFFER_BYTES = 1 << 20
"""What a socket's receive buffer is asked to hold; Linux grants up to `rmem_max`."""

WRITE_QUEUE_BYTES = 4 << 20
"""What a stream may hold for a peer that does not read before it is closed."""

MAX_STREAMS = 1024
"""Streams of one node at most, both ways together."""

OnRecord = Callable[[Record], None]


class NodeState(enum.StrEnum):
    """What a node is doing, as its driver sees it."""

    ALIVE = "alive"
    """It hears, and its timers ring."""

    PAUSED = "paused"
    """It hears nothing and its timers wait, as after SIGSTOP; it may be resumed."""

    DEAD = "dead"
    """It was stopped, was killed or crashed, and its address is free again."""


class Tallies(dict[type, Tally]):
    """The tallies of one direction, by message class, each made when first needed.

    A class is found faster than its name; `counts` holds the same tallies by name.
    """

    __slots__ = ("_counts",)

    def __init__(self, counts: dict[str, Tally]) -> None:
        super().__init__()
        self._counts = counts

    def __missing__(self, kind: type) -> Tally:
        tally = self[kind] = self._counts.setdefault(kind.__name__, Tally())
        return tally


class Node:
    """One running node, as those see it who add, kill and count nodes.

    Attributes
    ----------
    name : str
        Its name, such as ``n07``.
    me : Contact
        Its id and the address it listens at.
    protocol : object
        The protocol's instance; its public methods are the node's verbs.
    state : NodeState
        Alive, paused or dead.
    sent, received : Tallies
        The drivers' way into `counters`.
    """

    __slots__ = (
        "_clock", "_counters", "_on_record", "me", "name", "protocol", "received",
        "sent", "state",
    )  # fmt: skip

    def __init__(
        self,
        name: str,
        me: Contact,
        clock: Callable[[], float],
        on_record: OnRecord | None,
    ) -> None:
        self.name, self.me = name, me
        self.protocol: Any = None
        self.state = NodeState.ALIVE
        self._clock, self._on_record = clock, on_record
        self._counters = Counters()
        self.sent = Tallies(self._counters.sent)
        self.received = Tallies(self._counters.received)

    @property
    def counters(self) -> Counters:
        """What the node sent, received, refused and lost so far."""
        return self._counters

    def kill(self) -> None:
        """End at once, as after a power cut: no goodbye, and no timer rings."""
        self._end(abrupt=True)

    def stop(self) -> None:
        """Let the protocol say goodbye, then end."""
        if self.state is not NodeState.DEAD:
            self.guard(self.protocol.stop)
            self._end(abrupt=False)  # unless it crashed on its way out

    def pause(self) -> None:
        """Hear nothing and let no timer ring, until `resume`.

        Raises
        ------
        LocalProtocolError
            If the node is dead.
        """
        self._require_alive("paused")
        if self.state is NodeState.ALIVE:
            self.state = NodeState.PAUSED
            self._hold()

    def resume(self) -> None:
        """Go on; a timer that fell due meanwhile rings once, late.

        Raises
        ------
        LocalProtocolError
            If the node is dead.
        """
        self._require_alive("resumed")
        if self.state is NodeState.PAUSED:
            self.state = NodeState.ALIVE
            self._go_on()

    def emit(self, event: Event) -> None:
        """Count an event and hand it, with time and place, to whoever watches."""
        self._counters.events += 1
        if self._on_record is not None:
            self._on_record(Record(self._clock(), self.name, event))

    def guard(self, call: Callable[..., None], *arguments: Any) -> None:
        """Call into the protocol; what comes out of it harms no other node."""
        try:
            call(*arguments)
        except RemoteProtocolError as error:
            self._counters.reject(error.reason)
        except Exception as error:  # noqa: BLE001  # a bug in one protocol's class
            self.crash(error)

    def crash(self, error: BaseException) -> None:
        """Report an error that came out of the protocol, and end the node."""
        lines = traceback.format_exception(error, limit=-20)
        self.emit(Crashed(f"{type(error).__name__}: {error}", "".join(lines)))
        self.kill()

    def _end(self, *, abrupt: bool) -> None:
        if self.state is not NodeState.DEAD:
            self.state = NodeState.DEAD
            self._leave(abrupt=abrupt)

    def _require_alive(self, what: str) -> None:
        if self.state is NodeState.DEAD:
            reason = f"{self.name} is dead and cannot be {what}: add it again"
            raise LocalProtocolError(reason)

    def _leave(self, *, abrupt: bool) -> None:
        """Give the address back; the driver's part of `kill` and `stop`."""
        raise NotImplementedError

    def _hold(self) -> None:
        """Do the driver's part of `pause`."""
        raise NotImplementedError

    def _go_on(self) -> None:
        """Do the driver's part of `resume`."""
        raise NotImplementedError


def seeded(*parts: object) -> random.Random:
    """Return a generator for a purpose, the same in every process.

    Examples
    --------
    >>> seeded(7, "n03").random() == seeded(7, "n03").random()
    True
    >>> seeded(7, "n03").random() == seeded(7, "n03", "id").random()
    False
    """
    return random.Random("/".join(str(part) for part in parts))


def framing_of(protocol_class: Any) -> Framing:
    """Return a protocol's own framing, or the usual one with its codec's bound."""
    own: Framing | None = getattr(protocol_class, "framing", None)
    return own or LengthPrefix(protocol_class.codec.max_bytes)
