"""The cluster: what a notebook holds, whichever carrier runs it."""

from __future__ import annotations

import os
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Self

from p2pkit.cluster import conditions, lifecycle
from p2pkit.cluster.calls import Call, begin_call, call_many
from p2pkit.cluster.joining import join, settle
from p2pkit.cluster.launcher import Launcher
from p2pkit.cluster.node import Node
from p2pkit.cluster.opening import finish, make_run
from p2pkit.cluster.plan import make_options, make_task
from p2pkit.cluster.progress import Wanted, progress
from p2pkit.cluster.run import Run
from p2pkit.core import Address, ClusterError, Counters
from p2pkit.faults import Link, Rule
from p2pkit.observe import Snapshot, Trace

if TYPE_CHECKING:
    import networkx as nx


class Cluster:
    """Nodes of one protocol, in processes of their own or in virtual time.

    It starts at ``with``, at `start`, or when it is first used. It ends with
    `close`, at the end of ``with``, when nobody holds it any more, and when this
    process ends, in whatever way: then its host processes end too.

    Parameters
    ----------
    protocol_class : type
        What every node runs, see `core.NodeProtocol`; a class from a cell will do.
    nodes : int
        How many, from 1 to 60,000; named ``n00``, ``n01``, ...
    processes : int, optional
        How many host processes; 4 if not given. With one node in each, `kill` and
        `pause` act on processes.
    seed : int, optional
        Starts every generator; a random one if not given, see `seed`.
    carrier : {"real", "virtual"}
        Processes and sockets, or virtual time. Virtual runs are the same for the same
        seed, to the byte; real ones are not.
    addresses : {"own", "shared"}, optional
        An address of 127.0.0.0/8 for each node (on Linux, and the default there), or
        ports of 127.0.0.1.
    port : int, optional
        The port of all, or with shared addresses of the first.
    config : Settings, optional
        The protocol's settings.
    link : Link, optional
        What packets cross, see `faults`.
    faults : sequence of Rule
        Rules that hold from the start.
    bootstrap : sequence of str or Address
        Peers outside, as ``HOST:PORT``, that the first node joins through.
    run_folder : path, optional
        Where settings, seed, versions, the trace and the hosts' log are kept.
    progress : {"auto", "none"}
        Whether starting is shown: in a notebook, or in a terminal.
    timeout_s : float
        How long starting, and each call without one of its own, may take.
    launcher : Launcher, optional
        Starts the host processes; on this machine if not given.
    **settings
        Changes to the protocol's settings, such as ``k=20``.

    Raises
    ------
    ClusterError, LocalProtocolError
        If an argument makes no sense; the sentence says what would.
    """

    def __init__(
        self,
        protocol_class: type[Any],
        nodes: int = 32,
        processes: int | None = None,
        *,
        seed: int | None = None,
        carrier: str = "real",
        addresses: str | None = None,
        port: int | None = None,
        config: Any = None,
        link: Link | None = None,
        faults: Sequence[Rule] = (),
        bootstrap: Sequence[str | Address] = (),
        run_folder: str | os.PathLike[str] | None = None,
        progress: Wanted = "auto",
        timeout_s: float = 60.0,
        launcher: Launcher | None = None,
        **settings: Any,
    ) -> None:
        self._task = make_task(protocol_class, seed, config, settings, faults, link)
        self._options = make_options(
            nodes, processes, carrier, addresses, bootstrap, run_folder,
            port=port, progress=progress, timeout_s=timeout_s, launcher=launcher,
        )  # fmt: skip
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
        self._finish = weakref.finalize(self, finish, run, folder, self._options.folder)
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
            settle(run, getattr(self.config, "k", 8), limit_s, shown)
        finally:
            shown.close()
        return self

    def add(self, nodes: int = 1) -> list[Node]:
        """Let more nodes join; return them."""
        first = len(self.run.seats)
        self._join(self.run.seat(nodes))
        return [Node(self, index) for index in range(first, first + nodes)]

    def call(
        self,
        index: int,
        verb: str,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
        timeout_s: float | None = None,
    ) -> Any:
        """Call a public verb of a node, as ``cluster[index].verb(...)`` does.

        Raises
        ------
        P2PError
            Whatever the verb raises; `RequestTimeout` if it takes too long,
            `ControlLost` if its process ends, `ClusterError` with the traceback if
            the protocol's class has a bug.
        """
        run = self.run
        future = begin_call(run, index, verb, args, kwargs or {})
        what = f"{run.seat_at(index).name}.{verb}"
        return run.result(future, what, self._limit_s(timeout_s))

    def call_many(
        self,
        calls: Iterable[Call],
        in_flight: int = 16,
        timeout_s: float | None = None,
        return_errors: bool = False,
    ) -> list[Any]:
        """Do many calls, some at once; return their results in the order given.

        Parameters
        ----------
        calls : iterable of (int, str, tuple)
            Index of the node, verb, arguments.
        in_flight : int
            How many at once, at least 1.
        timeout_s : float, optional
            How long all of them may take.
        return_errors : bool
            Whether errors stand among the results; else the first is raised.
        """
        limit_s = self._limit_s(timeout_s)
        return call_many(self.run, calls, in_flight, limit_s, return_errors)

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
        """Set what packets cross, such as ``link(latency=Constant(0.05), loss=0.1)``.

        Without arguments, as it was in the beginning.
        """
        self.run.link = link or (Link(**fields) if fields else self._task.link)
        self.run.obey_plan()

    def partition(self, groups: Sequence[Iterable[int]]) -> conditions.Installed:
        """Split nodes, given by index, into groups that do not hear each other."""
        return conditions.partition(self.run, groups)

    def heal(self) -> None:
        """Take out every rule that `faults` and `partition` put in; the link stays."""
        conditions.heal(self.run)

    def advance(self, seconds: float) -> None:
        """Let time pass: wait on real sockets; virtual time passes at once."""
        self.run.carrier.advance(seconds)

    def now(self) -> float:
        """Return the seconds since the run began."""
        return self.run.carrier.now()

    def wait_until(
        self, condition: Callable[[Cluster], bool], timeout_s: float | None = None
    ) -> Self:
        """Wait until `condition(cluster)` is true; looked at about every 50 ms.

        Raises
        ------
        RequestTimeout
            If it is not in time.
        """
        self.run.wait_until(lambda: condition(self), self._limit_s(timeout_s))
        return self

    def snapshot(self, details: bool = False) -> Snapshot:
        """Return every node's neighbors and counters now; tables with `details`."""
        return self.run.snapshot(details)

    def graph(self) -> nx.DiGraph[str]:
        """Return who knows whom now, see `observe.overlay_graph`."""
        from p2pkit.observe import overlay_graph

        return overlay_graph(self.snapshot())

    def counters_of(self, index: int) -> Counters:
        """Return the counters of one node."""
        return self.run.counters_of(self.run.seat_at(index))

    @property
    def counters(self) -> Counters:
        """The counters of all nodes added up."""
        return self.snapshot().totals()

    @property
    def trace(self) -> Trace:
        """Everything seen so far: records of events, in order of arrival."""
        return self._run.trace if self._run is not None else self.run.trace

    @property
    def alive(self) -> list[Node]:
        """The nodes that are alive, in order."""
        return [one for one in self if one.state == "alive"]

    @property
    def addresses(self) -> list[Address]:
        """Where each node listens, in order."""
        return [one.address for one in self.run.seats]

    def __len__(self) -> int:
        return len(self._run.seats) if self._run is not None else self._options.nodes

    def __getitem__(self, index: int) -> Node:
        return Node(self, self.run.seat_at(index).index)

    def __iter__(self) -> Iterator[Node]:
        return (Node(self, index) for index in range(len(self.run.seats)))

    def __repr__(self) -> str:
        name, options = self._task.protocol_class.__name__, self._options
        if self._state != "running" or self._run is None:
            return f"<Cluster of {len(self)} {name} nodes, {self._state}>"
        alive = sum(one.state == "alive" for one in self._run.seats)
        where = f"{options.processes} processes"
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
