"""Telemetry: what changes at the nodes of one driver, told at a bounded cost.

What nodes know is compared with what was told last, a few nodes at a time: first
those that did something, then all others in turn.
"""

from __future__ import annotations

import time
from collections.abc import Mapping

from p2pkit.cluster.news import News, NewsMaker, NodeNews
from p2pkit.cluster.sampling import Sampler
from p2pkit.core import Edge, Node
from p2pkit.core.driver import NodeState, Tallies

STIRRED_SHARE = 0.7
"""Share of a sweep's time for nodes that did something; the rest is for all others."""


Totals = tuple[int, int, int, int]
"""Messages and bytes sent, messages and bytes received."""


class Told:
    """What was told of one node."""

    __slots__ = ("edges", "node", "role", "totals")

    def __init__(self, node: Node) -> None:
        self.node = node
        self.edges: list[Edge] = []
        self.role = ""
        self.totals: Totals = (-1, 0, 0, 0)  # so few have none: it is told once


class Telemetry:
    """Compares the nodes of one driver with what was told of them.

    Parameters
    ----------
    nodes : mapping of str to Node
        The driver's nodes by name, as they are now.
    sampler : Sampler
        Sees their messages.

    Attributes
    ----------
    sent : int
        Messages sent since watching began, as of the last look at the counters.
    """

    def __init__(self, nodes: Mapping[str, Node], sampler: Sampler) -> None:
        self.sampler = sampler
        self._nodes = nodes
        self._told: dict[str, Told] = {}
        self._maker = NewsMaker()
        self._looked_at: set[str] = set()  # each node stands once in one piece of news
        self._stirred_at = self._rest_at = 0  # where the sweeps go on
        self._has_role: dict[type, bool] = {}  # by class, after its first inspect
        self._totals: dict[str, Totals] = {}
        self._counted: dict[str, tuple[Node, int]] = {}
        self.sent = 0
        self._count()
        self.sent = self._told_sent = 0  # what was sent before is not ours to tell

    def news(self, budget_s: float | None = None, *, rest: bool = True) -> News | None:
        """Return what changed since the last call; None if nothing did.

        Parameters
        ----------
        budget_s : float or None
            How long nodes may be compared; None for until all were.
        rest : bool
            Whether to look also at nodes that did nothing since.
        """
        began_s = time.perf_counter()
        self._count()
        stirred = [name for name in self._nodes if self._stirs(name)]
        first_s = None if budget_s is None else began_s + budget_s * STIRRED_SHARE
        self._stirred_at = self._sweep(stirred, self._stirred_at, first_s)
        if rest:
            until_s = None if budget_s is None else began_s + budget_s
            self._rest_at = self._sweep(list(self._nodes), self._rest_at, until_s)
        self._looked_at.clear()
        maker, self._maker = self._maker, NewsMaker()
        marks, sampled, sightings = self.sampler.take()
        let_go = self.sent - self._told_sent - sampled
        self._told_sent = self.sent
        return maker.done(marks, let_go, sightings)

    def total(self) -> int:
        """Return how many messages were sent since watching began, restarts or not."""
        self._count()
        return self.sent

    def _count(self) -> None:
        """Read every node's counters: what it sent is theirs to know, not ours."""
        for name, node in self._nodes.items():
            totals = (*_sum(node.sent), *_sum(node.received))
            before, sent = self._counted.get(name, (node, 0))
            if before is not node:  # it was restarted, and the old one is read again
                self.sent += _sum(before.sent)[0] - sent
                sent = 0
            self.sent += totals[0] - sent
            self._counted[name] = node, totals[0]
            self._totals[name] = totals

    def _stirs(self, name: str) -> bool:
        """Tell whether a node is new, sent or heard something, or died."""
        told, node = self._told.get(name), self._nodes[name]
        if told is None or told.node is not node or told.totals != self._totals[name]:
            return True
        return node.state is NodeState.DEAD and bool(told.edges)

    def _sweep(self, names: list[str], begin: int, until_s: float | None) -> int:
        """Look at nodes in turn from a place on; return the place to go on from."""
        for step in range(len(names)):
            name = names[(begin + step) % len(names)]
            if name in self._looked_at:
                continue
            self._looked_at.add(name)
            self._tell(name)
            if until_s is not None and time.perf_counter() >= until_s:
                return (begin + step + 1) % len(names)
        return 0

    def _tell(self, name: str) -> None:
        """Compare one node with what was told of it, and keep the difference."""
        node, told = self._nodes[name], self._told.get(name)
        is_fresh = told is None or told.node is not node
        if told is None or is_fresh:
            told = self._told[name] = Told(node)
        totals, (edges, role) = self._totals[name], self._look_inside(node, told)
        if edges == told.edges and totals == told.totals and role == told.role:
            return
        old, new = dict.fromkeys(told.edges), dict.fromkeys(edges)
        came = [one for one in new if one not in old]
        went = [one for one in old if one not in new]
        self._maker.add(NodeNews(name, is_fresh, role, *totals), came, went)
        told.edges, told.role, told.totals = edges, role, totals

    def _look_inside(self, node: Node, told: Told) -> tuple[list[Edge], str]:
        """Return a node's neighbors and its role; a bug there is told elsewhere."""
        if node.state is NodeState.DEAD:
            return [], told.role
        try:
            edges, role = list(node.protocol.neighbors()), ""
            kind = type(node.protocol)
            if self._has_role.get(kind, True):
                inside = node.protocol.inspect()
                self._has_role[kind] = "role" in inside
                role = str(inside.get("role", ""))
        except Exception:  # noqa: BLE001  # a bug in the class must not end its host
            return told.edges, told.role
        return edges, role


def _sum(tallies: Tallies) -> tuple[int, int]:
    """Return how many messages and how many bytes some tallies have."""
    messages = payload_bytes = 0
    for one in tallies.values():
        messages += one.messages
        payload_bytes += one.payload_bytes
    return messages, payload_bytes
