"""Simulation: a network of nodes in virtual time, the same for the same seed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from p2pkit.core import (
    Address,
    Contact,
    LocalProtocolError,
    NodeState,
    Operation,
    RequestTimeout,
    TransportError,
    format_address,
)
from p2pkit.core.collector import patient_collector
from p2pkit.core.driver import OnRecord, framing_of, seeded
from p2pkit.core.targets import require_confined
from p2pkit.faults import Constant, Link, Plan
from p2pkit.sim.both import SimBothContext, SimBothNode
from p2pkit.sim.node import SimContext, SimNode
from p2pkit.sim.scheduled import Scheduled
from p2pkit.sim.scheduler import Scheduler
from p2pkit.sim.streams import SimStreamContext, SimStreamNode

T = TypeVar("T")

DEFAULT_LINK = Link(latency=Constant(0.010))
"""What a packet crosses if the plan names no link: 10 ms, as within a country."""

FIRST_FREE_PORT = 49_152
"""Where ports that nobody asked for begin (RFC 6335, section 6)."""

LAST_PORT = 65_535

BREATH = 2_000
"""What happens at most between two looks around, some hundredths of a second's work."""


class Simulation(Scheduled):
    """Nodes in virtual time.

    Parameters
    ----------
    seed : int
        Starts every generator of the run: same seed, same run, to the byte.
    faults : Plan, optional
        What may go wrong; without a link of its own it gets `DEFAULT_LINK`.
    on_record : callable, optional
        Called with the `Record` of each event, in order.

    Attributes
    ----------
    nodes : dict of str to SimNode
        Every node by name; a dead one until its name is used again.
    breathe : callable or None
        Called between things that happen, `BREATH` of them apart: there, and only
        there, may somebody else use this simulation while it runs.
    """

    def __init__(
        self,
        *,
        seed: int,
        faults: Plan | None = None,
        on_record: OnRecord | None = None,
    ) -> None:
        self.seed, self.on_record = seed, on_record
        self.faults = Plan() if faults is None else faults
        if self.faults.link is None:
            self.faults.link = DEFAULT_LINK
        self.scheduler = Scheduler()
        self.nodes: dict[str, SimNode] = {}
        self.stream_listeners: dict[Address, SimStreamNode] = {}
        self.breathe: Callable[[], None] | None = None
        self._ports: dict[str, int] = {}
        self._is_running = False

    def add(
        self,
        name: str,
        protocol_class: Any,
        listen: Address,
        *,
        config: Any = None,
        node_id: int | None = None,
        saved: bytes | None = None,
    ) -> SimNode:
        """Add a node; port 0 stands for one that is free.

        Parameters
        ----------
        name : str
            Its name, such as ``n07``; a dead node's name may be used again.
        protocol_class : type
            What it runs, see `core.NodeProtocol`.
        listen : Address
            Where it listens.
        config : Settings, optional
            The protocol's settings; its defaults if not given.
        node_id : int, optional
            Its id; without one the protocol chooses.
        saved : bytes, optional
            What the protocol's `save` returned before a restart.

        Raises
        ------
        TransportError
            If another node listens there, or has that name.
        ForbiddenTarget
            If the class is an attacker's and this simulation is not confined.
        """
        require_confined(protocol_class, self.confined)
        listening = self._listeners(protocol_class.carrier)
        address = _claim(self, name, listen, listening)
        config = protocol_class.Config() if config is None else config
        if node_id is None:
            rng = seeded(self.seed, name, "id")
            node_id = protocol_class.choose_id(rng, address, config)
        me = Contact(node_id, address)
        node, context = _make(self, name, protocol_class, me)
        node.protocol = protocol_class(context, config)
        if saved is not None:
            node.protocol.restore(saved)
        node.hear = node.protocol.receive
        for listeners in listening:
            listeners[address] = node
        self.nodes[name] = node
        return node

    def advance(self, seconds: float) -> None:
        """Let `seconds` of virtual time pass."""
        until_s = self.scheduler.now_s + seconds
        self._go(until_s, lambda: False)

    def run_until(self, condition: Callable[[], bool], limit_s: float) -> bool:
        """Run until `condition` holds, asking after each thing that happens.

        Returns
        -------
        bool
            Whether it held within `limit_s` seconds of virtual time.
        """
        until_s = self.scheduler.now_s + limit_s
        while not condition():
            if not self._run(until_s, most=1):
                self.scheduler.now_s = until_s
                return condition()
        return True

    def run(self, operation: Operation[T], limit_s: float) -> T:
        """Run until an operation has ended, and return its result.

        Raises
        ------
        RequestTimeout
            If it has not ended after `limit_s` seconds of virtual time.
        """
        until_s = self.scheduler.now_s + limit_s
        # It may end late, in somebody else's run: who is stopped looks, and goes on.
        operation.then(lambda _: self.scheduler.stop())
        self._go(until_s, lambda: operation.done)
        if not operation.done:
            reason = (
                f"{operation.verb} has not ended after {limit_s:g} s of virtual time: "
                "allow more, or look in the trace for whom it waits"
            )
            raise RequestTimeout(reason)
        return operation.result

    def forget(self, node: SimNode) -> None:
        """Free a dead node's address; called by the node."""
        for listeners in self._listeners("both"):
            if listeners.get(node.me.address) is node:
                del listeners[node.me.address]

    def free_address(self, host: str) -> Address:
        """Return an address that nobody has, as a peer that connects comes from."""
        port = self._ports.get(host, FIRST_FREE_PORT)
        while any((host, port) in taken for taken in self._listeners("both")):
            port += 1
        self._ports[host] = port + 1 if port < LAST_PORT else FIRST_FREE_PORT
        return host, port

    def _listeners(self, carrier: str) -> tuple[dict[Address, Any], ...]:
        """Return who hears, by address, on each thing that a carrier stands for."""
        datagrams, streams = self.scheduler.listeners, self.stream_listeners
        if carrier == "both":
            return datagrams, streams
        return (streams,) if carrier == "stream" else (datagrams,)

    def _go(self, until_s: float, is_done: Callable[[], bool]) -> None:
        """Run until a time, or until it is done, with a breath now and then."""
        with patient_collector():
            while not is_done():
                if not self._run(until_s, BREATH):
                    # Somebody else may have moved time further during a breath.
                    self.scheduler.now_s = max(until_s, self.scheduler.now_s)
                    return
                if self.breathe is not None:
                    self.breathe()

    def _run(self, until_s: float, most: float) -> int:
        if self._is_running:
            reason = (
                "virtual time cannot be moved from inside a node's call: use "
                "ctx.after, or move it from where the simulation was made"
            )
            raise LocalProtocolError(reason)
        self._is_running = True
        self.scheduler.is_stopping = False
        try:
            return self.scheduler.run(until_s, most)
        finally:
            self._is_running = False


def _claim(
    sim: Simulation,
    name: str,
    listen: Address,
    listening: tuple[dict[Address, Any], ...],
) -> Address:
    known = sim.nodes.get(name)
    if known is not None and known.state is not NodeState.DEAD:
        reason = f"{name} is already there: stop it first, or use another name"
        raise TransportError(reason)
    if listen[1] == 0:
        return sim.free_address(listen[0])
    for listeners in listening:
        if listen in listeners:
            reason = (
                f"{format_address(listen)} is taken by {listeners[listen].name}: "
                "choose another port, or 0 for one that is free"
            )
            raise TransportError(reason)
    return listen


def _make(
    sim: Simulation, name: str, kind: Any, me: Contact
) -> tuple[SimNode, SimContext]:
    encode, decode, framing = kind.codec.encode, kind.codec.decode, framing_of(kind)
    if kind.carrier == "both":
        both = SimBothNode(sim, name, me, decode, framing)
        return both, SimBothContext(both, encode)
    if kind.carrier == "stream":
        on_streams = SimStreamNode(sim, name, me, decode, framing)
        return on_streams, SimStreamContext(on_streams, encode)
    node = SimNode(sim, name, me, decode)
    return node, SimContext(node, encode)
