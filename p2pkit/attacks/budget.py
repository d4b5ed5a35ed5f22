"""A budget: what an attacker may say in a second, for nobody has endless bandwidth.

An attack without a price proves nothing. Every attacker here is given one: so many
identities, each with one address, and so many messages a second for each.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from p2pkit.core import Address, Context, Event, Timer

BURST_S = 1.0
"""Seconds whose messages may be saved up and then sent at once."""


class Budgeted:
    """A context that lets `messages_hz` messages a second through, and no more.

    Parameters
    ----------
    ctx : Context
        The driver's own.
    messages_hz : float
        Messages a second; what is not used within a second is lost.

    Attributes
    ----------
    spent, refused : int
        Messages that went, and those for which nothing was left.
    """

    def __init__(self, ctx: Context, messages_hz: float) -> None:
        self._ctx, self.messages_hz = ctx, messages_hz
        self.me, self.rng = ctx.me, ctx.rng
        self.spent = self.refused = 0
        self._left, self._seen_s = messages_hz * BURST_S, ctx.now()

    def now(self) -> float:
        """Return the seconds since the run began."""
        return self._ctx.now()

    def send(self, to: Address, message: Any) -> None:
        """Send one message, if there is something left to pay it with."""
        now = self._ctx.now()
        earned = self.messages_hz * (now - self._seen_s)
        self._left = min(self._left + earned, self.messages_hz * BURST_S)
        self._seen_s = now
        if self._left < 1.0:
            self.refused += 1
            return
        self._left -= 1.0
        self.spent += 1
        self._ctx.send(to, message)

    def after(self, delay_s: float, call: Callable[[], None]) -> Timer:
        """Call `call` once, `delay_s` seconds from now."""
        return self._ctx.after(delay_s, call)

    def emit(self, event: Event) -> None:
        """Report an event."""
        self._ctx.emit(event)
