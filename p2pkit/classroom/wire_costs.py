"""What one broadcast costs on the wire: the same news in four ways, each captured."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from p2pkit.cluster import Cluster
from p2pkit.cluster.launcher import Network
from p2pkit.cluster.network import why_no_private_network
from p2pkit.core import LocalProtocolError
from p2pkit.core.topologies import regular
from p2pkit.observe.capture.ledger import Ledger
from p2pkit.observe.capture.packets import Packets
from p2pkit.observe.views import delivery
from p2pkit.protocols import Floodsub, Kademlia, Plumtree, Rumor

DEGREE = 4
"""Links of each node for the flood."""

TOPIC = "news"
WARMING = 3
"""Broadcasts by which Plumtree finds its tree, before the one that is captured."""

LIMIT_S = 30.0
SPELL_S, QUIET_SPELLS, MOST_SPELLS = 0.2, 2, 20
"""Seconds of a spell; spells without a message that are silence; and spells to wait.

So duplicates and acknowledgments are captured too, on a busy machine as well.
"""


class Way(NamedTuple):
    """A way to tell everybody.

    Parameters
    ----------
    protocol : type
        What the nodes run.
    make_ready : callable
        Called with the cluster before the capture.
    tell : callable
        Called with the cluster and the news; returns when everybody knows.
    """

    protocol: type[Any]
    make_ready: Callable[[Cluster], object]
    tell: Callable[[Cluster, bytes], object]


def best_network() -> Network:
    """Return where packets look as on a real network: ``private`` if that can be."""
    return "private" if why_no_private_network() is None else "host"


def captured(
    way: str, news: bytes, nodes: int = 16, seed: int = 7, network: Network = "host"
) -> Packets:
    """Tell everybody in a cluster of real processes; return the packets of it.

    Parameters
    ----------
    way : str
        One of `WAYS`: ``flooding`` over a random graph of 4 links a node, ``gossip``,
        ``plumtree``, or ``dht``, where one puts the news and all others get it.
    news : bytes
        What is told; 800 bytes at most for ``gossip`` and ``dht``, whose messages fit
        one datagram.
    nodes : int
        How many there are.
    seed : int
        Starts every generator.
    network : {"host", "private"}
        Where they are.

    Raises
    ------
    LocalProtocolError
        If there is no such way.
    """
    if way not in WAYS:
        reason = f"everybody is told by {', '.join(WAYS)}, not by {way!r}"
        raise LocalProtocolError(reason)
    chosen = WAYS[way]
    links = regular(nodes, min(DEGREE, nodes - 1), seed) if way == "flooding" else None
    options: dict[str, Any] = {"network": network, "progress": "none"}
    with Cluster(
        chosen.protocol, nodes, 2, seed=seed, topology=links, **options
    ) as cluster:
        cluster.wait_ready()
        chosen.make_ready(cluster)
        with cluster.capture() as packets:
            chosen.tell(cluster, news)
            _wait_for_silence(cluster)
    return packets


def summary(ledger: Ledger, news: bytes, nodes: int = 16) -> dict[str, float]:
    """Return what a broadcast cost, as one row of a table.

    Parameters
    ----------
    ledger : Ledger
        Its bill.
    news : bytes
        What was told; useful is that each of the others has it once.
    nodes : int
        How many there were.

    Returns
    -------
    dict
        ``messages`` and ``said_bytes`` as nodes counted them, ``packets`` and
        ``wire_bytes`` as captured, and ``per_useful``: bytes on the wire for each byte
        of the news that had to reach somebody.
    """
    return {
        "messages": sum(said.messages for said, _ in ledger.by_type.values()),
        "said_bytes": ledger.said_bytes,
        "packets": ledger.packets,
        "wire_bytes": ledger.wire_bytes,
        "per_useful": ledger.wire_bytes / (len(news) * (nodes - 1)),
    }


def _subscribe(cluster: Cluster) -> None:
    for node in cluster:
        node.subscribe(TOPIC)
    cluster.wait_until(lambda _: _have_all_heard(cluster), LIMIT_S)


def _have_all_heard(cluster: Cluster) -> bool:
    """Tell whether every node knows of all its neighbors that they want the news."""
    degree = min(DEGREE, len(cluster) - 1)
    inside = [one.details or {} for one in cluster.snapshot(details=True).nodes]
    return all(
        sum(TOPIC in topics for _, topics in one["neighbors"]) == degree
        for one in inside
    )


def _flood(cluster: Cluster, news: bytes) -> None:
    _wait_for_all(cluster, cluster[0].publish(TOPIC, news))


def _find_tree(cluster: Cluster) -> None:
    for number in range(WARMING):
        _wait_for_all(cluster, cluster[0].broadcast(b"warming up %d" % number))
        _wait_for_silence(cluster)


def _along_tree(cluster: Cluster, news: bytes) -> None:
    _wait_for_all(cluster, cluster[0].broadcast(news))


def _gossip(cluster: Cluster, news: bytes) -> None:
    rumor = cluster[0].publish(news)
    cluster.wait_until(lambda _: _is_cold(cluster, rumor), LIMIT_S)


def _is_cold(cluster: Cluster, rumor: bytes) -> bool:
    """Tell whether nobody tells a rumor any more; a few may never hear it."""
    inside = [one.details or {} for one in cluster.snapshot(details=True).nodes]
    return cluster[0].knows(rumor) and not any(one["hot"] for one in inside)


def _put_and_get(cluster: Cluster, news: bytes) -> None:
    key = cluster[0].put(news)
    others = range(1, len(cluster))
    cluster.call_many([(index, "get", (key,)) for index in others], in_flight=4)


def _wait_for_silence(cluster: Cluster) -> None:
    """Wait until nobody has said or heard anything for a while, or long enough."""
    before, quiet = cluster.counters, 0
    for _ in range(MOST_SPELLS):
        cluster.advance(SPELL_S)
        after = cluster.counters
        quiet = quiet + 1 if after == before else 0
        before = after
        if quiet == QUIET_SPELLS:
            return


def _wait_for_all(cluster: Cluster, number: bytes) -> None:
    everybody = len(cluster)
    cluster.wait_until(
        lambda _: len(set(delivery(cluster.trace, number).reached)) == everybody,
        LIMIT_S,
    )


WAYS = {
    "flooding": Way(Floodsub, _subscribe, _flood),
    "gossip": Way(Rumor, lambda _: None, _gossip),
    "plumtree": Way(Plumtree, _find_tree, _along_tree),
    "dht": Way(Kademlia, lambda _: None, _put_and_get),
}
"""The ways, by what they are called."""
