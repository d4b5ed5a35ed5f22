"""What carries a cluster: real processes, or virtual time. Both answer alike."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from typing import Any, NamedTuple, Protocol

from p2pkit.cluster.news import News
from p2pkit.cluster.spawned import Spawned
from p2pkit.core import Record, Timer
from p2pkit.faults import Link, Rule

MAIN = 0
"""Number of the kind that the nodes of a cluster are, attackers aside."""

OnNews = Callable[[News | None], None]
"""Called with what changed at a host's nodes while they are watched; with None when
records have come."""


class Task(NamedTuple):
    """What every host is told once: what to run, and how it all began."""

    protocol_class: type[Any]
    config: Any
    seed: int
    rules: tuple[Rule, ...]
    link: Link | None


class Kind(NamedTuple):
    """What a node runs, and with which settings."""

    protocol_class: type[Any]
    config: Any


class Carrier(Protocol):
    """Runs the populations of one cluster and passes commands to them.

    Attributes
    ----------
    hosts : int
        How many populations; node ``i`` lives in one of them, see `Run.seat`.
    one_each : bool
        Whether each host process has one node, so that a node is a process.
    default_link : Link
        What packets cross if nobody says otherwise.
    epoch_s : float
        When the run began, in seconds since 1970; 0 in virtual time.
    """

    hosts: int
    one_each: bool
    default_link: Link
    epoch_s: float

    @property
    def turns(self) -> AbstractContextManager[object]:
        """Held while nodes are changed, so that threads do it one after the other."""
        ...

    def open(self, on_record: Callable[[Record], None], on_news: OnNews) -> None:
        """Start the hosts and wait until all are there."""
        ...

    def begin(self, host: int, command: str, *args: Any) -> Future[Any]:
        """Give a host a command, see `Population`."""
        ...

    def grow(self, hosts: int, task: Task) -> list[int]:
        """Start more hosts and return their numbers; those there are, if it cannot."""
        ...

    def wait(self, futures: Iterable[Future[Any]], timeout_s: float) -> bool:
        """Wait until all have ended; False if the time was over before."""
        ...

    def now(self) -> float:
        """Return the seconds since the run began."""
        ...

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        ...

    def step(self) -> None:
        """Let a little time pass, after which it is worth looking again."""
        ...

    def deliver(self, messages: int, limit_s: float) -> None:
        """Let time pass until so many messages have arrived, in virtual time."""
        ...

    def call_at(self, at_s: float, call: Callable[[], None]) -> Timer:
        """Make a call when the run's time comes there; at once if it has."""
        ...

    def signal(self, host: int, name: str) -> None:
        """Do ``kill``, ``pause`` or ``resume`` to a host process."""
        ...

    def revive(self, host: int, task: Task) -> None:
        """Start a host process that is gone once more, without nodes."""
        ...

    def open_socket(self, family: int, kind: int, proto: int) -> socket.socket:
        """Open a socket in the network of the nodes."""
        ...

    def spawn(
        self, argv: Sequence[str], env: Mapping[str, str] | None, cwd: str
    ) -> Spawned:
        """Start a foreign program in the network of the nodes."""
        ...

    def is_up(self, host: int) -> bool:
        """Whether a host process is there."""
        ...

    def close(self) -> None:
        """End the hosts; nothing of them is left."""
        ...
