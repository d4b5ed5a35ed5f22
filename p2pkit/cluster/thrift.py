"""Thrift: how much of its time a host gives to being watched."""

from __future__ import annotations

import time

QUIET_SHARE, BUSY_SHARE = 0.02, 0.004
"""Share of the time for comparing nodes while few messages pass, and while many do:
whoever has time to spare is seen sooner."""

QUIET_HZ = 5_000
"""Messages a second up to which a host is quiet. Its processor time would not tell:
where processes outnumber processors, a host that is kept waiting looks idle."""


class Thrift:
    """Sees how much a host's nodes say, from one question to the next."""

    def __init__(self) -> None:
        self._at_s, self._sent = time.monotonic(), 0

    def budget_s(self, sent: int) -> float:
        """Return how long nodes may be compared now, in seconds.

        Parameters
        ----------
        sent : int
            Messages sent so far.
        """
        now_s = time.monotonic()
        passed_s, messages = now_s - self._at_s, sent - self._sent
        self._at_s, self._sent = now_s, sent
        is_quiet = messages <= QUIET_HZ * passed_s
        return (QUIET_SHARE if is_quiet else BUSY_SHARE) * passed_s
