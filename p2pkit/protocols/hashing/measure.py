"""Measures: how even the shares are, and what moves when the nodes change.

What it shows: the two numbers by which ways of placing keys are judged. A good one
gives each of n nodes about 1/n of the keys, and when a node comes or goes moves only
what has to move: nothing between two nodes that stay.
Source: D. Karger et al., "Consistent Hashing and Random Trees", STOC 1997, section 4:
balance and monotonicity.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from statistics import fmean, pstdev

import msgspec

from p2pkit.core import LocalProtocolError
from p2pkit.protocols.hashing.placement import Key, Placement


class Balance(msgspec.Struct, frozen=True):
    """How evenly nodes share; 1 is the mean share.

    Attributes
    ----------
    std : float
        Standard deviation of the shares over all nodes, 0 if they are equal.
    least, most : float
        The smallest and the largest share.
    p1, p99 : float
        1 in 100 nodes has less than `p1`, and 1 in 100 more than `p99`.
    """

    std: float
    least: float
    p1: float
    p99: float
    most: float


class Disruption(msgspec.Struct, frozen=True):
    """What a change of nodes did to the keys, as shares of all keys, 0 to 1.

    Attributes
    ----------
    moved : float
        Have another owner than before.
    shuffled : float
        Moved although both their owners were there before and after: for nothing.
    """

    moved: float
    shuffled: float


def loads(placement: Placement, keys: Collection[Key]) -> dict[str, int]:
    """Return how many of the keys each node holds; also 0."""
    counts = Counter(placement.owner(key) for key in keys)
    return {node: counts[node] for node in placement.nodes}


def balance(shares: Mapping[str, float]) -> Balance:
    """Say how even shares are: those of `loads`, or the exact ones of `Ring.shares`.

    Raises
    ------
    LocalProtocolError
        If they are all 0: nothing was shared.

    Examples
    --------
    >>> balance({"a": 1, "b": 3}).std
    0.5
    """
    mean = fmean(shares.values())
    if not mean:
        reason = "nothing was shared among the nodes: measure with at least one key"
        raise LocalProtocolError(reason)
    of_mean = sorted(share / mean for share in shares.values())
    last = len(of_mean) - 1
    return Balance(
        std=pstdev(of_mean),
        least=of_mean[0],
        p1=of_mean[round(0.01 * last)],
        p99=of_mean[round(0.99 * last)],
        most=of_mean[-1],
    )


def disruption(
    before: Placement, after: Placement, keys: Collection[Key]
) -> Disruption:
    """Say what changes for the keys when one placement takes the place of another.

    Raises
    ------
    LocalProtocolError
        If there are no keys.

    Examples
    --------
    >>> from p2pkit.protocols.hashing import Modulo, some_keys
    >>> ten = Modulo(f"n{i}" for i in range(10))
    >>> round(disruption(ten, ten.add("n10"), some_keys(10_000, seed=7)).moved, 2)
    0.91
    """
    if not keys:
        reason = "without keys nothing can move: measure with at least one"
        raise LocalProtocolError(reason)
    stayed = {*before.nodes} & {*after.nodes}
    pairs = [(before.owner(key), after.owner(key)) for key in keys]
    moved = [pair for pair in pairs if pair[0] != pair[1]]
    shuffled = sum(stayed.issuperset(pair) for pair in moved)
    return Disruption(len(moved) / len(keys), shuffled / len(keys))
