"""What can be seen of a cluster from outside its nodes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Self

from p2pkit.cluster.lifetime import Lifetime
from p2pkit.core import Address, Counters
from p2pkit.observe import Snapshot, Trace

if TYPE_CHECKING:
    import networkx as nx


class Observed(Lifetime):
    """The part of a `Cluster` that looks, and lets time pass."""

    def advance(self, seconds: float) -> None:
        """Let time pass: wait on real sockets; virtual time passes at once."""
        self.run.carrier.advance(seconds)

    def now(self) -> float:
        """Return the seconds since the run began."""
        return self.run.carrier.now()

    def wait_until(
        self, condition: Callable[[Self], bool], timeout_s: float | None = None
    ) -> Self:
        """Wait until `condition(cluster)` is true; looked at about every 50 ms.

        Raises
        ------
        RequestTimeout
            If it is not in time.
        """
        self.run.wait_until(lambda: condition(self), self._limit_s(timeout_s))
        return self

    def snapshot(self, details: bool = False) -> Snapshot:
        """Return every node's neighbors and counters now; tables with `details`."""
        return self.run.snapshot(details)

    def graph(self) -> nx.DiGraph[str]:
        """Return who knows whom now, see `observe.overlay_graph`."""
        from p2pkit.observe import overlay_graph

        return overlay_graph(self.snapshot())

    def counters_of(self, index: int) -> Counters:
        """Return the counters of one node."""
        return self.run.counters_of(self.run.seat_at(index))

    @property
    def counters(self) -> Counters:
        """The counters of all nodes added up."""
        return self.snapshot().totals()

    @property
    def trace(self) -> Trace:
        """Everything seen so far: records of events, in order of arrival."""
        return self._run.trace if self._run is not None else self.run.trace

    @property
    def addresses(self) -> list[Address]:
        """Where each node listens, in order."""
        return [one.address for one in self.run.seats]
