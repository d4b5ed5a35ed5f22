"""Chord rings in virtual time, joined through the protocol itself, for the oracles."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from p2pkit.core import Contact, Crashed, Record
from p2pkit.faults import Plan
from p2pkit.observe import NodeSnapshot, Snapshot, check
from p2pkit.protocols import Chord
from p2pkit.sim import Simulation

LIMIT_S = 600.0


class ChordRing:
    """Nodes n000, n001, ... at hosts of their own, and chance for the test.

    It has snapshots as a cluster has, so the oracles of ``check`` take it.
    """

    def __init__(
        self, n: int, seed: int = 7, protocol: type[Any] = Chord, **settings: Any
    ) -> None:
        self.faults = Plan()
        self.crashes: list[Record] = []
        self.sim = Simulation(seed=seed, faults=self.faults, on_record=self._hear)
        self.protocol, self.config = protocol, protocol.Config.of(**settings)
        self.rng = random.Random(f"{seed}/test")
        self.nodes: list[Any] = []
        self.join(n)

    def add(self) -> Any:
        """Add one node that has not joined yet."""
        index = len(self.nodes)
        address = (f"127.1.{index >> 8}.{index & 255}", 6881)
        node = self.sim.add(f"n{index:03}", self.protocol, address, config=self.config)
        self.nodes.append(node)
        return node

    def join(self, n: int) -> None:
        """Let n more nodes join, as many at once as are in already."""
        while n:
            inside = self.alive()
            wave = [self.add() for _ in range(min(n, max(1, len(inside))))]
            self.run(self.begin_join(node, inside) for node in wave)
            n -= len(wave)

    def begin_join(self, node: Any, inside: list[Any]) -> Any:
        """Let a node begin to join through one of those inside."""
        via = [self.rng.choice(inside).me.address] if inside else []
        return node.protocol.bootstrap(via)

    def run(self, operations: Any) -> list[Any]:
        """Begin operations, run until all have ended, return their results."""
        return [self.sim.run(one, LIMIT_S) for one in list(operations)]

    def settle(
        self, rounds: int = 60, holds: Callable[[Any], Any] | None = None
    ) -> int:
        """Let all nodes maintain until a claim holds; return after how many rounds."""
        holds = holds or _is_whole
        for number in range(rounds):
            if holds(self):
                return number
            self.run(node.protocol.maintain() for node in self.alive())
        return rounds

    def alive(self) -> list[Any]:
        """Return the nodes that are alive."""
        return [node for node in self.nodes if node.state == "alive"]

    def snapshot(self, details: bool = False) -> Snapshot:
        """Return all nodes as they are now."""
        return Snapshot(self.sim.now(), tuple(map(_look, self.nodes)))

    def rejected(self) -> dict[str, int]:
        """Return what all nodes refused, by reason."""
        return dict(self.snapshot().totals().rejected)

    def look_up(self, key: int) -> Contact:
        """Look a key up from any node that is alive."""
        node = self.rng.choice(self.alive())
        return self.run([node.protocol.lookup(key)])[0]

    def __len__(self) -> int:
        return len(self.nodes)

    def __getitem__(self, index: int) -> Any:
        return _Verbs(self, self.nodes[index])

    def _hear(self, record: Record) -> None:
        if isinstance(record.event, Crashed):
            raise AssertionError(record.event.traceback)


def _is_whole(ring: ChordRing) -> bool:
    return bool(check.successor_lists(ring)) and bool(check.symmetry(ring))


class _Verbs:
    def __init__(self, ring: ChordRing, node: Any) -> None:
        self._ring, self._node = ring, node

    def __getattr__(self, verb: str) -> Callable[..., Any]:
        call = getattr(self._node.protocol, verb)
        return lambda *arguments: self._ring.run([call(*arguments)])[0]


def _look(node: Any) -> NodeSnapshot:
    dead = node.state == "dead"
    edges = () if dead else tuple(node.protocol.neighbors())
    details = None if dead else node.protocol.inspect()
    return NodeSnapshot(
        node.name, node.me.id, node.me.address, str(node.state), edges,
        node.counters, details,
    )  # fmt: skip
