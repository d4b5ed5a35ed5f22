"""Launchers: how host processes come to be, and how we learn of their end."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import IO, Any, NamedTuple, Protocol

import msgspec

from p2pkit.cluster.wire import Handover

END_S = 5.0
"""How long the supervisor may take to end its hosts and itself."""
_START = (
    # Our own p2pkit, also where another one is installed; but nothing else that lies
    # beside it comes before the standard library.
    "import sys, typing; sys.path.insert(0, {root!r}); import p2pkit; "
    "sys.path.append(sys.path.pop(0)); from p2pkit.cluster.{room} import main; main()"
)


class Death(NamedTuple):
    """A host process has ended: which, in which of its lives, and how."""

    host: int
    generation: int
    why: str


class Launcher(Protocol):
    """Starts host processes somewhere; here, or one day on other machines."""

    def open(self, handover: Handover, log: Path) -> None:
        """Get ready to launch; what hosts write to stderr goes to `log`.

        The folder that holds `log` is removed if the controller dies before it can.
        """
        ...

    def launch(self, hosts: Sequence[tuple[int, int]]) -> None:
        """Start hosts, given as pairs of number and generation."""
        ...

    def signal(self, host: int, name: str) -> Future[None]:
        """Do ``kill``, ``pause`` or ``resume`` to a host; the future ends when done."""
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


def local_launcher() -> Launcher:
    """Return the launcher of this machine: by fork where there is one."""
    return ForkLauncher() if hasattr(os, "fork") else SpawnLauncher()


class ForkLauncher:
    """Hosts are forked by a supervisor process, and die with it."""

    def open(self, handover: Handover, log: Path) -> None:
        """Start the supervisor; it prepares while we go on."""
        self._control, theirs = socket.socketpair()
        life_line, self._life = os.pipe()
        self._buffer = b""
        self._signals: deque[Future[None]] = deque()
        with theirs, log.open("ab") as output:
            self._process = subprocess.Popen(
                _command("supervisor"),
                stdin=theirs.fileno(),
                stdout=output,
                stderr=output,
                pass_fds=[life_line],
                start_new_session=True,
            )
        os.close(life_line)
        order = {"handover": msgspec.to_builtins(handover), "life_line": life_line}
        self._tell({"do": "prepare", "folder": str(log.parent), **order})

    def launch(self, hosts: Sequence[tuple[int, int]]) -> None:
        """Start hosts, given as pairs of number and generation."""
        self._tell({"do": "launch", "hosts": list(hosts)})

    def signal(self, host: int, name: str) -> Future[None]:
        """Do ``kill``, ``pause`` or ``resume`` to a host; the future ends when done."""
        done: Future[None] = Future()
        self._signals.append(done)
        self._tell({"do": name, "host": host})
        return done

    def fileno(self) -> int | None:
        """Return the control socket, which is readable when a host has died."""
        return self._control.fileno()

    def deaths(self) -> list[Death] | None:
        """Return the hosts that ended since the last call; None if all have."""
        try:
            data = self._control.recv(1 << 16)
        except ConnectionError:
            data = b""
        if not data:
            for done in self._signals:
                done.set_result(None)
            return None
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        deaths = []
        for event in map(json.loads, lines):
            if "done" in event:
                self._signals.popleft().set_result(None)
            else:
                deaths.append(Death(event["dead"], event["generation"], event["why"]))
        return deaths

    def close(self) -> None:
        """End every host and the supervisor; by force if it does not answer."""
        with contextlib.suppress(OSError):
            self._tell({"do": "end"})
        try:
            self._process.wait(END_S)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._control.close()
        os.close(self._life)

    def _tell(self, order: dict[str, Any]) -> None:
        with contextlib.suppress(ConnectionError):  # its end is heard by `deaths`
            self._control.sendall(json.dumps(order).encode() + b"\n")


class SpawnLauncher:
    """Each host is a new interpreter: slower, and works where there is no fork."""

    def open(self, handover: Handover, log: Path) -> None:
        """Remember what the hosts are to be told."""
        self._handover, self._log = handover, log
        self._running: dict[tuple[int, int], subprocess.Popen[bytes]] = {}

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
        done: Future[None] = Future()
        done.set_result(None)
        return done

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
                _command("host"),
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


def _pipe(process: subprocess.Popen[bytes]) -> IO[bytes]:
    assert process.stdin is not None
    return process.stdin


def _command(room: str) -> list[str]:
    root = str(Path(__file__).parents[2])
    return [sys.executable, "-P", "-c", _START.format(root=root, room=room)]
