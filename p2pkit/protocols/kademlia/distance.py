"""Distance: the XOR metric, on which everything else in Kademlia rests.

What it shows: ``a ^ b`` read as a number is a metric. It is 0 only for a node itself,
it is symmetric, and for every point and distance there is exactly one other point, so
all lookups for a key converge along the same path, wherever they start.
Source: P. Maymounkov and D. Mazieres, "Kademlia", IPTPS 2002, section 2.1.
Read next: ``bucket.py``.
"""

from __future__ import annotations

from collections.abc import Iterable

from p2pkit.core import Id, LocalProtocolError, Rng

ID_BITS = 160
"""Bits of an id: the length of a SHA-1 hash (BEP 5)."""


def distance(a: int, b: int) -> int:
    """Return how far two ids are from each other, in ``[0, 2**160)``.

    Examples
    --------
    >>> distance(0b101, 0b110)
    3
    """
    return a ^ b


def key_of(key: int | bytes | str) -> Id:
    """Return a key, given as a number, as 20 bytes or as 40 hexadecimal digits."""
    try:
        number = Id.parse(key)
    except (TypeError, ValueError):
        number = Id(1 << ID_BITS)
    digits = 40 if isinstance(key, str) else 20
    if number >> ID_BITS or (not isinstance(key, int) and len(key) != digits):
        reason = f"a key has {ID_BITS} bits, written as 40 hexadecimal digits: {key!r}"
        raise LocalProtocolError(reason)
    return number


def prefix_length(a: int, b: int) -> int:
    """Return how many leading bits two ids share: 0 for different halves, 160 for one.

    Examples
    --------
    >>> prefix_length(0, 1), prefix_length(0, 1 << 159), prefix_length(7, 7)
    (159, 0, 160)
    """
    return ID_BITS - (a ^ b).bit_length()


def k_closest(ids: Iterable[int], target: int, k: int) -> list[int]:
    """Return the `k` ids nearest to `target`, nearest first.

    Two ids are never equally far from one target, so every peer gets the same order.

    Raises
    ------
    ValueError
        If `k` is less than 1.

    Examples
    --------
    >>> k_closest([0b0001, 0b0100, 0b0110], target=0b0101, k=2)
    [4, 6]
    """
    if k < 1:
        message = f"k is how many ids to return, at least 1, not {k}"
        raise ValueError(message)
    return sorted(set(ids), key=lambda node_id: node_id ^ target)[:k]


def branch(own: int, depth: int) -> range:
    """Return the ids that share exactly `depth` leading bits with `own`, as a range.

    Seen from a node, the id space is a tree of such branches: half of it at depth 0, a
    quarter at depth 1, and so on toward the node itself.

    Examples
    --------
    >>> all(prefix_length(0, i) == 158 for i in branch(0, 158)), len(branch(0, 158))
    (True, 2)
    """
    bits = ID_BITS - 1 - depth
    low = ((own >> bits) ^ 1) << bits
    return range(low, low + (1 << bits))


def neighborhood(own: int, depth: int) -> range:
    """Return the ids that share `depth` leading bits or more with `own`, as a range."""
    bits = ID_BITS - depth
    low = (own >> bits) << bits
    return range(low, low + (1 << bits))


def random_id(ids: range, rng: Rng) -> int:
    """Return an id drawn uniformly from a branch or a neighborhood."""
    return rng.randrange(ids.start, ids.stop)
