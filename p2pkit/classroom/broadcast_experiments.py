"""Experiments with broadcasts: what a message costs, and what survives a catastrophe.

Each function is one run in virtual time with any parameters, and returns a row or rows
for a table; `repeat` gives a row a seed. Show one in a notebook with
``listing("p2pkit.classroom.broadcast_experiments", "mass_failure")``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from statistics import mean
from typing import TYPE_CHECKING, Any

import networkx as nx

from p2pkit.core import Counters, topologies
from p2pkit.core.driver import seeded
from p2pkit.observe import views
from p2pkit.observe.extras import load

if TYPE_CHECKING:
    import pandas as pd

    from p2pkit.cluster import Cluster

SETTLE_S = 50.0
"""Virtual seconds after the last join: five shuffles of everybody."""

WARM_UP = 4
"""Messages before the one that is measured: a tree has then found its links."""

SUBSCRIBE_S = 5.0
"""Virtual seconds after subscriptions: five heartbeats of a mesh."""

PAYLOADS = ("Flooded", "Gossip", "Publish", "Tell")
"""Classes of the messages that carry what is being told."""

ABOUT = (*PAYLOADS, "IHave", "IWant", "Graft", "Prune", "Leave", "Feedback")
"""Classes of all messages that are about it; others keep up links and views."""

WAYS = ("direct", "flood", "tree", "multicast", "mesh", "rumor")
"""Ways to tell everybody, in the order in which a lecture meets them."""


def repeat(
    run: Callable[..., dict[str, Any]], seeds: Iterable[int], **conditions: Any
) -> pd.DataFrame:
    """Return a table with a row a seed of one experiment."""
    rows = [{"seed": seed, **run(seed, **conditions)} for seed in seeds]
    table: pd.DataFrame = load("pandas", "view").DataFrame(rows)
    return table


def overlay(
    seed: int,
    nodes: int = 1000,
    protocol: str = "hyparview",
    settle_s: float = SETTLE_S,
    **settings: Any,
) -> Cluster:
    """Return a membership in virtual time, joined and at rest."""
    from p2pkit.cluster import Cluster
    from p2pkit.protocols import PROTOCOLS

    cluster = Cluster(
        PROTOCOLS[protocol], nodes, seed=seed, carrier="virtual", progress="none",
        **settings,
    )  # fmt: skip
    cluster.wait_ready(600)
    cluster.advance(settle_s)
    return cluster


def shape(
    seed: int, nodes: int = 1000, protocol: str = "hyparview", sources: int = 100,
    **settings: Any,
) -> dict[str, Any]:  # fmt: skip
    """Measure an overlay: path length, clustering, degrees; see `views.Shape`."""
    kind = {"hyparview": "active", "plumtree": "active"}.get(protocol, "view")
    with overlay(seed, nodes, protocol, **settings) as cluster:
        return views.shape(cluster.snapshot(), kind, sources)._asdict()


def ideal_path(seed: int, nodes: int, degree: int, sources: int = 100) -> float:
    """Return the mean path of a random graph where all have `degree` links."""
    links = topologies.regular(nodes, degree, seed)
    graph = nx.Graph((str(a), str(b)) for a, b in links)
    return views.path_length(graph, sources)


def mass_failure(
    seed: int,
    share: float,
    nodes: int = 1000,
    repair: bool = True,
    wait_s: float = 3.0,
    broadcasts: int = 10,
    **settings: Any,
) -> dict[str, Any]:
    """Kill a share of all nodes at once; return how many survivors broadcasts reach.

    Parameters
    ----------
    seed : int
        Starts every generator.
    share : float
        How many die, 0 to 1.
    nodes : int
        How many there are before.
    repair : bool
        Whether the survivors replace lost neighbors.
    wait_s : float
        Virtual seconds that they have for it; less than a shuffle is one pass.
    broadcasts : int
        Survivors that broadcast, one after the other.
    **settings
        Settings of HyParView.

    Returns
    -------
    dict
        `share` and `repair` as given; `reached`, the mean share of the survivors that
        got a broadcast of a random one, and `largest`, the share that still hang
        together: what a broadcast from among them reaches.
    """
    rng = seeded(seed, "experiment")
    with overlay(seed, nodes, **settings) as cluster:
        for node in cluster:
            node.switch_repair(repair)
        cluster.kill(rng.sample(range(nodes), round(share * nodes)))
        cluster.advance(wait_s)
        alive, largest = cluster.alive, views.connected(cluster).share
        reached = []
        for node in rng.choices(alive, k=broadcasts):
            number = node.broadcast(b"who is left?")
            cluster.advance(3.0)
            found = views.delivery(cluster.trace, number).reached
            reached.append(len(found) / len(alive))
        shares = {"reached": mean(reached), "largest": largest}
        return {"share": share, "repair": repair, **shares}


def tree_growth(
    seed: int, nodes: int = 500, broadcasts: int = 8, same: bool = True, **settings: Any
) -> list[dict[str, Any]]:
    """Broadcast again and again; return what each cost while the flood becomes a tree.

    Parameters
    ----------
    same : bool
        Whether one node sends all; else each is sent by a random one.
    """
    rng = seeded(seed, "experiment")
    with overlay(seed, nodes, "plumtree", **settings) as cluster:
        flood = views.flood_cost(views.linked(cluster.snapshot()))
        rows, place = [], rng.randrange(nodes)
        for number in range(1, broadcasts + 1):
            place = place if same else rng.randrange(nodes)
            costs = cost(cluster, partial(cluster[place].broadcast, b"news"))
            redundancy = views.redundancy(costs["payloads"], costs["reached"])
            ratio = {"redundancy": redundancy, "flood": flood}
            rows.append({"seed": seed, "broadcast": number, **costs, **ratio})
        return rows


def compare(
    seed: int,
    nodes: int = 64,
    members: int | None = None,
    payload_bytes: int = 500,
    ways: Iterable[str] = WAYS,
) -> list[dict[str, Any]]:
    """Tell everybody, or some, in several ways; return what each cost.

    Parameters
    ----------
    seed : int
        Starts every generator.
    nodes : int
        How many there are.
    members : int, optional
        Subscribers that a multicast is for; an eighth if not given.
    payload_bytes : int
        Length of what is told; a rumor fits one datagram, so at most 1000.
    ways : iterable of str
        Which of `WAYS`.

    Returns
    -------
    list of dict
        A row a way, with the columns of `cost`. Trees and meshes have been used
        before, so that they are in order.
    """
    some = max(2, nodes // 8) if members is None else members
    return [
        {"seed": seed, "way": way, **_tell(seed, way, nodes, some, payload_bytes)}
        for way in ways
    ]


def cost(
    cluster: Cluster, tell: Callable[[], bytes], wait_s: float = 5.0
) -> dict[str, Any]:
    """Return what one telling costs a cluster, upkeep of links and views left out.

    Returns
    -------
    dict
        `reached`, nodes that got it; `messages` about it, `payloads`, those of them
        that carried it, and `kilobytes` of both; `took_ms` until the last had
        it, over `hops` links; `busiest`, payloads that the busiest node sent.
    """
    before = _tallies(cluster)
    number = tell()
    cluster.advance(wait_s)
    spent = [
        tuple(now - then for now, then in zip(*pair, strict=True))
        for pair in zip(_tallies(cluster), before, strict=True)
    ]
    messages, size, payloads = (sum(column) for column in zip(*spent, strict=True))
    spread = _spread(cluster, number)
    return {
        "reached": len(spread.reached), "messages": messages,
        "payloads": payloads, "kilobytes": size / 1000,
        "took_ms": 1000 * spread.took_s, "hops": spread.last_hop,
        "busiest": max(one[-1] for one in spent),
    }  # fmt: skip


def _tell(seed: int, way: str, nodes: int, some: int, size: int) -> dict[str, Any]:
    with _network(seed, way, nodes) as cluster:
        members = some if way == "multicast" else nodes
        if way in ("multicast", "direct", "mesh"):
            for place in range(members):
                cluster[place].subscribe("news")
            cluster.advance(SUBSCRIBE_S)
        verbs = {"flood": "broadcast", "tree": "broadcast", "multicast": "multicast"}
        verb = verbs.get(way, "publish")
        topic = () if way in ("flood", "tree", "rumor") else ("news",)
        if way != "rumor":  # a rumor leaves nothing behind for the next
            for _ in range(WARM_UP):
                cluster.call(0, verb, (*topic, bytes(size)))
                cluster.advance(2.0)
        return cost(cluster, partial(cluster.call, 0, verb, (*topic, b"!" * size)))


def _network(seed: int, way: str, nodes: int) -> Cluster:
    from p2pkit.cluster import Cluster
    from p2pkit.protocols import PROTOCOLS

    membership = {"flood": "hyparview", "tree": "plumtree", "multicast": "plumtree"}
    if way in membership:
        return overlay(seed, nodes, membership[way])
    names = {"direct": "direct", "mesh": "gossipsub", "rumor": "rumor"}
    # Gossipsub chooses its mesh among more links than it uses.
    degree = min(nodes - 1, 16) - (nodes % 2) * (min(nodes - 1, 16) % 2)
    links = topologies.regular(nodes, degree, seed) if way == "mesh" else "complete"
    return Cluster(
        PROTOCOLS[names[way]], nodes, seed=seed, carrier="virtual", progress="none",
        topology=links,
    ).wait_ready()  # fmt: skip


def _spread(cluster: Cluster, number: bytes) -> views.Delivery:
    found = views.delivery(cluster.trace, number)
    if found.reached:
        return found
    from p2pkit.protocols.rumor import Learned

    records = [r for r in cluster.trace.of(Learned) if r.event.rumor == number]  # type: ignore[attr-defined]
    hops = max((r.event.hops for r in records), default=0)  # type: ignore[attr-defined]
    took_s = records[-1].at_s - records[0].at_s if records else 0.0
    return views.Delivery(tuple(r.node for r in records), hops, took_s)


def _tallies(cluster: Cluster) -> list[tuple[int, int, int]]:
    """Return what each node has sent: messages, bytes, and messages with a payload."""
    return [_sent(node.counters) for node in cluster.snapshot().nodes]


def _sent(counters: Counters) -> tuple[int, int, int]:
    about = [tally for name, tally in counters.sent.items() if name in ABOUT]
    payloads = sum(counters.sent[k].messages for k in PAYLOADS if k in counters.sent)
    size = sum(tally.payload_bytes for tally in about)
    return sum(tally.messages for tally in about), size, payloads
