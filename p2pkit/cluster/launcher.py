"""Launchers: how host processes come to be, and how we learn of their end."""

from __future__ import annotations

import errno
import json
import os
import signal
import socket
import subprocess
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import IO, Literal, NamedTuple, Protocol, TypeVar

import msgspec

from p2pkit.cluster.orders import Answer, Orders
from p2pkit.cluster.wire import Handover
from p2pkit.core import ClusterError
from p2pkit.core.interpreter import command
from p2pkit.net.namespace import UNSHARE, NetworkRefused
from p2pkit.net.refusals import open_socket

Network = Literal["host", "private"]
"""The machine's own network, or one that a cluster has to itself."""
T = TypeVar("T")
END_S = 5.0
"""How long the supervisor may take to end its hosts and itself."""


class Death(NamedTuple):
    """A host process has ended: which, in which of its lives, and how."""

    host: int
    generation: int
    why: str


class Channel(NamedTuple):
    """What leads to a keeper, and what its program will write."""

    control: socket.socket
    output: int


class Launcher(Protocol):
    """Starts host processes somewhere; here, or one day on other machines."""

    def open(self, handover: Handover, log: Path) -> Future[None]:
        """Get ready to launch; what hosts write to stderr goes to `log`.

        The folder that holds `log` is removed if the controller dies before it can.
        The future ends when hosts can be launched, or fails with what forbids it.
        """
        ...

    def launch(self, hosts: Sequence[tuple[int, int]]) -> None:
        """Start hosts, given as pairs of number and generation."""
        ...

    def signal(self, host: int, name: str) -> Future[None]:
        """Do ``kill``, ``pause`` or ``resume`` to a host; the future ends when done."""
        ...

    def open_socket(self, family: int, kind: int, proto: int) -> Future[socket.socket]:
        """Open a socket where the hosts are; fails with what the system says."""
        ...

    def spawn(self) -> Future[Channel]:
        """Start a keeper where the hosts are; it awaits what program to start."""
        ...

    def fileno(self) -> int | None:
        """Return what to poll for deaths; None if they must be asked for."""
        ...

    def deaths(self) -> list[Death] | None:
        """Return the hosts that ended since the last call; None if all have."""
        ...

    def close(self) -> None:
        """End every host and leave nothing behind."""
        ...


def local_launcher(network: Network = "host") -> Launcher:
    """Return the launcher of this machine: by fork where there is one.

    Raises
    ------
    NetworkRefused
        If a private network is asked for where there can be none.
    """
    if hasattr(os, "fork"):
        return ForkLauncher(network)
    if network == "private":
        raise NetworkRefused(UNSHARE, errno.ENOSYS)
    return SpawnLauncher()


class ForkLauncher:
    """Hosts are forked by a supervisor process, and die with it.

    Parameters
    ----------
    network : {"host", "private"}
        Where the supervisor takes them: the machine's network, or one of their own.
    """

    def __init__(self, network: Network = "host") -> None:
        self.network = network

    def open(self, handover: Handover, log: Path) -> Future[None]:
        """Start the supervisor; it prepares while we go on."""
        control, theirs = socket.socketpair()
        life_line, self._life = os.pipe()
        self._orders = Orders(control)
        with theirs, log.open("ab") as output:
            self._process = subprocess.Popen(
                command("p2pkit.cluster.supervisor"),
                stdin=theirs.fileno(),
                stdout=output,
                stderr=output,
                pass_fds=[life_line],
                start_new_session=True,
            )
        os.close(life_line)
        order = {
            "do": "prepare",
            "handover": msgspec.to_builtins(handover),
            "life_line": life_line,
            "folder": str(log.parent),
            "network": self.network,
        }
        return self._orders.ask(order, _prepared)

    def launch(self, hosts: Sequence[tuple[int, int]]) -> None:
        """Start hosts, given as pairs of number and generation."""
        self._orders.tell({"do": "launch", "hosts": list(hosts)})

    def signal(self, host: int, name: str) -> Future[None]:
        """Do ``kill``, ``pause`` or ``resume`` to a host; the future ends when done."""
        # Once the supervisor is gone its hosts are, so nothing is left to be done.
        return self._orders.ask({"do": name, "host": host}, lambda answer: None)

    def open_socket(self, family: int, kind: int, proto: int) -> Future[socket.socket]:
        """Have the supervisor open a socket, and pass it over, if it is elsewhere."""
        if self.network == "host":
            return _done(open_socket(family, kind, proto))
        order = {"do": "socket", "kind": [family, kind, proto]}
        return self._orders.ask(order, _socket)

    def spawn(self) -> Future[Channel]:
        """Have the supervisor fork a keeper, and pass over what leads to it."""
        return self._orders.ask({"do": "spawn"}, _channel)

    def fileno(self) -> int | None:
        """Return the control socket, which is readable when a host has died."""
        return self._orders.fileno()

    def deaths(self) -> list[Death] | None:
        """Return the hosts that ended since the last call; None if all have."""
        events = self._orders.hear()
        if events is None:
            return None
        return [Death(one["dead"], one["generation"], one["why"]) for one in events]

    def close(self) -> None:
        """End every host and the supervisor; by force if it does not answer."""
        self._orders.tell({"do": "end"})
        try:
            self._process.wait(END_S)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._orders.close()
        os.close(self._life)


def _prepared(answer: Answer) -> None:
    said = answer.require()
    if "step" in said:
        raise NetworkRefused(said["step"], said["errno"])


def _socket(answer: Answer) -> socket.socket:
    _require_success(answer)
    return socket.socket(fileno=answer.files[0])


def _channel(answer: Answer) -> Channel:
    _require_success(answer)
    return Channel(socket.socket(fileno=answer.files[0]), answer.files[1])


def _require_success(answer: Answer) -> None:
    number = answer.require().get("errno")
    if number:
        raise OSError(number, os.strerror(number))


class SpawnLauncher:
    """Each host is a new interpreter: slower, and works where there is no fork."""

    def open(self, handover: Handover, log: Path) -> Future[None]:
        """Remember what the hosts are to be told."""
        self._handover, self._log = handover, log
        self._running: dict[tuple[int, int], subprocess.Popen[bytes]] = {}
        return _done(None)

    def launch(self, hosts: Sequence[tuple[int, int]]) -> None:
        """Start hosts, given as pairs of number and generation."""
        for host, generation in hosts:
            self._running[host, generation] = self._spawn(f"{host}.{generation}")

    def signal(self, host: int, name: str) -> Future[None]:
        """Do ``kill``; to pause a process takes a system with signals."""
        for (owner, _), process in self._running.items():
            if owner == host and name == "kill":
                process.kill()
            elif owner == host:
                stop = {"pause": "SIGSTOP", "resume": "SIGCONT"}[name]
                process.send_signal(getattr(signal, stop))
        return _done(None)

    def open_socket(self, family: int, kind: int, proto: int) -> Future[socket.socket]:
        """Open a socket here: there is one network alone."""
        return _done(open_socket(family, kind, proto))

    def spawn(self) -> Future[Channel]:
        """Raise `ClusterError`: nobody would end the program with its cluster."""
        reason = (
            "foreign programs are started where processes can be forked, so on Linux "
            "and macOS: start it yourself, it can join a cluster on this machine"
        )
        raise ClusterError(reason)

    def fileno(self) -> int | None:
        """Return None: deaths must be asked for."""
        return None

    def deaths(self) -> list[Death] | None:
        """Return the hosts that ended since the last call."""
        ended = [key for key, one in self._running.items() if one.poll() is not None]
        found = []
        for key in ended:
            process = self._running.pop(key)
            _pipe(process).close()
            why = f"it ended with exit status {process.returncode}"
            found.append(Death(*key, why))
        return found

    def close(self) -> None:
        """End every host."""
        for process in self._running.values():
            process.kill()
        for process in self._running.values():
            process.wait()
            _pipe(process).close()
        self._running.clear()

    def _spawn(self, identity: str) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as output:
            process = subprocess.Popen(
                command("p2pkit.cluster.host"),
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        order = {"handover": msgspec.to_builtins(self._handover), "identity": identity}
        # The pipe stays open: its end is the host's life line.
        _pipe(process).write(json.dumps(order).encode() + b"\n")
        _pipe(process).flush()
        return process


def _done(result: T) -> Future[T]:
    done: Future[T] = Future()
    done.set_result(result)
    return done


def _pipe(process: subprocess.Popen[bytes]) -> IO[bytes]:
    assert process.stdin is not None
    return process.stdin
