"""A run: one execution of a cluster, from the first process to the last.

`Cluster` is what people hold; this is what it is made of. Carriers differ, this does
not: it seats nodes, gives commands, and keeps the rules and the trace.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from typing import Any

from p2pkit.cluster.addresses import Addresses
from p2pkit.cluster.carrier import Carrier, Task
from p2pkit.cluster.compact import unfold
from p2pkit.cluster.news import News
from p2pkit.cluster.newsroom import Newsroom
from p2pkit.cluster.topology import Linked
from p2pkit.cluster.watching import Watching
from p2pkit.core import (
    Address,
    ClusterError,
    Counters,
    Crashed,
    Record,
    RequestTimeout,
)
from p2pkit.core.driver import seeded
from p2pkit.observe import NodeSnapshot, Snapshot, Trace

COMMAND_S = 30.0
"""How long a host may take for a command that needs no peer's answer."""


class Seat:
    """A node as the controller knows it."""

    def __init__(
        self,
        index: int,
        name: str,
        host: int,
        on_state: Callable[[str, str], None] = lambda name, state: None,
    ) -> None:
        self.index, self.name, self.host = index, name, host
        self.id = 0
        self.address: Address = ("", 0)
        self._state, self._on_state = "dead", on_state
        self.disk: bytes | None = None  # what `save` returned when it last ended
        self.joined = False  # whether its bootstrap ended well
        self.crash: Crashed | None = None  # why it died, if by a bug in its class
        self.last: NodeSnapshot | None = None  # of a node whose process cannot answer

    @property
    def state(self) -> str:
        """One of ``alive``, ``paused`` and ``dead``; a change is told at once."""
        return self._state

    @state.setter
    def state(self, state: str) -> None:
        self._state = state
        self._on_state(self.name, state)

    def snapshot(self) -> NodeSnapshot:
        """Return what is known without asking the node."""
        if self.last is not None:
            return self.last
        return NodeSnapshot(
            self.name, self.id, self.address, self.state, (), Counters()
        )


class Run:
    """Everything that belongs to one execution."""

    def __init__(
        self,
        task: Task,
        size: int,
        addresses: Addresses,
        make_carrier: Callable[[Callable[[int], None]], Carrier],
    ) -> None:
        self.task, self.addresses = task, addresses
        self.trace = Trace()
        self.rng = seeded(task.seed, "cluster")
        self.seats: list[Seat] = []
        self.by_name: dict[str, Seat] = {}
        self.rules, self.link = task.rules, task.link
        self.linked: Linked | None = None  # whom each node joins through, if given
        self.on_revived: list[Callable[[int], object]] = []  # called with the host
        self._width = max(2, len(str(size - 1)))
        self.carrier = make_carrier(self._host_gone)
        self.newsroom = Newsroom(self.carrier.now)
        self.watching = Watching(self, self.newsroom)

    def open(self, nodes: int) -> list[Seat]:
        """Start the hosts, and seat the first nodes."""
        self.carrier.open(self._saw, self._heard)
        return self.seat(nodes)

    def seat(self, nodes: int) -> list[Seat]:
        """Construct more nodes and let them listen; they have not joined yet."""
        first = len(self.seats)
        seats = []
        for index in range(first, first + nodes):
            name = f"n{index:0{self._width}d}"
            host = index % self.carrier.hosts
            seats.append(Seat(index, name, host, self.newsroom.on_state))
        hosts = _by_host(seats)
        orders = {
            host: [(one.name, self.addresses.of(one.index), None) for one in some]
            for host, some in hosts.items()
        }
        self.seats += seats
        self.by_name |= {one.name: one for one in seats}
        for host, places in self.ask_each("add", orders, COMMAND_S).items():
            for one, place in zip(hosts[host], places, strict=True):
                one.id, one.address = place
                self.newsroom.enter(one.name, one.id, one.address)
                one.state = "alive"
        return seats

    def seat_at(self, index: int) -> Seat:
        """Return a node by its place; negative ones count from the end.

        Raises
        ------
        IndexError
            If there is none.
        """
        try:
            return self.seats[index]
        except IndexError:
            last = len(self.seats) - 1
            reason = f"there is no node {index}: they are numbered 0 to {last}"
            raise IndexError(reason) from None

    def task_now(self) -> Task:
        """Return the task for a host that starts now, with the rules of now."""
        return self.task._replace(rules=self.rules, link=self.link)

    def ask(self, host: int, command: str, *args: Any, timeout_s: float) -> Any:
        """Give one host a command and return what it says.

        Raises
        ------
        RequestTimeout
            If it has not answered in time; the command may still be carried out.
        """
        future = self.carrier.begin(host, command, *args)
        return self.result(future, command, timeout_s)

    def result(self, future: Future[Any], what: str, timeout_s: float) -> Any:
        """Wait for a future and return its result."""
        if not self.carrier.wait([future], timeout_s):
            reason = (
                f"{what} has not ended after {timeout_s:g} s: allow more with "
                "timeout_s, or look in the trace for whom it waits"
            )
            raise RequestTimeout(reason)
        return future.result()

    def ask_each(
        self, command: str, orders: dict[int, Any], timeout_s: float
    ) -> dict[int, Any]:
        """Give hosts one command each, all at once; return what each says."""
        futures = {
            host: self.carrier.begin(host, command, order)
            for host, order in orders.items()
        }
        if not self.carrier.wait(futures.values(), timeout_s):
            late = [str(host) for host, one in futures.items() if not one.done()]
            reason = (
                f"{command} has not ended after {timeout_s:g} s on host "
                f"{', '.join(late)}: allow more with timeout_s, or use fewer nodes"
            )
            raise RequestTimeout(reason)
        return {host: future.result() for host, future in futures.items()}

    def obey_plan(self) -> None:
        """Have the rules and the link hold on every node from now on."""
        hosts = [one for one in range(self.carrier.hosts) if self.carrier.is_up(one)]
        paused = {one.host for one in self.seats if one.last is not None}
        futures = [
            self.carrier.begin(host, "plan", self.rules, self.link) for host in hosts
        ]
        # A paused process takes the rules when it goes on, before anything else.
        waited = [
            one for host, one in zip(hosts, futures, strict=True) if host not in paused
        ]
        self.carrier.wait(waited, COMMAND_S)
        for future in waited:
            future.result()

    def snapshot(self, details: bool) -> Snapshot:
        """Return all nodes as they are now."""
        at_s = self.carrier.now()
        found = {}
        places = {one.name: (one.id, one.address) for one in self.seats}
        for look in self.look(details):
            found.update(unfold(look, places))
        nodes = (found.get(one.name) or one.snapshot() for one in self.seats)
        return Snapshot(at_s, tuple(nodes))

    def look(self, details: bool) -> list[Any]:
        """Ask every host that can answer for its nodes; those gone have none."""
        silent = {one.host for one in self.seats if one.last is not None}
        futures = [
            self.carrier.begin(host, "look", details)
            for host in range(self.carrier.hosts)
            if host not in silent and self.carrier.is_up(host)
        ]
        if not self.carrier.wait(futures, COMMAND_S):
            late = sum(not one.done() for one in futures)
            reason = (
                f"{late} host processes do not answer: a protocol that never returns "
                "from a call holds its process; kill its node, or close the cluster"
            )
            raise RequestTimeout(reason)
        return [
            one.result()
            for one in futures
            if not isinstance(one.exception(), ClusterError)
        ]

    def wait_until(self, condition: Callable[[], bool], timeout_s: float) -> None:
        """Let time pass until `condition` holds."""
        deadline_s = self.carrier.now() + timeout_s
        while not condition():
            if self.carrier.now() >= deadline_s:
                reason = (
                    f"the condition did not hold within {timeout_s:g} s: allow more "
                    "with timeout_s, or look at the trace for what happened instead"
                )
                raise RequestTimeout(reason)
            self.carrier.step()

    def at(self, seats: Sequence[Seat], command: str, timeout_s: float) -> list[str]:
        """Let these nodes do the same; return a sentence for each that failed."""
        orders = {
            host: [one.name for one in some] for host, some in _by_host(seats).items()
        }
        said = self.ask_each(command, orders, timeout_s)
        return [f"{name}: {why}" for some in said.values() for name, why in some]

    def close(self) -> None:
        """End every process and give every address back."""
        self.watching.close()
        self.carrier.close()
        self.addresses.close()
        for one in self.seats:
            one.state = "dead"

    def _saw(self, record: Record) -> None:
        self.trace.append(record)
        self.newsroom.saw(record)
        if isinstance(record.event, Crashed):
            seat = self.by_name[record.node]
            self.newsroom.begin(seat.name, f"{seat.name} crashed")
            seat.state, seat.crash = "dead", record.event

    def _heard(self, news: News | None) -> None:
        if news is not None:
            self.newsroom.hear(news)
        self.newsroom.cut()

    def _host_gone(self, host: int) -> None:
        for one in self.seats:
            if one.host == host:
                if one.state != "dead" and not self.newsroom.holds(one.name):
                    self.newsroom.begin(one.name, f"{one.name} gone")
                one.state, one.last = "dead", None


def _by_host(seats: Iterable[Seat]) -> dict[int, list[Seat]]:
    hosts: dict[int, list[Seat]] = {}
    for one in seats:
        hosts.setdefault(one.host, []).append(one)
    return hosts
