"""Networks of a membership in virtual time, and one node with the test as its peers."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from p2pkit.core import Address, Delivered, Hello, Record
from p2pkit.faults import Plan
from p2pkit.observe.snapshot import NodeSnapshot, Snapshot, total
from p2pkit.sim import Simulation
from tests.recorder import Recorder


def address(number: int) -> Address:
    """Return an address at a host of its own."""
    return f"127.{1 + (number >> 16)}.{number >> 8 & 255}.{number & 255}", 6881


class Network:
    """Nodes n0000, n0001, ... of one protocol, and what they reported.

    Without `links` they join in waves as large as what is there already, each through
    three nodes; with them each is given its neighbors.
    """

    def __init__(
        self,
        kind: type[Any],
        n: int,
        seed: int = 7,
        links: list[tuple[int, int]] | None = None,
        **settings: Any,
    ) -> None:
        self.kind, self.seed = kind, seed
        self.records: list[Record] = []
        self.faults = Plan()
        self.sim = Simulation(
            seed=seed, faults=self.faults, on_record=self.records.append
        )
        self.config = kind.Config.of(**settings)
        self.rng = random.Random(f"{seed}/test")
        self.nodes: list[Any] = []
        if links is None:
            self.grow(n)
        else:
            self.link(n, links)

    @property
    def trace(self) -> list[Record]:
        """What the nodes reported."""
        return self.records

    def add(self) -> Any:
        """Add a node that has not joined."""
        number = len(self.nodes)
        node = self.sim.add(
            f"n{number:05}", self.kind, address(number), config=self.config
        )
        self.nodes.append(node)
        return node

    def grow(self, n: int) -> None:
        """Let nodes join until there are `n`."""
        while len(self.nodes) < n:
            inside = self.alive()
            wave = min(max(1, len(inside)), n - len(self.nodes))
            newcomers = [self.add() for _ in range(wave)]
            joins = []
            for node in newcomers:
                via = self.rng.sample(inside, min(3, len(inside)))
                joins.append(node.protocol.bootstrap([one.me.address for one in via]))
            for operation in joins:
                self.sim.run(operation, 120)

    def link(self, n: int, links: list[tuple[int, int]]) -> None:
        """Add nodes, and give each its neighbors."""
        nodes = [self.add() for _ in range(n)]
        beside: dict[int, list[Address]] = {number: [] for number in range(n)}
        for a, b in links:
            beside[a].append(address(b))
            beside[b].append(address(a))
        joins = [one.protocol.bootstrap(beside[i]) for i, one in enumerate(nodes)]
        for operation in joins:
            self.sim.run(operation, 120)

    def alive(self) -> list[Any]:
        """Return the nodes that have not ended."""
        return [node for node in self.nodes if node.state == "alive"]

    def kill(self, share: float) -> None:
        """End a share of the nodes at once, without a word."""
        alive = self.alive()
        for node in self.rng.sample(alive, round(share * len(alive))):
            node.kill()

    def snapshot(self, details: bool = False) -> Snapshot:
        """Return the nodes as an oracle sees them."""
        return Snapshot(
            self.sim.now(), tuple(_seen(one, details) for one in self.nodes)
        )

    def sent(self, *names: str) -> int:
        """Return how many messages of these classes were sent so far."""
        tallies = total(node.counters for node in self.nodes).sent
        return sum(tallies[name].messages for name in names if name in tallies)

    def rejected(self) -> dict[str, int]:
        """Return what was refused so far, by reason."""
        return total(node.counters for node in self.nodes).rejected

    def deliveries(self, number: bytes) -> list[Record]:
        """Return who got a message."""
        return [
            record
            for record in self.records
            if isinstance(record.event, Delivered) and record.event.message_id == number
        ]

    def share(self, number: bytes) -> float:
        """Return which share of the alive nodes got a message."""
        return len(self.deliveries(number)) / len(self.alive())


def _seen(node: Any, details: bool) -> NodeSnapshot:
    is_alive = node.state == "alive"
    edges = tuple(node.protocol.neighbors()) if is_alive else ()
    inside = node.protocol.inspect() if details and is_alive else None
    me, state = node.me, str(node.state)
    return NodeSnapshot(
        node.name, me.id, me.address, state, edges, node.counters, inside
    )


class StreamRecorder(Recorder):
    """A recorder with streams: the test opens and closes them."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.dialed: list[Address] = []
        self.closed: list[Address] = []

    def connect(self, to: Address) -> None:
        self.dialed.append(to)

    def close(self, to: Address) -> None:
        self.closed.append(to)


class OneStreamNode:
    """A node on streams, its recorder, and what a peer may do to it."""

    def __init__(self, kind: type[Any], recorders: Callable[..., Any], **settings: Any):
        self.ctx: Any = recorders(address=address(0), codec=kind.codec)
        self.node = kind(self.ctx, kind.Config.of(**settings))
        self.streams = 50_000

    def arrive(self, number: int) -> Address:
        """Have a peer connect and say hello; return its stream."""
        host, port = address(number)
        self.streams += 1
        stream = host, self.streams
        self.node.on_connected(stream)
        self.hear(stream, Hello(port))
        return stream

    def accept(self) -> Address:
        """Have the oldest stream that the node dials open; return its address."""
        to: Address = self.ctx.dialed.pop(0)
        self.node.on_connected(to)
        self.ctx.take(Hello)
        return to

    def hear(self, stream: Address, message: Any) -> None:
        """Receive a message as it comes off the wire."""
        codec = self.node.codec
        self.node.receive(stream, codec.decode(codec.encode(message)))
