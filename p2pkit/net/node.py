"""Nodes on real sockets: what both carriers share, and the timers."""

from __future__ import annotations

import asyncio
import random
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING

from p2pkit.core import Address, Contact, Event, Node, NodeState
from p2pkit.core.driver import seeded
from p2pkit.faults import Packet, Verdict
from p2pkit.net.wire_count import WireCount

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
    """One node on real sockets; a subclass reads its socket."""

    __slots__ = ("_fault_rng", "_pump_task", "awake", "held_timers", "network", "sock")

    def __init__(
        self, network: Network, name: str, me: Contact, sock: socket.socket
    ) -> None:
        super().__init__(name, me, network.now, network.on_record)
        self.network, self.sock = network, sock
        self.awake = asyncio.Event()  # not set while paused
        self._pump_task: asyncio.Task[None] | None = None
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
        if self.network.tap is not None:
            self.network.tap.lost(self, peer, data, reason)

    def wire_count(self) -> WireCount:
        """Return what the node gave to the kernel, and took from it, so far."""
        raise NotImplementedError

    def heed_wire_tap(self) -> None:
        """Take notice that the network has a wire tap now, or none any more."""

    def open(self) -> None:
        """Begin to hear; called once the protocol is there."""
        self._go_on()

    def on_readable(self) -> None:
        """Take what the socket has."""
        raise NotImplementedError

    async def pump(self) -> None:
        """Do the same for ever, where the loop has no `add_reader` (proactor)."""
        raise NotImplementedError

    def _leave(self, *, abrupt: bool) -> None:
        self._turn_away()
        if self._pump_task is not None:
            self._pump_task.cancel()
        self.held_timers.clear()
        self._free_socket()

    def _free_socket(self) -> None:
        self.sock.close()

    def _hold(self) -> None:
        self._turn_away()

    def _go_on(self) -> None:
        self._listen()
        held, self.held_timers = self.held_timers, []
        for timer in held:
            self.network.soon(timer.ring)

    def _turn_away(self) -> None:
        """Leave what comes in the kernel."""
        self.awake.clear()
        if self._pump_task is None:
            self.network.loop.remove_reader(self.sock)

    def _listen(self) -> None:
        self.awake.set()
        if self._pump_task is not None:
            return
        try:
            self.network.loop.add_reader(self.sock, self.on_readable)
        except NotImplementedError:
            self._pump_task = self.network.start(self.pump(), f"{self.name} reads")


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
