"""Joining: a newcomer is handed on by random walks, and linked where they end.

What it shows: the contact takes the newcomer in at once and sends it on a random walk
through each of its neighbors. So a newcomer gets links all over the overlay, and a
contact known to everybody is not linked to everybody.
Source: J. Leitao, J. Pereira, L. Rodrigues, "HyParView", DSN 2007, section 4.2.
Differs: a join is answered, so that the newcomer knows; contacts not needed become
spare peers; a join waits a random moment, for many nodes that join through one contact
in the same instant would push each other out again.
Read next: ``repair.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from p2pkit.core import (
    Address,
    Joined,
    Operation,
    PeerUnreachable,
    RemoteProtocolError,
    Timer,
    format_address,
)
from p2pkit.protocols.hyparview.messages import (
    ForwardJoin,
    Join,
    Neighbor,
    NeighborReply,
)

if TYPE_CHECKING:
    from p2pkit.protocols.hyparview.node import HyParView


class Joining:
    """How one node gets in, and helps others in."""

    def __init__(self, node: HyParView) -> None:
        self.node, self.ctx, self.config = node, node.ctx, node.config
        self.views = node.views
        self.contacts: list[Address] = []  # known beforehand: where to come back to
        self.operation: Operation[int] | None = None
        self.taken = 0  # joins since our last shuffle
        self._left: list[Address] = []
        self._timer: Timer | None = None

    def start(self, contacts: Sequence[Address], operation: Operation[int]) -> None:
        """Ask one contact after the other until one takes us in."""
        self.contacts = [one for one in contacts if one != self.ctx.me.address]
        self.operation = operation
        self.again()

    def again(self) -> None:
        """Begin once more with all contacts, after a random moment."""
        self._left = list(self.contacts)
        self.stop()
        delay_s = self.config.join_jitter_s * self.ctx.rng.random()
        self._timer = self.ctx.after(delay_s, self.next)

    def next(self) -> None:
        """Ask the next contact; without one, we begin alone or have failed."""
        if self._left and not self.views.active:
            self.node.repair.ask(self._left.pop(0), Join())
        elif self._left or not self.contacts:
            self.ended()
        elif self.operation is not None:
            where = ", ".join(map(format_address, self.contacts))
            reason = f"no node answers at {where}: check that it runs there"
            operation, self.operation = self.operation, None
            operation.fail(PeerUnreachable(reason))

    def ended(self) -> None:
        """Say that we are in; contacts we did not need become spare peers."""
        for contact in self.contacts:
            self.views.keep(contact)
        if self.operation is not None:
            operation, self.operation = self.operation, None
            self.ctx.emit(Joined(len(self.views.active)))
            operation.finish(len(self.views.active))

    def stop(self) -> None:
        """Cancel the timer."""
        if self._timer is not None:
            self._timer.cancel()

    def handlers(self) -> dict[type, Callable[[Address, Any], None]]:
        """Return which message is for which handler."""
        return {Join: self.on_join, ForwardJoin: self.on_forward_join}

    def on_join(self, newcomer: Address, _: Join) -> None:
        """Take a newcomer in, and send it on a walk through each other neighbor."""
        self._count()
        self.views.admit(newcomer)
        self.node.links.send(newcomer, NeighborReply(accepted=True))
        for peer in self.views.active:
            if peer != newcomer:
                forward = ForwardJoin(newcomer, self.config.active_walk)
                self.node.links.send(peer, forward)

    def on_forward_join(self, sender: Address, message: ForwardJoin) -> None:
        """Send a newcomer on; link to it where its walk ends."""
        if message.ttl > self.config.active_walk:
            reason = "walk longer than any of ours"
            raise RemoteProtocolError(reason)
        self._count()
        newcomer, ttl, views = message.newcomer, message.ttl, self.views
        if ttl == self.config.passive_walk:
            views.keep(newcomer)
        others = [one for one in views.active if one not in (sender, newcomer)]
        if ttl and others:
            peer = self.ctx.rng.choice(others)
            self.node.links.send(peer, ForwardJoin(newcomer, ttl - 1))
        elif newcomer != self.ctx.me.address and newcomer not in views.active:
            self.node.repair.ask(newcomer, Neighbor(urgent=True))

    def _count(self) -> None:
        self.taken += 1
        if self.taken > self.config.max_joins:
            reason = "too many joins"
            raise RemoteProtocolError(reason)
