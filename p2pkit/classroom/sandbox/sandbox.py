"""The sandbox as its owner sees it: a zygote, its children, and what they are asked."""

from __future__ import annotations

import contextlib
import gc
import itertools
import os
import pickle
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from typing import Any, NoReturn, Self

import msgspec

from p2pkit.classroom.sandbox import frames, seccomp, strange, zygote
from p2pkit.classroom.sandbox.account import Account, Allowance
from p2pkit.classroom.sandbox.cells import Cell
from p2pkit.classroom.sandbox.limits import MIB, Limits
from p2pkit.core import LabError
from p2pkit.harness.failing import StudentError

MEMORY_OF_ALL = 1024 * MIB
"""What all children may fill together, beyond the least share of each."""
LEAST_MEMORY = 8 * MIB
"""A node of a lab takes one or two."""
MANY = 128
"""Children from which on forgotten ones are looked for: simulations are in cycles."""
START_S = 60.0
"""Time until a zygote has imported what it needs, on a machine that is very busy."""

_START = (
    "import sys; sys.path[:] = {path!r}; "
    "from p2pkit.classroom.sandbox.zygote import main; main({preload!r}, {trust!r})"
)


class SandboxUnavailable(LabError):
    """Student code cannot be run safely on this machine."""


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
        self._process: subprocess.Popen[bytes] | None = None
        self._born = 0
        self._numbers: list[int] = []  # of the cells that are loaded
        self._granted: dict[int, int] = {}  # bytes of memory, by number
        self._socks: dict[int, socket.socket] = {}  # of those that live
        self._done: dict[int, socket.socket] = {}  # of those to be ended
        self._known: dict[bytes, int] = {}
        self._collect_at = MANY

    def __enter__(self) -> Self:
        ours, theirs = socket.socketpair()
        self._control = ours
        ours.settimeout(START_S)
        environment = {"PYTHONHASHSEED": "0", "LANG": "C.UTF-8", "PATH": ""}
        # A thread that numpy starts would be lost in a fork, with its locks.
        environment |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        path = [os.path.abspath(one) for one in sys.path]
        code = _START.format(path=path, preload=self.preload, trust=self.trust)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-S", "-s", "-P", "-B", "-c", code],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                env=environment,
                cwd="/",
                start_new_session=True,
            )
        return self

    def __exit__(self, *_error: object) -> None:
        for sock in [self._control, *self._socks.values(), *self._done.values()]:
            sock.close()
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
        self._order(zygote.Order(do="load", cells=list(cells)))
        self._numbers = [one.number for one in cells]

    def child(
        self, only: Sequence[int] | None = None, limits: Limits | None = None
    ) -> Remote:
        """Make a process that has run some cells, or all, and waits for requests.

        Without `limits` of its own it is one of many, and shares memory with them.
        """
        self.account.on_child()
        if len(self._socks) >= self._collect_at:
            gc.collect()
            self._collect_at = max(MANY, 2 * len(self._socks))
        own = limits or msgspec.structs.replace(self.limits, memory_bytes=self._share())
        return self._fork(own, self._numbers if only is None else only)

    def trial(self, cells: Sequence[Cell], limits: Limits) -> Remote:
        """Make a process that tries cells out and reports on each."""
        return self._fork(limits, (), cells)

    def notice(self, sentence: str, count: int = 1) -> None:
        """Keep something that whoever grades should know; `count` is how often."""
        if sentence in self.notices or len(self.notices) < 50:
            self.notices[sentence] = self.notices.get(sentence, 0) + count

    def end(self, number: int) -> zygote.Death:
        """End a child, if it still lives; return how it ended."""
        self._granted.pop(number, None)
        self._socks.pop(number).close()
        self._order(zygote.Order(do="end", child=number))
        try:
            return zygote.decode_death(frames.Channel(self._control, MIB).receive())
        except (OSError, frames.Broken, msgspec.MsgspecError) as error:
            raise self._lost() from error

    def forget(self, number: int) -> None:
        """Have a child ended when there is time for it; its socket stays until then."""
        if number in self._socks:
            del self._granted[number]
            self._done[number] = self._socks.pop(number)

    def know(self, thing: object) -> int:
        """Have children know an object, as they are made; return its number."""
        key = pickle.dumps(thing)
        if key not in self._known:
            self._known[key] = len(self._known)
            self._order(zygote.Order(do="know", known=key))
        return self._known[key]

    def _share(self) -> int:
        left = MEMORY_OF_ALL - sum(self._granted.values())
        return max(LEAST_MEMORY, min(self.limits.memory_bytes, left // 8))

    def _fork(
        self, limits: Limits, only: Sequence[int], trial: Sequence[Cell] = ()
    ) -> Remote:
        ours, theirs = socket.socketpair()
        self._born += 1
        self._granted[self._born], self._socks[self._born] = limits.memory_bytes, ours
        order = zygote.Order(
            do="fork", cells=list(trial), only=list(only), child=self._born,
            cpu_s=limits.cpu_s, memory_bytes=limits.memory_bytes, is_trial=bool(trial),
        )  # fmt: skip
        with theirs:
            self._order(order, theirs)
        return Remote(self, self._born, ours, limits)

    def _order(self, order: zygote.Order, handed: socket.socket | None = None) -> None:
        done, self._done = self._done, {}
        order.done = list(done)
        text = zygote.encode_order(order)
        frame = frames.HEAD.pack(len(text)) + text
        try:
            if handed is None:
                self._control.sendall(frame)
            else:
                sent = socket.send_fds(self._control, [frame], [handed.fileno()])
                self._control.sendall(frame[sent:])
        except OSError as error:
            raise self._lost() from error
        for sock in done.values():
            sock.close()

    def _lost(self) -> SandboxUnavailable:
        """Return the error for a zygote that is gone, with its last words."""
        words = b""
        with contextlib.suppress(OSError):
            self._control.settimeout(1.0)
            while part := self._control.recv(1 << 16):
                words += part
        said = words.removeprefix(zygote.LAST_WORDS).decode("utf-8", "replace")
        reason = f"the process that makes sandboxed nodes has ended: {said[-2000:]}"
        return SandboxUnavailable(reason)


class Remote:
    """The grader's end of one sandboxed process: one request, one answer.

    It is what its socket says it is; no answer can come in another's name.
    """

    def __init__(
        self, sandbox: Sandbox, number: int, sock: socket.socket, limits: Limits
    ) -> None:
        self.sandbox, self.number, self.limits = sandbox, number, limits
        sock.settimeout(limits.reply_s)
        self.channel = frames.Channel(sock, limits.reply_bytes)
        self.calls = 0
        self.dead, self.was_grave, self.has_gone = "", False, False

    def ask(self, now_s: float, task: str, *args: Any) -> frames.Answer:
        """Return the answer to one request.

        Raises
        ------
        StudentError
            If the process has ended, is ended because it breaks a limit or a rule, or
            the account of the check is used up.
        """
        if self.dead:
            raise StudentError(self.dead)
        account = self.sandbox.account
        began_s = account.on_call()
        self.calls += 1
        request = pickle.dumps((self.calls, now_s, task, *args))
        try:
            self.channel.send(request)
            frame = self.channel.receive()
            account.on_bytes(len(frame))
            answer = frames.decode_answer(frame)
        except TimeoutError:
            limit_s = self.limits.reply_s
            self._fail(f"gave no answer in {limit_s:g} s", True)
        except frames.TooLong as error:
            self._fail(f"gave {error}")
        except (OSError, frames.Broken):
            self._fail()
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            self._fail(f"sent what is no answer: {error}")
        finally:
            account.on_answer(began_s)
        self._heed(answer)
        return answer

    def reports(self, count: int) -> list[frames.CellReport]:
        """Return the reports of a trial, as far as it got."""
        return list(itertools.islice(self._reports(), count))

    def _reports(self) -> Iterator[frames.CellReport]:
        try:
            while True:
                yield frames.decode_report(self.channel.receive())
        except (frames.Broken, ConnectionError):
            self.has_gone = True
        except (OSError, frames.TooLong, msgspec.MsgspecError, ValueError):
            pass  # it is there, and says nothing, or nothing that makes sense

    def close(self) -> None:
        """Count this process out; it is ended before the next one is made."""
        if not self.dead:
            self.dead = "this node's process was closed"
            self.sandbox.forget(self.number)

    def end(self, why: str = "") -> str:
        """End the process now; return how it ended, or else `why` we end it."""
        death, limit_s = self.sandbox.end(self.number), self.limits.cpu_s
        if death.cpu_s > limit_s - 0.5:
            self.was_grave = True
            return f"used more than {limit_s} s of processor time"
        if death.signal not in (0, signal.SIGKILL):
            return f"was ended by {_signal_name(death.signal)}"
        return why or f"ended itself with status {death.status}"

    def _heed(self, answer: frames.Answer) -> None:
        """Look at an answer's form, and note what it says of the code."""
        if answer.number != self.calls or self.channel.has_more:
            self._fail("answered what it was not asked")
        if len(answer.effects) > self.limits.effects:
            self._fail("did more in one call than it may")
        if answer.printed_chars:
            self.sandbox.notice("it prints while it runs")
        for name in sorted(strange.NAMES.intersection(answer.strange)):
            self.sandbox.notice(f"it uses {name}, which is not the context's")

    def _fail(self, why: str = "", is_grave: bool = False) -> NoReturn:
        """End the process, and say why."""
        self.was_grave = is_grave
        self.dead = f"the process your code runs in {self.end(why)}"
        self.sandbox.notice(self.dead)
        self.sandbox.account.on_death(self.dead, self.was_grave)
        raise StudentError(self.dead)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # most of the realtime signals have no name
        return f"signal {number}"
