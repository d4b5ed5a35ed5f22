"""The controller's end of the supervisor's control socket: orders and answers.

Both sides write lines of JSON. Some orders are answered, in the order in which they
were given; an answer may bring descriptors. Deaths are told in between, unasked.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, NamedTuple, TypeVar

from p2pkit.core import ControlLost

T = TypeVar("T")
MAX_FILES = 64
"""Descriptors that may lie in the socket at once; each answer brings two at most."""
_CLOSED_BY_EXEC = getattr(socket, "MSG_CMSG_CLOEXEC", 0)


class Answer(NamedTuple):
    """What the supervisor said to an order, and the files that came with it."""

    said: dict[str, Any]
    files: list[int]

    def require(self) -> dict[str, Any]:
        """Return what was said; raise `ControlLost` if nobody is there to say it."""
        if "gone" in self.said:
            reason = "the supervisor process has ended, and the cluster with it"
            raise ControlLost(reason)
        return self.said


class Orders:
    """Gives orders from any thread; `hear` is for one thread alone."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._buffer = b""
        self._files: deque[int] = deque()
        self._waiting: deque[Callable[[dict[str, Any]], None]] = deque()
        self._turn = threading.Lock()  # answers come in the order of the orders
        self._over = False

    def tell(self, order: dict[str, Any]) -> None:
        """Give an order that is not answered."""
        with contextlib.suppress(OSError):  # its end is heard by `hear`
            self._control.sendall(json.dumps(order).encode() + b"\n")

    def ask(self, order: dict[str, Any], read: Callable[[Answer], T]) -> Future[T]:
        """Give an order; the future has what `read` makes of the answer, or raises."""
        future: Future[T] = Future()
        future.set_running_or_notify_cancel()  # what was ordered cannot be taken back

        def settle(said: dict[str, Any]) -> None:
            files = [self._files.popleft() for _ in range(said.get("files", 0))]
            try:
                future.set_result(read(Answer(said, files)))
            except Exception as error:  # noqa: BLE001  # goes to who gave the order
                future.set_exception(error)

        with self._turn:
            if not self._over:
                self._waiting.append(settle)
                self.tell(order)
                return future
        settle({"gone": True})
        return future

    def hear(self) -> list[dict[str, Any]] | None:
        """Read what has come: settle futures, return events; None at the end."""
        try:
            # Descriptors come with the bytes of their own line, or before its end.
            data, files, _, _ = socket.recv_fds(
                self._control, 1 << 16, MAX_FILES, _CLOSED_BY_EXEC
            )
        except OSError:
            data, files = b"", []
        for one in files:
            os.set_inheritable(one, False)  # where no flag says so
            self._files.append(one)
        if not data:
            self._end()
            return None
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        events = []
        for one in map(json.loads, lines):
            if "answer" in one:
                self._waiting.popleft()(one["answer"])
            else:
                events.append(one)
        return events

    def close(self) -> None:
        """Close the socket; who still waits for an answer is told so."""
        self._end()
        self._control.close()

    def fileno(self) -> int:
        """Return what is readable when there is something to hear."""
        return self._control.fileno()

    def _end(self) -> None:
        with self._turn:
            self._over = True
        while self._waiting:
            self._waiting.popleft()({"gone": True})
