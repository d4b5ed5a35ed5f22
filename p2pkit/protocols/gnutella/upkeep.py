"""Upkeep: what a servent does from time to time, until it stops.

A link over which nothing came for a while is asked for a sign of life, by a Ping that
goes no further, and closed if there is none. Links that are missing are made up for;
who has nobody left to try asks its neighbors whom they know.
"""

from __future__ import annotations

from p2pkit.core import BothContext, Timer
from p2pkit.protocols.gnutella.config import GnutellaConfig
from p2pkit.protocols.gnutella.growth import Growth
from p2pkit.protocols.gnutella.links import Links
from p2pkit.protocols.gnutella.pongs import Pongs


class Upkeep:
    """Keeps links alive, and their number up."""

    def __init__(
        self,
        ctx: BothContext,
        config: GnutellaConfig,
        links: Links,
        growth: Growth,
        pongs: Pongs,
    ) -> None:
        self.ctx, self.config = ctx, config
        self.links, self.growth, self.pongs = links, growth, pongs
        self._timer: Timer | None = None

    def start(self) -> None:
        """Begin; calling twice does nothing."""
        if self._timer is None:
            # Servents that begin at once need not go on at once.
            wait_s = self.config.upkeep_s * (0.5 + self.ctx.rng.random())
            self._timer = self.ctx.after(wait_s, self._on_upkeep)

    def stop(self) -> None:
        """End."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def look(self) -> None:
        """Look after the links once."""
        self._check_silence()
        self.growth.grow()
        if self.growth.lacking() > 0:
            for link in self.links.open():
                self.pongs.ping(link, ttl=2)

    def _on_upkeep(self) -> None:
        self._timer = self.ctx.after(self.config.upkeep_s, self._on_upkeep)
        self.look()

    def _check_silence(self) -> None:
        most = max(2, round(self.config.silence_s / self.config.upkeep_s))
        for link in list(self.links.open()):
            link.quiet_rounds += 1
            if link.quiet_rounds > most:
                self.links.close(link, 408, "No sign of life")
            elif link.quiet_rounds > most // 2:
                self.pongs.ping(link, ttl=1)
