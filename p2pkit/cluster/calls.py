"""Calls to nodes: one, or thousands with some of them in flight."""

from __future__ import annotations

import inspect
import threading
from collections import deque
from collections.abc import Iterable
from concurrent.futures import Future
from functools import partial
from typing import Any

from p2pkit.cluster.node import require_verb
from p2pkit.cluster.run import Run
from p2pkit.core import ClusterError, P2PError, RequestTimeout

Call = tuple[int, str, tuple[Any, ...]]
"""Index of the node, verb, arguments."""


def begin_call(
    run: Run, index: int, verb: str, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Future[Any]:
    """Begin a call of a public verb of an alive node.

    Raises
    ------
    ClusterError
        If the node is not alive, or its protocol has no such verb.
    TypeError
        If the arguments are not those of the verb.
    """
    seat = run.seat_at(index)
    protocol_class = run.kinds[seat.kind].protocol_class
    require_verb(protocol_class, verb)
    if seat.state != "alive":
        cure = "resume" if seat.state == "paused" else "restart"
        reason = f"{seat.name} is {seat.state} and cannot {verb}: {cure}({index}) first"
        raise ClusterError(reason)
    method = inspect.getattr_static(protocol_class, verb)
    bound = isinstance(method, (staticmethod, classmethod))
    itself = () if bound else (None,)
    inspect.signature(getattr(protocol_class, verb)).bind(*itself, *args, **kwargs)
    return run.carrier.begin(seat.host, "call", seat.name, verb, args, kwargs)


def call_many(
    run: Run,
    calls: Iterable[Call],
    in_flight: int,
    timeout_s: float,
    return_errors: bool,
) -> list[Any]:
    """Do many calls, `in_flight` at once; return their results in order."""
    window = Window(run, calls)
    window.open(in_flight)
    if not run.carrier.wait([window.all_ended], timeout_s):
        window.todo.clear()
        reason = (
            f"{window.left} of {len(window.ended)} calls have not ended after "
            f"{timeout_s:g} s: allow more with timeout_s"
        )
        raise RequestTimeout(reason)
    if return_errors:
        return [one.exception() or one.result() for one in window.ended]
    return [one.result() for one in window.ended]


class Window:
    """Begins the next call when one has ended."""

    def __init__(self, run: Run, calls: Iterable[Call]) -> None:
        self.run = run
        self.todo = deque(enumerate(calls))
        self.left = len(self.todo)
        self.ended: list[Future[Any]] = [Future()] * self.left
        self.all_ended: Future[None] = Future()
        # Calls end in the control thread while this one still begins the first.
        self._lock = threading.Lock()

    def open(self, in_flight: int) -> None:
        """Begin the first calls."""
        if in_flight < 1:
            reason = f"at least 1 call must be in flight, not {in_flight}"
            raise ClusterError(reason)
        if not self.todo:
            self.all_ended.set_result(None)
        for _ in range(min(in_flight, len(self.todo))):
            self._next()

    def _next(self) -> None:
        while self.todo:
            try:
                place, call = self.todo.popleft()
            except IndexError:
                return
            future = self._begin(*call)
            if not future.done():
                future.add_done_callback(partial(self._on_end, place))
                return
            self._keep(place, future)

    def _begin(self, index: int, verb: str, args: tuple[Any, ...]) -> Future[Any]:
        try:
            return begin_call(self.run, index, verb, args, {})
        except (P2PError, IndexError, TypeError) as error:
            failed: Future[Any] = Future()
            failed.set_exception(error)
            return failed

    def _on_end(self, place: int, future: Future[Any]) -> None:
        self._keep(place, future)
        self._next()

    def _keep(self, place: int, future: Future[Any]) -> None:
        self.ended[place] = future
        with self._lock:
            self.left -= 1
            is_last = self.left == 0
        if is_last:
            self.all_ended.set_result(None)
