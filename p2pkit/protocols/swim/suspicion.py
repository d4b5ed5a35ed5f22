"""Suspicion: how long a suspect has to say that it is there.

What it shows: the time grows with the logarithm of the cluster, as gossip does, and
under Lifeguard it starts long and shrinks with every member that confirms: whoever is
alone in suspecting is perhaps slow itself.
Source: A. Dadgar, J. Phillips, J. Currey, "Lifeguard", DSN-W 2018, section IV.B; the
scaling is memberlist's.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from p2pkit.core import Context
from p2pkit.protocols.swim.config import SwimConfig


def shortest_s(config: SwimConfig, size: int) -> float:
    """Return how long a suspicion lasts at least, among `size` members, in seconds.

    Examples
    --------
    >>> [shortest_s(SwimConfig(), n) for n in (2, 10, 100)]
    [4.0, 4.0, 8.0]
    """
    return config.suspicion_mult * max(1.0, math.log10(max(1, size))) * config.probe_s


def confirmations_needed(config: SwimConfig, size: int) -> int:
    """Return how many others must confirm until a suspicion is as short as it gets."""
    needed = max(0, config.suspicion_mult - 2)
    return needed if config.confirmations and size - 2 >= needed else 0


def timeout_s(confirmed: int, needed: int, least_s: float, most_s: float) -> float:
    """Return how long a suspicion lasts that `confirmed` others share, in seconds.

    Examples
    --------
    >>> [round(timeout_s(c, 3, 2.0, 30.0), 2) for c in range(5)]
    [30.0, 16.0, 7.81, 2.0, 2.0]
    """
    if needed < 1:
        return least_s
    share = math.log(confirmed + 1) / math.log(needed + 1)
    return max(least_s, most_s - (most_s - least_s) * share)


class Suspicion:
    """The time one suspect has; `on_end` is called when it is over.

    A `brief` one is as short from the start as confirmations would make it.
    """

    def __init__(
        self,
        ctx: Context,
        config: SwimConfig,
        size: int,
        by: str,
        on_end: Callable[[], None],
        *,
        brief: bool = False,
    ) -> None:
        self.ctx, self.on_end, self.began_s = ctx, on_end, ctx.now()
        self.needed = 0 if brief else confirmations_needed(config, size)
        self.least_s = shortest_s(config, size)
        self.most_s = self.least_s * config.suspicion_max_mult
        self.accusers = {by}  # the first, and those that confirmed
        self.timer = ctx.after(self.lasts_s(), on_end)

    def lasts_s(self) -> float:
        """Return how long it lasts in all, as things stand."""
        confirmed = len(self.accusers) - 1
        return timeout_s(confirmed, self.needed, self.least_s, self.most_s)

    def confirm(self, by: str) -> bool:
        """Hear of another who suspects; tell whether that shortens the time."""
        if by in self.accusers or len(self.accusers) > self.needed:
            return False
        self.accusers.add(by)
        self.timer.cancel()
        left_s = self.began_s + self.lasts_s() - self.ctx.now()
        self.timer = self.ctx.after(max(0.0, left_s), self.on_end)
        return True

    def stop(self) -> None:
        """Let it come to nothing."""
        self.timer.cancel()
