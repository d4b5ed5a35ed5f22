"""Streams in virtual time: ordered, whole, and closed at both ends or at none."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from p2pkit.core import (
    Address,
    Contact,
    FrameTooLarge,
    Framing,
    NodeState,
    RemoteProtocolError,
)
from p2pkit.core.driver import MAX_STREAMS, WRITE_QUEUE_BYTES
from p2pkit.core.targets import NO_NODE_OF_OURS
from p2pkit.sim.node import SimContext, SimNode

if TYPE_CHECKING:
    from p2pkit.sim.simulation import Simulation


class StreamEnd:
    """One node's end of a stream."""

    __slots__ = (
        "due_s", "framing", "inbox", "is_open", "node", "other", "peer", "queued_bytes",
    )  # fmt: skip

    def __init__(self, node: SimStreamNode, peer: Address) -> None:
        self.node, self.peer = node, peer
        self.other = self  # until the two ends know each other
        self.framing = node.framing.start()
        self.inbox = bytearray()
        self.due_s = 0.0  # when the last byte sent from here arrives
        self.queued_bytes = 0  # sent from here and not yet read there
        self.is_open = True

    def send(self, data: bytes) -> None:
        """Put bytes on their way; a peer that does not read loses the stream."""
        other = self.other
        self.queued_bytes += len(data)
        delay_s = self.node.travel_s(other.node.me.address, len(data))
        if delay_s is None or self.queued_bytes > WRITE_QUEUE_BYTES:
            if delay_s is not None:
                self.node.counters.drop("write queue full")
            self.shut()
            other.shut()
            return
        self._arrive_at(delay_s, partial(self._on_arrival, data))

    def close(self) -> None:
        """Close this end now, and the other when what was sent has arrived."""
        self.shut()
        self.leave()

    def leave(self) -> None:
        """Be gone without a word to our own node; the other end hears of it."""
        other = self.other
        self.is_open = False
        delay_s = self.node.travel_s(other.node.me.address, 0)
        self._arrive_at(delay_s or 0.0, other.shut)

    def shut(self) -> None:
        """Forget this end, and tell its node once."""
        if self.is_open:
            self.is_open = False
            node = self.node
            if node.streams.get(self.peer) is self:
                del node.streams[self.peer]
            node.soon(partial(node.tell_closed, self.peer))

    def _arrive_at(self, delay_s: float, call: Callable[[], None]) -> None:
        other = self.other
        scheduler = self.node.sim.scheduler
        self.due_s = max(self.due_s, scheduler.now_s + delay_s)
        scheduler.call_at(self.due_s, partial(other.node.take, call))

    def _on_arrival(self, data: bytes) -> None:
        other = self.other
        self.queued_bytes -= len(data)
        if other.is_open:
            other.node.sim.scheduler.note(data)
            other.inbox += data
            other.node.read(other)


class SimStreamNode(SimNode):
    """One node whose protocol runs on streams, in virtual time."""

    __slots__ = ("_held_calls", "connecting", "framing", "streams")

    def __init__(
        self,
        sim: Simulation,
        name: str,
        me: Contact,
        decode: Callable[[bytes], Any],
        framing: Framing,
    ) -> None:
        super().__init__(sim, name, me, decode)
        self.framing = framing
        self.streams: dict[Address, StreamEnd] = {}
        self.connecting: set[Address] = set()
        self._held_calls: deque[Callable[[], None]] = deque()

    def travel_s(self, to: Address, size: int) -> float | None:
        """Return how long bytes to `to` are on their way; None if they never arrive."""
        return self._judged_s(self.me.address, to, size)

    def take(self, call: Callable[[], None]) -> None:
        """Make a call now, or after those that a pause holds."""
        if self.state is NodeState.ALIVE and not self._held_calls:
            call()
        elif self.state is not NodeState.DEAD:
            self._held_calls.append(call)

    def soon(self, call: Callable[[], None]) -> None:
        """Make a call when what happens now is over."""
        scheduler = self.sim.scheduler
        scheduler.call_at(scheduler.now_s, partial(self.take, call))

    def connect(self, to: Address) -> None:
        """Open a stream; on failure the protocol hears `on_closed`."""
        if to in self.streams or to in self.connecting:
            return
        there_s = self.travel_s(to, 0)
        confined = self.sim.confined
        if confined is not None and to not in confined:
            self._counters.drop(NO_NODE_OF_OURS)
            there_s = None
        if len(self.streams) + len(self.connecting) >= MAX_STREAMS:
            self._counters.drop("too many streams")
            there_s = None
        self.connecting.add(to)
        if there_s is None:
            self.soon(partial(self._on_refused, to))
        else:
            scheduler = self.sim.scheduler
            scheduler.call_at(scheduler.now_s + there_s, partial(self._on_knock, to))

    def tell_connected(self, end: StreamEnd) -> None:
        """Tell the protocol that a stream is open, if it still is."""
        if end.is_open:
            self.guard(self.protocol.on_connected, end.peer)

    def tell_closed(self, peer: Address) -> None:
        """Tell the protocol that a stream is gone."""
        self.guard(self.protocol.on_closed, peer)

    def read(self, end: StreamEnd) -> None:
        """Hand the complete messages of one end to the protocol."""
        try:
            payloads = end.framing.split(end.inbox)
        except (FrameTooLarge, RemoteProtocolError) as error:
            self._counters.reject(
                "frame too large" if isinstance(error, FrameTooLarge) else error.reason
            )
            end.close()
            return
        for payload in payloads:
            if not end.is_open or self.state is NodeState.DEAD:
                return
            self.guard(self._hear_payload, end.peer, payload)

    def _hear_payload(self, peer: Address, payload: bytes) -> None:
        message = self.decode(payload)
        tally = self.received[message.__class__]
        tally.messages += 1
        tally.payload_bytes += len(payload)
        tap = self.sim.scheduler.tap
        if tap is not None and tap.hears:
            tap.heard(self, peer, message, payload)
        self.hear(peer, message)

    def _judged_s(self, source: Address, to: Address, size: int) -> float | None:
        fixed_s = self.sim.faults.fixed_delay_s
        if fixed_s is not None:
            return fixed_s
        deliveries = self.judge(source, to, size, True).deliveries
        return deliveries[0] if deliveries else None

    def _on_knock(self, to: Address) -> None:
        """Arrive at the listener, and go back with its answer."""
        if self.state is NodeState.DEAD:
            return
        scheduler, listener = self.sim.scheduler, self.sim.stream_listeners.get(to)
        back_s = self._judged_s(to, self.me.address, 0)
        at_s = scheduler.now_s + (back_s or 0.0)
        if listener is None or back_s is None or len(listener.streams) >= MAX_STREAMS:
            refused = partial(self._on_refused, to)
            scheduler.call_at(at_s, partial(self.take, refused))
            return
        near = StreamEnd(self, to)
        far = StreamEnd(listener, self.sim.free_address(self.me.address[0]))
        near.other, far.other = far, near
        far.due_s = at_s  # nothing from there overtakes the welcome
        listener.streams[far.peer] = far
        listener.take(partial(listener.tell_connected, far))
        scheduler.call_at(at_s, partial(self._on_answer, near, far))

    def _on_answer(self, near: StreamEnd, far: StreamEnd) -> None:
        if self.state is NodeState.DEAD:
            far.node.take(far.shut)
        else:
            self.take(partial(self._on_welcome, near))

    def _on_welcome(self, near: StreamEnd) -> None:
        self.connecting.discard(near.peer)
        if near.is_open:
            self.streams[near.peer] = near
            self.tell_connected(near)

    def _on_refused(self, to: Address) -> None:
        self.connecting.discard(to)
        self.tell_closed(to)

    def _leave(self, *, abrupt: bool) -> None:
        super()._leave(abrupt=abrupt)
        for end in list(self.streams.values()):
            end.leave()
        self.streams.clear()
        self._held_calls.clear()

    def _go_on(self) -> None:
        super()._go_on()
        self.sim.scheduler.call_at(self.sim.scheduler.now_s, self._drain)

    def _drain(self) -> None:
        while self._held_calls and self.state is NodeState.ALIVE:
            self._held_calls.popleft()()


class SimStreamContext(SimContext):
    """The port in virtual time, for protocols on streams."""

    __slots__ = ()

    def send(self, to: Address, message: Any) -> None:
        """Send one message on the stream to `to`; without one it is dropped."""
        node: Any = self._node
        data = self._encode(message)
        tally = self._sent[message.__class__]
        tally.messages += 1
        tally.payload_bytes += len(data)
        tap = self._scheduler.tap
        if tap is not None and tap.sends:
            tap.sent(node, to, message, data)
        end = node.streams.get(to)
        if end is None:
            node.lose(to, data, "no stream")
        else:
            end.send(end.framing.wrap(data))

    def connect(self, to: Address) -> None:
        """Open a stream; the node hears `on_connected`, or `on_closed` if it fails."""
        node: Any = self._node
        node.connect(to)

    def close(self, to: Address) -> None:
        """Close the stream to a peer; both ends hear `on_closed`."""
        node: Any = self._node
        end = node.streams.get(to)
        if end is not None:
            end.close()
