"""Places in trees and grids: layers from the root down, rings around it, rows.

A tree is what remains when each node keeps the one edge that leads to the root by
the fewest hops; further edges are drawn, and do not matter here.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from itertools import pairwise
from math import isqrt
from typing import TYPE_CHECKING

import networkx as nx

from p2pkit.view.circles import Place, Places, on_circle
from p2pkit.view.overlay import id_bits, id_of, natural

if TYPE_CHECKING:
    Overlay = nx.DiGraph[str]
    Links = nx.Graph[str]

EAGER = "eager"
"""The kind of edges that make a broadcast's tree, where an overlay has such."""


BELOW = 1.07
"""How far down a key stands: the deepest leaves are at 1, the legend begins at 1.1."""


def tree(graph: Overlay) -> Places:
    """Place nodes in layers below a root in the middle of the tree."""
    across, depths = _tidy(graph)
    deepest = max(depths.values(), default=0) or 1
    widest = max(across.values(), default=0) or 1
    return {
        name: (2 * across[name] / widest - 1, 2 * depths[name] / deepest - 1)
        for name in graph
    }


def radial(graph: Overlay) -> Places:
    """Place nodes on rings around a root in the middle of the tree."""
    across, depths = _tidy(graph)
    deepest = max(depths.values(), default=0) or 1
    around = max(across.values(), default=0) + 1
    places = {}
    for name in graph:
        x, y = on_circle(across[name] / around)
        places[name] = (x * depths[name] / deepest, y * depths[name] / deepest)
    return places


def prefix_tree(graph: Overlay) -> Places:
    """Place nodes as leaves of the tree of their ids' bits, 0 on the left.

    As deep as the shortest prefix that no other node shares.
    """
    names = sorted(graph, key=lambda name: (id_of(graph, name), name))
    depths = prefix_depths([id_of(graph, name) for name in names], id_bits(graph))
    spot = _spot(len(names), max(depths, default=0))
    rows = enumerate(zip(names, depths, strict=True))
    return {name: spot(i, depth) for i, (name, depth) in rows}


def prefix_place(graph: Overlay, key: int) -> Place | None:
    """Return where a key belongs among the leaves of `prefix_tree`, below them all."""
    ids = sorted(id_of(graph, name) for name in graph)
    if not ids:
        return None
    across = (bisect_left(ids, key) + bisect_right(ids, key) - 1) / 2
    x, _ = _spot(len(ids), 0)(across, 0)
    return x, BELOW


def prefix_branches(graph: Overlay) -> tuple[tuple[Place, Place], ...]:
    """Return the branches of the tree whose leaves `prefix_tree` places.

    From each prefix that ids share to the two longer ones they split into; what does
    not split is one branch.
    """
    ids, bits = sorted({id_of(graph, name) for name in graph}), id_bits(graph)
    if len(ids) < 2 or len(ids) < len(graph):
        return ()
    depths = prefix_depths(ids, bits)
    spot = _spot(len(ids), max(depths))
    found = []
    parts: list[tuple[int, int, Place | None]] = [(0, len(ids), None)]
    while parts:
        first, end, above = parts.pop()
        depth, across = depths[first], float(first)
        if end - first > 1:
            depth = bits - (ids[first] ^ ids[end - 1]).bit_length()
            across = (first + end - 1) / 2
            split = bisect_left(
                ids, ids[end - 1] >> (bits - depth - 1) << (bits - depth - 1)
            )
            parts += [
                (first, split, spot(across, depth)),
                (split, end, spot(across, depth)),
            ]
        if above is not None:
            found.append((above, spot(across, depth)))
    return tuple(found)


def _spot(count: int, deepest: int) -> Callable[[float, int], Place]:
    last = max(count - 1, 1)
    return lambda i, depth: (2 * i / last - 1, 2 * depth / max(deepest, 1) - 1)


def prefix_depths(ids: list[int], bits: int) -> list[int]:
    """Return for each of the sorted `ids` the length of its shortest unique prefix.

    Examples
    --------
    >>> prefix_depths([0b000, 0b010, 0b011, 0b100], bits=3)
    [2, 3, 3, 1]
    """
    if not ids:
        return []
    shared = [bits - (a ^ b).bit_length() for a, b in pairwise(ids)]
    edges = [-1, *shared, -1]
    around = pairwise(edges)
    return [min(max(left, right) + 1, bits) for left, right in around]


def grid(graph: Overlay) -> Places:
    """Place the nodes of a grid in rows and columns; others in rows by name."""
    cells = find_grid(links_of(graph))
    if cells is None:
        width = isqrt(max(len(graph) - 1, 0)) + 1
        names = sorted(graph, key=natural)
        cells = {name: divmod(i, width) for i, name in enumerate(names)}
    down = max((row for row, _ in cells.values()), default=0)
    across = max((column for _, column in cells.values()), default=0)
    half = max(down, across, 1) / 2
    return {
        name: ((column - across / 2) / half, (row - down / 2) / half)
        for name, (row, column) in cells.items()
    }


def find_grid(links: Links) -> dict[str, tuple[int, int]] | None:
    """Return row and column of each node if the links are a grid, else None.

    Needs two rows and columns at least. From a corner and the next corner along a
    side, distances add up to row and column.
    """
    corners = sorted((name for name in links if links.degree(name) == 2), key=natural)
    if len(corners) < 4 or not nx.is_connected(links):
        return None
    first = corners[0]
    near = nx.single_source_shortest_path_length(links, first)
    last = min(corners[1:], key=lambda name: (near[name], natural(name)))
    if len(links) > 4 and near[last] + 1 == len(links):
        return None
    width = near[last] + 1
    far = nx.single_source_shortest_path_length(links, last)
    cells = {}
    for name in links:
        column, odd = divmod(near[name] - far[name] + width - 1, 2)
        if odd:
            return None
        cells[name] = (near[name] - column, column)
    if not _is_grid(links, cells, width):
        return None
    second = sorted(links, key=natural)[1]
    if cells[second][1] == 0:  # numbered row by row: then the next is to the right
        return {name: (column, row) for name, (row, column) in cells.items()}
    return cells


def _is_grid(links: Links, cells: dict[str, tuple[int, int]], width: int) -> bool:
    height, odd = divmod(len(links), width)
    wanted = {(row, column) for row in range(height) for column in range(width)}
    if odd or set(cells.values()) != wanted:
        return False
    if links.number_of_edges() != height * (width - 1) + width * (height - 1):
        return False
    steps = ((cells[a], cells[b]) for a, b in links.edges)
    return all(abs(a[0] - b[0]) + abs(a[1] - b[1]) == 1 for a, b in steps)


def links_of(graph: Overlay, kind: str | None = None) -> Links:
    """Return who is linked to whom, directions aside; of one kind if said."""
    links: Links = nx.Graph()
    links.add_nodes_from(graph)
    links.add_edges_from(
        (a, b)
        for a, b, data in graph.edges(data=True)
        if a != b and (kind is None or kind in data.get("kinds", ()))
    )
    return links


def middle(links: Links) -> str:
    """Return the node from which the farthest is nearest; the first of several.

    Exact in a tree: half-way along its longest path.
    """
    first = min(links, key=natural)
    end = _farthest(links, first)[-1]
    path = _farthest(links, end)
    halves = {path[(len(path) - 1) // 2], path[len(path) // 2]}
    return min(halves, key=natural)


def _farthest(links: Links, start: str) -> list[str]:
    """Return the way to the farthest node, the first by name of several."""
    parent, depth = {start: start}, {start: 0}
    for name, child in _edges(links, start):
        parent[child], depth[child] = name, depth[name] + 1
    most = max(depth.values())
    path = [min((name for name in depth if depth[name] == most), key=natural)]
    while path[-1] != start:
        path.append(parent[path[-1]])
    return path[::-1]


def _tidy(graph: Overlay) -> tuple[dict[str, float], dict[str, int]]:
    """Return how far right each node stands, in leaves, and how deep."""
    has_eager = any(EAGER in data.get("kinds", ()) for *_, data in graph.edges.data())
    links = links_of(graph, EAGER if has_eager else None)
    across: dict[str, float] = {}
    depths: dict[str, int] = {}
    leaves = 0
    parts = sorted(
        nx.connected_components(links),
        key=lambda part: (-len(part), min(map(natural, part))),
    )
    for part in parts:
        root = middle(links.subgraph(part))
        order = [root, *(child for _, child in _edges(links, root))]
        parent = {child: name for name, child in _edges(links, root)}
        children: dict[str, list[str]] = {name: [] for name in order}
        depths[root] = 0
        for name in order[1:]:
            children[parent[name]].append(name)
            depths[name] = depths[parent[name]] + 1
        leaves = _spread(root, children, across, leaves)
    return across, depths


def _edges(links: Links, root: str) -> list[tuple[str, str]]:
    return list(nx.bfs_edges(links, root, sort_neighbors=_sorted))


def _sorted(names: Iterable[str]) -> list[str]:
    return sorted(names, key=natural)


def _spread(
    root: str, children: dict[str, list[str]], across: dict[str, float], leaves: int
) -> int:
    """Give each leaf a place of its own, and a parent the middle of its children."""
    stack = [(root, False)]  # a path of a thousand nodes is too deep for recursion
    while stack:
        name, is_done = stack.pop()
        mine = children[name]
        if not mine:
            across[name] = leaves
            leaves += 1
        elif is_done:
            across[name] = (across[mine[0]] + across[mine[-1]]) / 2
        else:
            stack.append((name, True))
            stack.extend((child, False) for child in reversed(mine))
    return leaves
