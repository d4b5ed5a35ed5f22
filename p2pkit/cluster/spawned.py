"""A program that nobody here wrote, started inside a cluster's network."""

from __future__ import annotations

import contextlib
import json
import selectors
import signal
import socket
import threading
from collections.abc import Mapping, Sequence
from typing import Any, Self

from p2pkit.cluster.written import Written
from p2pkit.core import ClusterError, RequestTimeout, SpawnFailed

START_S = 10.0
"""How long a program may take to be started; not until it is of use."""
END_S = 5.0
"""How long ``with`` gives a program to end by itself, once told."""
TAIL_LINES = 12
"""Lines of output that go into an error."""


class Spawned:
    """A running program; `Cluster.spawn` makes it, and it ends with its cluster.

    Its stdout and stderr come as one; its stdin is empty. Leaving a ``with`` ends it.

    Parameters
    ----------
    channel : socket
        Leads to its keeper.
    output : int
        Descriptor of what it writes.
    argv : sequence of str
        The program and its arguments.
    env : mapping of str to str
        Its environment.
    cwd : str
        The folder that it runs in.

    Raises
    ------
    SpawnFailed
        If it cannot be started; the sentence says why.
    """

    def __init__(
        self,
        channel: socket.socket,
        output: int,
        argv: Sequence[str],
        env: Mapping[str, str],
        cwd: str,
    ) -> None:
        self.argv = tuple(argv)
        self.pid = 0
        self._channel, self._written = channel, Written(output)
        self._heard = b""
        self._returncode: int | None = None
        self._failure = ""
        self._changed = threading.Condition()
        # The answer to this is heard by the thread, as everything else.
        self._tell({"argv": list(argv), "env": dict(env), "cwd": cwd})
        self._thread = threading.Thread(
            target=self._listen, name=f"p2pkit-{argv[0]}", daemon=True
        )
        self._thread.start()
        self._until(lambda: self.pid or self._returncode is not None, START_S)
        if not self.pid:
            self.close()
            why = self._failure or f"nothing was heard of it in {START_S:g} s"
            reason = f"{argv[0]} did not start: {why}"
            raise SpawnFailed(reason)

    @property
    def is_gone(self) -> bool:
        """Whether all that it started has ended as well."""
        return not self._thread.is_alive()

    def poll(self) -> int | None:
        """Return its exit status, negative for a signal; None while it runs."""
        return self._returncode

    def wait(self, timeout_s: float | None = None) -> int:
        """Wait until it has ended, and return its exit status.

        Raises
        ------
        RequestTimeout
            If it has not in time; it still runs then.
        """
        if not self._until(lambda: self._returncode is not None, timeout_s):
            reason = f"{self.argv[0]} has not ended after {timeout_s:g} s{self._tail()}"
            raise RequestTimeout(reason)
        assert self._returncode is not None
        return self._returncode

    def terminate(self) -> None:
        """Ask it, and what it started as its group, to end: SIGTERM."""
        self._tell({"signal": int(signal.SIGTERM)})

    def kill(self) -> None:
        """End it, and whatever it has started, at once."""
        self._tell({"signal": int(signal.SIGKILL)})

    def lines(self) -> list[str]:
        """Return what it has written, the last 10,000 lines, ends of line cut off."""
        with self._changed:
            return list(self._written.lines)

    def wait_line(self, text: str, timeout_s: float = START_S) -> str:
        """Wait until it has written a line that holds `text`; return the first one.

        Raises
        ------
        RequestTimeout
            If there is none in time.
        ClusterError
            If it has ended without one.
        """
        found: list[str] = []

        def is_there() -> bool:
            found[:] = [one for one in self._written.lines if text in one][:1]
            return bool(found) or self._written.is_complete

        if not self._until(is_there, timeout_s):
            reason = f"{self.argv[0]} has not written {text!r} in {timeout_s:g} s"
            raise RequestTimeout(reason + self._tail())
        if not found:
            reason = f"{self.argv[0]} has ended without writing {text!r}"
            raise ClusterError(reason + self._tail())
        return found[0]

    def close(self) -> None:
        """End it, and whatever it has started, and wait until all is gone."""
        self.kill()
        self._thread.join(END_S)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.terminate()
        self._until(lambda: self._returncode is not None, END_S)
        self.close()

    def __repr__(self) -> str:
        state = "running" if self._returncode is None else f"ended: {self._returncode}"
        return f"<Spawned {' '.join(self.argv)!r}, process {self.pid}, {state}>"

    def _until(self, condition: Any, timeout_s: float | None) -> bool:
        with self._changed:
            return bool(self._changed.wait_for(condition, timeout_s))

    def _tail(self) -> str:
        lines = self.lines()[-TAIL_LINES:]
        return "\n".join(["; it wrote:", *lines]) if lines else ""

    def _tell(self, order: dict[str, Any]) -> None:
        with contextlib.suppress(OSError):  # its keeper has ended, and it as well
            self._channel.sendall(json.dumps(order).encode() + b"\n")

    def _listen(self) -> None:
        """Hear program and keeper until the keeper is gone; in a thread."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._written, selectors.EVENT_READ, self._written.read)
            selector.register(self._channel, selectors.EVENT_READ, self._hear)
            while self._channel in {key.fileobj for key in selector.get_map().values()}:
                for key, _ in selector.select():
                    with self._changed:
                        if not key.data():
                            selector.unregister(key.fileobj)
                        self._changed.notify_all()
        with self._changed:
            self._written.close()
            self._changed.notify_all()
        self._channel.close()

    def _hear(self) -> bool:
        """Hear the keeper; False when it is gone."""
        try:
            data = self._channel.recv(1 << 16)
        except OSError:
            data = b""
        *events, self._heard = (self._heard + data).split(b"\n")
        for event in map(json.loads, events):
            self.pid = event.get("pid", self.pid)
            self._failure = event.get("failed", "")
            if "ended" in event:
                self._end(event["ended"])
        if not data:
            # A keeper ends last, unless it was killed, and then it took the program
            # along; what that started may still hold the output, and is not heard.
            self._end(-signal.SIGKILL if self._returncode is None else self._returncode)
        return bool(data)

    def _end(self, returncode: int) -> None:
        self._written.drain()  # all that it wrote lies in the pipe by now
        self._returncode = returncode
