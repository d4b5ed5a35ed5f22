"""A fake driver: one node, and a test that plays everybody else.

Time stands still until the test moves it; what the node sends waits to be taken.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable
from typing import Any

from p2pkit.core import Address, Contact, Event


class RecordedTimer:
    def __init__(self, call: Callable[[], None]) -> None:
        self.call: Callable[[], None] | None = call

    def cancel(self) -> None:
        self.call = None


class Recorder:
    """A Context that keeps what the node says, for the test to take piece by piece."""

    def __init__(
        self,
        node_id: int = 1 << 159,
        address: Address = ("127.0.0.1", 6881),
        seed: int | str = 7,
        codec: Any = None,
    ) -> None:
        self.me = Contact(node_id, address)
        self.rng = random.Random(seed)
        self.codec = codec  # what is sent has to fit the wire, if there is one
        self.sent: list[tuple[Address, Any]] = []
        self.events: list[Event] = []
        self.now_s = 0.0
        self._timers: list[tuple[float, int, RecordedTimer]] = []
        self._set = 0

    def now(self) -> float:
        return self.now_s

    def send(self, to: Address, message: Any) -> None:
        if self.codec is not None:
            message = self.codec.decode(self.codec.encode(message))
        self.sent.append((to, message))

    def after(self, delay_s: float, call: Callable[[], None]) -> RecordedTimer:
        timer = RecordedTimer(call)
        self._set += 1
        heapq.heappush(self._timers, (self.now_s + max(0.0, delay_s), self._set, timer))
        return timer

    def emit(self, event: Event) -> None:
        self.events.append(event)

    # --- the test's side ----------------------------------------------------------

    def take(self, kind: type = object) -> tuple[Address, Any]:
        """Take the oldest message of a kind, and whom it went to."""
        for index, (_, message) in enumerate(self.sent):
            if isinstance(message, kind):
                return self.sent.pop(index)
        raise AssertionError(f"no {kind.__name__} was sent, only {self.sent}")

    def take_all(self, kind: type = object) -> list[tuple[Address, Any]]:
        """Take every message of a kind, oldest first."""
        taken = [one for one in self.sent if isinstance(one[1], kind)]
        self.sent = [one for one in self.sent if not isinstance(one[1], kind)]
        return taken

    def advance(self, seconds: float) -> None:
        """Let time pass, and timers ring in their order."""
        until_s = self.now_s + seconds
        while self._timers and self._timers[0][0] <= until_s:
            self.now_s, _, timer = heapq.heappop(self._timers)
            if timer.call is not None:
                call, timer.call = timer.call, None
                call()
        self.now_s = until_s

    @property
    def timers(self) -> int:
        """How many timers are set and not canceled."""
        return sum(timer.call is not None for _, _, timer in self._timers)
