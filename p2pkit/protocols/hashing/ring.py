"""Consistent hashing: nodes and keys on one ring, each key at the next node.

What it shows: a node that comes takes keys from its neighbors on the ring and from
nobody else, so no key moves between two nodes that stay. With one point a node the
shares are very uneven; with `points` virtual nodes each, a node's share strays from
the mean by about 1/sqrt(points).
Source: D. Karger et al., "Consistent Hashing and Random Trees", STOC 1997, section 4;
virtual nodes as in I. Stoica et al., "Chord", SIGCOMM 2001, section 6.1.
Read next: ``rendezvous.py``, which needs no ring; ``protocols/chord``, where no node
knows the whole of it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from typing import Self

from p2pkit.core import LocalProtocolError
from p2pkit.protocols.hashing.placement import HASHES, Key, Placement, hash_of


class Ring(Placement):
    """Keys by the first point at or after them, clockwise.

    Parameters
    ----------
    nodes : iterable of str
        Names; their order does not matter.
    points : int
        Virtual nodes of each node, at least 1. Memory and building grow with it, the
        time to find an owner with its logarithm.

    Examples
    --------
    >>> ring = Ring(["a", "b", "c"], points=2)
    >>> [owner for _, owner in ring.circle]
    ['c', 'b', 'b', 'a', 'a', 'c']
    """

    def __init__(self, nodes: Iterable[str], points: int = 100) -> None:
        super().__init__(nodes)
        if points < 1:
            reason = f"a node has at least 1 point on the ring, not {points}"
            raise LocalProtocolError(reason)
        self.points = points
        # Two points at one place are ordered by name, so all agree who is first.
        self.circle = sorted(
            (hash_of(f"{node}/{number}"), node)
            for node in self.nodes
            for number in range(points)
        )
        self._positions = [position for position, _ in self.circle]

    def owner(self, key: Key) -> str:
        """Return the node of the first point at the key or after it."""
        at = bisect_left(self._positions, hash_of(key))
        return self.circle[at % len(self.circle)][1]

    def owners(self, key: Key, count: int) -> list[str]:
        """Return the first `count` different nodes from the key on, or all.

        The later ones hold the replicas: when the first goes, the second is the owner
        already. Points of a node that was met before are passed over.
        """
        at = bisect_left(self._positions, hash_of(key))
        found: dict[str, None] = {}
        for step in range(len(self.circle)):
            if len(found) >= min(count, len(self.nodes)):
                break
            found[self.circle[(at + step) % len(self.circle)][1]] = None
        return list(found)

    def with_nodes(self, nodes: Iterable[str]) -> Self:
        """Return the same over other nodes."""
        return type(self)(nodes, self.points)

    def shares(self) -> dict[str, float]:
        """Return which share of all keys each node holds, exactly; they add up to 1."""
        arcs = dict.fromkeys(self.nodes, 0)
        before = self._positions[-1] - HASHES  # the last point, seen across zero
        for position, node in self.circle:
            arcs[node] += position - before
            before = position
        return {node: arc / HASHES for node, arc in arcs.items()}
