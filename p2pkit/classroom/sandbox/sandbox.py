"""The sandbox as its owner sees it: zygotes, their children, and who holds nodes."""

from __future__ import annotations

import contextlib
import gc
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import Self

import msgspec

from p2pkit.classroom.sandbox import seccomp, zygote
from p2pkit.classroom.sandbox.account import Account, Allowance
from p2pkit.classroom.sandbox.cells import Cell
from p2pkit.classroom.sandbox.hosts import Hosts
from p2pkit.classroom.sandbox.limits import MIB, Limits
from p2pkit.classroom.sandbox.mother import Mother, SandboxUnavailable
from p2pkit.classroom.sandbox.remote import Remote

MEMORY_OF_ALL = 1024 * MIB
"""What all children may fill together, beyond the least share of each."""
LEAST_MEMORY = 16 * MIB
"""A process takes one or two, and each node of a lab that it holds as much again."""
MANY = 128
"""Children from which on forgotten ones are looked for: simulations are in cycles."""
START_S = 60.0
"""Time until a zygote has imported what it needs, on a machine that is very busy."""

_START = (
    "import sys; sys.path[:] = {path!r}; from p2pkit.classroom.sandbox.zygote import "
    "main; main({preload!r}, {trust!r}, {second})"
)


def require_walls(trust: bool) -> None:
    """Refuse to run student code where nothing would hold it.

    Raises
    ------
    SandboxUnavailable
        If there is no filter of system calls here, and `trust` is false.
    """
    why = "" if trust else seccomp.why_not()
    if why:
        reason = (
            f"{why}: student code could read your files and talk to the network. Grade "
            "on Linux, or in a container or virtual machine of Linux; or, if you trust "
            "every submission as you trust your own code, add --trust"
        )
        raise SandboxUnavailable(reason)


class Sandbox:
    """Runs the cells of one submission in processes that can do nothing else.

    Parameters
    ----------
    preload : sequence of str
        Modules that the cells import, and the lab's own.
    limits : Limits
        Those of each process.
    trust : bool
        Whether to do without the filter of system calls, where there is none.

    Attributes
    ----------
    notices : dict of str to int
        What was noticed about the code, as sentences, and how often.
    account : Account
        That of the check that is going on.
    run : object
        What stands for the run in virtual time that is going on; None if none is.
    """

    def __init__(
        self,
        preload: Sequence[str] = (),
        limits: Limits | None = None,
        *,
        trust: bool = False,
    ) -> None:
        require_walls(trust)
        self.preload, self.trust = tuple(preload), trust
        self.limits = limits or Limits()
        self.notices: dict[str, int] = {}
        self.account = Account(Allowance())
        self.run: object = None
        self.hosts = Hosts(self._host)
        self._process: subprocess.Popen[bytes] | None = None
        self._born = 0
        self._numbers: list[int] = []  # of the cells that are loaded
        self._granted: dict[int, int] = {}  # bytes of memory, by number
        self._mother_of: dict[int, Mother] = {}
        self._collect_at = MANY

    def __enter__(self) -> Self:
        environment = {"PYTHONHASHSEED": "0", "LANG": "C.UTF-8", "PATH": ""}
        # A thread that numpy starts would be lost in a fork, with its locks.
        environment |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        path = [os.path.abspath(one) for one in sys.path]
        with ExitStack() as theirs:
            ends = []
            for _ in range(2):
                ours, end = socket.socketpair()
                ours.settimeout(START_S)
                ends.append((ours, theirs.enter_context(end)))
            (bare, stdin), (knowing, second) = ends
            self._bare, self._knowing = Mother(bare), Mother(knowing)
            code = _START.format(
                path=path, preload=self.preload, trust=self.trust,
                second=second.fileno(),
            )  # fmt: skip
            self._process = subprocess.Popen(
                [sys.executable, "-S", "-s", "-P", "-B", "-c", code],
                stdin=stdin.fileno(),
                stdout=subprocess.DEVNULL,
                pass_fds=[second.fileno()],
                env=environment,
                cwd="/",
                start_new_session=True,
            )
        return self

    def __exit__(self, *_error: object) -> None:
        self._bare.close()
        self._knowing.close()
        if self._process is not None:
            # Its children go with it: the kernel sees to that.
            self._process.kill()
            self._process.wait()

    def open_account(self, allowance: Allowance | None = None) -> Account:
        """Begin a new account, for a new check; return it."""
        self.account = Account(allowance or Allowance())
        return self.account

    def load(self, cells: Sequence[Cell]) -> None:
        """Take the cells that children run from now on; they must compile."""
        for mother in (self._bare, self._knowing):
            mother.order(zygote.Order(do="load", cells=list(cells)))
        self._numbers = [one.number for one in cells]

    def child(
        self,
        only: Sequence[int] | None = None,
        limits: Limits | None = None,
        *,
        knows_checks: bool = False,
    ) -> Remote:
        """Make a process that has run some cells, or all, and waits for requests.

        Parameters
        ----------
        only : sequence of int, optional
            The numbers of the cells.
        limits : Limits, optional
            Its own; else it is one of many, and shares memory with them.
        knows_checks : bool
            Whether the lab's checks are there, to be made inside.
        """
        self.account.on_child()
        mother = self._knowing if knows_checks else self._bare
        return self._grown(mother, only, limits)

    def _host(self, cells: Sequence[int] | None) -> Remote:
        """Make a process for nodes, each of which is counted when it moves in."""
        return self._grown(self._bare, cells)

    def _grown(
        self,
        mother: Mother,
        only: Sequence[int] | None,
        limits: Limits | None = None,
    ) -> Remote:
        """Make a process that has run some cells, once the forgotten are gone."""
        if len(self._mother_of) >= self._collect_at:
            gc.collect()
            self._collect_at = max(MANY, 2 * len(self._mother_of))
        own = limits or msgspec.structs.replace(self.limits, memory_bytes=self._share())
        return self._fork(mother, own, self._numbers if only is None else only)

    def trial(self, cells: Sequence[Cell], limits: Limits) -> Remote:
        """Make a process that tries cells out and reports on each."""
        return self._fork(self._knowing, limits, (), cells)

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Hold that the nodes made meanwhile are of one run, see `hosts`."""
        self.run = object()
        try:
            yield
        finally:
            self.run = None

    def notice(self, sentence: str, count: int = 1) -> None:
        """Keep something that whoever grades should know; `count` is how often."""
        if sentence in self.notices or len(self.notices) < 50:
            self.notices[sentence] = self.notices.get(sentence, 0) + count

    def end(self, number: int) -> zygote.Death:
        """End a child, if it still lives; return how it ended."""
        self._granted.pop(number, None)
        return self._mother_of.pop(number).end(number)

    def forget(self, number: int) -> None:
        """Have a child ended when there is time for it."""
        mother = self._mother_of.pop(number, None)
        if mother is not None:
            del self._granted[number]
            mother.forget(number)

    def know(self, thing: object) -> int:
        """Have nodes know an object, as they are made; return its number."""
        return self._bare.know(thing)

    def _share(self) -> int:
        left = MEMORY_OF_ALL - sum(self._granted.values())
        return max(LEAST_MEMORY, min(self.limits.memory_bytes, left // 8))

    def _fork(
        self,
        mother: Mother,
        limits: Limits,
        only: Sequence[int],
        trial: Sequence[Cell] = (),
    ) -> Remote:
        self._born += 1
        number = self._born
        self._granted[number], self._mother_of[number] = limits.memory_bytes, mother
        order = zygote.Order(
            do="fork", cells=list(trial), only=list(only), child=number,
            cpu_s=limits.cpu_s, memory_bytes=limits.memory_bytes, is_trial=bool(trial),
        )  # fmt: skip
        return Remote(self, number, mother.fork(order), limits)
