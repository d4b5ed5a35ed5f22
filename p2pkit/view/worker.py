"""Workers: threads that do what views ask, so that nobody who hears them must wait."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Mapping
from typing import Any

from p2pkit.core import Finished, LocalProtocolError, Record
from p2pkit.view import commands
from p2pkit.view.messages import encoded, sentence

WORKERS = 4
"""Commands that are done at once."""

MOST_WAITING = 64
"""Commands that may wait; further ones are refused."""

END_S = 5.0
"""Seconds that a thread may take to end; one that waits for a lookup is left to it."""

FULL = "too much is waiting to be done already: try again later"


class Workers:
    """Does commands, four at once, and answers each.

    Parameters
    ----------
    desk : Desk
        What commands work on.
    play : callable
        Plays the path of a lookup that a view asked for.
    """

    def __init__(self, desk: commands.Desk, play: Callable[[Record], object]) -> None:
        self._desk, self._play = desk, play
        self._queue: queue.Queue[Any] = queue.Queue(MOST_WAITING)
        self._is_closed = False
        self._threads = [
            threading.Thread(target=self._work, name=f"view {i}", daemon=True)
            for i in range(WORKERS)
        ]

    def start(self) -> None:
        """Start the threads."""
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Do what is begun, and nothing more."""
        self._is_closed = True
        for _ in self._threads:
            self._offer(None)
        for thread in self._threads:
            if thread.is_alive() and thread is not threading.current_thread():
                thread.join(END_S)

    def ask(self, message: Mapping[str, Any], answer: Callable[[str], object]) -> None:
        """Have a command done; its reply goes to `answer`, from another thread."""
        if not self._offer((message, answer)):
            answer(_reply(message, {"ok": False, "error": FULL}))

    def _offer(self, job: Any) -> bool:
        try:
            self._queue.put_nowait(job)
        except queue.Full:
            return False
        return True

    def _work(self) -> None:
        while not self._is_closed and (job := self._queue.get()) is not None:
            message, answer = job
            answer(_reply(message, self._do(message)))

    def _do(self, message: Mapping[str, Any]) -> dict[str, Any]:
        try:
            done = self._done(message)
        except Exception as error:  # noqa: BLE001  # a thread has nobody else to tell
            return {"ok": False, "error": sentence(error)}
        return {"ok": True, **done}

    def _done(self, message: Mapping[str, Any]) -> dict[str, Any]:
        command = commands.read(str(message.get("name")), message.get("args"))
        if not command.fits(self._desk):
            reason = f"this cluster cannot {message['name']}"
            raise LocalProtocolError(reason)
        done = command.do(self._desk)
        path = done.pop("path", None)
        if path is not None:
            self._play_last(*path)
        return done

    def _play_last(self, node: str, verb: str) -> None:
        """Play the latest operation of a node that asked anybody."""
        for record in reversed(self._desk.cluster.trace.of(Finished)):
            event = record.event
            if record.node == node and event.verb == verb:
                if event.steps:
                    self._play(record)
                return


def _reply(message: Mapping[str, Any], answer: dict[str, Any]) -> str:
    to, call = message.get("from"), message.get("call")
    return encoded({"type": "reply", "to": to, "call": call, **answer})
