"""A layout that lasts: who is there stays put, who joins gets a place."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np

from p2pkit.observe.frames import Scene
from p2pkit.view.circles import Place, Places, between, id_circle, id_order
from p2pkit.view.force import join_places
from p2pkit.view.layout import as_points, choose, layout_name, places, rounded
from p2pkit.view.overlay import natural, overlay_of, pairs_of

if TYPE_CHECKING:
    Overlay = nx.DiGraph[str]

FEW = 4
"""Newcomers from which an overlay that has doubled is laid out anew: one by one they
were squeezed in, and a picture of three nodes is no begin for thirty."""


class Layouter:
    """Keeps the places of an overlay that changes. May be used by several threads.

    Parameters
    ----------
    layout : str, mapping or None
        As for `view.layout.places`; if not given it is chosen when the first edges
        are seen.
    id_bits : int, optional
        Length of ids; taken from the overlay if not given.

    Attributes
    ----------
    places : dict of str to (float, float)
        Where each node is.
    layout : str or None
        The layout in use; None while it is not chosen, or for places that were given.
    """

    def __init__(
        self,
        layout: str | Mapping[str, Place] | None = None,
        id_bits: int | None = None,
    ) -> None:
        self.places: Places = {}
        self.layout: str | None = None
        if isinstance(layout, Mapping):
            self._given: Mapping[str, Place] = layout
            self._wanted = None
        else:
            self._given, self._wanted = {}, layout_name(layout)
        self._id_bits, self._laid_out = id_bits, 0
        self._shown: Any = None
        self._lock = threading.Lock()

    def update(self, shown: Any) -> Places:
        """Take in how the overlay is now; return the places that are new or changed.

        Costs a look at each name if nobody joined. A node that left loses its place.

        Parameters
        ----------
        shown : Scene, networkx.DiGraph or Cluster
            The overlay.
        """
        with self._lock:
            if not isinstance(shown, (Scene, nx.Graph)):
                shown = overlay_of(shown)
            self._shown = shown
            for name in [name for name in self.places if name not in shown.nodes]:
                del self.places[name]
            newcomers = [name for name in shown.nodes if name not in self.places]
            is_open = self.layout is None and not self._given and bool(shown.edges)
            if not newcomers and not is_open:
                return {}
            if is_open or self._begins_anew(len(newcomers)):
                return self._arrange(self._graph(shown))
            # On a circle a newcomer's edges do not matter, and there may be many.
            return self._join(self._graph(shown, self._is_round()), newcomers)

    def relayout(self, layout: str | None = None) -> Places:
        """Lay the overlay out anew, by another layout if one is named.

        Raises
        ------
        LocalProtocolError
            If there is no such layout.
        """
        with self._lock:
            if layout is not None:
                self._wanted, self._given = layout_name(layout), {}
            if self._shown is None:
                return {}
            return self._arrange(self._graph(self._shown))

    def _is_round(self) -> bool:
        return self.layout in ("circle", "id-circle", "loop") and not self._given

    def _begins_anew(self, newcomers: int) -> bool:
        there = len(self.places) + newcomers
        has_doubled = newcomers >= FEW and there >= 2 * self._laid_out
        return not self._given and (len(self.places) == 0 or has_doubled)

    def _graph(self, shown: Any, is_bare: bool = False) -> Overlay:
        graph = overlay_of(shown, is_bare)
        if self._id_bits is not None and graph.graph.get("id_bits") is None:
            graph = graph.copy()
            graph.graph["id_bits"] = self._id_bits
        return graph

    def _arrange(self, graph: Overlay) -> Places:
        before = self.places
        if self._given:
            known = {name: self._given[name] for name in graph if name in self._given}
            self.places = known
            self._join(graph, [name for name in graph if name not in known])
        else:
            name = self._wanted or choose(graph)
            self.places = places(graph, name)
            self.layout = name if self._wanted or graph.edges else None
        self._laid_out = len(graph)
        return {
            name: place
            for name, place in self.places.items()
            if before.get(name) != place
        }

    def _join(self, graph: Overlay, newcomers: list[str]) -> Places:
        found = {name: self._given[name] for name in newcomers if name in self._given}
        rest = [name for name in newcomers if name not in found]
        if rest:
            found |= self._found(graph, rest)
        self.places |= found
        return found

    def _found(self, graph: Overlay, newcomers: list[str]) -> Places:
        """Return places for newcomers as the layout would have it."""
        if self.layout == "id-circle":
            exact = id_circle(graph)
            return {name: exact[name] for name in newcomers}
        if self.layout in ("circle", None) and not self._given:
            return between(newcomers, id_order(graph), self.places)
        if self.layout == "loop":
            return between(newcomers, natural, self.places)
        names = sorted(graph, key=natural)
        is_new = set(newcomers)
        numbers = np.array([i for i, name in enumerate(names) if name in is_new])
        points = as_points(names, self.places)
        moved = join_places(points, numbers, pairs_of(graph, names))
        return {names[i]: rounded(moved[i]) for i in numbers}
