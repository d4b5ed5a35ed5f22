"""Who is linked to whom from the start, where a topology is given."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from typing import Any

from p2pkit.core import ClusterError, topologies

Topology = str | Iterable[tuple[int, int]] | Any
"""A name, pairs of node numbers as `core.topologies` makes them, or a graph."""

Linked = tuple[tuple[int, ...], ...]
"""For each node, in order, the nodes that it is linked to, in order."""

NAMED: dict[str, Callable[[int], topologies.Links]] = {
    "complete": topologies.complete,
    "ring": topologies.ring,
    "tree": topologies.tree,
}
"""The topologies that need nothing but a number of nodes."""


def make_links(topology: Topology, nodes: int) -> Linked:
    """Return whom each of `nodes` nodes is linked to.

    Parameters
    ----------
    topology : str, iterable of (int, int), or networkx.Graph
        ``complete``, ``ring`` or ``tree``; pairs of numbers from 0; or a graph, whose
        nodes are numbered in their order. A link goes both ways, given once or twice.

    Raises
    ------
    ClusterError
        If there is no such topology, or it is not one of this many nodes.

    Examples
    --------
    >>> make_links("ring", 4)
    ((1, 3), (0, 2), (1, 3), (0, 2))
    """
    linked: list[set[int]] = [set() for _ in range(nodes)]
    for a, b in _pairs(topology, nodes):
        if a == b or not (0 <= a < nodes and 0 <= b < nodes):
            reason = (
                f"the topology links {a} with {b}, and its nodes are numbered 0 to "
                f"{nodes - 1}: give pairs of different nodes, as many as nodes= says"
            )
            raise ClusterError(reason)
        linked[a].add(b)
        linked[b].add(a)
    return tuple(tuple(sorted(one)) for one in linked)


def _pairs(topology: Topology, nodes: int) -> Iterable[tuple[int, int]]:
    if isinstance(topology, str):
        if topology not in NAMED:
            reason = (
                f"there is no topology {topology!r}: say {', '.join(NAMED)}, or give "
                "pairs, such as core.topologies.regular(64, 4, seed=7)"
            )
            raise ClusterError(reason)
        return NAMED[topology](nodes)
    if hasattr(topology, "number_of_nodes"):
        return _of_graph(topology, nodes)
    try:
        return [(operator.index(a), operator.index(b)) for a, b in topology]
    except (TypeError, ValueError):
        reason = (
            "a topology is a name, a networkx graph, or pairs of node numbers such as "
            f"[(0, 1), (1, 2)], not {topology!r}"
        )
        raise ClusterError(reason) from None


def _of_graph(graph: Any, nodes: int) -> Iterable[tuple[int, int]]:
    if graph.number_of_nodes() != nodes:
        reason = (
            f"the graph has {graph.number_of_nodes()} nodes and the cluster {nodes}: "
            "give nodes=len(graph)"
        )
        raise ClusterError(reason)
    number = {node: i for i, node in enumerate(graph)}
    return [(number[a], number[b]) for a, b in graph.edges() if a != b]
