"""Scales: what all nodes counted when a capture began, and when it ended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from p2pkit.cluster.weighed import HostWeight, Weight
from p2pkit.core import Address, Counters
from p2pkit.net.wire_count import WireCount
from p2pkit.observe.capture.balance import Balance, weigh
from p2pkit.observe.capture.census import Names
from p2pkit.observe.capture.recorder import Report

if TYPE_CHECKING:
    from p2pkit.cluster.holding import Held
    from p2pkit.cluster.run import Run

NOTHING_YET = WireCount(lives=0, is_there=False)
"""What a node has counted that was not made yet."""


class Scales:
    """Weighs the nodes of a run at two moments, while they stand still.

    Attributes
    ----------
    began_s, ended_s : float
        These moments, in seconds of the run.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self.began_s = self.ended_s = 0.0
        self._before: list[HostWeight] = []
        self._after: list[HostWeight] = []
        self._seats_before: set[str] = set()

    def begin(self, held: Held) -> None:
        """Weigh them first."""
        self.began_s = self._run.carrier.now()
        self._before = held.ask("weigh")
        self._seats_before = {one.name for one in self._run.seats}

    def end(self, held: Held) -> None:
        """Weigh them again."""
        self.ended_s = self._run.carrier.now()
        self._after = held.ask("weigh")

    def names(self, nodes: Mapping[Address, str]) -> Names:
        """Return who is who, with the ports from which nodes opened streams."""
        ends: dict[Address, str] = {}
        for one in (*self._before, *self._after):
            ends |= one.ends
        return Names(nodes, ends)

    def balance(self, report: Report) -> Balance:
        """Return the balance of what was captured in between."""
        names = {one.name for one in self._run.seats}
        before = {name: one.wire for name, one in _nodes(self._before).items()}
        after = {name: one.wire for name, one in _nodes(self._after).items()}
        for name in names - self._seats_before:
            before[name] = NOTHING_YET
        for name in self._in_new_processes():
            after.pop(name)  # what its process before had counted is gone
        return weigh(report, before, after, names)

    @property
    def counters_before(self) -> dict[str, Counters]:
        """The counters of each node when it began."""
        return {name: one.counters for name, one in _nodes(self._before).items()}

    @property
    def counters_after(self) -> dict[str, Counters]:
        """The counters of each node when it ended."""
        return {name: one.counters for name, one in _nodes(self._after).items()}

    def _in_new_processes(self) -> list[str]:
        before = {name: one.process for one in self._before for name in one.nodes}
        return [
            name
            for one in self._after
            for name in one.nodes
            if before.get(name, one.process) != one.process
        ]


def _nodes(hosts: list[HostWeight]) -> dict[str, Weight]:
    return {name: weight for one in hosts for name, weight in one.nodes.items()}
