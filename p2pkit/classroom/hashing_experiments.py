"""Experiments with consistent hashing: what theory says, and beside it what we find.

Each function takes any parameters and returns plain rows, ready for a table. Names of
nodes carry the seed, so another seed is another ring.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import sqrt
from statistics import fmean
from typing import Any

from p2pkit.core import LocalProtocolError
from p2pkit.protocols.hashing import (
    Balance,
    Jump,
    Maglev,
    Modulo,
    Placement,
    Rendezvous,
    Ring,
    balance,
    disruption,
    loads,
    some_keys,
)

WAYS: tuple[type[Placement], ...] = (Modulo, Ring, Rendezvous, Jump, Maglev)
"""The five ways, the naive one first."""


def names(count: int, seed: int | str) -> list[str]:
    """Return names for `count` nodes, others for another seed."""
    return [f"{seed}/n{number:04}" for number in range(count)]


def ring_balance(
    nodes: int = 1000,
    points: Iterable[int] = (1, 10, 100, 1000),
    seeds: Iterable[int] = range(3),
) -> list[dict[str, Any]]:
    """Measure how even the exact shares of a ring are, by points per node.

    Parameters
    ----------
    nodes : int
        How many, at least 2.
    points : iterable of int
        Virtual nodes per node, one row for each number.
    seeds : iterable of int
        One ring each.

    Returns
    -------
    list of dict
        `points`; `theory`, the rule 1/sqrt(points), and `exact`, the standard deviation
        of a share in mean shares when points fall at random [1]_; `std`, what was
        found, as the mean over the seeds; `low` and `high`, between which 99 % of all
        shares lie, and `most`, the largest, in mean shares.

    References
    ----------
    .. [1] v of the n v gaps between random points add up to a Beta(v, (n - 1) v), with
       the variance (n - 1) / (n v + 1) in mean shares.
    """
    if nodes < 2:
        reason = f"a balance needs at least 2 nodes to compare, not {nodes}"
        raise LocalProtocolError(reason)
    seeds, rows = list(seeds), []
    for v in points:
        found = [_shares(nodes, v, seed) for seed in seeds]
        pooled = sorted(share * nodes for shares in found for share in shares.values())
        row: dict[str, Any] = {"points": v, "theory": 1 / sqrt(v)}
        row["exact"] = sqrt((nodes - 1) / (nodes * v + 1))
        row["std"] = fmean(balance(shares).std for shares in found)
        row["low"], row["high"] = (_quantile(pooled, at) for at in (0.005, 0.995))
        rows.append({**row, "most": pooled[-1]})
    return rows


def moved(
    way: type[Placement],
    nodes: int = 10,
    keys: int = 20_000,
    seeds: Iterable[int] = range(10),
    **settings: Any,
) -> dict[str, Any]:
    """Measure what moves when `nodes` nodes become one more, and when one leaves.

    Parameters
    ----------
    way : type
        A class of `WAYS`, or any other `Placement`.
    nodes : int
        How many before the change, at least 2.
    keys : int
        How many keys are watched.
    seeds : iterable of int
        For each other nodes and other keys; the numbers are means over them.
    **settings
        Of the placement, such as ``points=1000``.

    Returns
    -------
    dict
        `way` and `nodes`; `theory`, the least that has to move when one is added,
        1/(nodes + 1); `added` and `removed`, the shares of keys that moved;
        `shuffled_added` and `shuffled_removed`, what of that moved for nothing. The
        node removed is one in the middle.
    """
    grown, shrunk = [], []
    for seed in seeds:
        some, before = some_keys(keys, seed), way(names(nodes, seed), **settings)
        grown.append(disruption(before, before.add(f"{seed}/new"), some))
        middle = before.nodes[nodes // 2]
        shrunk.append(disruption(before, before.remove(middle), some))
    return {
        "way": way.__name__,
        "nodes": nodes,
        "theory": 1 / (nodes + 1),
        "added": fmean(one.moved for one in grown),
        "shuffled_added": fmean(one.shuffled for one in grown),
        "removed": fmean(one.moved for one in shrunk),
        "shuffled_removed": fmean(one.shuffled for one in shrunk),
    }


def evenness(
    way: type[Placement],
    nodes: int = 10,
    keys: int = 20_000,
    seed: int = 7,
    **settings: Any,
) -> Balance:
    """Return the balance of the loads that `keys` random keys put on the nodes."""
    return balance(loads(way(names(nodes, seed), **settings), some_keys(keys, seed)))


def _shares(nodes: int, points: int, seed: int) -> dict[str, float]:
    return Ring(names(nodes, seed), points).shares()


def _quantile(ordered: Sequence[float], at: float) -> float:
    return ordered[round(at * (len(ordered) - 1))]
