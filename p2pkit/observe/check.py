"""Oracles: what must hold of an overlay, by brute force over all that is there.

They see every node at once, as no node can, and compare. They take anything that has
snapshots and nodes with verbs: a cluster on either carrier, in a cell, a test or a
grader. A `Verdict` is true, or shows its first counter-example, or says that there was
nothing to examine.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from heapq import nsmallest
from typing import Any, Protocol

from p2pkit.core import Id, P2PError, short
from p2pkit.observe import converged as rule
from p2pkit.observe.bucket_rules import broken_rule, ideal_size, ideal_size_formula
from p2pkit.observe.ring import (
    appendages,
    fingers,
    keys,
    load,
    owners,
    replicas,
    ring,
    successor_lists,
    symmetry,
)
from p2pkit.observe.snapshot import NodeSnapshot, Snapshot
from p2pkit.observe.verdict import Verdict

__all__ = [
    "Verdict",
    "appendages",
    "buckets",
    "connected",
    "converged",
    "fingers",
    "holders",
    "k_closest",
    "keys",
    "load",
    "owners",
    "replicas",
    "ring",
    "successor_lists",
    "symmetry",
    "table_size",
]

ID_BITS = 160
"""Width of the random keys that are looked up, unless the nodes say another."""
NOBODY = "No node is alive."


class Watched(Protocol):
    """What an oracle asks of a cluster."""

    def snapshot(self, details: bool = False) -> Snapshot:
        """Return all nodes as they are now; with `details`, what they know inside."""
        ...

    def __len__(self) -> int: ...

    def __getitem__(self, index: int, /) -> Any:
        """Return the node at this place, whose verbs block until they have a result."""
        ...


def k_closest(
    cluster: Watched,
    keys: Iterable[int] | None = None,
    lookups: int = 100,
    k: int | None = None,
    seed: int = 0,
) -> Verdict:
    """Examine whether lookups return exactly the k closest alive nodes, in order.

    Parameters
    ----------
    cluster : Cluster
        Its nodes must have a verb ``lookup(key)``.
    keys : iterable of int, optional
        What to look up, one lookup a key; random keys if not given.
    lookups : int
        How many random keys, each from a random alive node.
    k : int, optional
        How many nodes a lookup must return; what the nodes say if not given.
    seed : int
        Chooses keys and asking nodes; the same for the same seed.

    Returns
    -------
    Verdict
        Its evidence has `node`, `key`, `got`, `want` and `missing` (ids).

    Notes
    -----
    The asking node is not expected in its own result. Nodes that die or join while
    the oracle runs show up as errors: examine an overlay at rest.
    """
    alive = [(i, n) for i, n in enumerate(cluster.snapshot().nodes) if n.is_alive]
    ids = [node.id for _, node in alive]
    chosen = _random_keys(seed, lookups) if keys is None else [int(key) for key in keys]
    if not alive:
        return Verdict("lookups find the closest nodes", 0, 0, NOBODY)
    size = _k_of(cluster, alive[0][0]) if k is None else k
    exact, first = 0, None
    for number, key in enumerate(chosen):
        index, node = alive[_pick(f"{seed}/from/{number}", len(alive))]
        want = closest((one for one in ids if one != node.id), key, size)
        got, error = _lookup(cluster, index, key)
        if got == want:
            exact += 1
        elif first is None:
            first = _counter_example(node, key, got, want, error)
    claim = f"lookups return the exact {size} closest alive nodes"
    if first is None:
        return Verdict(claim, exact, len(chosen))
    return Verdict(claim, exact, len(chosen), first.pop("sentence"), first)


def closest(ids: Iterable[int], key: int, k: int) -> list[int]:
    """Return the k ids nearest to `key` by XOR distance, nearest first.

    Examples
    --------
    >>> closest([0b0001, 0b0100, 0b0110], key=0b0101, k=2)
    [4, 6]
    """
    return nsmallest(k, ids, key=lambda one: one ^ key)


def buckets(cluster: Watched, k: int | None = None) -> Verdict:
    """Examine the rules of Kademlia's buckets at every alive node.

    The ranges must partition the id space, and only the range around the node's own
    id may have been split. A bucket holds at most k contacts, each within its range
    and none twice, and never the node itself; spares likewise, apart from contacts.
    """
    nodes = cluster.snapshot(details=True).alive
    found = {node.name: broken_rule(node, k) for node in nodes}
    return _by_node("buckets keep their rules", nodes, found)


def table_size(
    cluster: Watched, k: int | None = None, tolerance: float = 0.15
) -> Verdict:
    """Examine whether nodes know as many alive nodes as ideal tables would.

    Parameters
    ----------
    tolerance : float
        How far the mean may be from the ideal one, as a share of it.

    Notes
    -----
    The ideal mean is counted for these very ids; for many nodes it is about
    ``k * (log2(N / k) + 0.9)``, which the sentence gives beside it.
    """
    snapshot = cluster.snapshot()
    nodes = snapshot.alive
    claim = "tables have their ideal size"
    if not nodes:
        return Verdict(claim, 0, 0, NOBODY)
    if len(nodes) == 1:
        return Verdict(claim, 1, 1, "There is one node.")
    size = k if k is not None else _k_of(cluster, snapshot.nodes.index(nodes[0]))
    ids = sorted({node.id for node in nodes})
    known = frozenset(ids)
    mean = sum(len({e.to.id for e in n.edges} & known) for n in nodes) / len(nodes)
    ideal = sum(ideal_size(ids, node.id, size) for node in nodes) / len(nodes)
    formula = ideal_size_formula(len(nodes), size)
    detail = (
        f"A node knows {mean:.1f} alive nodes on average; ideal tables here have "
        f"{ideal:.1f}, by the formula {formula:.1f}."
    )
    right = abs(mean - ideal) <= tolerance * ideal
    evidence = {"mean": mean, "ideal": ideal, "formula": formula, "k": size}
    return Verdict(claim, int(right), 1, detail, evidence)


def holders(cluster: Watched, key: int | bytes | str, k: int | None = None) -> Verdict:
    """Examine whether the k alive nodes closest to a key hold its value or peers.

    Parameters
    ----------
    key : int, bytes or str
        The key of an item or an infohash; bytes big-endian, a string in hexadecimal.

    Returns
    -------
    Verdict
        Its evidence has `holders`, `missing` and `extra`, as lists of names, nearest
        first. Extra holders make no verdict false: a value may be kept beyond need.
    """
    number = int(Id.parse(key))
    nodes = cluster.snapshot(details=True).alive
    if not nodes:
        return Verdict("the closest nodes hold it", 0, 0, NOBODY)
    size = int((nodes[0].details or {}).get("k", 8)) if k is None else k
    nearest = sorted(nodes, key=lambda node: node.id ^ number)
    held = [node.name for node in nearest if _holds(node, number)]
    want = [node.name for node in nearest[:size]]
    missing = [name for name in want if name not in held]
    extra = [name for name in held if name not in want]
    detail = f"Held by {', '.join(held) or 'nobody'}."
    if missing:
        detail = f"Missing at {', '.join(missing)}. {detail}"
    evidence = {"holders": held, "missing": missing, "extra": extra}
    claim = f"the {len(want)} closest alive nodes hold {short(number)}"
    return Verdict(claim, len(want) - len(missing), len(want), detail, evidence)


def converged(cluster: Watched, k: int | None = None) -> Verdict:
    """Examine whether every alive node knows enough for exact lookups.

    For overlays without XOR buckets: whether all alive nodes hang together.
    """
    snapshot = cluster.snapshot()
    nodes = snapshot.alive
    if k is None and nodes and any(e.kind == rule.BUCKET for e in nodes[0].edges):
        k = _k_of(cluster, snapshot.nodes.index(nodes[0]))
    found = rule.gaps(snapshot, k or 8)
    return _by_node("every node knows enough of the overlay", nodes, found)


def connected(cluster: Watched) -> Verdict:
    """Examine whether all alive nodes hang together, in whichever direction."""
    nodes = cluster.snapshot().alive
    return _by_node("all nodes hang together", nodes, rule.islands(nodes))


def _by_node(
    claim: str, nodes: Sequence[NodeSnapshot], found: dict[str, str]
) -> Verdict:
    wrong = {name: sentence for name, sentence in found.items() if sentence}
    total = len(nodes)
    if not wrong:
        return Verdict(claim, total, total, "" if nodes else NOBODY)
    name, sentence = next(iter(wrong.items()))
    evidence = {"node": name, "wrong": wrong}
    return Verdict(claim, total - len(wrong), total, f"{sentence}.", evidence)


def _lookup(
    cluster: Watched, index: int, key: int
) -> tuple[list[int], P2PError | None]:
    try:
        return [contact.id for contact in cluster[index].lookup(Id(key))], None
    except P2PError as error:
        return [], error


def _counter_example(
    node: NodeSnapshot,
    key: int,
    got: list[int],
    want: list[int],
    error: P2PError | None,
) -> dict[str, Any]:
    missing = [one for one in want if one not in got]
    sentence = f"{node.name}, asked for {short(key)}, "
    if error is not None:
        sentence += f"failed: {error}"
    elif missing:
        lost = ", ".join(short(one) for one in missing)
        sentence += f"returned {len(got)} nodes and not {lost}."
    elif sorted(got) == sorted(want):
        sentence += "returned the right nodes in a wrong order."
    else:
        sentence += f"returned {len(got)} nodes where {len(want)} are the closest."
    return {
        "sentence": sentence,
        "node": node.name,
        "key": Id(key),
        "got": [Id(one) for one in got],
        "want": [Id(one) for one in want],
        "missing": [Id(one) for one in missing],
    }


def _holds(node: NodeSnapshot, key: int) -> bool:
    details = node.details or {}
    kept = [*details.get("items", ()), *details.get("peers", ())]
    return any(int(Id.parse(one)) == key for one in kept)


def _k_of(cluster: Watched, index: int) -> int:
    return int(cluster[index].inspect().get("k", 8))


def _random_keys(seed: int, count: int) -> list[int]:
    """Return keys that a seed decides; a hash is as even as a generator here."""
    digests = (_digest(f"{seed}/key/{number}") for number in range(count))
    return [digest >> (256 - ID_BITS) for digest in digests]


def _pick(name: str, size: int) -> int:
    return _digest(name) % size


def _digest(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest(), "big")
