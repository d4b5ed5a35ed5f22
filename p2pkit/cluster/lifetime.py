"""How a cluster begins and ends, and what holds in between."""

from __future__ import annotations

import os
import weakref
from collections.abc import Callable, Sequence
from typing import Any, Self

from p2pkit.cluster.carrier import Task
from p2pkit.cluster.joining import join, settle
from p2pkit.cluster.opening import finish, make_run
from p2pkit.cluster.plan import Options
from p2pkit.cluster.progress import progress
from p2pkit.cluster.run import Run
from p2pkit.core import ClusterError


class Lifetime:
    """The part of a `Cluster` that starts, converges and ends."""

    def __init__(self, task: Task, options: Options) -> None:
        self._task, self._options = task, options
        self._run: Run | None = None
        self._finish: Callable[[], object] | None = None
        self._state = "not started"

    @property
    def run(self) -> Run:
        """What the cluster is made of; starts it if it has not started."""
        if self._state == "not started":
            self.start()
        if self._run is None or self._state == "closed":
            reason = "this cluster is closed: make a new one"
            raise ClusterError(reason)
        return self._run

    @property
    def seed(self) -> int:
        """The number that starts every generator of this run."""
        return self._task.seed

    @property
    def protocol_class(self) -> type[Any]:
        """What every node runs."""
        return self._task.protocol_class

    @property
    def config(self) -> Any:
        """The protocol's settings."""
        return self._task.config

    def start(self) -> Self:
        """Start the hosts and let every node join; returns when all have tried.

        Raises
        ------
        SpawnFailed, TransportError, ClusterError
            If a host does not start, an address is taken, or a node crashes. Nothing
            is left running then.
        """
        if self._state != "not started":
            assert self.run is not None  # raises if closed
            return self
        run, folder = make_run(self._task, self._options)
        self._run, self._state = run, "running"
        # Not a method of ours: what ends a forgotten cluster must not hold it.
        self._finish = weakref.finalize(
            self, finish, run, folder, self._options.folder, os.getpid()
        )
        try:
            self._join(run.open(self._options.nodes))
        except BaseException:
            self.close()
            raise
        return self

    def close(self) -> None:
        """End every node and every process; `trace` and `seed` stay."""
        self._state = "closed"
        if self._finish is not None:
            self._finish()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *error: object) -> None:
        self.close()

    def wait_ready(self, timeout_s: float | None = None) -> Self:
        """Wait until the overlay has converged; nodes that lack something repair it.

        Raises
        ------
        ClusterError
            If it has not in time: the sentence says what is missing.
        """
        run = self.run
        shown = progress(self._options.progress, "converging", len(self))
        try:
            limit_s = self._limit_s(timeout_s)
            k, id_bits = (
                getattr(self.config, name, usual)
                for name, usual in (("k", 8), ("id_bits", 0))
            )
            settle(run, k, limit_s, shown, id_bits)
        finally:
            shown.close()
        return self

    def __len__(self) -> int:
        return len(self._run.seats) if self._run is not None else self._options.nodes

    def __repr__(self) -> str:
        name, options = self._task.protocol_class.__name__, self._options
        if self._state != "running" or self._run is None:
            return f"<Cluster of {len(self)} {name} nodes, {self._state}>"
        alive = sum(one.state == "alive" for one in self._run.seats)
        where = f"{options.processes} processes"
        where += " and a private network" if options.network == "private" else ""
        where = "virtual time" if options.carrier == "virtual" else where
        return (
            f"<Cluster of {len(self)} {name} nodes, {alive} alive, in {where}, "
            f"seed {self.seed}>"
        )

    def _join(self, seats: Sequence[Any]) -> None:
        options = self._options
        shown = progress(options.progress, "joining", len(seats))
        try:
            join(self.run, seats, options.outside, options.timeout_s, shown)
        finally:
            shown.close()

    def _limit_s(self, timeout_s: float | None) -> float:
        return self._options.timeout_s if timeout_s is None else timeout_s
