"""Holding: all nodes stand still for a moment, so that counts of it agree.

Counts that are taken in several processes, one after the other, do not belong to one
moment: meanwhile datagrams come and go. So for the millisecond that it takes, each
host does nothing but answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from p2pkit.cluster.run import Run

WAIT_S = 5.0
"""How long hosts may take to stand still, and to answer then; they take milliseconds,
unless others have the processors."""
HOLD_S = 3 * WAIT_S
"""How long a host stands still at most, whatever becomes of who asked for it."""


class Held:
    """The hosts that stand still; others are paused, gone, or do not answer.

    Parameters
    ----------
    run : Run
        Whose hosts they are.
    hosts : list of int
        Which of them stand still.
    """

    def __init__(self, run: Run, hosts: list[int]) -> None:
        self._run, self.hosts = run, hosts

    def ask(self, command: str, *args: Any) -> list[Any]:
        """Give them a command that hosts obey while they stand still."""
        futures = [self._run.carrier.begin(host, command, *args) for host in self.hosts]
        self._run.carrier.wait(futures, WAIT_S)
        return [one.result() for one in futures if one.done() and not one.exception()]


@contextmanager
def hold(run: Run) -> Iterator[Held]:
    """Have every host that can stand still until the block ends."""
    paused = {one.host for one in run.seats if one.last is not None}
    carrier = run.carrier
    futures = {
        host: carrier.begin(host, "hold")
        for host in range(carrier.hosts)
        if carrier.is_up(host) and host not in paused
    }
    try:
        carrier.wait(futures.values(), WAIT_S)
        still = [
            host
            for host, one in futures.items()
            if one.done() and one.exception() is None
        ]
        yield Held(run, still)
    finally:
        for host in futures:
            carrier.begin(host, "release")
