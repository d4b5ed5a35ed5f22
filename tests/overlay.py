"""Kademlia networks in virtual time, joined through the protocol itself."""

from __future__ import annotations

import random
from typing import Any

from p2pkit.core import Contact, Record
from p2pkit.faults import Plan
from p2pkit.protocols import Kademlia, KademliaConfig
from p2pkit.protocols.kademlia.distance import k_closest
from p2pkit.sim import Simulation


class Overlay:
    """Nodes n0000, n0001, ... at hosts of their own, and chance for the test.

    They join in waves as large as what is there already, each through three nodes.
    """

    def __init__(
        self, n: int, seed: int = 7, faults: Plan | None = None, **settings: Any
    ) -> None:
        self.records: list[Record] = []
        self.faults = Plan() if faults is None else faults
        self.sim = Simulation(
            seed=seed, faults=self.faults, on_record=self.records.append
        )
        self.config = KademliaConfig.of(**settings)
        self.rng = random.Random(f"{seed}/test")
        self.nodes: list[Any] = []
        self.grow(n)

    def grow(self, n: int) -> list[Any]:
        """Let nodes join until there are `n`; return the new ones."""
        before = len(self.nodes)
        while len(self.nodes) < n:
            known = self.alive()
            wave = [self.add() for _ in range(min(max(1, len(known)), n - len(known)))]
            joins = [self.join(node, known) for node in wave]
            for operation in joins:
                self.sim.run(operation, 120)
        return self.nodes[before:]

    def add(self, **named: Any) -> Any:
        """Add a node that has not joined."""
        number = len(self.nodes)
        address = (f"127.{1 + (number >> 16)}.{number >> 8 & 255}.{number & 255}", 6881)
        name = f"n{number:04}"
        node = self.sim.add(name, Kademlia, address, config=self.config, **named)
        self.nodes.append(node)
        return node

    def join(self, node: Any, known: list[Any]) -> Any:
        """Let a node join through up to three of the known ones."""
        some = self.rng.sample(known, min(3, len(known)))
        return node.protocol.bootstrap([one.me.address for one in some])

    def alive(self) -> list[Any]:
        """Return the nodes that have not ended."""
        return [node for node in self.nodes if node.state == "alive"]

    def maintain(self) -> None:
        """Let every node do one round of its repair."""
        for operation in [node.protocol.maintain() for node in self.alive()]:
            self.sim.run(operation, 120)

    def run(self, operation: Any, limit_s: float = 120) -> Any:
        """Run an operation to its end."""
        return self.sim.run(operation, limit_s)

    def truth(self, key: int, k: int = 8, without: Any = None) -> list[int]:
        """Return the ids of the k nodes nearest to a key, by brute force."""
        ids = [node.me.id for node in self.alive() if node is not without]
        return k_closest(ids, key, k)

    def lookups(self, count: int) -> list[Any]:
        """Look up random keys from random nodes, one after the other."""
        done = []
        for _ in range(count):
            node = self.rng.choice(self.alive())
            operation = node.protocol.lookup(self.rng.getrandbits(160))
            found: list[Contact] = self.run(operation)
            want = self.truth(operation.target, self.config.k, without=node)
            right = [contact.id for contact in found] == want
            done.append(Looked(operation, found, right))
        return done

    def sizes(self) -> list[int]:
        """Return how many contacts each node has in its table."""
        return [sum(1 for _ in node.protocol.neighbors()) for node in self.alive()]


class Looked:
    """A lookup that has ended: what it found, and what it took."""

    def __init__(self, operation: Any, found: list[Contact], right: bool) -> None:
        self.operation, self.found, self.right = operation, found, right
        self.requests = len(operation.steps)
        hops = {step.peer: step.hop for step in operation.steps}
        self.hops = hops[found[0].id] if found else 0
        ended = [step.ended_s for step in operation.steps]
        self.took_s = max(ended, default=operation.began_s) - operation.began_s


def share_right(looked: list[Looked]) -> float:
    """Return which share of lookups found exactly the k nearest."""
    return sum(one.right for one in looked) / len(looked)
