"""Walking: lookups carried out, by the asker itself or passed on from peer to peer.

What it shows: an iterative lookup costs the asker a round trip a step and leaves it in
control; a recursive one costs half of that, and the asker sees only its end. Each peer
on the way acknowledges, so whoever passes it to a dead one notices and tries another.
Source: I. Stoica et al., "Chord", ToN 2003, section 4.3, and 6.1 for both styles.
Read next: ``node.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from p2pkit.core import Address, Contact, P2PError, RemoteProtocolError, Step, short
from p2pkit.protocols.chord.candidates import Candidate
from p2pkit.protocols.chord.lookup import Lookup
from p2pkit.protocols.chord.messages import (
    FindSuccessor,
    GetLinks,
    Links,
    Nearer,
    Request,
)
from p2pkit.protocols.chord.successors import require_order

if TYPE_CHECKING:
    from p2pkit.protocols.chord.node import Position


class Found(NamedTuple):
    """What a lookup found: the owner, those that follow it, and the way there."""

    owner: Contact | None
    followers: tuple[Contact, ...] = ()
    steps: tuple[Step, ...] = ()


class LookupFailed(P2PError):
    """No way led to the owner of a key."""

    def __init__(self, key: int, id_bits: int) -> None:
        super().__init__(
            f"no way leads to {short(key, id_bits)}: every peer on it was dead; wait "
            "for the ring to mend, or see with check.ring(cluster) where it is broken"
        )


OnFound = Callable[[Found], None]


class Walk:
    """One iterative lookup of a position."""

    def __init__(
        self, position: Position, key: int, on_end: OnFound, *, joins: bool = False
    ) -> None:
        self.position, self.ctx, self.on_end = position, position.ctx, on_end
        self.lookup = Lookup(position.ring, key, position.me, joins)

    def start(
        self, before: Sequence[Contact], after: Sequence[Contact] = (), hop: int = 1
    ) -> None:
        """Begin with these contacts before and after the key."""
        self.lookup.add(before, follows=False, hop=hop)
        self.lookup.add(after, follows=True, hop=hop)
        self._go_on()

    def _go_on(self) -> None:
        peer = self.lookup.step(self.ctx.now())
        if peer is not None:
            self._ask(peer)
        elif self.lookup.done and self.on_end is not ended:
            on_end, self.on_end = self.on_end, ended
            lookup, owner = self.lookup, self.lookup.owner
            ours = owner == self.position.me
            after = tuple(self.position.successors) if ours else lookup.followers
            on_end(Found(owner, after, lookup.steps()))

    def _ask(self, peer: Candidate) -> None:
        make: Callable[..., Request] = GetLinks
        on_reply: Callable[..., None] = self._on_links
        if not peer.follows:
            key = self.position.ring.pack(self.lookup.key)
            make, on_reply = partial(FindSuccessor, key=key), self._on_nearer
        self.position.peers.ask(
            self.position.me.id,
            peer.contact,
            make,
            partial(on_reply, peer),
            partial(self._on_failure, peer),
            partial(self._on_slow, peer),
        )

    def _on_nearer(self, peer: Candidate, reply: Nearer) -> None:
        ring, key = self.position.ring, self.lookup.key
        claims, start = self.position.peers.claims, peer.contact.id
        before, after = claims.contacts(reply.before), claims.contacts(reply.after)
        require_order(ring, key, after, reached=-1)
        if not all(ring.between(one.id, start, key) for one in before):
            reason = "contact that leads away from the key"
            raise RemoteProtocolError(reason)
        self.lookup.on_nearer(peer, before, after, self.ctx.now())
        self._go_on()

    def _on_links(self, peer: Candidate, reply: Links) -> None:
        before, after = self.position.links(peer.contact, reply)
        self.lookup.on_links(peer, before, after, self.ctx.now())
        self._go_on()

    def _on_failure(self, peer: Candidate) -> None:
        self.lookup.on_failure(peer, self.ctx.now())
        self._go_on()

    def _on_slow(self, peer: Candidate) -> None:
        self.lookup.on_slow(peer)
        self._go_on()


def ended(_: Found) -> None:
    """Hear nothing any more: the walk has ended once."""


def place_through(position: Position, via: Address, on_end: OnFound) -> None:
    """Look up who follows a position's own id, through the member at an address."""

    def met(contact: Contact, _: object) -> None:
        walk = Walk(position, position.me.id, on_end, joins=True)
        walk.start([contact])

    nobody = partial(on_end, Found(None))
    position.peers.greet(position.me.id, via, GetLinks, met, nobody)
