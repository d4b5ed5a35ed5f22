"""The recorder: a process of its own that empties a ring into a file.

It has one thread and does nothing else, so that neither a busy kernel nor a busy host
makes packets wait. It is told what to do in lines of JSON on the socket that is its
stdin, and answers each. When whoever started it is gone, in whatever way, it ends
the capture, finishes the file and goes.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import sys
import time
from pathlib import Path
from typing import Any

import msgspec

from p2pkit.core import Address, parse_address
from p2pkit.observe.capture import filters, pcapng
from p2pkit.observe.capture.census import Census, Names
from p2pkit.observe.capture.ring import RETIRE_MS, Ring, Seen, kernel_counts
from p2pkit.observe.capture.spool import Spool, finish

LAST_S = 1.0
"""How long the last packets are waited for; the kernel hands them over in 50 ms."""


class Order(msgspec.Struct, frozen=True):
    """What a recorder is started for.

    Parameters
    ----------
    sock : int
        Descriptor of a raw packet socket that has heard nothing yet.
    path : str
        The file, which begins with its section and its interface.
    interface : str
        Where packets are taken.
    nodes : dict of str to str
        Nodes known by now, by ``HOST:PORT``; for a file that nobody asks to finish.
    blocks, block_bytes : int
        Shape of the ring.
    limit_bytes : int
        How long the file may get while packets come.
    """

    sock: int
    path: str
    interface: str
    nodes: dict[str, str]
    blocks: int
    block_bytes: int
    limit_bytes: int


class Report(msgspec.Struct, frozen=True):
    """What became of a recording.

    Parameters
    ----------
    seen, dropped, freezes : int
        What the kernel counted; the dropped are among the seen.
    unsaved : int
        Packets that came and could not be kept.
    trouble : str
        Why not, or what ended it early, as a sentence; empty if all went well.
    census : Census
        What stands in the file.
    """

    seen: int
    dropped: int
    freezes: int
    unsaved: int
    trouble: str
    census: Census


class Recorder:
    """One recording, from the first packet to the finished file."""

    def __init__(self, control: socket.socket, order: Order) -> None:
        self._control, self._order = control, order
        self._words = control.makefile("rb")
        self._sock = socket.socket(fileno=order.sock)
        self._ring = Ring(self._sock, order.blocks, order.block_bytes)
        self._file = os.open(order.path, os.O_WRONLY | os.O_APPEND)
        self._spool = Spool(self._file, order.limit_bytes)
        self._taken, self._began_ns = 0, time.time_ns()
        self._seen = Seen()
        self._trouble = ""

    def run(self) -> None:
        """Record until our parent says how to finish, or is gone."""
        self._tell({})
        self._record()
        word = self._hear()
        filters.attach(self._sock, filters.NOTHING)
        self._take_the_rest()
        word = word or {"nodes": self._order.nodes, "ends": {}}
        names = Names(_by_address(word["nodes"]), _by_address(word["ends"]))
        self._tell(msgspec.to_builtins(self._finish(names)))

    def _record(self) -> None:
        """Empty the ring until a word comes, or our parent is gone."""
        poll = select.poll()
        poll.register(self._control, select.POLLIN)
        poll.register(self._ring, select.POLLIN | select.POLLERR)
        while not self._trouble:
            ready = dict(poll.poll())
            self._drain()
            if ready.get(self._ring.fileno(), 0) & select.POLLERR:
                self._note_error()
            if self._control.fileno() in ready:
                return

    def _note_error(self) -> None:
        """Say that the interface went away: there is nothing more to come."""
        number = self._sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if number:
            self._trouble = (
                f"the interface {self._order.interface} went away "
                f"({os.strerror(number)}): what came before is kept"
            )

    def _take_the_rest(self) -> None:
        """Empty the ring until all that the kernel took has come."""
        deadline_s = time.monotonic() + LAST_S
        self._seen = seen = kernel_counts(self._sock)
        while self._taken < seen.packets - seen.dropped:
            if time.monotonic() > deadline_s:
                missing = seen.packets - seen.dropped - self._taken
                self._trouble = f"{missing} packets did not come out of the ring"
                return
            self._ring.wait(RETIRE_MS / 1000)
            self._drain()

    def _drain(self) -> None:
        spool = self._spool
        self._taken += self._ring.drain(spool.take)

    def _finish(self, names: Names) -> Report:
        found = self._seen
        self._ring.close()
        census = finish(Path(self._order.path), names)
        ending = pcapng.statistics(
            time.time_ns(), self._began_ns, found.packets, found.dropped, census.packets
        )
        with contextlib.suppress(OSError):  # a full disk has no room for it
            os.write(self._file, ending)
        return Report(
            *found,
            unsaved=self._spool.unsaved,
            trouble=self._trouble or self._spool.trouble,
            census=census,
        )

    def _hear(self) -> dict[str, Any] | None:
        line = self._words.readline()
        return json.loads(line) if line.endswith(b"\n") else None

    def _tell(self, said: dict[str, Any]) -> None:
        with contextlib.suppress(OSError):  # whoever started us is gone
            self._control.sendall(json.dumps(said).encode() + b"\n")


def _by_address(names: dict[str, str]) -> dict[Address, str]:
    return {parse_address(at): name for at, name in names.items()}


def main() -> None:
    """Run as the recorder; stdin is the control socket."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is our parent's affair
    control = socket.socket(fileno=os.dup(0))
    line = b""
    while not line.endswith(b"\n"):
        line += control.recv(1) or sys.exit(0)
    try:
        Recorder(control, msgspec.json.decode(line, type=Order)).run()
    except OSError as error:
        said = {"failed": f"{error.strerror or error}"}
        with contextlib.suppress(OSError):
            control.sendall(json.dumps(said).encode() + b"\n")


if __name__ == "__main__":
    main()
