"""Numbers of nodes that a picture can show as color or size."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from p2pkit.core import LocalProtocolError

if TYPE_CHECKING:
    import networkx as nx

    Overlay = nx.DiGraph[str]

By = str | Mapping[str, float]
"""``in-degree``, ``degree``, ``load``, ``traffic``, or a number for each name."""

MEASURES: dict[str, tuple[str, Callable[[Overlay, str], float]]] = {
    "in-degree": ("in-degree", lambda graph, name: graph.in_degree(name)),
    "degree": ("neighbors", lambda graph, name: graph.out_degree(name)),
    "load": (
        "messages so far",
        lambda graph, name: _total(graph, name, "sent", "received"),
    ),
    "traffic": (
        "payload bytes so far",
        lambda graph, name: _total(graph, name, "sent_bytes", "received_bytes"),
    ),
}
"""By name: what it says in a legend, and how it is found."""


def measured(graph: Overlay, by: By) -> tuple[dict[str, float], str]:
    """Return a number for each node that has one, and what the numbers are.

    Raises
    ------
    LocalProtocolError
        If there is no such measure, or the graph has no counters.
    """
    if not isinstance(by, str):
        return {name: float(by[name]) for name in graph if name in by}, ""
    if by not in MEASURES:
        reason = (
            f"cannot color or size by {by!r}: say state (colors alone), "
            f"{', '.join(MEASURES)}, or give a number for each name"
        )
        raise LocalProtocolError(reason)
    said, measure = MEASURES[by]
    ours = [name for name, data in graph.nodes.data() if _is_ours(data)]
    return {name: float(measure(graph, name)) for name in ours}, said


def shares(values: Mapping[str, float]) -> dict[str, float]:
    """Return where each value lies between the lowest and the highest, 0 to 1."""
    low, high = min(values.values(), default=0.0), max(values.values(), default=0.0)
    wide = high - low
    return {
        name: (value - low) / wide if wide else 0.0 for name, value in values.items()
    }


def _total(graph: Overlay, name: str, *quantities: str) -> float:
    counted = graph.nodes[name].get("quantities")
    if counted is None:
        reason = (
            "this graph has no counters to color or size by: give the cluster, or a "
            "scene of its film, instead of its graph"
        )
        raise LocalProtocolError(reason)
    return float(sum(counted.get(one, 0.0) for one in quantities))


def _is_ours(data: Mapping[str, Any]) -> bool:
    return data.get("state") != "foreign"
