"""Naive gossip: who hears the news tells each peer with the same odds, once.

What it shows: the first idea everybody has. It cannot notice that it fails: the
residue is decided by the odds alone, and the first sites may tell nobody at all.
Source: a random graph of who tells whom; its giant component gives the residue,
s = exp(-c (1 - s)) for c tellings a site (Erdos and Renyi 1960).
Read next: ``mongering.py``, which goes on until peers say that it is no news.
"""

from __future__ import annotations

from typing import Any, ClassVar

from p2pkit.core import Address, Context, MsgpackCodec
from p2pkit.protocols.fixed_view import FixedView
from p2pkit.protocols.rumor.config import NaiveConfig
from p2pkit.protocols.rumor.news import (
    Learned,
    Memory,
    Tell,
    require_body,
    rumor_id,
)


class NaiveGossip(FixedView):
    """One site."""

    codec: ClassVar[MsgpackCodec] = MsgpackCodec(Tell)
    Config = NaiveConfig

    def __init__(self, ctx: Context, config: NaiveConfig) -> None:
        super().__init__(ctx)
        self.config = config
        self.memory = Memory(config.memory)

    def publish(self, body: bytes) -> bytes:
        """Begin a rumor; return its id. What is known here does not begin again."""
        require_body(body)
        self._hear(Tell(body), None)
        return rumor_id(body)

    def knows(self, rumor: bytes) -> bool:
        """Tell whether this site has heard a rumor."""
        return rumor in self.memory

    def inspect(self) -> dict[str, Any]:
        """Return how many rumors are known."""
        return {"known": len(self.memory)}

    def save(self) -> bytes:
        """Keep the ids of the rumors known."""
        return self.memory.save()

    def restore(self, saved: bytes) -> None:
        """Take up what `save` returned."""
        self.memory.restore(saved)

    def receive(self, sender: Address, message: Tell) -> None:
        """Handle one message."""
        self._hear(message, sender)

    def _hear(self, message: Tell, sender: Address | None) -> None:
        rumor = rumor_id(message.body)
        if not self.memory.add(rumor):
            return
        self.ctx.emit(Learned(rumor, sender, message.hops))
        draw, odds = self.ctx.rng.random, self.config.odds
        for peer in self.view:
            if draw() < odds and peer != self.ctx.me.address:
                self.ctx.send(peer, message.onward)
