"""What a picture is drawn from: a cluster, a scene or a graph, as one kind of graph."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from p2pkit.core import format_address
from p2pkit.observe.frames import Link, Scene
from p2pkit.observe.graph import overlay_graph
from p2pkit.observe.snapshot import Snapshot

if TYPE_CHECKING:
    Overlay = nx.DiGraph[str]


def overlay_of(shown: Any, is_bare: bool = False) -> Overlay:
    """Return the graph of who knows whom.

    Parameters
    ----------
    shown : Cluster, Snapshot, Scene or networkx.DiGraph
        A graph is returned as it is; do not change it.
    is_bare : bool
        Whether the edges of a scene may be left out, for speed.

    Returns
    -------
    networkx.DiGraph
        As `observe.overlay_graph` makes it. Unless it was a graph, nodes also have
        `quantities`, out of a scene `role`, and a cluster's graph has `id_bits`.
    """
    if isinstance(shown, Scene):
        return _scene_graph(shown, () if is_bare else shown.edges)
    if isinstance(shown, Snapshot):
        return _snapshot_graph(shown)
    if hasattr(shown, "snapshot"):
        graph = _snapshot_graph(shown.snapshot())
        bits = getattr(getattr(shown, "config", None), "id_bits", None)
        return graph if bits is None else _with_bits(graph, int(bits))
    found: Overlay = shown.graph() if callable(shown.graph) else shown
    return found


def _snapshot_graph(snapshot: Snapshot) -> Overlay:
    graph = overlay_graph(snapshot)
    for node in snapshot.nodes:
        sent, received = node.counters.sent.values(), node.counters.received.values()
        graph.nodes[node.name]["quantities"] = {
            "sent": sum(one.messages for one in sent),
            "received": sum(one.messages for one in received),
            "sent_bytes": sum(one.payload_bytes for one in sent),
            "received_bytes": sum(one.payload_bytes for one in received),
        }
    return graph


def _scene_graph(scene: Scene, edges: Iterable[Link]) -> Overlay:
    graph: Overlay = nx.DiGraph(at_s=scene.at_s)
    for node in scene.nodes.values():
        graph.add_node(
            node.name, id=node.id, address=format_address(node.address),
            state=node.state, role=node.role, quantities=node.quantities,
        )  # fmt: skip
    for source, target, kind in edges:
        if source in graph and target in graph:
            kinds = graph.edges[source, target]["kinds"] if (
                graph.has_edge(source, target)
            ) else ()  # fmt: skip
            kinds = (*kinds, kind)
            graph.add_edge(source, target, kind=kinds[0], kinds=kinds)
    return graph


def _with_bits(graph: Overlay, bits: int) -> Overlay:
    graph.graph["id_bits"] = bits
    return graph


def id_bits(graph: Overlay) -> int:
    """Return how many bits ids have: as the graph says, or as its ids suggest.

    Ids are spread evenly, so among n of them one has the first bit set, but for one
    graph in 2**n.
    """
    said = graph.graph.get("id_bits")
    if said:
        return int(said)
    largest = max((id_of(graph, name) for name in graph), default=0)
    bits = max(largest.bit_length(), 1)
    return bits if bits <= 16 else -(-bits // 8) * 8


def id_of(graph: Overlay, name: str) -> int:
    """Return a node's id; 0 if it has none."""
    return int(graph.nodes[name].get("id", 0))


def natural(name: Any) -> tuple[Any, ...]:
    """Return a key that sorts names as people do: n2 before n10."""
    parts = re.split(r"(\d+)", str(name))
    return tuple((int(p), "") if p.isdigit() else (-1, p) for p in parts)


def pairs_of(graph: Overlay, names: list[str]) -> NDArray[np.int64]:
    """Return the edges as two rows of numbers in `names`, each pair once."""
    number = {name: i for i, name in enumerate(names)}
    pairs = {
        (min(a, b), max(a, b))
        for a, b in ((number[x], number[y]) for x, y in graph.edges)
        if a != b
    }
    return np.array(sorted(pairs), np.int64).reshape(-1, 2).T
