"""The supervisor: a small process with one thread that forks the host processes.

A notebook's kernel has threads, so it must not fork; and a new interpreter for each
host would cost 80 ms apiece. So the kernel starts this process, it imports what hosts
need, and then forks them in a few milliseconds each. It reaps them and reports each
end at once. When its controller is gone it kills them all and ends.

It may move into a private network before it forks anything: then hosts, foreign
programs and the sockets that it opens for others are all inside.

The controller talks to it in lines of JSON on the socket that is its stdin, see
`orders`.
"""

from __future__ import annotations

import contextlib
import errno
import gc
import importlib
import os
import selectors
import shutil
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NoReturn

import msgspec

from p2pkit.cluster import offspring
from p2pkit.cluster.keeper import keep
from p2pkit.cluster.wire import Handover
from p2pkit.net.namespace import NetworkRefused, enter_private_network
from p2pkit.net.refusals import open_socket

LOOK_S = 1.0
"""Time between two looks whether our parent still lives, in case some other process
has inherited the far end of our control socket and keeps it open."""
SIGNALS = {"kill": "SIGKILL", "pause": "SIGSTOP", "resume": "SIGCONT"}


class Supervisor:
    """Forks, signals and reaps the hosts of one cluster."""

    def __init__(self, control: socket.socket) -> None:
        self.control = control
        self.parent = os.getppid()
        self.pids: dict[int, tuple[int, int]] = {}  # pid -> host, generation
        self.keepers: set[int] = set()  # pids, each with a foreign program
        self.buffer = b""
        self.wake, self.woken = socket.socketpair()
        self.wake.setblocking(False)
        self.woken.setblocking(False)
        self.handover: Handover | None = None
        self.life_line = -1
        self.folder = ""
        self.was_told = False

    def run(self) -> None:
        """Serve until the controller says so, or is gone."""
        signal.set_wakeup_fd(self.wake.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        with selectors.DefaultSelector() as selector:
            selector.register(self.control, selectors.EVENT_READ)
            selector.register(self.woken, selectors.EVENT_READ)
            while os.getppid() == self.parent:
                ready = {key.fileobj for key, _ in selector.select(LOOK_S)}
                if self.woken in ready:
                    self._reap()
                if self.control in ready and not self._read():
                    return

    def end(self) -> None:
        """End all that came of us, and tidy up for a dead controller."""
        offspring.end_all({*self.pids, *self.keepers})
        if self.folder and not self.was_told:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _read(self) -> bool:
        data = self.control.recv(1 << 16)
        *lines, self.buffer = (self.buffer + data).split(b"\n")
        return all([self._obey(msgspec.json.decode(line)) for line in lines] + [data])

    def _obey(self, order: dict[str, Any]) -> bool:
        match order["do"]:
            case "prepare":
                self._prepare(order)
            case "launch":
                for host, generation in order["hosts"]:
                    self._launch(host, generation)
            case "socket":
                self._open(*order["kind"])
            case "spawn":
                self._spawn()
            case "end":
                self.was_told = True
                return False
            case name:
                self._signal(order["host"], getattr(signal, SIGNALS[name]))
        return True

    def _prepare(self, order: dict[str, Any]) -> None:
        self.handover = msgspec.convert(order["handover"], Handover)
        self.life_line, self.folder = order["life_line"], order["folder"]
        os.set_inheritable(self.life_line, False)  # forked hosts have it all the same
        sys.path[:] = self.handover.sys_path
        for name in self.handover.preload:
            importlib.import_module(name)
        gc.collect()
        gc.freeze()  # so that a host's collector does not touch, and copy, our pages
        said = {}
        if order["network"] == "private":
            # Last: inside, root may not read what others keep to themselves.
            try:
                enter_private_network()
            except NetworkRefused as error:
                said = {"step": error.step, "errno": error.number}
        self._answer(said)

    def _open(self, family: int, kind: int, proto: int) -> None:
        try:
            with open_socket(family, kind, proto) as opened:
                self._answer({}, [opened.fileno()])
        except OSError as error:
            self._answer({"errno": error.errno or errno.EIO})

    def _spawn(self) -> None:
        """Fork a keeper; what to start, the controller tells it directly."""
        us = os.getpid()
        try:
            ours, theirs = socket.socketpair()
            with ours, theirs, _pipe() as (output, written):
                if (pid := os.fork()) == 0:
                    os.close(output)
                    self._become(lambda: keep(theirs, written, us), ours)
                self.keepers.add(pid)
                self._answer({}, [ours.fileno(), output])
        except OSError as error:
            self._answer({"errno": error.errno or errno.EIO})

    def _launch(self, host: int, generation: int) -> None:
        us = os.getpid()
        try:
            pid = os.fork()
        except OSError as error:
            self._tell({"dead": host, "generation": generation, "why": str(error)})
            return
        if pid == 0:
            self._become(lambda: self._be_host(host, generation, us))
        self.pids[pid] = host, generation

    def _be_host(self, host: int, generation: int, supervisor: int) -> None:
        offspring.die_with_parent(supervisor)
        from p2pkit.cluster.host import serve

        assert self.handover is not None
        serve(self.handover, f"{host}.{generation}".encode(), self.life_line)

    def _become(self, life: Callable[[], None], *others: socket.socket) -> NoReturn:
        """Turn the process just forked into something else; does not return."""
        status = 1
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for one in (self.control, self.wake, self.woken, *others):
                one.close()
            life()
            status = 0
        except BaseException:  # noqa: BLE001  # the log is all that is left of it
            sys.excepthook(*sys.exc_info())
        finally:
            sys.stderr.flush()
            os._exit(status)

    def _signal(self, host: int, number: int) -> None:
        for pid in [one for one, (owner, _) in self.pids.items() if owner == host]:
            os.kill(pid, number)
            if number == signal.SIGSTOP:
                self._heed(*os.waitpid(pid, os.WUNTRACED))  # until it stands still
        self._answer({})

    def _reap(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self.woken.recv(4096)
        with contextlib.suppress(ChildProcessError):
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if pid == 0:
                    return
                self._heed(pid, status)

    def _heed(self, pid: int, status: int) -> None:
        if os.WIFSTOPPED(status):
            return
        self.keepers.discard(pid)
        if pid in self.pids:  # not a keeper, nor what it could not end
            host, generation = self.pids.pop(pid)
            why = _how_it_ended(os.waitstatus_to_exitcode(status))
            self._tell({"dead": host, "generation": generation, "why": why})

    def _answer(self, said: dict[str, Any], files: Sequence[int] = ()) -> None:
        line = msgspec.json.encode({"answer": said | {"files": len(files)}}) + b"\n"
        if files:
            # A blocking stream takes all of a short line, and the files with it.
            socket.send_fds(self.control, [line], files)
        else:
            self.control.sendall(line)

    def _tell(self, event: dict[str, Any]) -> None:
        self.control.sendall(msgspec.json.encode(event) + b"\n")


@contextlib.contextmanager
def _pipe() -> Iterator[tuple[int, int]]:
    ends = os.pipe()
    try:
        yield ends
    finally:
        for one in ends:
            os.close(one)


def _how_it_ended(code: int) -> str:
    if code >= 0:
        return f"it ended with exit status {code}"
    try:
        return f"it was ended by {signal.Signals(-code).name}"
    except ValueError:  # most of the realtime signals have no name
        return f"it was ended by signal {-code}"


def raise_file_limit() -> None:
    """Allow this process, and what it forks, as many open files as it may have."""
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):  # macOS refuses "unlimited"
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def main() -> None:
    """Run as the supervisor; stdin is the control socket."""
    control = socket.socket(fileno=os.dup(0))
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the controller's affair
    raise_file_limit()
    offspring.adopt_orphans()  # also what nodes have started and left behind
    supervisor = Supervisor(control)
    try:
        supervisor.run()
    except OSError:
        pass  # the controller went away while we told it something
    finally:
        supervisor.end()
