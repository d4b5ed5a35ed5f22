"""Hosts: processes that hold nodes, each node of another run.

Two nodes of one run never share a process: what one knows, the other has to be told.
But nodes of different runs may, as a station of yesterday's network tells nobody in
today's anything. So a process is made for the first run with a node at some address,
and serves that address in the runs that follow: making one costs as much as fifty
messages do.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from p2pkit.classroom.sandbox import frames
from p2pkit.classroom.sandbox.remote import Remote
from p2pkit.core import Address

MOST_NODES = 8
"""Nodes that one process holds in its life: they share its limits."""
USED = 4
"""A process of which a fourth of its processor time may be used takes nobody in."""
MOST_KEPT = 256
"""Processes that wait for the next run."""


class Host:
    """A process that holds nodes.

    Parameters
    ----------
    remote : Remote
        The process.
    """

    def __init__(self, remote: Remote) -> None:
        self.remote = remote
        self.run: object = None
        self.nodes = self._leavers = 0
        self._is_kept = True

    def can_serve(self, run: object) -> bool:
        """Tell whether a node of a run may live here: it is the first one of that."""
        remote = self.remote
        is_fresh = remote.waited_s < remote.limits.cpu_s / USED
        is_free = self.nodes < MOST_NODES and run is not self.run
        return is_free and is_fresh and not remote.dead

    def let(self, run: object) -> Room:
        """Return room for a node of a run."""
        self.run = run
        self.nodes += 1
        return Room(self, self.nodes)

    def left(self) -> None:
        """Be told that a node is not needed any more."""
        self._leavers += 1
        self._close_if_empty()

    def retire(self) -> None:
        """Take no more nodes; the process ends with the last one."""
        self._is_kept = False
        self._close_if_empty()

    def _close_if_empty(self) -> None:
        if not self._is_kept and self._leavers == self.nodes:
            self.remote.close()


class Room:
    """Where one node lives: a process, and the node's number in it."""

    def __init__(self, host: Host, number: int) -> None:
        self.host, self.number = host, number

    def ask(self, now_s: float, task: str, *args: Any) -> frames.Answer:
        """Return the node's answer to a request, see `Remote.ask`."""
        return self.host.remote.ask(now_s, task, self.number, *args)

    def refuse(self, why: str) -> None:
        """Listen no more to the process."""
        self.host.remote.refuse(why)

    def leave(self) -> None:
        """Be done with the node."""
        self.host.left()


class Hosts:
    """The hosts of a sandbox.

    Parameters
    ----------
    make : callable
        Makes a process that has run these cells.
    """

    def __init__(self, make: Callable[[Sequence[int] | None], Remote]) -> None:
        self._make = make
        self._kept: dict[tuple[tuple[int, ...] | None, Address], Host] = {}

    def room(self, cells: Sequence[int] | None, address: Address, run: object) -> Room:
        """Return room for a node.

        Parameters
        ----------
        cells : sequence of int or None
            What its process has run.
        address : tuple
            The node's own.
        run : object
            The run it belongs to; with None it gets a process for itself.
        """
        if run is None:
            host = Host(self._make(cells))
            room = host.let(run)
            host.retire()
            return room
        key = (None if cells is None else tuple(cells), address)
        kept = self._kept.get(key)
        if kept is None or not kept.can_serve(run):
            if kept is not None:
                self._kept.pop(key).retire()
            elif len(self._kept) >= MOST_KEPT:
                self._kept.pop(next(iter(self._kept))).retire()
            kept = self._kept[key] = Host(self._make(cells))
        return kept.let(run)
