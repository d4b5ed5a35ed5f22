"""What can be seen of a cluster from outside its nodes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Self

from p2pkit.cluster import sightings
from p2pkit.cluster.feed import MARKS_HZ, Feed
from p2pkit.cluster.lifetime import Lifetime
from p2pkit.cluster.window import LIMIT, Window
from p2pkit.core import Address, Counters, Sighting, Tally
from p2pkit.observe import Snapshot, Trace

if TYPE_CHECKING:
    import networkx as nx


class Observed(Lifetime):
    """The part of a `Cluster` that looks, and lets time pass."""

    def advance(self, seconds: float) -> None:
        """Let time pass: wait on real sockets; virtual time passes at once."""
        self.run.carrier.advance(seconds)

    def step(self, messages: int = 1) -> None:
        """Let virtual time pass until so many messages have arrived.

        Raises
        ------
        ClusterError
            If the cluster is on real sockets: nobody holds its messages back.
        RequestTimeout
            If nodes have nothing to say for as long as a call may take.
        """
        self.run.carrier.deliver(messages, self._limit_s(None))

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

    def frames(self, marks_hz: float = MARKS_HZ) -> Feed:
        """Return a feed of what changes, the whole scene first; close it when done.

        Many may be open at once. Hosts tell what changes while one is.

        Parameters
        ----------
        marks_hz : float
            Marks a second of the run at most; messages beyond it are counted.
        """
        return self.run.watching.open_feed(marks_hz)

    def messages(self, limit: int = LIMIT) -> Window:
        """Return a window that records every message inside its ``with`` block.

        Parameters
        ----------
        limit : int
            Messages recorded at most, at least 1; the rest is counted.
        """
        return Window(self.run, limit)

    def traffic(self, a: int, b: int) -> dict[str, Tally]:
        """Return what passed between two nodes since they are watched, by kind.

        Exact, both ways together.

        Raises
        ------
        ClusterError
            If nobody watches: counting begins with a feed, or a window of messages.
        """
        return sightings.traffic(self.run, a, b)

    def recent(self, index: int) -> list[Sighting]:
        """Return the last messages of a node that were looked at, oldest first.

        All of them, unless its host carries thousands a second; empty if nobody
        watches.
        """
        return sightings.recent(self.run, index)

    def details(self, index: int) -> dict[str, Any]:
        """Return what a node's ``inspect()`` tells; empty if it is dead."""
        return sightings.details(self.run, index)

    def snapshot(self, details: bool = False) -> Snapshot:
        """Return every node's neighbors and counters now; tables with `details`."""
        return self.run.snapshot(details)

    def graph(self) -> nx.DiGraph[str]:
        """Return who knows whom now, see `observe.overlay_graph`."""
        from p2pkit.observe import overlay_graph

        return overlay_graph(self.snapshot())

    def counters_of(self, index: int) -> Counters:
        """Return the counters of one node."""
        return sightings.counters(self.run, index)

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
