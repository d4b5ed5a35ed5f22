"""Mock neighbors: one node, and a check that plays everybody it meets.

Time stands still until the check moves it. What the node sends waits to be taken, so
that a check can ask for the exact answer, and for silence otherwise.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from p2pkit.core import Address, Contact, Event, RemoteProtocolError
from p2pkit.core.driver import seeded
from p2pkit.harness.journal import shown

ME: Address = ("127.1.0.0", 7000)


class Said(NamedTuple):
    """A message that the node sent: when, to whom, and what."""

    at_s: float
    to: Address
    message: Any


class _Alarm:
    """A timer of the mock's."""

    def __init__(self, call: Callable[[], None]) -> None:
        self.call: Callable[[], None] | None = call

    def cancel(self) -> None:
        self.call = None


class MockContext:
    """What the node under examination is given instead of a network.

    Parameters
    ----------
    seed : int
        Starts the node's own generator.
    codec : Codec
        What is sent must fit the wire.
    node_id : int
        The node's id.
    """

    def __init__(self, seed: int, codec: Any, node_id: int = 0) -> None:
        self.me = Contact(node_id, ME)
        self.rng = seeded(seed, "n0")
        self.codec = codec
        self.said: list[Said] = []
        self.events: list[Event] = []
        self.now_s = 0.0
        self._alarms: list[tuple[float, int, _Alarm]] = []
        self._set = 0

    def now(self) -> float:
        """Return the seconds since the beginning."""
        return self.now_s

    def send(self, to: Address, message: Any) -> None:
        """Keep a message until the check takes it."""
        data = self.codec.encode(message)
        self.said.append(Said(self.now_s, to, self.codec.decode(data)))

    def after(self, delay_s: float, call: Callable[[], None]) -> _Alarm:
        """Call `call` when the check has moved time so far."""
        alarm = _Alarm(call)
        self._set += 1
        entry = (self.now_s + max(0.0, delay_s), self._set, alarm)
        heapq.heappush(self._alarms, entry)
        return alarm

    def emit(self, event: Event) -> None:
        """Keep an event."""
        self.events.append(event)

    def ring_until(self, until_s: float, most: int) -> None:
        """Move time, and let timers ring in their order, `most` of them."""
        for _ in range(most):
            if not self._alarms or self._alarms[0][0] > until_s:
                break
            self.now_s, _, alarm = heapq.heappop(self._alarms)
            if alarm.call is not None:
                call, alarm.call = alarm.call, None
                call()
        self.now_s = until_s


class OneNode:
    """One node of the class under examination, among neighbors that the check plays.

    Parameters
    ----------
    protocol : type
        What `Subject.protocol` returned.
    config : Settings
        The node's settings.
    neighbors : int
        How many it is told of when it starts.
    seed : int
        Starts the node's own generator.
    subnet : int
        Second number of the neighbors' addresses.
    node_id : int
        The node's id.

    Attributes
    ----------
    neighbors : tuple of Address
        Their addresses.
    """

    MOST_RINGS = 10_000

    def __init__(
        self,
        protocol: type[Any],
        config: Any,
        neighbors: int = 8,
        seed: int = 1,
        subnet: int = 1,
        node_id: int = 0,
    ) -> None:
        self.neighbors: tuple[Address, ...] = tuple(
            (f"127.{subnet}.{i >> 8}.{i & 255}", 7000) for i in range(1, neighbors + 1)
        )
        self.codec = protocol.codec
        self.ctx = MockContext(seed, self.codec, node_id)
        self.node = protocol(self.ctx, config)
        self.story: list[str] = []
        self._told = 0
        self.node.bootstrap(self.neighbors)

    def hear(self, sender: Address | int, message: Any) -> list[Said]:
        """Give the node a message as it comes off the wire; return what it sends.

        Parameters
        ----------
        sender : Address or int
            Who said it; a number is that of a neighbor, from 0.
        message : Message
            What was said.
        """
        who = self.neighbors[sender] if isinstance(sender, int) else sender
        self._tell(f"{self.name_of(who)} -> node: {shown(message)}")
        try:
            self.node.receive(who, self.codec.decode(self.codec.encode(message)))
        except RemoteProtocolError as error:
            self._tell(f"node refuses it: {error.reason}")
        return self.take()

    def ask(self, verb: str, *args: Any) -> Any:
        """Call a verb; what it sends waits to be taken."""
        self._tell(f"you call {verb}()")
        return self.node.ask(verb, *args)

    def wait(self, seconds: float) -> list[Said]:
        """Let time pass; return what the node sends meanwhile."""
        self.ctx.ring_until(self.ctx.now_s + seconds, self.MOST_RINGS)
        return self.take()

    def take(self) -> list[Said]:
        """Return what the node has sent since the last time."""
        said, self.ctx.said = self.ctx.said, []
        for one in said:
            self._tell(
                f"node -> {self.name_of(one.to)}: {shown(one.message)}", one.at_s
            )
        return said

    def name_of(self, address: Address) -> str:
        """Return what the check calls a neighbor."""
        if address in self.neighbors:
            return f"neighbor {self.neighbors.index(address)}"
        return "itself" if address == ME else f"stranger {address[0]}"

    def last_events(self, most: int = 10) -> tuple[str, ...]:
        """Return the last things that happened, as sentences."""
        self.take()
        return tuple(self.story[-most:])

    def _tell(self, text: str, at_s: float | None = None) -> None:
        self.story.append(f"T={self.ctx.now_s if at_s is None else at_s:.3f} {text}")


def listed(said: Iterable[Said], node: OneNode) -> str:
    """Return what was sent, as a few words for a verdict.

    A message that went to several is said once.
    """
    kept: Sequence[Said] = list(said)
    if not kept:
        return "nothing was sent"
    texts = [f"{shown(one.message)} to {node.name_of(one.to)}" for one in kept[:4]]
    more = f" and {len(kept) - 4} more" if len(kept) > 4 else ""
    return "; ".join(texts) + more
