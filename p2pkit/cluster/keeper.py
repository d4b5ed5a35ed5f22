"""The keeper: a small process that starts one foreign program, and ends all of it.

The supervisor forks it, inside the cluster's network. It hears from the controller on
a socket of its own; when that ends, or the supervisor does, it kills the program and
everything the program has started, and ends. So nothing outlives the cluster,
whoever of us is killed.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
from typing import Any

from p2pkit.cluster.offspring import adopt_orphans, die_with_parent, end_all


class Keeper:
    """Starts a program when told what; then passes signals, and tells its end."""

    def __init__(self, channel: socket.socket, output: int) -> None:
        self.channel, self.output = channel, output
        self.buffer = b""
        self.process: subprocess.Popen[bytes] | None = None
        self.is_over = False
        self.wake, self.woken = socket.socketpair()
        for one in (self.wake, self.woken):
            one.setblocking(False)

    def run(self) -> None:
        """Serve until the program and all its offspring have ended, or are to end."""
        signal.set_wakeup_fd(self.wake.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        with selectors.DefaultSelector() as selector:
            selector.register(self.channel, selectors.EVENT_READ)
            selector.register(self.woken, selectors.EVENT_READ)
            while not self.is_over:
                ready = {key.fileobj for key, _ in selector.select()}
                if self.woken in ready:
                    self._reap()
                if self.channel in ready:
                    self._read()

    def end(self) -> None:
        """Kill whatever still runs, and tell how the program ended if it did so now."""
        if self.process is not None:
            end_all([self.process.pid] if self.process.returncode is None else [])
            if self.process.returncode is None:
                self._tell({"ended": -signal.SIGKILL})

    def on_sigterm(self, *_: object) -> None:
        """Note that the supervisor is gone, so that `run` returns."""
        self.is_over = True

    def _read(self) -> None:
        try:
            data = self.channel.recv(1 << 16)
        except OSError:
            data = b""
        self.is_over = self.is_over or not data
        *lines, self.buffer = (self.buffer + data).split(b"\n")
        for order in map(json.loads, lines):
            if "argv" in order:
                self._start(order)
            elif order["signal"] == signal.SIGKILL:
                self.is_over = True
            else:
                self._signal(order["signal"])

    def _start(self, order: dict[str, Any]) -> None:
        us = os.getpid()
        try:
            self.process = subprocess.Popen(
                order["argv"],
                env=order["env"],
                cwd=order["cwd"],
                stdin=subprocess.DEVNULL,
                stdout=self.output,
                stderr=self.output,
                process_group=0,
                # We have one thread, so nothing can hold a lock in the child.
                preexec_fn=lambda: _begin(us),
            )
        except (OSError, ValueError) as error:
            number = getattr(error, "errno", None)
            self._tell({"failed": str(error), "errno": number})
            self.is_over = True
        else:
            self._tell({"pid": self.process.pid})
        os.close(self.output)  # so that its end is seen when the program's is closed

    def _signal(self, number: int) -> None:
        if self.process is not None and self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)

    def _reap(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self.woken.recv(4096)
        while self.process is not None:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                self.is_over = True  # the program and all that it left behind
                return
            if pid == 0:
                return
            if pid == self.process.pid:
                self.process.returncode = os.waitstatus_to_exitcode(status)
                self._tell({"ended": self.process.returncode})

    def _tell(self, event: dict[str, Any]) -> None:
        with contextlib.suppress(OSError):  # who asked is gone, so we shall end too
            self.channel.sendall(json.dumps(event).encode() + b"\n")


def _begin(keeper: int) -> None:
    """Do what is left to do in the process that becomes the program."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # as a shell would start it
    die_with_parent(keeper)


def keep(channel: socket.socket, output: int, supervisor: int) -> None:
    """Be the keeper, in a process just forked for it by `supervisor`."""
    os.setsid()
    adopt_orphans()
    keeper = Keeper(channel, output)
    signal.signal(signal.SIGTERM, keeper.on_sigterm)
    die_with_parent(supervisor, signal.SIGTERM)  # we have something to do first
    try:
        keeper.run()
    except BaseException:  # noqa: BLE001  # the log is all that is left of it
        sys.excepthook(*sys.exc_info())
    finally:
        keeper.end()
