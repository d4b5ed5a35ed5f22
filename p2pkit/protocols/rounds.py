"""Rounds: nodes that act once a round, on everybody's clock.

What gossip protocols share, so that each listing is its idea alone. Rounds begin at
multiples of `round_s` of the run's clock, at all nodes together, which is the model
of the papers; with `stagger` they begin at one node after the other.
Read next: ``rumor/mongering.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta

from p2pkit.core import Address, Context, Operation, Settings, Timer
from p2pkit.protocols.fixed_view import FixedView

EARLY = 1e-6
"""Share of a round by which a timer may ring early, for sums of seconds are rounded."""


class RoundsConfig(Settings, frozen=True, kw_only=True):
    """When a node acts.

    Parameters
    ----------
    round_s : float
        One gossip period in seconds (memberlist's LAN preset has 0.2). An exchange
        shall fit into it, so that a packet takes less than half of it.
    stagger : float
        Share of a round, 0 to 1, over which nodes spread their beginnings; at 0 all
        act at the same instant.
    """

    round_s: Annotated[float, Meta(gt=0.0, le=3600.0)] = 0.2
    stagger: Annotated[float, Meta(ge=0.0, le=1.0)] = 0.0


class Rounds(FixedView):
    """A node that acts once a round, from the one after `bootstrap` on."""

    config: RoundsConfig

    def __init__(self, ctx: Context, config: RoundsConfig) -> None:
        super().__init__(ctx)
        self.config = config
        self._timer: Timer | None = None
        self._phase_s = 0.0
        if config.stagger:
            self._phase_s = config.stagger * config.round_s * ctx.rng.random()

    @property
    def round(self) -> int:
        """The number of the round that is on, by the clock."""
        since_s = self.ctx.now() - self._phase_s
        return int(since_s / self.config.round_s + EARLY)

    def on_round(self) -> None:
        """Act; called at the beginning of each round."""
        raise NotImplementedError

    def bootstrap(self, contacts: Sequence[Address]) -> Operation[None]:
        """Keep `contacts` as the view, and act from the next round on."""
        self.stop()
        self._await_round()
        return super().bootstrap(contacts)

    def stop(self) -> None:
        """Act no more."""
        if self._timer is not None:
            self._timer.cancel()

    def _await_round(self) -> None:
        begins_s = (self.round + 1) * self.config.round_s + self._phase_s
        self._timer = self.ctx.after(begins_s - self.ctx.now(), self._on_round_timer)

    def _on_round_timer(self) -> None:
        self._await_round()
        self.on_round()
