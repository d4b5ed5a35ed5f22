"""The part of a population that is watched: commands about its telemetry."""

from __future__ import annotations

from typing import Any

from p2pkit.cluster.news import News
from p2pkit.cluster.sampling import Sampler
from p2pkit.cluster.telemetry import Telemetry
from p2pkit.core import Address, ClusterError, Node, Sighting


class Watched:
    """Commands that begin, use and end watching, see `Population`.

    Attributes
    ----------
    driver : Driver
        What runs the nodes.
    nodes : dict of str to Node
        The nodes by name.
    sampler_class : type
        What kind of tap the driver's nodes need.
    telemetry : Telemetry or None
        There while somebody watches.
    """

    driver: Any
    nodes: dict[str, Node]
    sampler_class: type[Sampler]
    telemetry: Telemetry | None = None

    def do_watch(self, sample: int) -> None:
        """Begin to tell what changes, with so many messages of a batch looked at."""
        if self.telemetry is None:
            tap = self.sampler_class(self.nodes, self.driver.now, sample)
            self.telemetry = Telemetry(self.nodes, tap)
            self.driver.tap = tap
        self.telemetry.sampler.sample = sample

    def do_unwatch(self) -> None:
        """End it."""
        self.telemetry = self.driver.tap = None

    def do_listen(self, limit: int) -> int:
        """Tell the next messages whole; return how many were sent so far."""
        self._on.sampler.listen(limit)
        return self._on.total()

    def do_unlisten(self) -> None:
        """Tell messages whole no more."""
        self._on.sampler.unlisten()

    def do_sent(self) -> int:
        """Return how many messages were sent since watching began."""
        return self._on.total()

    def do_recent(self, name: str) -> list[Sighting]:
        """Return the last messages of a node that were looked at."""
        return self._on.sampler.recent(name)

    def do_traffic(self, name: str) -> list[tuple[Address, str, int, int]]:
        """Return what a node sent: peer, kind, messages and bytes."""
        return self._on.sampler.traffic(name)

    def news(self, budget_s: float | None = None, *, rest: bool = True) -> News | None:
        """Return what changed; None if nothing did, or nobody watches."""
        if self.telemetry is None:
            return None
        return self.telemetry.news(budget_s, rest=rest)

    @property
    def _on(self) -> Telemetry:
        if self.telemetry is None:
            reason = "nobody watches this cluster: open a feed with cluster.frames()"
            raise ClusterError(reason)
        return self.telemetry
