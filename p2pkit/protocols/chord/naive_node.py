"""What a naive Chord node has in common with every other: its face, without its rules.

Read next: ``naive.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, ClassVar

from p2pkit.core import (
    Address,
    Contact,
    Context,
    Edge,
    MsgpackCodec,
    Requests,
    Rng,
)
from p2pkit.protocols.chord import messages as m
from p2pkit.protocols.chord.config import ChordConfig
from p2pkit.protocols.chord.fingers import Fingers, Routes
from p2pkit.protocols.chord.ring import Ring, pack_host, positions_at, unpack_host
from p2pkit.protocols.chord.wire import Peer


class NaiveNode:
    """A node with one successor, one predecessor and fingers."""

    codec: ClassVar[MsgpackCodec] = m.CODEC
    carrier: ClassVar[str] = "datagram"
    Config = ChordConfig

    def __init__(self, ctx: Context, config: ChordConfig | None = None) -> None:
        self.ctx, self.me, self.config = ctx, ctx.me, ChordConfig.of(config)
        self.ring = Ring(self.config.id_bits)
        self.requests = Requests(
            ctx, resend_s=self.config.resend_s, timeout_s=self.config.timeout_s
        )
        self.successor: Contact = self.me  # alone, we follow ourselves
        self.predecessor: Contact | None = None
        self.fingers = Fingers(self.ring, self.me)

    @staticmethod
    def choose_id(rng: Rng, address: Address, config: ChordConfig | None = None) -> int:
        """Return the hash of `address`, or a random id if ids are not hashed."""
        bits = ChordConfig.of(config).id_bits
        hashed = ChordConfig.of(config).hashed_ids
        return positions_at(address, 1, bits)[0] if hashed else rng.getrandbits(bits)

    def neighbors(self) -> Iterator[Edge]:
        """Yield successor, predecessor and fingers."""
        if self.successor != self.me:
            yield Edge("successor", self.successor)
        if self.predecessor is not None:
            yield Edge("predecessor", self.predecessor)
        yield from (Edge("finger", one) for one in self.fingers.distinct())

    def inspect(self) -> dict[str, Any]:
        """Return our links as `Chord.inspect` does."""
        before, after, fingers = self.predecessor, self.successor, self.fingers.entries
        one: dict[str, Any] = {
            "id": self.me.id,
            "predecessor": None if before is None else before.id,
            "successors": [] if after == self.me else [after.id],
            "fingers": [None if one is None else one.id for one in fingers],
            "items": {},
        }
        return {
            "positions": [one],
            "id_bits": self.ring.id_bits,
            "successors": 1,
            "replicas": 1,
        }

    def save(self) -> bytes:
        """Return nothing: a restarted node joins anew."""
        return b""

    def restore(self, saved: bytes) -> None:
        """Take up nothing."""

    def stop(self) -> None:
        """Go without a word."""
        self.requests.stop()

    def _next_hop(self, key: int) -> tuple[bool, Contact]:
        if self.ring.within(key, self.me.id, self.successor.id):
            return True, self.successor
        known = [*self.fingers.distinct(), self.successor]
        return False, Routes(self.ring, self.me.id, known).before(key, 1)[0]

    def _ask(
        self,
        to: Contact,
        make: Callable[..., m.Request],
        on_reply: Callable[[Any], None],
        on_failure: Callable[[], None],
    ) -> None:
        query = partial(make, sender_id=self.ring.pack(self.me.id), to=b"")
        self.requests.ask(to.address, query, on_reply, on_failure)

    def _name(self, contact: Contact) -> Peer:
        return Peer(
            self.ring.pack(contact.id),
            pack_host(contact.address[0]),
            contact.address[1],
        )

    def _contact(self, peer: Peer) -> Contact:
        return Contact(self.ring.unpack(peer.id), (unpack_host(peer.host), peer.port))
