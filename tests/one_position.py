"""One Chord node with the test as everybody it meets; all of it over the wire."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from p2pkit.core import Address, Contact
from p2pkit.protocols import Chord, ChordConfig
from p2pkit.protocols.chord import messages as m
from p2pkit.protocols.chord.claims import Claims
from tests.recorder import Recorder

BITS = 8
OWN = 100


def place(node_id: int) -> Contact:
    """Return the contact of an id, at a host of its own."""
    return Contact(node_id, (f"127.9.0.{node_id % 250 + 1}", 6881))


class OnePosition:
    """A node on a ring of 256 ids, its recorder, and what a peer may do to it."""

    def __init__(
        self, recorders: Callable[..., Recorder], own: int = OWN, **settings: Any
    ) -> None:
        settings = {"id_bits": BITS, "hashed_ids": False} | settings
        self.ctx = recorders(own, codec=Chord.codec)
        self.node = Chord(self.ctx, ChordConfig.of(**settings))
        self.position = self.node.positions[0]
        self.claims = Claims(self.node.config)

    def stand(self, before: int | None, after: Sequence[int]) -> None:
        """Be a member with this predecessor and these successors."""
        self.position.joined = True
        self.position.predecessor = None if before is None else place(before)
        self.position.follow([place(one) for one in after])

    def hear(self, sender: Address, message: Any) -> None:
        """Receive a message as it comes off the wire."""
        self.node.receive(sender, Chord.codec.decode(Chord.codec.encode(message)))

    def ask(self, sender: Contact, kind: type, *fields: Any) -> Any:
        """Ask the node something; return its answer."""
        raw = bytes([sender.id])
        to = bytes([self.position.me.id])
        self.hear(sender.address, kind(b"aa", raw, to, *fields))
        where, answer = self.ctx.take(m.Reply)
        assert where == sender.address
        return answer

    def next_request(self, kind: type) -> tuple[Contact, Any]:
        """Take the oldest request of a kind, and whom it went to."""
        address, request = self.ctx.take(kind)
        return Contact(request.to[0] if request.to else -1, address), request

    def reply(self, kind: type, answer: type, *fields: Any) -> Contact:
        """Answer the oldest request of a kind as the peer it went to."""
        to, request = self.next_request(kind)
        self.hear(to.address, answer(request.tid, request.to, *fields))
        return to

    def names(self, *ids: int) -> tuple[Any, ...]:
        """Return contacts as they cross the wire."""
        return self.claims.names([place(one) for one in ids])

    def after(self) -> list[int]:
        """Return the ids of the successor list."""
        return [one.id for one in self.position.successors]

    def before(self) -> int | None:
        """Return the id of the predecessor."""
        one = self.position.predecessor
        return None if one is None else one.id
