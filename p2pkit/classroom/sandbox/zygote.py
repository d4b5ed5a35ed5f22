"""The zygote: a process that has imported what student code may use, and forks it.

A new interpreter for every node would cost a tenth of a second and more; a fork costs a
few milliseconds. The zygote has one thread, runs no student code, holds nothing but the
submission's own cells. Each child gets one socket, a pair of limits and the filter, and
only then runs a line of the student's.

There are two of them. One knows the lab's checks, for children that make one inside;
it is forked from the other one, which forgets them and then makes all the nodes.

An owner talks to each in frames of JSON on a socket; a new child's socket comes along
with the order.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import os
import pickle
import signal
import socket
import struct
import sys
import traceback
from collections.abc import Sequence
from time import monotonic  # the machine's, before children get another
from types import CodeType

import msgspec

from p2pkit.classroom.sandbox import absent, frames
from p2pkit.classroom.sandbox.cells import Cell, compiled
from p2pkit.classroom.sandbox.child import Birth, Nursery, live
from p2pkit.classroom.sandbox.limits import Walls

ADDR_NO_RANDOMIZE = 0x0040000  # <sys/personality.h>
LAZY = ("_strptime", "encodings.ascii", "encodings.latin_1", "encodings.utf_16")
"""What the standard library imports only when it is called."""

LAST_MOMENT_S = 0.05
"""Time for a child whose socket has closed to be gone, with a status of its own."""

LAST_WORDS = b"\0\0\0\0"
"""Come, in place of a length, before what went wrong in the zygote itself."""

CONTROL = 3
"""Where a zygote has its owner's socket, and a child its own."""


class Order(msgspec.Struct, kw_only=True):
    """What a zygote is told to do.

    Parameters
    ----------
    do : {"load", "know", "fork", "end"}
        Take these cells; take an object; fork a child; end one and say how it went.
    cells : list of Cell
        For ``load`` those that children run, for a trial those to be tried.
    only : list of int
        The numbers of the cells that this child runs.
    child : int
        The child's number, chosen by the owner.
    known : bytes
        The pickle of an object that requests will name by its number, from 0.
    done : list of int
        Children that are not needed any more, to be ended first.
    cpu_s, memory_bytes : int
        The child's limits.
    is_trial : bool
        See `Birth`.
    """

    do: str
    cells: list[Cell] = []
    only: list[int] = []
    child: int = 0
    known: bytes = b""
    done: list[int] = []
    cpu_s: int = 1
    memory_bytes: int = 0
    is_trial: bool = False


class Death(msgspec.Struct):
    """How a child ended: with a status or by a signal, after how much work."""

    child: int
    status: int
    signal: int
    cpu_s: float


encode_order = msgspec.json.Encoder().encode
decode_order = msgspec.json.Decoder(Order).decode
decode_death = msgspec.json.Decoder(Death).decode


class Zygote:
    """Forks children, and reaps them."""

    def __init__(
        self, control: socket.socket, trust: bool, knows_checks: bool = True
    ) -> None:
        self.control = control
        line = frames.Descriptor(CONTROL)
        self.channel = frames.Channel(line, frames.MAX_REQUEST_BYTES)  # a child's
        self.nursery, self.walls = Nursery(knows_checks), Walls(trust)
        self.cells: list[tuple[Cell, CodeType | None]] = []
        self.pids: dict[int, int] = {}  # by the child's number

    def run(self) -> None:
        """Obey until the owner is gone."""
        while True:
            head, handed, _, _ = socket.recv_fds(self.control, 4, 1)
            if not head:
                return
            order = decode_order(self._read(struct.unpack("<I", head)[0]))
            for child in order.done:
                self._kill(child)
            getattr(self, f"do_{order.do}")(order, handed)

    def do_know(self, order: Order, _handed: Sequence[int]) -> None:
        """Take an object that children will be told of by its number."""
        self.nursery.known.append(pickle.loads(order.known))

    def do_load(self, order: Order, _handed: Sequence[int]) -> None:
        """Take the cells that every child will run; each was tried and compiles."""
        flags, self.cells = 0, []
        for cell in order.cells:
            code, flags = compiled(cell, flags)
            self.cells.append((cell, code))
        gc.collect()
        gc.freeze()  # so that a child's collector does not touch, and copy, our pages

    def do_fork(self, order: Order, handed: Sequence[int]) -> None:
        """Fork a child that serves the socket that came along."""
        pid = os.fork()
        if pid == 0:
            self._be_child(order, handed[0])
        os.close(handed[0])
        self.pids[order.child] = pid

    def do_end(self, order: Order, _handed: Sequence[int]) -> None:
        """End a child and say how it ended; one about to end by itself may do so."""
        until_s = monotonic() + LAST_MOMENT_S
        death = self._reap(order.child, os.WNOHANG)
        while death is None and monotonic() < until_s:
            os.sched_yield()
            death = self._reap(order.child, os.WNOHANG)
        text = msgspec.json.encode(death or self._kill(order.child))
        self.control.sendall(frames.HEAD.pack(len(text)) + text)

    def _kill(self, child: int) -> Death | None:
        if child in self.pids:
            os.kill(self.pids[child], signal.SIGKILL)
        return self._reap(child, 0)

    def _reap(self, child: int, options: int) -> Death | None:
        """Return how a child ended; None if it has not yet."""
        if child not in self.pids:
            return Death(child, 0, 0, 0.0)
        gone, status, usage = os.wait4(self.pids[child], options)
        if gone == 0:
            return None
        del self.pids[child]
        code = os.waitstatus_to_exitcode(status)
        cpu_s = usage.ru_utime + usage.ru_stime
        return Death(child, max(code, 0), max(-code, 0), cpu_s)

    def _read(self, length: int) -> bytes:
        data = b""
        while len(data) < length:
            data += self.control.recv(length - len(data))
        return data

    def _be_child(self, order: Order, handed: int) -> None:
        """Turn the forked process into a child; does not return."""
        try:
            # What it keeps: 0 to 2, which lead nowhere, and its socket in our place.
            os.dup2(handed, CONTROL)
            os.close(handed)
            self.walls.close_in(order.cpu_s, order.memory_bytes)
            cells: list[tuple[Cell, CodeType | None]]
            cells = [(one, None) for one in order.cells]
            cells += [pair for pair in self.cells if pair[0].number in order.only]
            birth = Birth(cells, order.child, order.is_trial)
            live(self.channel, self.nursery, birth)
        finally:
            os._exit(1)


def keep_addresses_in_place() -> None:
    """Start again without random addresses, if they are random.

    What has no order of its own is ordered by address, such as a set of timers; the
    same submission is to get the same grade.
    """
    personality = ctypes.CDLL(None).personality
    now = personality(0xFFFFFFFF)
    if now != -1 and not now & ADDR_NO_RANDOMIZE:
        personality(now | ADDR_NO_RANDOMIZE)
        os.execv(sys.executable, sys.orig_argv)


def main(preload: Sequence[str], trust: bool, second: int) -> None:
    """Be two zygotes until the owner is gone.

    Parameters
    ----------
    preload : sequence of str
        Modules that the student's cells name; those that are allowed are imported.
    trust : bool
        See `limits.Walls`.
    second : int
        The socket of the one that knows the lab's checks; the other one's is stdin.
    """
    if sys.platform == "linux":
        keep_addresses_in_place()
    if second == CONTROL:
        second = os.dup(second)
    os.dup2(0, CONTROL)
    null = os.open(os.devnull, os.O_RDWR)
    for name in LAZY:
        importlib.import_module(name)
    absent.load_allowed(preload)
    knows_checks = os.fork() == 0
    if knows_checks:
        os.dup2(second, CONTROL)
    os.close(second)
    for number in range(3):
        os.dup2(null, number)  # an error until here is told to the owner
    os.close(null)
    control = socket.socket(fileno=CONTROL)
    try:
        Zygote(control, trust, knows_checks).run()
    except Exception:
        control.sendall(LAST_WORDS + traceback.format_exc().encode())
        raise
