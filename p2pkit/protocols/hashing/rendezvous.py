"""Rendezvous hashing: every node draws a number for the key, and the highest holds it.

What it shows: balance and least disruption without any structure. Take a node away
and the others' numbers stand as they are, so only its own keys move, and they move to
whoever was second. The price is that all n nodes draw for every key.
Source: D. Thaler and C. Ravishankar, "Using Name-Based Mappings to Increase Hit
Rates", IEEE/ACM Transactions on Networking 6 (1998), section III.
Read next: ``jump.py``, which draws log(n) times and has other limits.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

from p2pkit.protocols.hashing.placement import Key, Placement, hash_of, mix


class Rendezvous(Placement):
    """Keys by the highest of the numbers that the nodes draw; order does not matter.

    Examples
    --------
    >>> nodes = Rendezvous(["a", "b", "c"])
    >>> first, second, third = nodes.owners("apple", 3)
    >>> nodes.owner("apple") == first, nodes.remove(first).owner("apple") == second
    (True, True)
    """

    def __init__(self, nodes: Iterable[str]) -> None:
        super().__init__(nodes)
        self._drawers = sorted((hash_of(node), node) for node in self.nodes)

    def owner(self, key: Key) -> str:
        """Return the node that draws the highest number for the key."""
        hashed = hash_of(key)
        return max(self._drawers, key=lambda one: mix(one[0] ^ hashed))[1]

    def owners(self, key: Key, count: int) -> list[str]:
        """Return the first `count` nodes in order of what they draw, or all."""
        hashed = hash_of(key)
        ranked = sorted(self._drawers, key=lambda one: -mix(one[0] ^ hashed))
        return [node for _, node in ranked[: max(count, 0)]]

    def with_nodes(self, nodes: Iterable[str]) -> Self:
        """Return the same over other nodes."""
        return type(self)(nodes)
