"""Chord's published tables, measured again on the listing, with any parameters.

Each function takes sizes and a seed and returns plain rows. Rings too large to join
one by one are placed with the tables of a ring at rest; every lookup is the listing's
own, in virtual time. What is about load needs no messages, only ids.
Source: I. Stoica et al., "Chord", SIGCOMM 2001 and ToN 2003, section 6 of both.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from statistics import mean
from typing import Any

from p2pkit.core import (
    Address,
    Contact,
    Crashed,
    Finished,
    InvariantViolated,
    Operation,
    P2PError,
    Record,
)
from p2pkit.core.driver import seeded
from p2pkit.faults import Constant, Link, Plan
from p2pkit.observe.ring import hops
from p2pkit.protocols import Chord, ChordConfig
from p2pkit.protocols.chord.node import Position
from p2pkit.protocols.chord.placing import place_all
from p2pkit.sim import SimNode, Simulation

ID_BITS = 160
LATENCY_S = 0.01
LIMIT_S = 300.0
"""Virtual seconds after which a lookup counts as lost."""


class PlacedRing:
    """A ring at rest in virtual time, and what its lookups said when they ended.

    Parameters
    ----------
    nodes : int
        How many.
    seed : int
        Starts every generator, and with it chooses the ids.
    config : ChordConfig, optional
        The settings; ids are random here, for there are not enough addresses to hash.
    """

    def __init__(
        self, nodes: int, seed: int, config: ChordConfig | None = None
    ) -> None:
        self.config = ChordConfig.of(config, hashed_ids=False)
        self.rng = seeded(seed, "ring")
        plan = Plan(link=Link(latency=Constant(LATENCY_S)))
        self.sim = Simulation(seed=seed, faults=plan, on_record=self._hear)
        self.nodes = [
            self.sim.add(f"n{index:05}", Chord, address(index), config=self.config)
            for index in range(nodes)
        ]
        place_all([node.protocol for node in self.nodes])
        self._last: Finished | None = None
        self._ids: list[int] = []  # of the alive, sorted, once needed

    def kill(self, share: float) -> None:
        """Let a share of the nodes, 0 to 1, die at once; nobody has noticed yet."""
        for node in self.rng.sample(self.nodes, round(share * len(self.nodes))):
            node.kill()
        self.nodes = [node for node in self.nodes if node.state != "dead"]
        self._ids = []

    def look_up(self, key: int, start: SimNode | None = None) -> dict[str, Any]:
        """Look a key up; return its `hops`, `timeouts` and whether it was `right`.

        `hops` counts every way from a node to the next, the last one included, from
        the node before the key to its owner. Without a `start` any node asks.

        In the paper (ToN 2003, figure 5) nobody asks whether a key is its own: an owner
        that looks it up goes all the way around to the node before itself, and back.
        Ours would say so at once. So that all is counted as there, a position that
        looks its own key up has forgotten, as long as that lasts, whom it follows.
        """
        own, node = self.owner(key), start or self.rng.choice(self.nodes)
        # With several positions the asker is another one, which sends a message.
        places = node.protocol.positions
        ours = [one for one in places if len(places) == 1 and one.me.id == own]
        operation = self._begin(node, key, ours)
        try:
            found = self.sim.run(operation, LIMIT_S).id
        except P2PError:
            found = None
        steps = self._last.steps if self._last is not None else ()
        return {
            # Nobody sends a message to itself, but it is the last hop all the same.
            "hops": hops(self._last) + len(ours) if self._last is not None else 0,
            "timeouts": sum(step.outcome != "answered" for step in steps),
            "right": found == own,
        }

    def _begin(
        self, node: SimNode, key: int, ours: Iterable[Position]
    ) -> Operation[Contact]:
        before = [(one, one.predecessor) for one in ours]
        for one, _ in before:
            one.predecessor = None
        operation: Operation[Contact] = node.protocol.lookup(key)
        for one, predecessor in before:
            one.predecessor = predecessor
        return operation

    def owner(self, key: int) -> int:
        """Return the id of the alive position that owns a key, by brute force."""
        if not self._ids:
            places = (one for node in self.nodes for one in node.protocol.positions)
            self._ids = sorted(one.me.id for one in places)
        return self._ids[bisect_left(self._ids, key) % len(self._ids)]

    def _hear(self, record: Record) -> None:
        if isinstance(record.event, Crashed):
            raise InvariantViolated(record.event.traceback)
        if isinstance(record.event, Finished):
            self._last = record.event


def path_length(
    sizes: Iterable[int], seed: int, lookups: int = 500, **settings: Any
) -> list[dict[str, Any]]:
    """Measure how many hops lookups take on rings of these sizes.

    A path length here is the mean of `hops` over keys and askers drawn at random, the
    last hop counted and the owner among those who ask: half of log2 N to the node
    before the key, and one more. Settings are Chord's. The paper's first table has no
    successor list to help: ``successors=1``.
    """
    rows = []
    for nodes in sizes:
        ring = PlacedRing(nodes, seed, ChordConfig.of(**settings))
        found = _look_up_many(ring, lookups)
        rows.append({"nodes": nodes, "seed": seed, **found})
    return rows


def failures(
    shares: Iterable[float],
    seed: int,
    nodes: int = 1000,
    lookups: int = 500,
    **settings: Any,
) -> list[dict[str, Any]]:
    """Measure lookups just after a share of the nodes died at once (ToN table II)."""
    usual = {"successors": 20, "alternatives": 10} | settings
    rows = []
    for share in shares:
        ring = PlacedRing(nodes, seed, ChordConfig.of(**usual))
        ring.kill(share)
        rows.append({"dead": share, "seed": seed, **_look_up_many(ring, lookups)})
    return rows


def load(nodes: int, keys: int, seed: int, virtual_nodes: int = 1) -> dict[str, float]:
    """Return how unevenly keys lie on nodes, as multiples of the mean.

    Returns
    -------
    dict
        `p1`, `median`, `p99` and `max` over the nodes, of keys a node.
    """
    rng, owner = seeded(seed, "load", virtual_nodes), dict[int, int]()
    for node in range(nodes):
        for _ in range(virtual_nodes):
            owner[rng.getrandbits(ID_BITS)] = node
    ids, counts = sorted(owner), [0] * nodes
    owners = [owner[one] for one in ids]
    for _ in range(keys):
        counts[owners[bisect_left(ids, rng.getrandbits(ID_BITS)) % len(ids)]] += 1
    counts.sort()
    usual = keys / nodes
    names = {"p1": 0.01, "median": 0.5, "p99": 0.99, "max": 1.0}
    return {
        name: counts[min(nodes - 1, int(part * nodes))] / usual
        for name, part in names.items()
    }


def misses(nodes: int, keys: int, dead: float, seed: int, replicas: int = 1) -> float:
    """Return the share of keys that are lost when a share of the nodes dies.

    A key is lost when its owner and the ``replicas - 1`` nodes after it are dead.
    """
    rng = seeded(seed, "misses")
    ids = sorted(rng.getrandbits(ID_BITS) for _ in range(nodes))
    gone = set(rng.sample(range(nodes), round(dead * nodes)))
    lost = 0
    for _ in range(keys):
        first = bisect_left(ids, rng.getrandbits(ID_BITS))
        lost += all((first + step) % nodes in gone for step in range(replicas))
    return lost / keys


def address(index: int) -> Address:
    """Return the address of a node, one host each."""
    return f"127.{1 + (index >> 16)}.{index >> 8 & 255}.{index & 255}", 6881


def _look_up_many(ring: PlacedRing, lookups: int) -> dict[str, float]:
    rows = [
        ring.look_up(ring.rng.getrandbits(ring.config.id_bits)) for _ in range(lookups)
    ]
    spread = sorted(row["hops"] for row in rows)
    return {
        "hops": mean(row["hops"] for row in rows),
        "hops_p1": spread[int(0.01 * lookups)],
        "hops_p99": spread[min(lookups - 1, int(0.99 * lookups))],
        "timeouts": mean(row["timeouts"] for row in rows),
        "right": mean(row["right"] for row in rows),
    }
