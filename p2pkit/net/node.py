"""Nodes on real sockets: what both carriers share, and the timers."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import TYPE_CHECKING

from p2pkit.core import Address, Contact, Event, Node, NodeState
from p2pkit.core.driver import seeded
from p2pkit.faults import Packet, Verdict

if TYPE_CHECKING:
    from p2pkit.net.network import Network


class NetTimer:
    """A call of one node that is to come."""

    __slots__ = ("_call", "_node")

    def __init__(self, call: Callable[[], None], node: NetNode) -> None:
        self._call: Callable[[], None] | None = call
        self._node = node

    def cancel(self) -> None:
        """Make it not come; calling twice, or too late, does nothing."""
        self._call = None

    def ring(self) -> None:
        """Make the call, if it still is to come and its node can hear it."""
        call, node = self._call, self._node
        if call is None:
            return
        if node.state is NodeState.ALIVE:
            self._call = None
            node.guard(call)
        elif node.state is NodeState.PAUSED:
            node.held_timers.append(self)


class NetNode(Node):
    """One node on real sockets; a subclass has the socket."""

    __slots__ = ("_fault_rng", "held_timers", "network")

    def __init__(self, network: Network, name: str, me: Contact) -> None:
        super().__init__(name, me, network.now, network.on_record)
        self.network = network
        self.held_timers: list[NetTimer] = []
        self._fault_rng: random.Random | None = None

    @property
    def fault_rng(self) -> random.Random:
        """The generator of what befalls this node's packets; few runs need one."""
        if self._fault_rng is None:
            self._fault_rng = seeded(self.network.seed, self.name, "faults")
        return self._fault_rng

    def judge(self, source: Address, to: Address, size: int, stream: bool) -> Verdict:
        """Ask the fault plan about a packet."""
        packet = Packet(source, to, size, self.network.now(), stream)
        return self.network.faults.judge(packet, self.fault_rng)

    def ring_held_timers(self) -> None:
        """Let the timers ring that fell due while the node was paused."""
        held, self.held_timers = self.held_timers, []
        for timer in held:
            self.network.soon(timer.ring)


class NetContext:
    """The part of the port that both carriers share."""

    __slots__ = ("_network", "_node", "me", "now", "rng")

    def __init__(self, node: NetNode) -> None:
        self.me = node.me
        self.rng = seeded(node.network.seed, node.name)
        self.now = node.network.now
        self._network = node.network
        self._node = node

    def after(self, delay_s: float, call: Callable[[], None]) -> NetTimer:
        """Call `call` once, `delay_s` seconds from now, never before this returns."""
        timer = NetTimer(call, self._node)
        if delay_s <= 0:
            self._network.soon(timer.ring)
        else:
            self._network.wheel.add(delay_s, timer.ring)
        return timer

    def emit(self, event: Event) -> None:
        """Report an event."""
        self._node.emit(event)
