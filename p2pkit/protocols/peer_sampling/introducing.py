"""Introducing: a newcomer takes places in the views of random nodes.

What it shows: where a newcomer takes the place of an entry, it gets that entry. So the
number of entries that point to each node stays as it was, and the newcomer is known to
as many nodes as it knows.
Source: "CYCLON", J. Network and Systems Management 13 (2005), section 3.2.
Read next: ``random_walk.py``.
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
    format_address,
)
from p2pkit.protocols.peer_sampling.messages import (
    Introduce,
    Introduced,
    Newcomer,
    Welcome,
)

if TYPE_CHECKING:
    from p2pkit.protocols.peer_sampling.cyclon import Cyclon


class Introducing:
    """How one node gets in, and brings others in."""

    def __init__(self, node: Cyclon) -> None:
        self.node, self.ctx, self.config = node, node.ctx, node.config
        self.taken = 0  # newcomers since our last shuffle
        self.contacts: list[Address] = []  # known beforehand: where to come back to
        self.operation: Operation[int] | None = None
        self._left: list[Address] = []
        self._expected = 0  # entries that our own walks may still bring

    def handlers(self) -> dict[type, Callable[[Address, Any], None]]:
        """Return which message is for which handler."""
        return {
            Introduce: self.on_introduce,
            Newcomer: self.on_newcomer,
            Welcome: self.on_welcome,
        }

    def start(self, contacts: Sequence[Address]) -> Operation[int]:
        """Ask one contact after the other to introduce us."""
        operation: Operation[int] = Operation("bootstrap", began_s=self.ctx.now())
        known = dict.fromkeys(contacts)
        known.pop(self.ctx.me.address, None)
        self.contacts, self.operation = list(known), operation
        if self.contacts:
            self.again()
        else:
            self._ended()
        return operation

    def again(self) -> None:
        """Begin once more with all contacts."""
        if not self._left:
            self._left = list(self.contacts)
            self._next()

    def on_introduce(self, newcomer: Address, message: Introduce) -> None:
        """Send a walk for each place in a view; without peers we are its end."""
        self.taken += 1
        if self.taken > self.config.max_joins:
            reason = "too many joins"
            raise RemoteProtocolError(reason)
        self.ctx.send(newcomer, Introduced(message.tid))
        for _ in range(self.config.view):
            self._pass_on(Newcomer(newcomer, self.config.walk_hops))

    def on_newcomer(self, _: Address, message: Newcomer) -> None:
        """Pass a newcomer on; where its walk ends, make room for it."""
        if message.ttl > self.config.walk_hops:
            reason = "walk longer than any of ours"
            raise RemoteProtocolError(reason)
        self._pass_on(message)

    def on_welcome(self, _: Address, message: Welcome) -> None:
        """Take the entry whose place we took."""
        if self._expected <= 0:
            reason = "answer to no question"
            raise RemoteProtocolError(reason)
        self._expected -= 1
        self.node.view.take([message.entry], ())
        if self.node.view.ages:
            self._ended()

    def _pass_on(self, message: Newcomer) -> None:
        view, newcomer = self.node.view, message.newcomer
        peer = view.random(without=(newcomer,)) if message.ttl else None
        if peer is not None:
            self.ctx.send(peer, Newcomer(newcomer, message.ttl - 1))
        elif newcomer != self.ctx.me.address and newcomer not in view.ages:
            replaced = view.swap(newcomer)
            entry = replaced or (self.ctx.me.address, 0)
            self.ctx.send(newcomer, Welcome(entry))

    def _next(self) -> None:
        if self._left:
            contact = self._left.pop(0)
            self._expected = self.config.view
            self.node.requests.ask(contact, Introduce, self._on_introduced, self._next)
        elif self.operation is not None:
            where = ", ".join(map(format_address, self.contacts))
            reason = f"no node answers at {where}: check that it runs there"
            operation, self.operation = self.operation, None
            operation.fail(PeerUnreachable(reason))

    def _on_introduced(self, _: Introduced) -> None:
        """Wait for the walks; should they all be lost, another contact may help."""
        self.ctx.after(self.config.timeout_s, self._on_patience_ended)

    def _on_patience_ended(self) -> None:
        if self.node.view.ages:
            self._left.clear()
        else:
            self._next()

    def _ended(self) -> None:
        if self.operation is not None:
            operation, self.operation = self.operation, None
            self.ctx.emit(Joined(len(self.node.view)))
            operation.finish(len(self.node.view))
