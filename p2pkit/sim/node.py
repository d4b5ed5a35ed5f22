"""Nodes in virtual time, and the context each gives to its protocol."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from p2pkit.core import Address, Contact, Event, Node, NodeState
from p2pkit.core.driver import (
    MAX_DATAGRAM_BYTES,
    RECEIVE_BUFFER_BYTES,
    Tallies,
    seeded,
)
from p2pkit.core.targets import NO_NODE_OF_OURS
from p2pkit.faults import Packet, Verdict, flip_one_bit
from p2pkit.sim.scheduler import SimTimer

if TYPE_CHECKING:
    from p2pkit.sim.simulation import Simulation

KERNEL_SHARE_BYTES = 700
"""What Linux charges a receive buffer for a small datagram beside its payload."""

DEAD = NodeState.DEAD


class SimNode(Node):
    """One node in virtual time."""

    __slots__ = (
        "_fault_rng", "_held", "_held_bytes", "decode", "hear", "held_timers",
        "is_listening", "sim",
    )  # fmt: skip

    def __init__(
        self,
        sim: Simulation,
        name: str,
        me: Contact,
        decode: Callable[[bytes], Any],
    ) -> None:
        super().__init__(name, me, sim.now, sim.on_record)
        self.sim = sim
        self.decode = decode
        self.hear: Callable[[Address, Any], None] = lambda sender, message: None
        self.is_listening = True
        self.held_timers: list[SimTimer] = []
        self._held: deque[tuple[Address, bytes]] = deque()
        self._held_bytes = 0
        self._fault_rng: random.Random | None = None

    @property
    def fault_rng(self) -> random.Random:
        """The generator of what befalls this node's packets; few runs need one."""
        if self._fault_rng is None:
            self._fault_rng = seeded(self.sim.seed, self.name, "faults")
        return self._fault_rng

    def judge(self, source: Address, to: Address, size: int, stream: bool) -> Verdict:
        """Ask the fault plan about a packet of ours."""
        packet = Packet(source, to, size, self.sim.scheduler.now_s, stream)
        return self.sim.faults.judge(packet, self.fault_rng)

    def lose(self, peer: Address, data: bytes, reason: str) -> None:
        """Count a message that never reached the wire, or its protocol."""
        self._counters.drop(reason)
        self.tell_lost(peer, data, reason)

    def refuse(self, peer: Address, data: bytes, reason: str) -> None:
        """Count a message that did not decode or broke a rule."""
        self._counters.reject(reason)
        self.tell_lost(peer, data, reason)

    def tell_lost(self, peer: Address, data: bytes, reason: str) -> None:
        """Tell whoever watches of a message that is lost here."""
        tap = self.sim.scheduler.tap
        if tap is not None:
            tap.lost(self, peer, data, reason)

    def send_judged(self, to: Address, data: bytes) -> None:
        """Send a datagram as far as its length and the fault plan let it."""
        if self.state is DEAD:
            self.lose(to, data, "sender is dead")
            return
        if len(data) > MAX_DATAGRAM_BYTES:
            self.lose(to, data, "too long for a datagram")
            return
        verdict = self.judge(self.me.address, to, len(data), False)
        if not verdict.deliveries:
            self.lose(to, data, verdict.reason or "fault")
        if verdict.corrupt:
            self.tell_lost(to, data, "corrupted")
            data = flip_one_bit(data, self.fault_rng)
        scheduler = self.sim.scheduler
        for delay_s in verdict.deliveries:
            scheduler.deliver_at(scheduler.now_s + delay_s, to, self.me.address, data)

    def arrive(self, data: bytes, sender: Address) -> None:
        """Have a datagram arrive now, as if `sender` had sent it."""
        scheduler = self.sim.scheduler
        scheduler.deliver_at(scheduler.now_s, self.me.address, sender, data)

    def hold(self, sender: Address, data: bytes) -> None:
        """Keep a datagram while paused, as long as the receive buffer has room."""
        cost_bytes = len(data) + KERNEL_SHARE_BYTES
        if self._held_bytes + cost_bytes > RECEIVE_BUFFER_BYTES:
            self.lose(sender, data, "receive buffer full")
            return
        self._held.append((sender, data))
        self._held_bytes += cost_bytes

    def _leave(self, *, abrupt: bool) -> None:
        self.is_listening = False
        self._held.clear()
        self.held_timers.clear()
        self.sim.forget(self)

    def _hold(self) -> None:
        self.is_listening = False

    def _go_on(self) -> None:
        self.is_listening = True
        scheduler, address = self.sim.scheduler, self.me.address
        for timer in self.held_timers:
            scheduler.add_timer(scheduler.now_s, timer)
        for sender, data in self._held:
            scheduler.deliver_at(scheduler.now_s, address, sender, data)
        self.held_timers.clear()
        self._held.clear()
        self._held_bytes = 0


class SimContext:
    """The port in virtual time, for protocols on datagrams."""

    __slots__ = (
        "_address", "_encode", "_faults", "_node", "_scheduler", "_sent", "me", "rng",
    )  # fmt: skip

    def __init__(self, node: SimNode, encode: Callable[[Any], bytes]) -> None:
        self.me = node.me
        self.rng = seeded(node.sim.seed, node.name)
        self._address = node.me.address
        self._encode = encode
        self._faults = node.sim.faults
        self._node = node
        self._scheduler = node.sim.scheduler
        self._sent: Tallies = node.sent

    def now(self) -> float:
        """Return the virtual time in seconds."""
        return self._scheduler.now_s

    def send(self, to: Address, message: Any) -> None:
        """Send one message in one datagram."""
        data = self._encode(message)
        tally = self._sent[message.__class__]
        tally.messages += 1
        tally.payload_bytes += len(data)
        tap = self._scheduler.tap
        if tap is not None and tap.sends:
            tap.sent(self._node, to, message, data)
        if self._scheduler.confined is not None:
            there = self._scheduler.confined.find(to)
            if there is None:
                self._node.lose(to, data, NO_NODE_OF_OURS)
                return
            to = there
        delay_s = self._faults.fixed_delay_s
        if (
            delay_s is None
            or self._node.state is DEAD
            or len(data) > MAX_DATAGRAM_BYTES
        ):
            self._node.send_judged(to, data)
        else:
            scheduler = self._scheduler
            scheduler.deliver_at(scheduler.now_s + delay_s, to, self._address, data)

    def after(self, delay_s: float, call: Callable[[], None]) -> SimTimer:
        """Call `call` once, `delay_s` seconds from now, never before this returns."""
        scheduler = self._scheduler
        return scheduler.call_at(scheduler.now_s + max(0.0, delay_s), call, self._node)

    def emit(self, event: Event) -> None:
        """Report an event."""
        self._node.emit(event)
