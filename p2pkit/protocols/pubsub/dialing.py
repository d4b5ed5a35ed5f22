"""Dialing: linking to the neighbors that a node was given, and to those lost again."""

from __future__ import annotations

from collections.abc import Sequence

from p2pkit.core import (
    Address,
    Joined,
    Links,
    Operation,
    PeerUnreachable,
    StreamContext,
    Timer,
)
from p2pkit.protocols.pubsub.config import PubSubConfig


class Dialing:
    """The neighbors that one node ought to have, and the timer that looks for them."""

    def __init__(self, ctx: StreamContext, links: Links, config: PubSubConfig) -> None:
        self.ctx, self.links, self.config = ctx, links, config
        self.contacts: list[Address] = []
        self.remembered: list[Address] = []  # from before a restart
        self._waiting: dict[Address, None] = {}  # not yet heard of in this round
        self._operation: Operation[int] | None = None
        self._timer: Timer | None = None

    def start(self, contacts: Sequence[Address]) -> Operation[int]:
        """Link to these neighbors, and to those from before a restart."""
        known = dict.fromkeys([*contacts, *self.remembered])
        known.pop(self.ctx.me.address, None)
        self.contacts = list(known)
        self._again()
        return self.dial("bootstrap")

    def dial(self, verb: str) -> Operation[int]:
        """Try all that are not there; ends when each has answered, or in time."""
        operation: Operation[int] = Operation(verb, began_s=self.ctx.now())
        self._waiting = dict.fromkeys(c for c in self.contacts if c not in self.links)
        self._end()  # a round that was still under way ends with this one
        self._operation = operation
        for peer in list(self._waiting):
            self.links.open(peer)
        if self._waiting:
            self.ctx.after(self.config.dial_s, lambda: self._end(operation))
        else:
            self._end()
        return operation

    def on_news(self, peer: Address) -> None:
        """Hear that a neighbor is there, or cannot be reached."""
        if self._waiting.pop(peer, self) is None and not self._waiting:
            self._end()

    def stop(self) -> None:
        """Cancel the timer."""
        if self._timer is not None:
            self._timer.cancel()

    def _end(self, only: Operation[int] | None = None) -> None:
        operation = self._operation
        if operation is None or (only is not None and only is not operation):
            return
        self._operation = None
        if self.contacts and not len(self.links):
            reason = f"none of {len(self.contacts)} neighbors answers: check they run"
            operation.fail(PeerUnreachable(reason))
            return
        if operation.verb == "bootstrap":
            self.ctx.emit(Joined(len(self.links)))
        operation.finish(len(self.links))

    def _again(self) -> None:
        delay_s = self.config.redial_s * (1.0 - 0.1 * self.ctx.rng.random())
        self._timer = self.ctx.after(delay_s, self._on_round)

    def _on_round(self) -> None:
        self._again()
        for peer in self.contacts:
            if peer not in self.links:
                self.links.open(peer)
