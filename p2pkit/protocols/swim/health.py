"""Local health: a node that is slow itself should not judge others by its clock.

What it shows: missed answers are evidence against the one who asked as much as against
the one who did not answer. So each of them lengthens our own period and our patience,
each success shortens them, and a helper's word that it is there clears us.
Source: Lifeguard, section IV.A (the Local Health Multiplier).
"""

from __future__ import annotations


class Health:
    """How slow a node seems to itself, from 0 (healthy) to `most`.

    Examples
    --------
    >>> health = Health(most=8, is_on=True)
    >>> health.note(+2)
    >>> health.scale(1.0)
    3.0
    """

    def __init__(self, most: int, *, is_on: bool) -> None:
        self.most, self.is_on, self.score = most, is_on, 0

    def note(self, change: int) -> None:
        """Count a success as -1, a missed answer or a refutation as +1."""
        self.score = min(self.most, max(0, self.score + change))

    def scale(self, seconds: float) -> float:
        """Return a time as long as our slowness demands."""
        return seconds * (self.score + 1) if self.is_on else seconds
