"""Oracles of partial views and of broadcast: what holds of an overlay, and of its news.

The first half looks at who has whom in which view, by brute force over a snapshot; the
second at who got a message, from whom and over how many hops, in the trace.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import mean, pstdev
from typing import TYPE_CHECKING, Any, NamedTuple

import networkx as nx

from p2pkit.core import Delivered, Record
from p2pkit.observe.snapshot import NodeSnapshot, Snapshot
from p2pkit.observe.verdict import Verdict

if TYPE_CHECKING:
    from p2pkit.observe.check import Watched

    Linked = nx.Graph[str]
    Known = nx.DiGraph[str]

ACTIVE = "active"
NOBODY = "No node is alive."


def known(snapshot: Snapshot, kind: str | None = ACTIVE) -> Known:
    """Return who has whom in a view, alive nodes alone.

    Parameters
    ----------
    snapshot : Snapshot
        The nodes as they were.
    kind : str, optional
        The edges that count, such as ``active``, ``view`` or ``eager``; all if None.

    Returns
    -------
    networkx.DiGraph
        Nodes by name; an edge from who knows to who is known.
    """
    graph: Known = nx.DiGraph()
    names = {node.address: node.name for node in snapshot.alive}
    graph.add_nodes_from(names.values())
    for node in snapshot.alive:
        for edge in node.edges:
            other = names.get(edge.to.address)
            if other not in (None, node.name) and kind in (None, edge.kind):
                graph.add_edge(node.name, other)
    return graph


def linked(snapshot: Snapshot, kind: str | None = ACTIVE) -> Linked:
    """Return the same without directions: a link where either end knows the other."""
    return known(snapshot, kind).to_undirected()


def symmetric(cluster: Watched, kind: str = ACTIVE) -> Verdict:
    """Examine whether everybody in a node's view has that node in its own."""
    graph = known(cluster.snapshot(), kind)
    lonely = [(a, b) for a, b in graph.edges if not graph.has_edge(b, a)]
    total = graph.number_of_edges()
    claim = f"{kind} views are symmetric"
    if not lonely:
        return Verdict(claim, total, total, "" if total else "There is no link.")
    first, second = lonely[0]
    detail = f"{first} has {second} in its view, and {second} has not {first}."
    return Verdict(claim, total - len(lonely), total, detail, {"links": lonely})


def connected(cluster: Watched, kind: str | None = ACTIVE) -> Verdict:
    """Examine whether the links of one kind alone join all alive nodes."""
    graph = linked(cluster.snapshot(), kind)
    claim = f"{kind or 'all'} links join all nodes"
    if not len(graph):
        return Verdict(claim, 0, 0, NOBODY)
    parts = sorted(nx.connected_components(graph), key=len, reverse=True)
    outside = sorted(name for part in parts[1:] for name in part)
    detail = f"{outside[0]} is cut off." if outside else ""
    evidence = {"outside": outside, "parts": len(parts)}
    return Verdict(claim, len(parts[0]), len(graph), detail, evidence)


def filled(cluster: Watched, size: int, kind: str = ACTIVE) -> Verdict:
    """Examine whether every view holds `size` alive peers, or all others if fewer."""
    graph = known(cluster.snapshot(), kind)
    wanted = min(size, len(graph) - 1)
    short = {name: d for name, d in graph.out_degree if d < wanted}
    claim = f"{kind} views hold {wanted} alive peers"
    total = len(graph)
    if not short:
        return Verdict(claim, total, total, "" if total else NOBODY)
    name = next(iter(short))
    detail = f"{name} has {short[name]}."
    return Verdict(claim, total - len(short), total, detail, {"short": short})


class Shape(NamedTuple):
    """An overlay in numbers.

    Parameters
    ----------
    nodes, links : int
        Alive nodes, and links between them without directions.
    degree : float
        Mean number of links of a node.
    in_degree_mean, in_degree_deviation : float
        Mean and standard deviation of the number of views that a node stands in.
    clustering : float
        Mean share of a node's neighbors that are linked to each other.
    path : float
        Mean number of links from node to node, over those that can be reached.
    """

    nodes: int
    links: int
    degree: float
    in_degree_mean: float
    in_degree_deviation: float
    clustering: float
    path: float


def shape(
    snapshot: Snapshot, kind: str | None = ACTIVE, sources: int | None = None
) -> Shape:
    """Measure an overlay.

    Parameters
    ----------
    snapshot : Snapshot
        The nodes as they were; at least one alive.
    kind : str, optional
        The links that count.
    sources : int, optional
        Nodes that paths are measured from, spread evenly over all; all if not given,
        which costs a second for 1,000 nodes and two minutes for 10,000.
    """
    directed = known(snapshot, kind)
    graph = directed.to_undirected()
    n, links = len(graph), graph.number_of_edges()
    into = [degree for _, degree in directed.in_degree]
    return Shape(
        n, links, 2 * links / n, mean(into), pstdev(into),
        nx.average_clustering(graph), path_length(graph, sources),
    )  # fmt: skip


def path_length(graph: Linked, sources: int | None = None) -> float:
    """Return the mean number of links from nodes to all they can reach."""
    names = list(graph)
    step = max(1, len(names) // (sources or len(names)))
    lengths = [
        length
        for name in names[::step]
        for length in nx.single_source_shortest_path_length(graph, name).values()
        if length
    ]
    return mean(lengths) if lengths else 0.0


def degrees(snapshot: Snapshot, kind: str | None = ACTIVE) -> dict[str, int]:
    """Return in how many views each alive node stands: the in-degree distribution."""
    return dict(known(snapshot, kind).in_degree)


def flood_cost(graph: Linked) -> int:
    """Return what one flood costs in messages: ``2 E - n + 1``, exactly.

    Each node sends over all its links but the one that it heard from first.

    Examples
    --------
    >>> flood_cost(nx.path_graph(25)), flood_cost(nx.complete_graph(25))
    (24, 576)
    """
    return 2 * graph.number_of_edges() - len(graph) + 1


def redundancy(messages: int, nodes: int) -> float:
    """Return the relative message redundancy: payloads beyond one a receiver.

    Parameters
    ----------
    messages : int
        Messages with the payload that were sent.
    nodes : int
        Nodes that got it, the origin among them; at least 2.

    References
    ----------
    .. [1] J. Leitao, J. Pereira, L. Rodrigues, "Epidemic Broadcast Trees", SRDS 2007,
       section 4: RMR = m / (n - 1) - 1.

    Examples
    --------
    >>> redundancy(24, 25)
    0.0
    """
    return messages / (nodes - 1) - 1


class Delivery(NamedTuple):
    """How one message spread.

    Parameters
    ----------
    reached : tuple of str
        Names of the nodes that got it, in order of time; the origin comes first.
    last_hop : int
        Links crossed on the longest way, as the paper's "last delivery hop".
    took_s : float
        Seconds from the first delivery to the last.
    """

    reached: tuple[str, ...]
    last_hop: int
    took_s: float


def delivery(records: Iterable[Record], number: bytes) -> Delivery:
    """Return how a message spread, from a trace; nobody reached if it is not there."""
    found = [one for one in _deliveries(records) if one.event.message_id == number]
    hops = max((one.event.hops for one in found), default=0)
    took_s = found[-1].at_s - found[0].at_s if found else 0.0
    return Delivery(tuple(one.node for one in found), hops, took_s)


def delivered(
    cluster: Any, number: bytes, among: Sequence[NodeSnapshot] | None = None
) -> Verdict:
    """Examine whether a message reached everybody it was meant for, each once.

    Parameters
    ----------
    cluster : Cluster
        With its trace and its snapshot.
    number : bytes
        The message's id, as the verb that sent it returned.
    among : sequence of NodeSnapshot, optional
        For whom it was; all alive nodes if not given.
    """
    nodes = cluster.snapshot().alive if among is None else among
    reached = delivery(cluster.trace, number).reached
    missed = [node.name for node in nodes if node.name not in set(reached)]
    twice = sorted({name for name in reached if reached.count(name) > 1})
    claim = "the message reached everybody once"
    wrong = len({*missed, *twice})
    detail = f"{missed[0]} did not get it." if missed else ""
    detail = detail or (f"{twice[0]} got it twice." if twice else "")
    evidence = {"missed": missed, "twice": twice}
    return Verdict(claim, len(nodes) - wrong, len(nodes), detail, evidence)


def _deliveries(records: Iterable[Record]) -> list[Any]:
    found = [record for record in records if isinstance(record.event, Delivered)]
    return sorted(found, key=lambda record: record.at_s)
