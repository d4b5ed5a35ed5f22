"""Cyclon: everybody keeps a small random sample of everybody, by swapping entries.

What it shows: a node asks the peer of its oldest entry to swap a few entries. Entries
are moved and not copied, so each node stays known to about as many others as it knows,
and the overlay is nearly a random graph that never stops changing.
Source: S. Voulgaris, D. Gavidia, M. van Steen, "CYCLON: inexpensive membership
management for unstructured P2P overlays", J. Network and Systems Management 13 (2005).
Differs: whoever has room for a newcomer gives its own entry.
Read first: ``aging_view.py``. Read next: ``introducing.py``, ``random_walk.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, ClassVar

from p2pkit.core import (
    Address,
    Contact,
    Context,
    Edge,
    MsgpackCodec,
    Operation,
    RemoteProtocolError,
    Requests,
    Rng,
    Timer,
)
from p2pkit.protocols.peer_sampling import messages as m
from p2pkit.protocols.peer_sampling.aging_view import AgingView
from p2pkit.protocols.peer_sampling.config import CyclonConfig
from p2pkit.protocols.peer_sampling.introducing import Introducing
from p2pkit.protocols.peer_sampling.random_walk import RandomWalks


class Cyclon:
    """One node."""

    codec: ClassVar[MsgpackCodec] = MsgpackCodec(*m.MESSAGES, max_bytes=m.MAX_BYTES)
    carrier: ClassVar[str] = "datagram"
    Config = CyclonConfig

    def __init__(self, ctx: Context, config: CyclonConfig | None = None) -> None:
        self.ctx, self.config = ctx, CyclonConfig.of(config)
        self.view = AgingView(ctx.me.address, self.config.view, ctx.rng)
        resend_s, timeout_s = self.config.resend_s, self.config.timeout_s
        self.requests = Requests(ctx, resend_s=resend_s, timeout_s=timeout_s)
        self.introducing, self.walks = Introducing(self), RandomWalks(self)
        self.remembered: list[Address] = []  # from before a restart
        self._timer: Timer | None = None
        self._handlers: dict[type, Callable[[Address, Any], None]] = {
            m.Exchange: self._on_exchange,
            **dict.fromkeys((m.ExchangeReply, m.Introduced), self._on_reply),
            **self.introducing.handlers(),
            **self.walks.handlers(),
        }

    @staticmethod
    def choose_id(rng: Rng, address: Address, config: CyclonConfig) -> int:
        """Return a random id; peers are told apart by their addresses alone."""
        return rng.getrandbits(160)

    def receive(self, sender: Address, message: Any) -> None:
        """Handle one message; calls never overlap."""
        self._handlers[type(message)](sender, message)

    def bootstrap(self, contacts: Sequence[Address]) -> Operation[int]:
        """Be introduced by one of these; ends with the peers in the view."""
        self._again()
        return self.introducing.start([*contacts, *self.remembered])

    def maintain(self) -> Operation[int]:
        """Shuffle once; ends with the peers in the view."""
        operation: Operation[int] = Operation("maintain")
        self.shuffle(lambda: operation.finish(len(self.view)))
        return operation

    def sample(self, count: int = 1) -> Operation[list[Address]]:
        """Find `count` random nodes, each at the end of a random walk."""
        return self.walks.sample(count)

    def shuffle(self, on_end: Callable[[], None] = lambda: None) -> None:
        """Swap entries with the peer of the oldest one, which is used up by it."""
        self.introducing.taken = 0
        self.view.grow_old()
        peer = self.view.pop_oldest()
        if peer is None:
            self.introducing.again()
            on_end()
            return
        sent = self.view.some(self.config.shuffle - 1)
        offer = ((self.ctx.me.address, 0), *sent)

        def answered(reply: m.ExchangeReply) -> None:
            self.view.take(reply.entries, sent)
            on_end()

        self.requests.ask(peer, partial(m.Exchange, entries=offer), answered, on_end)

    def neighbors(self) -> Iterator[Edge]:
        """Yield the peers in the view."""
        return (Edge("view", Contact(0, peer)) for peer in self.view.ages)

    def inspect(self) -> dict[str, Any]:
        """Return the view with the ages of its entries, youngest first."""
        return {"view": sorted(self.view.ages.items(), key=lambda entry: entry[1])}

    def save(self) -> bytes:
        """Return the peers in the view, for a restart."""
        return self.view.save()

    def restore(self, saved: bytes) -> None:
        """Take up what `save` returned: peers to be introduced by."""
        self.remembered = AgingView.restore(saved)

    def stop(self) -> None:
        """Cancel the timers; others forget us as our entries grow old."""
        self.requests.stop()
        self.walks.stop()
        if self._timer is not None:
            self._timer.cancel()

    def _on_exchange(self, sender: Address, message: m.Exchange) -> None:
        self._check(message.entries)
        ours = self.view.some(len(message.entries), without=sender)
        self.ctx.send(sender, m.ExchangeReply(message.tid, tuple(ours)))
        self.view.take(message.entries, ours)

    def _on_reply(self, sender: Address, reply: m.ExchangeReply | m.Introduced) -> None:
        if isinstance(reply, m.ExchangeReply):
            self._check(reply.entries)
        pending = self.requests.settle(sender, reply.tid)
        if pending is None:
            reason = "answer to no question"
            raise RemoteProtocolError(reason)
        pending.on_reply(reply)

    def _check(self, entries: Sequence[m.Entry]) -> None:
        if len(entries) > self.config.shuffle:
            reason = "oversized shuffle"
            raise RemoteProtocolError(reason)

    def _again(self) -> None:  # up to a tenth sooner, so that none is in step
        delay_s = self.config.period_s * (1.0 - 0.1 * self.ctx.rng.random())
        self._timer = self.ctx.after(delay_s, self._on_period)

    def _on_period(self) -> None:
        self._again()
        self.shuffle()
