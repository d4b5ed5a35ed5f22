"""Backoff: whom not to ask again for a while, and about what."""

from __future__ import annotations

from p2pkit.core import Address, Context, Recent

MAX_BACKOFFS = 4_096
"""Peers and topics that a backoff is kept for; the oldest is forgotten first."""


class Backoff:
    """Pairs of peer and topic, each until a time of its own."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self._until_s = Recent[tuple[Address, str], float](MAX_BACKOFFS)

    def __contains__(self, pair: tuple[Address, str]) -> bool:
        return self._until_s.get(pair, 0.0) > self.ctx.now()

    def begin(self, peer: Address, topic: str, seconds: float) -> None:
        """Leave a peer alone about a topic from now on, for so long."""
        self._until_s.put((peer, topic), self.ctx.now() + seconds)

    def forget_old(self) -> None:
        """Let go what is over."""
        now = self.ctx.now()
        for pair in [one for one, until_s in self._until_s.items() if until_s <= now]:
            del self._until_s[pair]
