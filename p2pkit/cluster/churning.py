"""Churning: a running cluster's nodes go and come as a churn model says."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import Future
from math import inf
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self

from p2pkit.cluster import lifecycle
from p2pkit.core import Address, P2PError, Rng, Timer
from p2pkit.core.driver import seeded
from p2pkit.faults.churn import KILL, Change

if TYPE_CHECKING:
    from p2pkit.cluster.run import Run
    from p2pkit.cluster.seat import Seat

VIA = 3
"""Nodes that a node which comes back joins through."""


class Model(Protocol):
    """Who goes and comes, see `faults.churn`."""

    def changes(self, rng: Rng, nodes: list[int], until_s: float) -> Iterator[Change]:
        """Yield the changes in order of time, from 0 on."""
        ...


class Churning:
    """Nodes go and come inside the ``with`` block; made by `Cluster.churn`.

    On real sockets it happens as time passes, in virtual time whenever that moves, and
    there it is the same for the same seed. Who is already gone, or paused, is left as
    it is. Nodes that are gone at the end stay so.

    Attributes
    ----------
    killed, restarted : int
        What was done so far.
    """

    def __init__(self, run: Run, model: Model, nodes: list[int]) -> None:
        self.killed = self.restarted = 0
        self._run, self._rng = run, seeded(run.task.seed, "churn", "via")
        self._nodes = nodes
        self._changes = model.changes(seeded(run.task.seed, "churn"), nodes, inf)
        self._timer: Timer | None = None
        self._lock = threading.RLock()
        self._is_over = False

    def __enter__(self) -> Self:
        self._began_s = self._run.carrier.now()
        self._run.newsroom.begin(self, f"churn of {len(self._nodes)} nodes")
        self._next()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # Turns first: a change that is being made holds them, and may ask for the lock.
        with self._run.carrier.turns, self._lock:
            self._is_over = True
            if self._timer is not None:
                self._timer.cancel()
        self._run.newsroom.end(self)

    def _next(self) -> None:
        change = next(self._changes, None)
        with self._lock:
            if change is not None and not self._is_over:
                at_s = self._began_s + change.at_s
                self._timer = self._run.carrier.call_at(at_s, lambda: self._do(change))

    def _do(self, change: Change) -> None:
        with self._run.carrier.turns:
            if self._is_over or self._run.watching.is_closed:
                return
            seat = self._run.seat_at(change.node)
            try:
                if change.what == KILL and seat.state == "alive":
                    lifecycle.kill(self._run, seat)
                    self.killed += 1
                elif change.what != KILL and seat.state == "dead":
                    lifecycle.restart(True, self._run, seat)
                    self._join(seat)
                    self.restarted += 1
            except P2PError:
                pass  # its host is gone, or the cluster is being closed
        self._next()

    def _join(self, seat: Seat) -> None:
        """Have a node rejoin, without waiting for it."""

        def ended(future: Future[Any]) -> None:
            seat.joined = future.exception() is None and not future.result()

        order = [(seat.name, self._via(seat))]
        self._run.carrier.begin(seat.host, "join", order).add_done_callback(ended)

    def _via(self, seat: Seat) -> list[Address]:
        run = self._run
        if run.linked is not None:
            return [run.seats[other].address for other in run.linked[seat.index]]
        known = [
            one
            for one in run.seats
            if one.state == "alive" and one.joined and one is not seat
        ]
        via = self._rng.sample(known, min(VIA, len(known)))
        return [one.address for one in via]
