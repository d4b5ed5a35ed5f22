"""What can be done to a cluster: end, freeze and restart its nodes, cut its links."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from p2pkit.cluster import conditions, lifecycle
from p2pkit.cluster.lifetime import Lifetime
from p2pkit.faults import Link, Rule


class Shaken(Lifetime):
    """The part of a `Cluster` that breaks things and mends them."""

    def kill(self, index: int) -> None:
        """End a node abruptly, without goodbye; with a process of its own, SIGKILL.

        What its protocol's `save` returns just before is kept as its disk.
        """
        lifecycle.kill(self.run, self.run.seat_at(index))

    def stop(self, index: int) -> None:
        """Let a node say goodbye and end; its disk is kept."""
        lifecycle.stop(self.run, self.run.seat_at(index))

    def restart(self, index: int, keep_state: bool = True) -> None:
        """Start a node again with its name, id and address, and let it rejoin.

        One that still runs is stopped first.

        Parameters
        ----------
        index : int
            Which node.
        keep_state : bool
            Whether it finds its disk again: what its protocol's `save` returned when
            it was stopped or killed. A process that ended by itself leaves no disk.
        """
        run = self.run
        seat = run.seat_at(index)
        if seat.state != "dead":
            end = lifecycle.stop if seat.state == "alive" else lifecycle.kill
            end(run, seat)
        lifecycle.revive(run, seat, keep_state)
        self._join([seat])

    def pause(self, index: int) -> None:
        """Freeze a node: it keeps all it knows, hears nothing and does nothing."""
        lifecycle.pause(self.run, self.run.seat_at(index))

    def resume(self, index: int) -> None:
        """Let a frozen node go on."""
        lifecycle.resume(self.run, self.run.seat_at(index))

    def faults(self, *rules: Rule) -> conditions.Installed:
        """Have rules hold on every node from now on; use as ``with`` to end them."""
        return conditions.Installed(self.run, rules)

    def link(self, link: Link | None = None, **fields: Any) -> None:
        """Set what packets cross, such as ``link(loss=0.1)``.

        Parameters
        ----------
        link : Link, optional
            The new link; the one of the beginning if not given: then no delay on
            real sockets and 10 ms in virtual time, if the cluster was given none.
        **fields
            What differs from it, see `faults.Link`.
        """
        run = self.run
        if fields:
            began = link or self._task.link or run.carrier.default_link
            link = msgspec.structs.replace(began, **fields)
        run.link = link or self._task.link
        run.obey_plan()

    def partition(self, groups: Sequence[Iterable[int]]) -> conditions.Installed:
        """Split nodes, given by index, into groups that do not hear each other."""
        return conditions.partition(self.run, groups)

    def heal(self) -> None:
        """Take out every rule that `faults` and `partition` put in; the link stays."""
        conditions.heal(self.run)
