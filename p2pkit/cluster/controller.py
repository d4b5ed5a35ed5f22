"""The controller: a thread that owns the control connections to all hosts.

Everything it knows is touched by that thread alone. Other threads hand it work
through a queue and wait for a `Future`; so Ctrl-C ends a wait and nothing else.
"""

from __future__ import annotations

import itertools
import socket
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import zmq

from p2pkit.cluster.launcher import Death, Launcher
from p2pkit.cluster.wire import (
    MAX_IN_FLIGHT,
    DoorKeeper,
    Handover,
    bind_router,
    make_keys,
    pack,
    unpack,
    unpack_value,
)
from p2pkit.core import ClusterError, ControlLost, SpawnFailed

LOOK_MS = 250
"""How often the deaths of hosts are asked for where nothing tells of them."""
LOG_LINES = 12
"""Lines of a host's log that go into the error when it did not start."""


class HostLink:
    """What the controller knows about one host process."""

    def __init__(self, number: int, generation: int, ready: Future[int]) -> None:
        self.number, self.generation, self.ready = number, generation, ready
        self.identity = f"{number}.{generation}".encode()
        self.pending: dict[int, Future[Any]] = {}
        self.up = False


class Controller:
    """Launches hosts, gives them commands, and hears of their end.

    Parameters
    ----------
    launcher : Launcher
        Starts and signals the processes.
    folder : Path
        A directory that only we can enter, for the socket and the log.
    on_told : callable
        Called in the controller's thread with what a host tells unasked: its number,
        ``records`` or ``news``, how many records were let go, and the value.
    on_gone : callable
        Called in the controller's thread with the number of a host that has ended.
    """

    def __init__(
        self,
        launcher: Launcher,
        folder: Path,
        on_told: Callable[[int, str, int, Any], None],
        on_gone: Callable[[int], None],
    ) -> None:
        self.launcher, self.log = launcher, folder / "hosts.log"
        self._folder, self._on_told, self._on_gone = folder, on_told, on_gone
        self._links: dict[int, HostLink] = {}
        self._calls = itertools.count(1)
        self._todo: deque[Callable[[], None]] = deque()
        self._wake, self._woken = socket.socketpair()
        self._wake.setblocking(False)
        self._closing = False

    def open(self, sys_path: list[str], preload: list[str]) -> Future[None]:
        """Bind, open the launcher, and start the thread; its future is returned."""
        self._context: zmq.Context[Any] = zmq.Context()
        server_public, server_secret = make_keys()
        public, secret = make_keys()
        self._door = DoorKeeper(self._context, public)
        self._router = bind_router(self._context, server_secret)
        endpoint = _bind(self._router, self._folder)
        handover = Handover(endpoint, server_public, public, secret, sys_path, preload)
        prepared = self.launcher.open(handover, self.log)
        self._thread = threading.Thread(
            target=self._run, name="p2pkit-controller", daemon=True
        )
        self._thread.start()
        return prepared

    def launch(self, hosts: Sequence[int]) -> list[Future[int]]:
        """Start hosts; each future gives the process id when its host is there."""
        futures: list[Future[int]] = [Future() for _ in hosts]
        self._post(lambda: self._launch(hosts, futures))
        return futures

    def begin(self, host: int, command: str, *args: Any) -> Future[Any]:
        """Give a host a command; the future ends with its reply, or with its life."""
        future: Future[Any] = Future()
        call = next(self._calls)
        data = pack((call, command, args))
        self._post(lambda: self._give(host, call, data, future))
        return future

    def close(self) -> None:
        """End every host, and the thread."""
        self._closing = True
        self._rouse()
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def _post(self, call: Callable[[], None]) -> None:
        if self._closing:
            reason = "this cluster is closed: make a new one"
            raise ClusterError(reason)
        self._todo.append(call)
        self._rouse()

    def _rouse(self) -> None:
        try:
            self._wake.send(b"!")
        except BlockingIOError:
            pass  # it has not yet heard the last few thousand
        except OSError:
            pass  # it has ended meanwhile

    def _run(self) -> None:
        poller = zmq.Poller()
        handlers: dict[Any, Callable[[], None]] = {
            self._router: self._on_router,
            self._door.socket: self._door.answer,
            self._woken.fileno(): self._on_wake,
        }
        ear = self.launcher.fileno()
        if ear is not None:
            handlers[ear] = self._on_deaths
        for one in handlers:
            poller.register(one, zmq.POLLIN)
        try:
            while not self._closing:
                for one, _ in poller.poll(LOOK_MS if ear is None else None):
                    handlers[one]()
                if ear is None:
                    self._on_deaths()
                while self._todo:
                    self._todo.popleft()()
        finally:
            self._end()

    def _on_wake(self) -> None:
        self._woken.recv(65536)

    def _end(self) -> None:
        self._closing = True
        self.launcher.close()
        for number in list(self._links):
            self._bury(number, "the cluster was closed")
        for one in (self._router, self._door.socket):
            one.close(0)
        self._context.term()
        self._wake.close()
        self._woken.close()

    def _launch(self, hosts: Sequence[int], futures: list[Future[int]]) -> None:
        orders = []
        for number, future in zip(hosts, futures, strict=True):
            last = self._links.get(number)
            generation = last.generation + 1 if last else 0
            self._links[number] = HostLink(number, generation, future)
            orders.append((number, generation))
        self.launcher.launch(orders)

    def _give(self, host: int, call: int, data: bytes, future: Future[Any]) -> None:
        link = self._links[host]
        if not link.up:
            future.set_exception(_lost(host, "it has ended"))
        elif len(link.pending) >= MAX_IN_FLIGHT:
            reason = f"{MAX_IN_FLIGHT:,} calls wait for host {host} already"
            future.set_exception(ClusterError(reason))
        else:
            link.pending[call] = future
            try:
                self._router.send_multipart([link.identity, data], zmq.NOBLOCK)
            except zmq.ZMQError as error:
                del link.pending[call]
                future.set_exception(_lost(host, str(error)))

    def _on_router(self) -> None:
        # A bounded number at a time, so that deaths and new calls get their turn.
        for _ in range(256):
            try:
                identity, data = self._router.recv_multipart(zmq.NOBLOCK)
            except zmq.Again:
                return
            number, _, generation = identity.decode().partition(".")
            link = self._links[int(number)]
            if link.generation == int(generation):
                self._hear(link, *unpack(data))

    def _hear(self, link: HostLink, kind: str, number: int, inner: bytes) -> None:
        outcome, value = unpack_value(kind, inner)
        if kind == "hello":
            link.up = not link.ready.done()
            if link.up:
                link.ready.set_result(value)
        elif kind in ("records", "news"):
            if outcome == kind:
                self._on_told(link.number, kind, number, value)
        # Nobody waits any more if the host died after it said this.
        elif (future := link.pending.pop(number, None)) is not None:
            if outcome == "done":
                future.set_result(value)
            else:
                future.set_exception(value)

    def _on_deaths(self) -> None:
        deaths = self.launcher.deaths()
        if deaths is None:
            why = "the supervisor process has ended"
            deaths = [
                Death(one.number, one.generation, why) for one in self._links.values()
            ]
            self._closing = True
        for host, generation, why in deaths:
            if self._links[host].generation == generation:
                self._bury(host, why)

    def _bury(self, number: int, why: str) -> None:
        link = self._links[number]
        link.up = False
        if not link.ready.done():
            reason = f"host {number} did not start: {why}{self._log_tail()}"
            link.ready.set_exception(SpawnFailed(reason))
        self._on_gone(number)
        for future in link.pending.values():
            future.set_exception(_lost(number, why))
        link.pending.clear()

    def _log_tail(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines()[-LOG_LINES:]
        return "\n".join(["; it wrote:", *lines]) if lines else ""


def _lost(host: int, why: str) -> ControlLost:
    return ControlLost(f"host process {host} is gone, and its nodes with it: {why}")


def _bind(router: zmq.Socket[bytes], folder: Path) -> str:
    if zmq.has("ipc"):
        endpoint = f"ipc://{folder / 'control'}"
        router.bind(endpoint)
        return endpoint
    port = router.bind_to_random_port("tcp://127.0.0.1")
    return f"tcp://127.0.0.1:{port}"
