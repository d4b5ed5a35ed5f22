"""Modulo hashing: the remainder names the node; the naive way.

What it shows: a perfect balance that no change survives. With one node more, a key
stays only if both remainders agree: when n nodes become n + 1, all but 1/(n + 1) of
the keys move, where 1/(n + 1) of them would have had to.
Source: D. Karger et al., "Consistent Hashing and Random Trees", STOC 1997, section 1,
which begins with what is wrong with it.
Read next: ``ring.py``, its better twin.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

from p2pkit.protocols.hashing.placement import Key, Placement, hash_of


class Modulo(Placement):
    """Keys by remainder; the order of the nodes matters.

    Examples
    --------
    >>> Modulo(["a", "b", "c"]).owner(7)
    'b'
    """

    def owner(self, key: Key) -> str:
        """Return the node whose number is the remainder of the key's hash."""
        return self.nodes[hash_of(key) % len(self.nodes)]

    def with_nodes(self, nodes: Iterable[str]) -> Self:
        """Return the same over other nodes."""
        return type(self)(nodes)
