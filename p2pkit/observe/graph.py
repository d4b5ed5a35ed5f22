"""The overlay as a graph: the one door to networkx for who knows whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

import networkx as nx

from p2pkit.core import Address, Contact, format_address
from p2pkit.observe.snapshot import Snapshot

if TYPE_CHECKING:
    Overlay = nx.DiGraph[str]

FOREIGN = "foreign"
"""State of a peer that is known to nodes but is none of ours, such as a client."""


def overlay_graph(snapshot: Snapshot, *, foreign: bool = True) -> Overlay:
    """Return the graph of who knows whom.

    Parameters
    ----------
    snapshot : Snapshot
        The nodes as they were.
    foreign : bool
        Whether to show peers that are none of our nodes; named by their address,
        their state is ``foreign``.

    Returns
    -------
    networkx.DiGraph
        Nodes by name with `id` (int), `address` (``HOST:PORT``) and `state`; an edge
        from who knows to who is known, with `kind` (the first role given) and
        `kinds` (all of them). Fresh for each call, so it may be changed.
    """
    graph: Overlay = nx.DiGraph(at_s=snapshot.at_s)
    by_id: dict[int, str] = {}
    by_address: dict[Address, str] = {}
    for node in snapshot.nodes:
        by_id[node.id] = by_address[node.address] = node.name
        address = format_address(node.address)
        graph.add_node(node.name, id=node.id, address=address, state=node.state)
    for node in snapshot.nodes:
        for edge in node.edges:
            # By id first: one address may speak for several ids, as in an attack.
            name = by_id.get(edge.to.id) or by_address.get(edge.to.address)
            if name is None and foreign:
                name = _add_foreign(graph, edge.to)
            if name is not None and name != node.name:
                _add_edge(graph, node.name, name, edge.kind)
    return graph


def _add_foreign(graph: Overlay, contact: Contact) -> str:
    name = format_address(contact.address)
    if name not in graph:
        graph.add_node(name, id=contact.id, address=name, state=FOREIGN)
    return name


def _add_edge(graph: Overlay, source: str, target: str, kind: str) -> None:
    if graph.has_edge(source, target):
        kinds = graph.edges[source, target]["kinds"]
        if kind not in kinds:
            graph.edges[source, target]["kinds"] = (*kinds, kind)
    else:
        graph.add_edge(source, target, kind=kind, kinds=(kind,))
