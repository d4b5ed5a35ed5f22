"""A run: one execution of a cluster, from the first process to the last.

`Cluster` is what people hold; this is what it is made of. Carriers differ, this does
not: it seats nodes, gives commands, and keeps the rules and the trace.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from p2pkit.cluster.addresses import Addresses
from p2pkit.cluster.asking import COMMAND_S, Asking
from p2pkit.cluster.carrier import MAIN, Carrier, Kind, Task
from p2pkit.cluster.compact import unfold
from p2pkit.cluster.news import News
from p2pkit.cluster.newsroom import Newsroom
from p2pkit.cluster.seat import Seat, by_host
from p2pkit.cluster.topology import Linked
from p2pkit.cluster.watching import Watching
from p2pkit.core import (
    Address,
    ClusterError,
    Crashed,
    Record,
    RequestTimeout,
    Targets,
)
from p2pkit.core.driver import seeded
from p2pkit.observe import Snapshot, Trace

if TYPE_CHECKING:
    from p2pkit.observe.capture.packets import Packets


class Run(Asking):
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
        self.captured: Callable[[], Packets | None] = lambda: None  # the latest
        self.on_revived: list[Callable[[int], object]] = []  # called with the host
        self.kinds = [Kind(task.protocol_class, task.config)]
        self.targets = Targets()  # where nodes listen now
        self.is_confined = False  # whether hosts obey them, for attackers are inside
        self._width = max(2, len(str(size - 1)))
        self.carrier = make_carrier(self._host_gone)
        self.homes = self.carrier.hosts  # of honest nodes; attackers have others
        self.newsroom = Newsroom(self.carrier.now)
        self.watching = Watching(self, self.newsroom)

    def open(self, nodes: int) -> list[Seat]:
        """Start the hosts, and seat the first nodes."""
        self.carrier.open(self._saw, self._heard)
        return self.seat(nodes)

    def seat(self, nodes: int) -> list[Seat]:
        """Construct more nodes and let them listen; they have not joined yet."""
        first = sum(not one.is_attacker for one in self.seats)
        ahead = len(self.seats) - first  # attackers, who have seats of their own
        seats, places = [], []
        for number in range(first, first + nodes):
            name = f"n{number:0{self._width}d}"
            seats.append(self.new_seat(ahead + number, name, number % self.homes))
            places.append(self.addresses.of(number, ahead))
        self.place(seats, places)
        return seats

    def new_seat(self, index: int, name: str, host: int, kind: int = MAIN) -> Seat:
        """Return a seat that nobody sits in yet."""
        return Seat(index, name, host, self._on_state, kind)

    def place(self, seats: Sequence[Seat], listen: Sequence[Address]) -> None:
        """Construct nodes for new seats, and let each listen at its address."""
        hosts = by_host(seats)
        at = dict(zip((one.name for one in seats), listen, strict=True))
        orders = {
            host: [(one.name, at[one.name], None, one.kind) for one in some]
            for host, some in hosts.items()
        }
        self.seats += seats
        self.by_name |= {one.name: one for one in seats}
        for host, places in self.ask_each("add", orders, COMMAND_S).items():
            for one, place in zip(hosts[host], places, strict=True):
                one.id, one.address = place
                self.newsroom.enter(one.name, one.id, one.address)
                one.state = "alive"
        self.retarget()

    def has_process(self, seat: Seat) -> bool:
        """Whether a node is alone in its host process, so that it *is* a process."""
        if not self.carrier.one_each:
            return False
        return sum(one.host == seat.host for one in self.seats) == 1

    def retarget(self) -> None:
        """Tell hosts where nodes may send, if attackers are inside."""
        self.wait_for(self._retarget())

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

    def obey_plan(self) -> None:
        """Have the rules and the link hold on every node from now on."""
        self.wait_for(self.tell_all("plan", self.rules, self.link))

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

    def close(self) -> None:
        """End every process and give every address back."""
        self.watching.close()
        self.carrier.close()
        self.addresses.close()
        for one in self.seats:
            one.state = "dead"

    def _retarget(self) -> list[Future[Any]]:
        if not self.is_confined:
            return []
        return self.tell_all("confine", list(self.targets))

    def _retarget_soon(self) -> None:
        """Do the same in the control thread, which cannot wait, and may be ending."""
        with suppress(ClusterError):
            self._retarget()

    def _on_state(self, seat: Seat) -> None:
        if seat.state == "dead":
            self.targets.discard(seat.address)
        else:
            self.targets.add(seat.address)
        self.newsroom.on_state(seat.name, seat.state)

    def _saw(self, record: Record) -> None:
        self.trace.append(record)
        self.newsroom.saw(record)
        if isinstance(record.event, Crashed):
            seat = self.by_name[record.node]
            self.newsroom.begin(seat.name, f"{seat.name} crashed")
            seat.state, seat.crash = "dead", record.event
            self._retarget_soon()

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
        self._retarget_soon()
