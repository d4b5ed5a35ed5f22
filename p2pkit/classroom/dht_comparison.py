"""Two DHTs at the same work: what a lookup takes, what upkeep costs, what survives.

Whatever has the verbs ``put``, ``get`` and ``lookup`` can be compared; nothing in here
knows which protocol it runs. Time is virtual, and every datagram takes 10 ms, so a
round trip is 20 ms and waiting is counted in round trips.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from statistics import fmean, median
from typing import TYPE_CHECKING, Any

from p2pkit.core import P2PError, Tally
from p2pkit.core.driver import seeded
from p2pkit.observe.paths import operations

if TYPE_CHECKING:
    from p2pkit.cluster import Cluster

ROUND_TRIP_MS = 20.0
SETTLE_S = 60.0
"""Virtual seconds after the last join in which tables are filled, and not measured."""


def same_work(
    protocols: Iterable[type[Any]], seeds: Iterable[int], **conditions: Any
) -> list[dict[str, Any]]:
    """Let each protocol do the same with every seed; a row for each run.

    See `one_run` for the conditions and for what a row has; `dht` names the protocol.
    """
    seeds = list(seeds)
    return [
        {"dht": one.__name__, "seed": seed, **one_run(one, seed, **conditions)}
        for one in protocols
        for seed in seeds
    ]


def one_run(
    protocol: type[Any],
    seed: int,
    nodes: int = 64,
    lookups: int = 20,
    dead: float = 0.0,
    upkeep_s: float = 600.0,
    settings: Mapping[str, Mapping[str, Any]] | None = None,
) -> dict[str, Any]:
    """Run one network: rest, put values, let nodes die, look up and get.

    Parameters
    ----------
    protocol : type
        The DHT.
    seed : int
        Starts every generator; which nodes die and ask is the same for each protocol.
    nodes, lookups : int
        How many; as many values are put, got, and random keys looked up.
    dead : float
        Share of the nodes, 0 to 1, that die without goodbye before the first lookup.
    upkeep_s : float
        Virtual seconds over which upkeep is measured while nobody asks anything.
    settings : mapping, optional
        Settings by the name of the protocol, such as ``{"Chord": {"replicas": 8}}``.

    Returns
    -------
    dict
        `contacts` a node knows; `upkeep_bytes` that a node sends a second at rest;
        for a lookup `round_trips` (median), and `messages` and `bytes`, what the asker
        sends and receives meanwhile, which in iterative lookups is all there is;
        `found`, the share of values that were got, and `get_round_trips` (median).
    """
    from p2pkit.cluster import Cluster

    rng, own = seeded(seed, "comparison"), (settings or {}).get(protocol.__name__, {})
    plan = {"seed": seed, "carrier": "virtual", "progress": "none", **own}
    with Cluster(protocol, nodes, timeout_s=600.0, **plan) as cluster:
        cluster.wait_ready()
        cluster.advance(SETTLE_S)
        row: dict[str, Any] = {"nodes": nodes, "dead": dead}
        row["contacts"] = fmean(_contacts(cluster))
        before = _sum(cluster.counters.sent)[1]
        cluster.advance(upkeep_s)
        upkeep_bytes = _sum(cluster.counters.sent)[1] - before
        row["upkeep_bytes"] = upkeep_bytes / nodes / upkeep_s if upkeep_s else 0.0
        values = [f"value {number} of {seed}".encode() for number in range(lookups)]
        keys = [cluster[rng.randrange(nodes)].put(value) for value in values]
        for index in rng.sample(range(nodes), round(dead * nodes)):
            cluster.kill(index)
        row |= _look_up(cluster, rng, lookups)
        askers = [rng.choice(cluster.alive) for _ in keys]
        pairs = zip(askers, keys, values, strict=True)
        row["found"] = fmean(_get(node, key) == value for node, key, value in pairs)
        row["get_round_trips"] = _round_trips(cluster, "get", lookups)
        return row


def _look_up(cluster: Cluster, rng: Any, lookups: int) -> dict[str, float]:
    costs = []
    for _ in range(lookups):
        # Ids of both have 160 bits, so the same seed asks for the same keys.
        key, node = rng.getrandbits(160), rng.choice(cluster.alive)
        before = _talked(node)
        with suppress(P2PError):  # its time and its messages count all the same
            node.lookup(key)
        costs.append(
            [now - then for now, then in zip(_talked(node), before, strict=True)]
        )
    return {
        "round_trips": _round_trips(cluster, "lookup", lookups),
        "messages": fmean(messages for messages, _ in costs),
        "bytes": fmean(size_bytes for _, size_bytes in costs),
    }


def _get(node: Any, key: Any) -> Any:
    try:
        return node.get(key)
    except P2PError:
        return None


def _round_trips(cluster: Cluster, verb: str, last: int) -> float:
    rows = operations(cluster.trace, verb)[-last:]
    return float(median(one["took_ms"] for one in rows)) / ROUND_TRIP_MS


def _contacts(cluster: Cluster) -> list[int]:
    """Return how many different peers each node knows."""
    alive = cluster.snapshot().alive
    return [len({edge.to.address for edge in node.edges}) for node in alive]


def _talked(node: Any) -> tuple[int, int]:
    """Return how many messages, and bytes of them, a node sent or received so far."""
    counters = node.counters
    sent, received = _sum(counters.sent), _sum(counters.received)
    return sent[0] + received[0], sent[1] + received[1]


def _sum(tallies: Mapping[str, Tally]) -> tuple[int, int]:
    messages = sum(one.messages for one in tallies.values())
    return messages, sum(one.payload_bytes for one in tallies.values())
