"""Network: nodes on real sockets in the event loop that runs here."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable, Coroutine
from typing import Any, Self, TypeVar

from p2pkit.core import (
    Address,
    Contact,
    NodeState,
    Operation,
    RequestTimeout,
    Tap,
    Targets,
    TransportError,
    format_address,
)
from p2pkit.core.driver import OnRecord, framing_of, seeded
from p2pkit.core.targets import require_confined
from p2pkit.faults import Plan
from p2pkit.net.both import BothContext, BothNode, both_sockets
from p2pkit.net.datagrams import DatagramContext, DatagramNode
from p2pkit.net.gate import Gate
from p2pkit.net.node import NetContext, NetNode
from p2pkit.net.sockets import address_of, datagram_socket, is_numeric, stream_socket
from p2pkit.net.stream import NetStream
from p2pkit.net.streams import StreamContext, StreamNode
from p2pkit.net.wheel import Wheel
from p2pkit.net.wired import Wired

T = TypeVar("T")

CHECK_S = 0.001
"""How often a condition is asked for: nothing on a socket tells when one changes."""


class Network(Wired):
    """Nodes on real sockets; an async context manager that leaves nothing behind.

    Parameters
    ----------
    seed : int
        Starts the generator of every node and of the faults; timing is real, so two
        runs are not the same.
    faults : Plan, optional
        What may go wrong; asked by the sender, for each packet.
    on_record : callable, optional
        Called with the `Record` of each event, in this loop's thread.
    epoch_s : float, optional
        When the run began, as `time.time` tells it, so that several processes agree;
        now if not given.
    outside : bool
        Whether nodes may listen at, and send to, addresses beyond the loopback.

    Attributes
    ----------
    nodes : dict of str to NetNode
        Every node by name; a dead one until its name is used again.
    lingering : dict of Address to DatagramNode
        Dead nodes of which a fault plan still holds datagrams back, by address.
    tap : Tap or None
        Is told of each message; may be put in and taken out at any time.
    gate : Gate
        Says where they may send.
    """

    def __init__(
        self,
        *,
        seed: int,
        faults: Plan | None = None,
        on_record: OnRecord | None = None,
        epoch_s: float | None = None,
        outside: bool = False,
    ) -> None:
        super().__init__()
        self.seed, self.on_record, self.outside = seed, on_record, outside
        self.faults = Plan() if faults is None else faults
        self.nodes: dict[str, NetNode] = {}
        self.tap: Tap | None = None
        self.gate = Gate(outside=outside)
        age_s = 0.0 if epoch_s is None else time.time() - epoch_s
        self._began_s = time.monotonic() - age_s
        self.loop = asyncio.get_running_loop()
        self.wheel = Wheel(self.loop)
        self.streams: set[NetStream] = set()
        self.lingering: dict[Address, DatagramNode] = {}
        self._tasks = asyncio.TaskGroup()
        self._running: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        await self._tasks.__aenter__()
        return self

    async def __aexit__(self, kind: Any, error: Any, trace: Any) -> None:
        for node in self.nodes.values():
            node.kill()
        for task in self._running:
            task.cancel()
        ending = list(self.streams)
        for stream in ending:
            stream.abort()
        self.wheel.close()
        for lingerer in list(self.lingering.values()):
            lingerer.let_go()
        for stream in ending:
            await stream.gone.wait()
        if kind is not asyncio.CancelledError:
            # What the body raised goes on as it is, not inside a group.
            kind = error = trace = None
        await self._tasks.__aexit__(kind, error, trace)

    def now(self) -> float:
        """Return the seconds since the run began."""
        return time.monotonic() - self._began_s

    def add(
        self,
        name: str,
        protocol_class: Any,
        listen: Address,
        *,
        config: Any = None,
        node_id: int | None = None,
        saved: bytes | None = None,
    ) -> NetNode:
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
            If the address is taken, is not this machine's, or lies outside.
        ForbiddenTarget
            If the class attacks, and this network is not confined.
        """
        require_confined(protocol_class, self.confined)
        _require_free(self, name, listen)
        config = protocol_class.Config() if config is None else config
        carrier = protocol_class.carrier
        if carrier != "stream" and listen in self.lingering:
            self.lingering[listen].let_go()
        socks = _sockets(carrier, listen)
        try:
            address = address_of(socks[0])
            if node_id is None:
                rng = seeded(self.seed, name, "id")
                node_id = protocol_class.choose_id(rng, address, config)
            me = Contact(node_id, address)
            node, context = _make(self, name, protocol_class, me, socks)
            node.protocol = protocol_class(context, config)
            if saved is not None:
                node.protocol.restore(saved)
        except BaseException:
            for sock in socks:
                sock.close()
            raise
        node.open()
        self.replace(name, node)
        return node

    async def run_until(self, condition: Callable[[], bool], limit_s: float) -> bool:
        """Wait until `condition` holds, asking every millisecond.

        Cancelling it changes nothing.

        Returns
        -------
        bool
            Whether it held within `limit_s` seconds.
        """
        deadline_s = time.monotonic() + limit_s
        while not condition():
            if time.monotonic() > deadline_s:
                return False
            await asyncio.sleep(CHECK_S)
        return True

    async def run(self, operation: Operation[T], limit_s: float) -> T:
        """Wait until an operation has ended, and return its result.

        Cancelling it ends the wait, not the operation.

        Raises
        ------
        RequestTimeout
            If it has not ended after `limit_s` seconds.
        """
        ended = asyncio.Event()
        operation.then(lambda _: ended.set())
        try:
            async with asyncio.timeout(limit_s):
                await ended.wait()
        except TimeoutError as error:
            reason = (
                f"{operation.verb} has not ended after {limit_s:g} s: allow more, or "
                "look in the trace for whom it waits"
            )
            raise RequestTimeout(reason) from error
        return operation.result

    def confine(self, targets: Targets) -> None:
        """Let nodes here send to these addresses alone, from now on; see `Gate`."""
        self.gate.confine(targets)
        for stream in [s for s in self.streams if not self.gate.welcomes(s.peer[0])]:
            stream.abort()

    @property
    def confined(self) -> Targets | None:
        """Where alone nodes may send, once `confine` was called."""
        return self.gate.confined

    def soon(self, call: Callable[..., None], *arguments: Any) -> None:
        """Call it when what runs now has returned."""
        self.loop.call_soon(call, *arguments)

    def start(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        """Run a coroutine as a task that ends with this network at the latest."""
        task = self._tasks.create_task(work, name=name)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task


def _sockets(carrier: str, listen: Address) -> tuple[socket.socket, ...]:
    if carrier == "both":
        return both_sockets(listen)
    return ((stream_socket if carrier == "stream" else datagram_socket)(listen),)


def _make(
    network: Network,
    name: str,
    kind: Any,
    me: Contact,
    socks: tuple[socket.socket, ...],
) -> tuple[NetNode, NetContext]:
    codec, framing = kind.codec, framing_of(kind)
    if kind.carrier == "both":
        both = BothNode(network, name, me, (socks[0], socks[1]), codec, framing)
        return both, BothContext(both, codec)
    if kind.carrier == "stream":
        stream_node = StreamNode(network, name, me, socks[0], codec, framing)
        return stream_node, StreamContext(stream_node, codec)
    node = DatagramNode(network, name, me, socks[0], codec)
    return node, DatagramContext(node, codec)


def _require_free(network: Network, name: str, listen: Address) -> None:
    known = network.nodes.get(name)
    if known is not None and known.state is not NodeState.DEAD:
        reason = f"{name} is already there: stop it first, or use another name"
        raise TransportError(reason)
    if not is_numeric(listen[0], outside=network.outside):
        reason = (
            f"{format_address(listen)} lies outside this machine's loopback: "
            "listen at 127.0.0.1, or say that you mean it with outside=True"
        )
        raise TransportError(reason)
