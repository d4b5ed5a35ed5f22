"""A node of the ring, which answers for one position on it, or for several.

What it shows: virtual nodes need nothing new on the ring. A node has as many positions
as it likes to carry load, and messages say which one they mean.
Source: I. Stoica et al., "Chord", ToN 2003, figure 5 and section 6.2.
Read first: ``node.py``. Read next: ``member.py``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from p2pkit.core import (
    Address,
    Contact,
    Context,
    Edge,
    MsgpackCodec,
    Operation,
    RemoteProtocolError,
    Rng,
)
from p2pkit.protocols.chord import messages as m
from p2pkit.protocols.chord.config import ChordConfig
from p2pkit.protocols.chord.leaving import goodbye
from p2pkit.protocols.chord.node import Position
from p2pkit.protocols.chord.peers import Peers
from p2pkit.protocols.chord.ring import own_ids, positions_at
from p2pkit.protocols.chord.timers import Timers
from p2pkit.protocols.chord.walk import OnFound


class ChordHost:
    """One node and its positions; what it says of them and answers for them."""

    codec: ClassVar[MsgpackCodec] = m.CODEC
    carrier: ClassVar[str] = "datagram"
    Config = ChordConfig

    def __init__(self, ctx: Context, config: ChordConfig | None = None) -> None:
        self.ctx, self.config = ctx, ChordConfig.of(config)
        self.peers = Peers(ctx, self.config, self._on_lost)
        self.ring = self.peers.ring
        self.positions = [
            Position(Contact(one, ctx.me.address), ctx, self.config, self.peers)
            for one in own_ids(ctx.me, ctx.rng, self.config)
        ]
        self.timers = Timers(ctx, self.positions)
        self._operations = 0

    @staticmethod
    def choose_id(rng: Rng, address: Address, config: ChordConfig | None = None) -> int:
        """Return the hash of `address`, or a random id if ids are not hashed."""
        config = ChordConfig.of(config)
        if config.hashed_ids:
            return positions_at(address, 1, config.id_bits)[0]
        return rng.getrandbits(config.id_bits)

    def receive(self, sender: Address, message: m.Request | m.Reply) -> None:
        """Handle one message; calls never overlap."""
        if isinstance(message, m.Request):
            self._on_request(sender, message)
        elif isinstance(message, m.Routed):
            self._on_routed(sender, message)
        else:
            self.peers.on_reply(sender, message)

    def _on_request(self, sender: Address, request: m.Request) -> None:
        contact = self.peers.claims.contact(request.sender_id, sender)
        to = self.ring.unpack(request.to) if request.to else self.ctx.me.id
        for position in self.positions:
            if position.me.id == to:
                answer = position.answer(contact, request)
                self.ctx.send(sender, answer)
                if isinstance(answer, m.Refused):
                    raise RemoteProtocolError(m.REFUSALS[answer.code])
                return
        reason = "request to an id that is not here"
        raise RemoteProtocolError(reason)

    def _on_routed(self, sender: Address, reply: m.Routed) -> None:
        self.peers.claims.contact(reply.sender_id, sender)
        for position in self.positions:
            if reply.tid in position.relays.waiting:
                position.relays.waiting[reply.tid](reply)
                return
        reason = "answer nobody waits for"
        raise RemoteProtocolError(reason)

    def find(self, key: int, on_end: OnFound) -> None:
        """Look up a key from the position of ours that is nearest before it."""
        own = min(self.positions, key=lambda one: self.ring.gap(one.me.id, key))
        own.find(key, on_end)

    def neighbors(self) -> Iterator[Edge]:
        """Yield each position after the first, and after each those it is linked to."""
        for number, one in enumerate(self.positions):
            if number:
                yield Edge("position", one.me)
            yield from (Edge("successor", contact) for contact in one.successors)
            if one.predecessor is not None:
                yield Edge("predecessor", one.predecessor)
            yield from (Edge("finger", to) for to in one.fingers.distinct())

    def inspect(self) -> dict[str, Any]:
        """Return every position's tables and keys, as plain data."""
        config = self.config
        shared = {"id_bits": config.id_bits, "replicas": config.replicas}
        positions = [one.inspect() for one in self.positions]
        return {"positions": positions, "successors": config.successors, **shared}

    def stop(self) -> None:
        """Say goodbye, without waiting for an answer, and cancel the timers."""
        self.timers.stop()
        for one in self.positions:
            goodbye(self, one)
        self.peers.requests.stop()

    def _on_lost(self, contact: Contact) -> None:
        for position in self.positions:
            position.forget(contact)

    def _begin(self, verb: str, target: int = 0) -> Operation[Any]:
        """Return a numbered operation that emits its closing event when it ends."""
        self._operations += 1
        number, now = self._operations, self.ctx.now()
        operation: Operation[Any] = Operation(verb, target, number, now)
        operation.then(lambda ended: self.ctx.emit(ended.event()))
        return operation
