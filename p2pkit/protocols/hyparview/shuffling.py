"""Shuffling: spare peers are exchanged with somebody far away, now and then.

What it shows: the passive view has to be a fresh sample of the whole overlay, or a
catastrophe finds it full of the dead. So each node sends some of its peers on a random
walk, and takes as many from the node at its end.
Source: J. Leitao, J. Pereira, L. Rodrigues, "HyParView", DSN 2007, section 4.4.
Read next: ``node.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from p2pkit.core import Address, RemoteProtocolError, Timer
from p2pkit.protocols.hyparview.messages import Shuffle, ShuffleReply

if TYPE_CHECKING:
    from p2pkit.protocols.hyparview.node import HyParView


class Shuffling:
    """The shuffles of one node."""

    def __init__(self, node: HyParView) -> None:
        self.node, self.config, self.views = node, node.config, node.views
        self.answered = 0  # since our last shuffle
        self.sent: list[Address] | None = None  # what our open shuffle offered
        self._timer: Timer | None = None

    def start(self) -> None:
        """Shuffle from time to time; up to a tenth sooner, so that none is in step."""
        self.stop()
        delay_s = self.config.shuffle_s * (1.0 - 0.1 * self.node.ctx.rng.random())
        self._timer = self.node.ctx.after(delay_s, self._on_round)

    def stop(self) -> None:
        """Cancel the timer."""
        if self._timer is not None:
            self._timer.cancel()

    def shuffle(self) -> None:
        """Send some of our peers on a random walk."""
        self.answered, views = 0, self.views
        if not views.active:
            return
        peer, me = views.choose(views.active), self.node.ctx.me.address
        self.sent = views.some(views.passive, self.config.shuffle_passive)
        others = [one for one in views.active if one != peer]
        active = views.some(others, self.config.shuffle_active)
        offer = (me, *active, *self.sent)
        self.node.links.send(peer, Shuffle(me, self.config.active_walk, offer))

    def handlers(self) -> dict[type, Callable[[Address, Any], None]]:
        """Return which message is for which handler."""
        return {Shuffle: self.on_shuffle, ShuffleReply: self.on_shuffle_reply}

    def on_shuffle(self, sender: Address, message: Shuffle) -> None:
        """Pass a shuffle on; where its walk ends, exchange peers."""
        self._check(message.offer)
        if message.ttl > self.config.active_walk:
            reason = "walk longer than any of ours"
            raise RemoteProtocolError(reason)
        self.answered += 1
        if self.answered > self.config.max_shuffles:
            reason = "too many shuffles"
            raise RemoteProtocolError(reason)
        ends = (sender, message.origin)
        others = [one for one in self.views.active if one not in ends]
        if message.ttl and others:
            further = Shuffle(message.origin, message.ttl - 1, message.offer)
            self.node.links.send(self.node.ctx.rng.choice(others), further)
        elif message.origin != self.node.ctx.me.address:
            ours = self.views.some(self.views.passive, len(message.offer))
            self.node.links.send(message.origin, ShuffleReply(tuple(ours)))
            self._take(message.offer, ours)

    def on_shuffle_reply(self, _: Address, message: ShuffleReply) -> None:
        """Take the peers that came for ours."""
        self._check(message.offer)
        if self.sent is None:
            reason = "answer to no question"
            raise RemoteProtocolError(reason)
        sent, self.sent = self.sent, None
        self._take(message.offer, sent)

    def _take(self, offer: Sequence[Address], sent: list[Address]) -> None:
        """Keep what is new; what the other node has now makes room first."""
        for peer in offer:
            self.views.keep(peer, sent)

    def _check(self, offer: Sequence[Address]) -> None:
        if len(offer) > 1 + self.config.shuffle_active + self.config.shuffle_passive:
            reason = "oversized shuffle"
            raise RemoteProtocolError(reason)

    def _on_round(self) -> None:
        self.start()
        self.node.look_after()
