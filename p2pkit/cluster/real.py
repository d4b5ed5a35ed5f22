"""The real carrier: host processes, each with some of the nodes, on real sockets."""

from __future__ import annotations

import concurrent.futures
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from p2pkit.cluster import news, source
from p2pkit.cluster.carrier import OnNews, Task
from p2pkit.cluster.controller import Controller
from p2pkit.cluster.launcher import Launcher
from p2pkit.cluster.network import socket_refused
from p2pkit.cluster.programs import ANSWER_S, Programs
from p2pkit.cluster.spawned import Spawned
from p2pkit.cluster.wire import pack
from p2pkit.core import ClusterError, P2PError, Record, SpawnFailed
from p2pkit.faults import Link

READY_S = 30.0
"""How long host processes may take to be there; 64 take a second or two."""
PRELOAD = ["p2pkit.cluster.host", "p2pkit.net", "p2pkit.observe"]
SIGNAL_S = 10.0
"""How long the supervisor may take to signal a process; it takes microseconds."""
STEP_S = 0.05
"""Time between two looks at a condition, if nothing happens before."""
FLUSH_S = 1.0
"""How long a closing cluster waits for the last records of its hosts."""


class RealCarrier:
    """Host processes, and the thread that speaks with them.

    Parameters
    ----------
    task : Task
        What hosts are told.
    hosts : int
        How many processes.
    one_each : bool
        Whether each process has one node.
    launcher : Launcher
        Starts them.
    folder : Path
        A directory that only we can enter.
    on_gone : callable
        Called in the control thread with the number of a host that has ended.
    """

    def __init__(
        self,
        task: Task,
        hosts: int,
        one_each: bool,
        launcher: Launcher,
        folder: Path,
        on_gone: Callable[[int], None],
    ) -> None:
        self.hosts, self.one_each = hosts, one_each
        self.default_link = Link()
        self.turns = threading.RLock()
        self.let_go = 0
        self._task, self._on_gone = task, on_gone
        # Wall time names the moment to other processes; the clock here never jumps.
        self.epoch_s, self._began_s = time.time(), time.monotonic()
        self._up: set[int] = set()
        self._paused: set[int] = set()
        self._news = threading.Event()
        self._is_open = False
        self._programs = Programs(launcher)
        self._controller = Controller(launcher, folder, self._on_told, self._gone)

    def open(self, on_record: Callable[[Record], None], on_news: OnNews) -> None:
        """Start the hosts and wait until all are there.

        Raises
        ------
        SpawnFailed
            If one did not start.
        NetworkRefused
            If they are to have a private network, and the system does not give one.
        """
        self._on_record, self._on_news = on_record, on_news
        module = self._task.protocol_class.__module__
        ours = [module] if module.startswith("p2pkit.") else []
        prepared = self._controller.open(list(sys.path), PRELOAD + ours)
        self._is_open = True
        setup = _setup(self._task, self.epoch_s)  # while the supervisor prepares
        self._all([prepared], "prepared")
        self._start(list(range(self.hosts)), setup)

    def begin(self, host: int, command: str, *args: Any) -> Future[Any]:
        """Give a host a command; it fails at once if the host is gone."""
        return self._controller.begin(host, command, *args)

    def grow(self, hosts: int, task: Task) -> list[int]:
        """Start more hosts, and wait until they are there; return their numbers."""
        self.hosts, numbers = self.hosts + hosts, range(self.hosts, self.hosts + hosts)
        self._start(list(numbers), _setup(task, self.epoch_s))
        return list(numbers)

    def wait(self, futures: Iterable[Future[Any]], timeout_s: float) -> bool:
        """Wait until all have ended; False if the time was over before."""
        return not concurrent.futures.wait(futures, timeout_s).not_done

    def now(self) -> float:
        """Return the seconds since the run began."""
        return time.monotonic() - self._began_s

    def advance(self, seconds: float) -> None:
        """Wait; Ctrl-C ends the wait."""
        time.sleep(seconds)

    def step(self) -> None:
        """Wait until hosts have sent records or died, at most `STEP_S`."""
        self._news.clear()
        self._news.wait(STEP_S)

    def deliver(self, messages: int, limit_s: float) -> None:
        """Raise `ClusterError`: nobody holds real messages back."""
        reason = (
            "only virtual time goes message by message: make the cluster with "
            'carrier="virtual", or use advance(seconds)'
        )
        raise ClusterError(reason)

    def call_at(self, at_s: float, call: Callable[[], None]) -> threading.Timer:
        """Make a call, in a thread of its own, when it is time."""
        timer = threading.Timer(max(0.0, at_s - self.now()), call)
        timer.daemon = True
        timer.start()
        return timer

    def signal(self, host: int, name: str) -> None:
        """Do ``kill``, ``pause`` or ``resume`` to a host process.

        Returns when a killed process is gone.
        """
        if name == "pause":
            self._paused.add(host)
        else:
            self._paused.discard(host)
        self._controller.launcher.signal(host, name).result(SIGNAL_S)
        while name == "kill" and host in self._up:
            self.step()

    def revive(self, host: int, task: Task) -> None:
        """Start a host process that is gone once more, without nodes."""
        self._start([host], _setup(task, self.epoch_s))

    def open_socket(self, family: int, kind: int, proto: int) -> socket.socket:
        """Open a socket in the network of the nodes.

        Raises
        ------
        TransportError
            If the system refuses it; its cause is the `OSError`.
        """
        try:
            opened = self._controller.launcher.open_socket(family, kind, proto)
            return opened.result(ANSWER_S)
        except OSError as error:
            raise socket_refused(family, error) from error

    def spawn(
        self, argv: Sequence[str], env: Mapping[str, str] | None, cwd: str
    ) -> Spawned:
        """Start a foreign program in the network of the nodes."""
        return self._programs.start(argv, env, cwd)

    def is_up(self, host: int) -> bool:
        """Whether a host process is there."""
        return host in self._up

    def close(self) -> None:
        """End the hosts, the supervisor and the thread."""
        if not self._is_open:
            return
        self._is_open = False
        try:
            # Paused hosts cannot answer; the others do so in milliseconds.
            hosts = sorted(self._up - self._paused)
            last = [self.begin(host, "flush") for host in hosts]
            self.wait(last, FLUSH_S)
            self._programs.close()
        finally:
            self._controller.close()

    def _start(self, hosts: list[int], setup: dict[str, Any]) -> None:
        self._all(self._controller.launch(hosts), "started")
        self._all([self.begin(host, "setup", setup) for host in hosts], "set up")
        self._up.update(hosts)

    def _all(self, futures: Sequence[Future[Any]], what: str) -> None:
        done, late = concurrent.futures.wait(
            futures, READY_S, concurrent.futures.FIRST_EXCEPTION
        )
        for future in done:
            error = future.exception()
            if isinstance(error, P2PError):
                raise error
        if late:
            reason = (
                f"{len(late)} of {len(futures)} host processes were not {what} after "
                f"{READY_S:g} s: use fewer processes, or end what else runs here"
            )
            raise SpawnFailed(reason)

    def _on_told(self, host: int, kind: str, let_go: int, value: Any) -> None:
        if kind == "records":
            self.let_go += let_go
            for record in value:
                self._on_record(record)
            self._on_news(None)
            self._news.set()
        elif host in self._up:  # of one that is gone everything is known already
            self._on_news(news.decode(value))

    def _gone(self, host: int) -> None:
        self._up.discard(host)
        self._on_gone(host)
        self._news.set()


def _setup(task: Task, epoch_s: float) -> dict[str, Any]:
    """Return what each host is told when it is there."""
    return {
        "lines": source.gather(task.protocol_class),
        "code": pack((task.protocol_class, task.config)),
        "seed": task.seed,
        "rules": task.rules,
        "link": task.link,
        "epoch_s": epoch_s,
    }
