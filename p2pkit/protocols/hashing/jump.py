"""Jump consistent hashing: five lines, no memory, a nearly perfect balance.

What it shows: think of the nodes as coming one by one. When the nth comes, each key
jumps to it with odds 1/n. Instead of throwing a die at every arrival, throw one that
says when the next jump is: so log(n) steps find where a key is in the end. The limit:
nodes are numbers, and only the last can leave without others paying for it.
Source: J. Lamping and E. Veach, "A Fast, Minimal Memory, Consistent Hash Algorithm",
2014, figure 1.
Read next: ``maglev.py``, which trades memory for one step.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

from p2pkit.core import LocalProtocolError
from p2pkit.protocols.hashing.placement import HASHES, Key, Placement, hash_of

MULTIPLIER = 2862933555777941757
"""Of the linear congruential generator that the paper draws its numbers from."""


def jump(key: int, buckets: int) -> int:
    """Return the bucket of a key, in ``[0, buckets)``.

    Parameters
    ----------
    key : int
        In ``[0, 2**64)``; need not look random.
    buckets : int
        How many there are, at least 1.

    Raises
    ------
    LocalProtocolError
        If there is no bucket.

    Examples
    --------
    The vectors that implementations agree on.

    >>> jump(42, 57), jump(0xDEAD10CC, 666), jump(256, 1024)
    (43, 361, 520)
    """
    if buckets < 1:
        reason = f"a key needs at least 1 bucket to be in, not {buckets}"
        raise LocalProtocolError(reason)
    at, next_at = 0, 0
    while next_at < buckets:
        at = next_at
        key = (key * MULTIPLIER + 1) % HASHES
        # Rounded as in the paper, where the quotient is a double of its own.
        next_at = int((at + 1) * ((1 << 31) / ((key >> 33) + 1)))
    return at


class Jump(Placement):
    """Keys by where they have jumped to when the last node came; order matters."""

    def owner(self, key: Key) -> str:
        """Return the node that a key has jumped to."""
        return self.nodes[jump(hash_of(key), len(self.nodes))]

    def with_nodes(self, nodes: Iterable[str]) -> Self:
        """Return the same over other nodes."""
        return type(self)(nodes)

    def remove(self, node: str) -> Self:
        """Return a placement in which the last node stands in for one that leaves.

        Buckets have no names, only numbers, and the last is the only one that can
        go. So the keys of two nodes move, not of one: those of `node` to the last,
        and those that the last had to everybody.
        """
        self.without(node)  # says so if it is not there
        *rest, last = self.nodes
        return self.with_nodes(last if one == node else one for one in rest)
