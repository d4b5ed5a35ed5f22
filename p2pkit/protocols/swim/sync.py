"""Push and pull: two nodes compare all they believe, over a stream.

What it shows: gossip reaches almost everybody; comparing whole tables now and then
reaches the rest, joins a newcomer at one stroke, and heals a partition.
Source: memberlist's push/pull; the idea is anti-entropy, Demers et al., PODC 1987.
Read next: ``node.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from p2pkit.core import Address, RemoteProtocolError, Timer
from p2pkit.protocols.swim.exchange import Exchange, OnEnd, claim_of, period_s
from p2pkit.protocols.swim.members import State
from p2pkit.protocols.swim.messages import (
    Ack,
    Entry,
    Failure,
    Ping,
    PushPull,
)

if TYPE_CHECKING:
    from p2pkit.protocols.swim.node import SwimNode


class Sync:
    """The streams of one node: those it opened, and those that were opened to it."""

    def __init__(self, node: SwimNode) -> None:
        self.node, self.ctx = node, node.ctx
        self.ours: dict[Address, Exchange] = {}
        self.theirs: dict[Address, Timer] = {}
        self.timer: Timer | None = None
        self.next_meeting_s = 0.0

    def start(self) -> None:
        """Begin to compare, at a time that chance picks."""
        base_s = self.node.config.push_pull_s
        self.timer = self.ctx.after(self.ctx.rng.uniform(0, base_s), self._on_period)

    def stop(self) -> None:
        """Compare no more."""
        ours = (one.timer for one in self.ours.values())
        for timer in (self.timer, *self.theirs.values(), *ours):
            if timer is not None:
                timer.cancel()

    def exchange(self, to: Address, on_end: OnEnd, *, join: bool = False) -> None:
        """Compare tables with whoever is at `to`; `on_end` hears whether it worked."""
        exchange = self.ours.get(to)
        if exchange is None:
            stream_s = self.node.config.stream_s
            timer = self.ctx.after(stream_s, lambda: self._give_up(to))
            exchange = self.ours[to] = Exchange(join, timer)
            self.ctx.connect(to)
        if exchange.is_over:
            on_end(exchange.was_ok)  # a moment ago: its stream is still closing
        else:
            exchange.waiting.append(on_end)

    def meet(self, stranger: Address) -> None:
        """Compare tables with somebody who knows us and whom we do not know.

        At most one such stranger a period: its address may be forged.
        """
        now = self.ctx.now()
        if now >= self.next_meeting_s:
            self.next_meeting_s = now + self.node.config.probe_s
            self.exchange(stranger, lambda _: None)

    def on_connected(self, peer: Address) -> None:
        """Send our table if we opened the stream, else give the peer some time."""
        exchange = self.ours.get(peer)
        if exchange is not None:
            self.ctx.send_stream(peer, self.table(join=exchange.join))
        else:
            stream_s = self.node.config.stream_s
            self.theirs[peer] = self.ctx.after(stream_s, lambda: self.ctx.close(peer))

    def on_closed(self, peer: Address) -> None:
        """Forget a stream."""
        exchange, timer = self.ours.pop(peer, None), self.theirs.pop(peer, None)
        if exchange is not None:
            exchange.end(False)
        if timer is not None:
            timer.cancel()

    def receive(self, peer: Address, message: Ping | PushPull | Failure | Ack) -> None:
        """Handle what came on a stream; it carries one question and its answer."""
        exchange = self.ours.get(peer)
        match message:
            case Ping() if exchange is None:
                if message.node in ("", self.node.name):
                    self.ctx.send_stream(peer, Ack(message.seq))
            case PushPull() if exchange is None:
                self.ctx.send_stream(peer, self.table())
                self.ctx.close(peer)
                self.merge(message)
            case PushPull() if exchange is not None and not exchange.is_over:
                self.ctx.close(peer)
                try:
                    self.merge(message, asked=True)
                finally:
                    if exchange.join:
                        self.node.joining.told(message.entries)
                    exchange.end(True)
            case _:
                self.ctx.close(peer)
                reason = "not asked for on a stream"
                raise RemoteProtocolError(reason)

    def table(self, *, join: bool = False) -> PushPull:
        """Return all we believe, ourselves included."""
        own = self.node.own.alive()
        me = Entry(own.node, own.address, own.meta, own.incarnation, 0, own.vsn)
        others = (member.entry() for member in self.node.members)
        return PushPull(join, (me, *others))

    def merge(self, table: PushPull, *, asked: bool = False) -> None:
        """Hear each line of a table as a claim; what is refused harms no other line."""
        refused = None
        for entry in table.entries:
            try:
                self.node.beliefs.hear(claim_of(entry, self.node.name), asked=asked)
            except RemoteProtocolError as error:
                refused = error
        if refused is not None:
            raise refused

    def _give_up(self, to: Address) -> None:
        self.ctx.close(to)
        self.ours[to].end(False)

    def _on_period(self) -> None:
        node = self.node
        for member in node.members.some(1, lambda one: one.state is State.ALIVE):
            self.exchange(member.address, lambda _: None)
        wait_s = period_s(node.config.push_pull_s, node.size)
        self.timer = self.ctx.after(wait_s, self._on_period)
