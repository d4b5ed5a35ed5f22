"""Placement: which node holds a key, worked out by anybody and asked of nobody.

What it shows: the one question that five ways of hashing answer. Whoever knows the
names of the nodes finds the owner of every key alone, with no table of keys at all;
the ways differ in how evenly they share, and in what moves when a node comes or goes.
Read next: ``modulo.py``, the obvious answer, and what is wrong with it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from hashlib import blake2b
from typing import Self

from p2pkit.core import LocalProtocolError

Key = int | bytes | str
"""What is placed: a name, which is hashed, or a number that is a hash already."""

HASH_BITS = 64
HASHES = 1 << HASH_BITS
"""How many hashes there are; positions on a ring are numbers below it."""

GOLDEN = 0x9E3779B97F4A7C15
"""The golden ratio as a fraction of 2**64: multiples of it spread evenly [1]_."""


class Placement(ABC):
    """Some nodes, and for every key the one that holds it.

    A placement never changes: `add` and `remove` return another one, so that the two
    can be compared.

    Parameters
    ----------
    nodes : iterable of str
        Their names, each once, at least one. Where order matters, the subclass says.

    Raises
    ------
    LocalProtocolError
        If there is no node, or one is named twice.
    """

    def __init__(self, nodes: Iterable[str]) -> None:
        self.nodes = tuple(nodes)
        if not self.nodes or len(set(self.nodes)) < len(self.nodes):
            reason = "a placement has at least one node, and no name twice"
            raise LocalProtocolError(reason)

    @abstractmethod
    def owner(self, key: Key) -> str:
        """Return the name of the node that holds `key`."""

    @abstractmethod
    def with_nodes(self, nodes: Iterable[str]) -> Self:
        """Return a placement with the same settings over other nodes."""

    def add(self, node: str) -> Self:
        """Return a placement with one more node, which comes last.

        Raises
        ------
        LocalProtocolError
            If it is there already.
        """
        return self.with_nodes((*self.nodes, node))

    def remove(self, node: str) -> Self:
        """Return a placement without a node; the others keep their order.

        Raises
        ------
        LocalProtocolError
            If it is not there, or is the only one.
        """
        return self.with_nodes(self.without(node))

    def without(self, node: str) -> tuple[str, ...]:
        """Return the names of the other nodes, in order."""
        if node not in self.nodes:
            reason = f"there is no node {node!r} to remove"
            raise LocalProtocolError(reason)
        return tuple(one for one in self.nodes if one != node)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {len(self.nodes)} nodes>"


def hash_of(key: Key) -> int:
    """Return the hash of a key, in ``[0, 2**64)``; a number is its own hash.

    Not Python's ``hash``, which differs from process to process: nodes must agree.

    Raises
    ------
    LocalProtocolError
        If a number is outside that range.

    Examples
    --------
    >>> hash_of("apple") == hash_of(b"apple"), hash_of(7)
    (True, 7)
    """
    if isinstance(key, bytes | str):
        data = key.encode() if isinstance(key, str) else key
        return int.from_bytes(blake2b(data, digest_size=8).digest(), "big")
    if not 0 <= key < HASHES:
        reason = f"a number that stands for a key lies in [0, 2**64), unlike {key}"
        raise LocalProtocolError(reason)
    return int(key)


def mix(number: int) -> int:
    """Return a number in ``[0, 2**64)`` that looks unrelated, always the same one.

    Two different numbers never become the same [2]_.
    """
    number = ((number ^ (number >> 30)) * 0xBF58476D1CE4E5B9) % HASHES
    number = ((number ^ (number >> 27)) * 0x94D049BB133111EB) % HASHES
    return number ^ (number >> 31)


def some_keys(count: int, seed: int | str) -> list[int]:
    """Return `count` different keys that look random, the same for the same seed.

    References
    ----------
    .. [1] D. Knuth, "The Art of Computer Programming", volume 3, section 6.4.
    .. [2] G. Steele, D. Lea and C. Flood, "Fast Splittable Pseudorandom Number
       Generators", OOPSLA 2014: the finalizer and the stream of SplitMix64.
    """
    start = hash_of(f"keys/{seed}")
    return [mix((start + i * GOLDEN) % HASHES) for i in range(count)]
