"""Layouts: where each node is drawn, computed once, in a square from -1 to 1.

Circles need nothing but ids and take a millisecond. They also teach more than springs
do: an XOR overlay's branches are arcs of the circle.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping
from math import cos, pi, sin
from typing import TYPE_CHECKING, Any

import networkx as nx

from p2pkit.core import LocalProtocolError

if TYPE_CHECKING:
    Overlay = nx.DiGraph[str]

Place = tuple[float, float]
Places = dict[str, Place]


def circle(graph: Overlay) -> Places:
    """Place nodes on a circle in order of their ids, evenly apart, 0 at the top."""
    names = _by_id(graph)
    return {name: on_circle(i / len(names)) for i, name in enumerate(names)}


def id_circle(graph: Overlay) -> Places:
    """Place nodes on a circle exactly where their ids lie in a space of 160 bits."""
    return {name: on_circle(graph.nodes[name]["id"] / 2**160) for name in graph}


def spring(graph: Overlay) -> Places:
    """Place nodes by springs; for overlays whose ids mean nothing. Needs scipy.

    A second or more from 500 nodes on.
    """
    found = nx.spring_layout(graph.to_undirected(), seed=7)
    return {name: (float(x), float(y)) for name, (x, y) in found.items()}


LAYOUTS: dict[str, Callable[[Overlay], Places]] = {
    "circle": circle,
    "id-circle": id_circle,
    "spring": spring,
}


def places(graph: Overlay, layout: str | Mapping[str, Place] | None) -> Places:
    """Return the place of each node.

    Parameters
    ----------
    layout : str, mapping or None
        ``circle``, ``id-circle``, ``spring``, or the places themselves by name; a
        circle if not given.

    Raises
    ------
    LocalProtocolError
        If there is no such layout, or a node has no place in the mapping.
    """
    if isinstance(layout, Mapping):
        lost = [name for name in graph if name not in layout]
        if lost:
            reason = f"the layout has no place for {lost[0]}: give one for every node"
            raise LocalProtocolError(reason)
        return {name: layout[name] for name in graph}
    if layout is not None and layout not in LAYOUTS:
        reason = f"there is no layout {layout!r}; there are {', '.join(LAYOUTS)}"
        raise LocalProtocolError(reason)
    return LAYOUTS[layout or "circle"](graph)


def place_of_key(graph: Overlay, key: int, layout: Any) -> Place | None:
    """Return where a key lies among the nodes, just outside; None without circle."""
    if layout == "id-circle":
        turn = key / 2**160
    elif layout in (None, "circle") and len(graph):
        ids = [graph.nodes[name]["id"] for name in _by_id(graph)]
        turn = (bisect_left(ids, key) - 0.5) / len(ids)
    else:
        return None
    x, y = on_circle(turn)
    return x * 1.16, y * 1.16


def on_circle(turn: float) -> Place:
    """Return the point after a share of a turn, clockwise from the top; y is down."""
    angle = 2 * pi * turn
    return sin(angle), -cos(angle)


def _by_id(graph: Overlay) -> list[str]:
    return sorted(graph, key=lambda name: (graph.nodes[name].get("id", 0), name))
