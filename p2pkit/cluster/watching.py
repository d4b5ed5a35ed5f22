"""Watching: hosts tell what changes as long as somebody looks, and no longer."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from p2pkit.cluster.beat import PACE_S
from p2pkit.cluster.feed import Feed
from p2pkit.cluster.news import NewsMaker, NodeNews
from p2pkit.cluster.newsroom import Newsroom
from p2pkit.core import ClusterError
from p2pkit.observe.snapshot import NodeSnapshot

if TYPE_CHECKING:
    from p2pkit.cluster.run import Run
    from p2pkit.cluster.seat import Seat

COMMAND_S = 30.0
"""How long hosts may take to begin; some milliseconds a hundred nodes."""


class Watching:
    """Who watches a run: its feeds, and its windows of messages.

    The first of them has the hosts begin to tell, the last one has them stop.
    """

    def __init__(self, run: Run, newsroom: Newsroom) -> None:
        self._run, self._newsroom = run, newsroom
        self.is_closed = False
        self._lock = threading.RLock()
        self._watchers: dict[object, float] = {}  # who, and how many marks a second

    @property
    def is_on(self) -> bool:
        """Whether somebody watches."""
        return bool(self._watchers)

    def open_feed(self, marks_hz: float) -> Feed:
        """Return a new feed, which begins with the whole scene."""
        if not marks_hz >= 0:
            reason = (
                f"marks_hz is how many marks a second a picture shows, not {marks_hz}"
            )
            raise ClusterError(reason)
        with self._lock:
            token = object()
            self.join(token, marks_hz)
            return self._newsroom.open(
                marks_hz, lambda feed: self._on_close(token, feed)
            )

    def join(self, watcher: object, marks_hz: float = 0.0) -> None:
        """Have hosts tell, for this watcher too."""
        with self._lock:
            is_first = not self._watchers
            before = self._sample()
            self._watchers[watcher] = marks_hz
            if is_first:
                self._newsroom.begin_scene()
                self._tell_paused()
            if is_first or self._sample() != before:
                self.ask("watch", self._sample())

    def leave(self, watcher: object) -> None:
        """Have hosts stop, unless somebody else still watches; twice does nothing."""
        with self._lock:
            if self._watchers.pop(watcher, None) is None or self._watchers:
                return
            self._newsroom.end_scene()
            self._begin("unwatch")

    def revived(self, host: int) -> None:
        """Have a host tell that was started again."""
        with self._lock:
            if self._watchers:
                self._run.carrier.begin(host, "watch", self._sample())

    def ask(self, command: str, *args: Any) -> list[Any]:
        """Give all hosts that can answer a command, and return what they say."""
        futures = self._begin(command, *args)
        self._run.carrier.wait(futures, COMMAND_S)
        # A host that is gone has nothing to say, and its nodes are dead.
        return [one.result() for one in futures if one.done() and not one.exception()]

    def close(self) -> None:
        """End every feed: the cluster is closed."""
        self.is_closed = True
        self._newsroom.close("this cluster is closed: make a new one, and watch that")

    def _on_close(self, token: object, feed: Feed) -> None:
        self._newsroom.leave(feed)
        self.leave(token)

    def _sample(self) -> int:
        """Return how many messages a host looks at in a batch."""
        wanted = max(self._watchers.values(), default=0.0) * PACE_S
        return (
            -(-int(wanted) // self._run.carrier.hosts) if wanted >= 1 else int(wanted)
        )

    def _begin(self, command: str, *args: Any) -> list[Future[Any]]:
        """Give a command to every host; return the futures of those not paused."""
        carrier = self._run.carrier
        paused = {seat.host for seat in self._run.seats if seat.last is not None}
        hosts = [one for one in range(carrier.hosts) if carrier.is_up(one)]
        futures = {host: carrier.begin(host, command, *args) for host in hosts}
        return [future for host, future in futures.items() if host not in paused]

    def _tell_paused(self) -> None:
        """Tell of nodes whose process cannot answer what was seen before."""
        for seat in self._run.seats:
            if seat.last is not None:
                self._newsroom.hear(_news_of(seat, seat.last))


def _news_of(seat: Seat, seen: NodeSnapshot) -> Any:
    sent, received = seen.counters.sent.values(), seen.counters.received.values()
    totals = (
        sum(one.messages for one in sent),
        sum(one.payload_bytes for one in sent),
        sum(one.messages for one in received),
        sum(one.payload_bytes for one in received),
    )
    role = str((seen.details or {}).get("role", ""))
    maker = NewsMaker()
    maker.add(NodeNews(seat.name, True, role, *totals), seen.edges, ())
    return maker.done([], 0, [])
