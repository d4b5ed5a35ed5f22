"""One comparison of tables that a node began, and how often it begins one.

Read next: ``sync.py``.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from p2pkit.core import Timer
from p2pkit.protocols.swim.members import STATES, State
from p2pkit.protocols.swim.messages import Alive, Claim, Dead, Entry, Suspect

OnEnd = Callable[[bool], None]

LARGE = 32
"""Members from which on tables are compared more rarely."""


def period_s(base_s: float, size: int) -> float:
    """Return how often whole tables are compared, among `size` members, in seconds.

    Examples
    --------
    >>> [period_s(30.0, n) for n in (32, 33, 64, 65, 128)]
    [30.0, 60.0, 60.0, 90.0, 90.0]
    """
    if size <= LARGE:
        return base_s
    return base_s * (math.ceil(math.log2(size) - math.log2(LARGE)) + 1)


def claim_of(entry: Entry, by: str) -> Claim:
    """Return what a line of another's table claims; its bad news is a suspicion."""
    number, name = entry.incarnation, entry.node
    match STATES[entry.state]:
        case State.ALIVE:
            return Alive(number, name, entry.address, entry.meta, entry.vsn)
        case State.LEFT:
            return Dead(number, name, name)
        case _:
            return Suspect(number, name, by)


class Exchange:
    """One comparison that we began; who waits for it is told once."""

    def __init__(self, join: bool, timer: Timer) -> None:
        self.join, self.timer = join, timer
        self.waiting: list[OnEnd] = []
        self.is_over = self.was_ok = False

    def end(self, ok: bool) -> None:
        """Tell who waits how it went."""
        self.is_over, self.was_ok = True, ok
        self.timer.cancel()
        waiting, self.waiting = self.waiting, []
        for on_end in waiting:
            on_end(ok)
