"""The part of a simulation that is its scheduler's: time, taps, and where to send."""

from __future__ import annotations

from p2pkit.core import Tap, Targets
from p2pkit.sim.scheduler import Scheduler


class Scheduled:
    """What a `Simulation` shows of its scheduler."""

    scheduler: Scheduler

    @property
    def wire_digest(self) -> int:
        """CRC-32 over the times and bytes of everything delivered so far."""
        return self.scheduler.digest

    @property
    def tap(self) -> Tap | None:
        """Is told of each message; may be put in and taken out at any time."""
        return self.scheduler.tap

    @tap.setter
    def tap(self, tap: Tap | None) -> None:
        self.scheduler.tap = tap

    @property
    def confined(self) -> Targets | None:
        """Where alone nodes may send, once `confine` was called."""
        return self.scheduler.confined

    def confine(self, targets: Targets) -> None:
        """Let nodes send to these addresses alone, from now on, see `net.Network`."""
        self.scheduler.confined = targets

    @property
    def unheard(self) -> int:
        """How many datagrams arrived where nobody listens."""
        return self.scheduler.unheard

    def now(self) -> float:
        """Return the virtual time, in seconds since the run began."""
        return self.scheduler.now_s
