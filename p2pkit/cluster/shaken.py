"""What can be done to a cluster: end, freeze and restart its nodes, cut its links."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

import msgspec

from p2pkit.cluster import churning, conditions, lifecycle
from p2pkit.cluster.churning import Model
from p2pkit.cluster.lifetime import Lifetime
from p2pkit.cluster.run import Run
from p2pkit.cluster.seat import Seat
from p2pkit.faults import Link, Rule

Which = int | Iterable[int]
"""One node by its index, or several; negative ones count from the end."""


class Shaken(Lifetime):
    """The part of a `Cluster` that breaks things and mends them.

    Where several nodes are named, it is done to one after the other, and ends at the
    first that it cannot be done to.
    """

    def kill(self, index: Which) -> None:
        """End nodes abruptly, without goodbye; with a process of its own, SIGKILL.

        What its protocol's `save` returns just before is kept as a node's disk.
        """
        self._each(index, lifecycle.kill)

    def stop(self, index: Which) -> None:
        """Let nodes say goodbye and end; their disks are kept."""
        self._each(index, lifecycle.stop)

    def restart(self, index: Which, keep_state: bool = True) -> None:
        """Start nodes again with name, id and address, and let them rejoin.

        One that still runs is stopped first. Several rejoin at once, through nodes
        that ran all the while.

        Parameters
        ----------
        index : int or iterable of int
            Which nodes.
        keep_state : bool
            Whether it finds its disk again: what its protocol's `save` returned when
            it was stopped or killed. A process that ended by itself leaves no disk.
        """
        self._join(self._each(index, partial(lifecycle.restart, keep_state)))

    def pause(self, index: Which) -> None:
        """Freeze nodes: they keep all they know, hear nothing and do nothing."""
        self._each(index, lifecycle.pause)

    def resume(self, index: Which) -> None:
        """Let frozen nodes go on."""
        self._each(index, lifecycle.resume)

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
        conditions.note_link(run, run.link, self._task.link)

    def churn(
        self, model: Model, nodes: Iterable[int] | None = None
    ) -> churning.Churning:
        """Return a context manager that lets nodes go and come, see `faults.churn`.

        Parameters
        ----------
        model : Churn
            How long nodes stay and stay away.
        nodes : iterable of int, optional
            Which nodes; all but the first if not given, so that there is always one
            to join through.
        """
        run = self.run
        some = range(1, len(run.seats)) if nodes is None else nodes
        indices = [run.seat_at(index).index for index in some]
        return churning.Churning(run, model, indices)

    def partition(self, groups: Sequence[Iterable[int]]) -> conditions.Installed:
        """Split nodes, given by index, into groups that do not hear each other."""
        return conditions.partition(self.run, groups)

    def heal(self) -> None:
        """Take out every rule that `faults` and `partition` put in; the link stays."""
        conditions.heal(self.run)

    def _each(self, which: Which, do: Callable[[Run, Seat], None]) -> list[Seat]:
        run = self.run
        places = which if isinstance(which, Iterable) else (which,)
        seats = list(dict.fromkeys(run.seat_at(place) for place in places))
        for seat in seats:
            with run.carrier.turns:
                do(run, seat)
        return seats
