"""Turns: virtual time moves in one thread at a time, and others may go in between.

A cell that lets an hour pass must not keep a view's button waiting until its end. So
whoever moves time for long draws breath now and then, and lets those who wait go first.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import Self


class Turns:
    """A lock that threads get in order of asking, again and again by one thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: deque[tuple[int, threading.Lock]] = deque()
        self._owner: int | None = None
        self._depth = 0

    def __enter__(self) -> Self:
        me = threading.get_ident()
        with self._lock:
            if self._owner in (me, None):
                self._owner = me
                self._depth += 1
                return self
            place = me, threading.Lock()
            place[1].acquire()
            self._waiting.append(place)
        try:
            place[1].acquire()  # whoever hands the turn to us releases it
        except BaseException:  # Ctrl-C while we wait
            self._give_up(place)
            raise
        return self

    def __exit__(self, *error: object) -> None:
        with self._lock:
            self._depth -= 1
            if not self._depth:
                self._hand_on()

    def breathe(self) -> None:
        """Let whoever waits go first; nothing inside a turn inside a turn."""
        if self._waiting and self._depth == 1:
            self.__exit__()
            self.__enter__()

    def _hand_on(self) -> None:
        self._owner = None
        if self._waiting:
            self._owner, bell = self._waiting.popleft()
            self._depth = 1
            bell.release()

    def _give_up(self, place: tuple[int, threading.Lock]) -> None:
        with self._lock:
            if place in self._waiting:
                self._waiting.remove(place)
            else:  # it became our turn just then
                self._depth = 0
                self._hand_on()
