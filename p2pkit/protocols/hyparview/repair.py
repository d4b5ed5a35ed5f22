"""Repair: whoever loses a neighbor asks its spare peers, one after the other.

What it shows: a broken stream tells of a death at once, so nobody sends heartbeats, and
a node that has lost all but a few of its peers is linked again within a few round
trips. A node with neighbors may be refused; one without must be taken, and whom it
displaces will find another.
Source: J. Leitao, J. Pereira, L. Rodrigues, "HyParView", DSN 2007, section 4.3.
Differs: two nodes that ask each other at once accept; a place is held for a peer that
has been asked; after some refusals we wait for other peers to come with a shuffle.
A peer that hangs with its streams open is not noticed, as in the paper.
Read next: ``healing.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from p2pkit.core import Address, RemoteProtocolError, Timer
from p2pkit.protocols.hyparview.messages import (
    Disconnect,
    Join,
    Neighbor,
    NeighborReply,
)

if TYPE_CHECKING:
    from p2pkit.protocols.hyparview.node import HyParView

MAX_ASKED = 16
"""Peers asked and not yet heard from: a forged walk must not make us call many."""


class Repair:
    """The requests of one node for neighbors."""

    def __init__(self, node: HyParView) -> None:
        self.node, self.config, self.views = node, node.config, node.views
        self.is_on = True
        self.asked: dict[Address, tuple[Join | Neighbor, Timer]] = {}
        self._tried: set[Address] = set()
        self._refusals = 0

    def ask(self, peer: Address, message: Join | Neighbor) -> None:
        """Ask a peer to be our neighbor."""
        if peer in self.asked:
            return
        if len(self.asked) >= MAX_ASKED:
            reason = "too many peers to call"
            raise RemoteProtocolError(reason)
        timer = self.node.ctx.after(
            self.config.answer_s, partial(self.on_failure, peer)
        )
        self.asked[peer] = message, timer
        self.node.links.send(peer, message)

    def begin(self) -> None:
        """Look for neighbors afresh: who refused may have room by now."""
        self._tried.clear()
        self._refusals = 0
        self.seek()

    def seek(self) -> None:
        """Ask a spare peer if there is room that no other request may fill."""
        if not self.is_on or self.views.room <= len(self.asked):
            return
        spare = [one for one in self.views.passive if one not in self._tried]
        if spare and self._refusals < self.config.refusals:
            peer = self.node.ctx.rng.choice(spare)
            self._tried.add(peer)
            self.ask(peer, Neighbor(urgent=not self.views.active))
        elif not self.views.active and not self.asked and self.node.joining.contacts:
            self.node.joining.again()

    def handlers(self) -> dict[type, Callable[[Address, Any], None]]:
        """Return which message is for which handler."""
        return {
            Neighbor: self.on_neighbor,
            NeighborReply: self.on_neighbor_reply,
            Disconnect: self.on_disconnect,
        }

    def on_neighbor(self, peer: Address, message: Neighbor) -> None:
        """Accept a neighbor if it has nobody else, or there is room for it."""
        views = self.views
        free = views.room > len(self.asked) or (views.room > 0 and peer in self.asked)
        accepted = message.urgent or free or peer in views.active
        self.node.links.send(peer, NeighborReply(accepted))
        if accepted:
            self.views.admit(peer)

    def on_neighbor_reply(self, peer: Address, message: NeighborReply) -> None:
        """Link to a peer that accepted; after a refusal ask another."""
        if peer not in self.asked:
            reason = "answer to no question"
            raise RemoteProtocolError(reason)
        question, timer = self.asked.pop(peer)
        timer.cancel()
        if message.accepted:
            self._on_accepted(peer, question)
        else:
            self._refusals += 1
        self._go_on(question)

    def on_disconnect(self, peer: Address, _: Disconnect) -> None:
        """Keep a former neighbor in reserve, and look for another."""
        if peer not in self.views.active:
            reason = "goodbye of a stranger"
            raise RemoteProtocolError(reason)
        self.node.links.close(peer)
        self.views.leave(peer)
        self.views.keep(peer)
        self.begin()

    def on_failure(self, peer: Address) -> None:
        """Forget a peer that is gone or does not answer; replace it if need be."""
        was_active = peer in self.views.active
        question, timer = self.asked.pop(peer, (None, None))
        if timer is not None:
            timer.cancel()
        self.node.links.close(peer)
        self.views.forget(peer)
        if was_active:
            self.begin()
        elif question is not None:
            self._go_on(question)

    def stop(self) -> None:
        """Cancel the timers."""
        for _, timer in self.asked.values():
            timer.cancel()
        self.asked.clear()

    def _on_accepted(self, peer: Address, question: Join | Neighbor) -> None:
        urgent = isinstance(question, Join) or question.urgent
        if urgent or self.views.room > 0 or peer in self.views.active:
            self.views.admit(peer)
        else:
            self.views.dismiss(peer)  # somebody else was quicker

    def _go_on(self, question: Join | Neighbor) -> None:
        if not isinstance(question, Join):
            self.seek()
        elif self.views.active:
            self.node.joining.ended()
        else:
            self.node.joining.next()
