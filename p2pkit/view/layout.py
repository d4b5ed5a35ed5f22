"""Layouts: where each node is drawn, in a square from -1 to 1, y down.

Chosen by what an overlay is: its kinds of edges say whether ids make a ring or a
tree; where they say nothing, its shape does. `Layouter` keeps places while an overlay
lives, so that whoever looks at a node does not lose it when another one joins.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np

from p2pkit.core import LocalProtocolError
from p2pkit.view.circles import (
    Place,
    Places,
    circle,
    id_circle,
    key_turn,
    loop,
    on_circle,
)
from p2pkit.view.force import force_places
from p2pkit.view.overlay import natural, pairs_of
from p2pkit.view.trees import (
    EAGER,
    find_grid,
    grid,
    links_of,
    prefix_place,
    prefix_tree,
    radial,
    tree,
)

if TYPE_CHECKING:
    Overlay = nx.DiGraph[str]

MOST_IN_LAYERS = 40
"""Nodes up to which a tree is drawn in layers; a larger one in rings is not so wide."""

LOOP_SHARE = 0.7
"""Share of nodes linked to the next by name from which names go round a circle: a
small world keeps most of these links, a random graph has hardly any."""


def force(graph: Overlay) -> Places:
    """Place nodes by forces; for overlays whose ids mean nothing. See `view.force`."""
    names = sorted(graph, key=natural)
    found = force_places(len(names), pairs_of(graph, names))
    return dict(zip(names, map(rounded, found), strict=True))


def rounded(point: Any) -> Place:
    """Return a point as plain numbers; processors differ in the last digits."""
    return round(float(point[0]), 4), round(float(point[1]), 4)


LAYOUTS: dict[str, Callable[[Overlay], Places]] = {
    "circle": circle,
    "id-circle": id_circle,
    "loop": loop,
    "prefix-tree": prefix_tree,
    "tree": tree,
    "radial": radial,
    "grid": grid,
    "force": force,
}

SAME = {"ring": "id-circle", "spring": "force"}
"""Other words for some of them."""


def places(graph: Overlay, layout: str | Mapping[str, Place] | None) -> Places:
    """Return the place of each node.

    Parameters
    ----------
    layout : str, mapping or None
        ``circle`` (by rank of id), ``id-circle`` or ``ring`` (by id), ``loop`` (by
        name), ``prefix-tree``, ``tree``, ``radial``, ``grid``, ``force``; or the
        places themselves by name; chosen by `choose` if not given.

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
    return LAYOUTS[layout_name(layout) or choose(graph)](graph)


def layout_name(layout: str | None) -> str | None:
    """Return the one name of a layout, None for None, or raise what there is."""
    name = SAME.get(layout, layout) if layout is not None else None
    if name is not None and name not in LAYOUTS:
        there = ", ".join((*LAYOUTS, *SAME))
        reason = f"there is no layout {layout!r}; there are {there}"
        raise LocalProtocolError(reason)
    return name


def choose(graph: Overlay) -> str:
    """Return the name of the layout that shows most of an overlay."""
    kinds = {kind for *_, data in graph.edges.data() for kind in data.get("kinds", ())}
    if kinds & {"successor", "finger"}:
        return "id-circle"
    if "bucket" in kinds or not graph.edges:
        return "circle"
    in_layers = "tree" if len(graph) <= MOST_IN_LAYERS else "radial"
    return in_layers if EAGER in kinds else _by_shape(graph, in_layers)


def _by_shape(graph: Overlay, in_layers: str) -> str:
    links = links_of(graph)
    if nx.is_tree(links):
        return in_layers
    if find_grid(links) is not None:
        return "grid"
    names = sorted(links, key=natural)
    near = zip(names, names[1:] + names[:1], strict=True)
    linked = sum(links.has_edge(a, b) for a, b in near)
    return "loop" if linked >= LOOP_SHARE * len(names) else "force"


def place_of_key(graph: Overlay, key: int, layout: Any) -> Place | None:
    """Return where a key lies among the nodes, just outside; None without a place.

    On a circle beyond the nodes, in a tree of prefixes below the leaves.
    """
    if isinstance(layout, Mapping):
        return None
    name = layout_name(layout) or choose(graph)
    if name == "prefix-tree":
        return prefix_place(graph, key)
    turn = key_turn(graph, key, name)
    if turn is None:
        return None
    x, y = on_circle(turn)
    return x * 1.16, y * 1.16


def as_points(names: list[str], where: Mapping[str, Place]) -> Any:
    """Return the places of `names` as an array; the middle for who has none."""
    return np.array([where.get(name, (0, 0)) for name in names], np.float32)
