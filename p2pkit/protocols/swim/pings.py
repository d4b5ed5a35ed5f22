"""Pings that wait for an answer, ours and those we send for others.

What it shows: an answer counts from whoever was asked, with a number that nobody else
saw; so a peer cannot answer for another. A helper pings a member it knows itself, and
a bounded number at a time, so it is no tool against strangers.
Source: SWIM, section 3.1; nacks are Lifeguard's, section IV.A.
Read next: ``detector.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final, NoReturn

from p2pkit.core import Address, RemoteProtocolError
from p2pkit.protocols.swim.messages import Ack, IndirectPing, Nack, Ping

if TYPE_CHECKING:
    from p2pkit.protocols.swim.node import SwimNode

NACK_SHARE: Final = 0.8
"""Of the time for an answer, until a helper says that it had none: its word must be
there before the asker's period ends."""


class Pending:
    """One ping under way: from where an answer counts, and what it changes."""

    __slots__ = ("on_ack", "on_nack", "sources")

    def __init__(
        self,
        sources: set[Address],
        on_ack: Callable[[], None],
        on_nack: Callable[[], None] | None,
    ) -> None:
        self.sources, self.on_ack, self.on_nack = sources, on_ack, on_nack


class Pings:
    """The pings of one node that wait, by number."""

    def __init__(self, node: SwimNode) -> None:
        self.node = node
        self.waiting: dict[int, Pending] = {}
        self.relayed = 0  # how many of them are for others

    def expect(
        self,
        sources: Iterable[Address],
        on_ack: Callable[[], None],
        on_nack: Callable[[], None] | None = None,
    ) -> int:
        """Return the number of a new ping, whose answer may come from `sources`."""
        seq = self.node.ctx.rng.getrandbits(32)
        while seq in self.waiting:
            seq = self.node.ctx.rng.getrandbits(32)
        self.waiting[seq] = Pending(set(sources), on_ack, on_nack)
        return seq

    def ping(self, seq: int, name: str) -> Ping:
        """Return a ping of ours."""
        return Ping(seq, name, self.node.ctx.me.address, self.node.name)

    def forget(self, seq: int) -> None:
        """Wait no longer."""
        self.waiting.pop(seq, None)

    def on_ping(self, sender: Address, ping: Ping, *, is_member: bool) -> None:
        """Answer whoever means us; claims ride along for members alone."""
        if ping.node and ping.node != self.node.name:
            _refuse("ping for another node")
        if is_member:
            self.node.gossip.send(sender, Ack(ping.seq))
        else:
            self.node.ctx.send(sender, Ack(ping.seq))
            if ping.node:
                self.node.sync.meet(sender)

    def on_ack(self, sender: Address, ack: Ack) -> None:
        """Hear an answer."""
        self._pending(sender, ack.seq)
        self.waiting.pop(ack.seq).on_ack()

    def on_nack(self, sender: Address, nack: Nack) -> None:
        """Hear that a helper is there, and had no answer."""
        pending = self._pending(sender, nack.seq)
        if pending.on_nack is not None:
            pending.sources.discard(sender)  # it counts once
            pending.on_nack()

    def on_indirect(self, sender: Address, asked: IndirectPing) -> None:
        """Ping a member for another."""
        node, config = self.node, self.node.config
        member = node.members.by_name.get(asked.node)
        if member is None or member.address != asked.target:
            _refuse("asked to ping a stranger")
        if self.relayed >= config.max_relays:
            _refuse("too many pings for others")
        self.relayed += 1
        answer = Ack(asked.seq)
        seq = self.expect([asked.target], lambda: node.gossip.send(sender, answer))

        def on_silence() -> None:
            if seq in self.waiting and asked.nack:
                node.gossip.send(sender, Nack(asked.seq))

        def on_end() -> None:
            self.relayed -= 1
            self.forget(seq)

        node.gossip.send(asked.target, self.ping(seq, asked.node))
        node.ctx.after(config.answer_s * NACK_SHARE, on_silence)
        node.ctx.after(config.answer_s, on_end)

    def _pending(self, sender: Address, seq: int) -> Pending:
        pending = self.waiting.get(seq)
        if pending is None:
            _refuse("answer nobody waits for")
        if sender not in pending.sources:
            _refuse("answer from somebody else")
        return pending


def _refuse(reason: str) -> NoReturn:
    raise RemoteProtocolError(reason)
