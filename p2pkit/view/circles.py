"""Places on a circle: by id, by the order of ids, or by the order of names.

Circles need nothing but an order and take a millisecond. They also teach more than
springs do: an XOR overlay's branches are arcs of the circle, and a Chord node's
fingers reach half-way round, a quarter, an eighth.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable
from math import atan2, cos, pi, sin
from typing import TYPE_CHECKING, Any

from p2pkit.view.overlay import id_bits, id_of, natural

if TYPE_CHECKING:
    import networkx as nx

    Overlay = nx.DiGraph[str]

Place = tuple[float, float]
"""Across and down, from -1 to 1."""

Places = dict[str, Place]


def id_circle(graph: Overlay) -> Places:
    """Place nodes on a circle exactly where their ids lie in the id space."""
    space = 1 << id_bits(graph)
    return {name: on_circle(id_of(graph, name) / space) for name in graph}


def circle(graph: Overlay) -> Places:
    """Place nodes on a circle in order of their ids, evenly apart, 0 at the top."""
    return _evenly(sorted(graph, key=id_order(graph)))


def loop(graph: Overlay) -> Places:
    """Place nodes on a circle in order of their names, evenly apart."""
    return _evenly(sorted(graph, key=natural))


def id_order(graph: Overlay) -> Callable[[str], Any]:
    """Return the key that sorts nodes by id."""
    return lambda name: (id_of(graph, name), natural(name))


def key_turn(graph: Overlay, key: int, layout: str) -> float | None:
    """Return where on the circle a key lies, in turns; None if the layout is none."""
    if layout == "id-circle":
        return float(key / (1 << id_bits(graph)))
    if layout == "circle" and len(graph):
        ids = sorted(id_of(graph, name) for name in graph)
        return (bisect_left(ids, key) - 0.5) / len(ids)
    return None


def between(names: Iterable[str], key: Callable[[str], Any], places: Places) -> Places:
    """Return places for newcomers, each half-way between its neighbors on the circle.

    Parameters
    ----------
    names : iterable of str
        The newcomers.
    key : callable
        Sorts the nodes round the circle.
    places : dict
        Where the others are.
    """
    there = sorted((key(name), turn_of(place)) for name, place in places.items())
    found = {}
    for name in sorted(names, key=key):
        at = bisect_left(there, (key(name), 0.0))
        before = there[at - 1][1] if there else 0.0
        after = there[at % len(there)][1] if there else 1.0
        gap = (after - before) % 1 or 1.0
        turn = (before + gap / 2) % 1
        there.insert(at, (key(name), turn))
        found[name] = on_circle(turn)
    return found


def on_circle(turn: float) -> Place:
    """Return the point after a share of a turn, clockwise from the top; y is down."""
    angle = 2 * pi * turn
    return sin(angle), -cos(angle)


def turn_of(place: Place) -> float:
    """Return after which share of a turn, clockwise from the top, a place is seen."""
    return atan2(place[0], -place[1]) / (2 * pi) % 1


def _evenly(names: list[str]) -> Places:
    return {name: on_circle(i / len(names)) for i, name in enumerate(names)}
