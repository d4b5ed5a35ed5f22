"""A position on the ring: what a Chord node knows, and what it answers.

What it shows: all a position keeps is the node before it, the next r after it, and
shortcuts; each key belongs to the first node at or after it.
Source: I. Stoica et al., "Chord", ToN 2003, sections 4.1 to 4.4; P. Zave, 2017.
Simplified: no proximity (ToN 5.4).
Read first: ``ring.py``, ``fingers.py``, ``successors.py``, ``lookup.py``.
Read next: ``stabilize.py``, then ``replication.py``, ``dht.py``; ``naive.py`` breaks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from p2pkit.core import Contact, Context
from p2pkit.protocols.chord import messages as m
from p2pkit.protocols.chord.config import ChordConfig
from p2pkit.protocols.chord.fingers import Fingers, Routes
from p2pkit.protocols.chord.fixing import Fixer
from p2pkit.protocols.chord.peers import Peers
from p2pkit.protocols.chord.rectify import Rectifier
from p2pkit.protocols.chord.relay import Relays
from p2pkit.protocols.chord.replication import Replication
from p2pkit.protocols.chord.stabilize import Stabilizer
from p2pkit.protocols.chord.storage import Storage
from p2pkit.protocols.chord.successors import require_order
from p2pkit.protocols.chord.walk import Found, OnFound, Walk


class Position:
    """One place on the ring; a node has one, or several with virtual nodes."""

    def __init__(
        self, me: Contact, ctx: Context, config: ChordConfig, peers: Peers
    ) -> None:
        self.me, self.ctx, self.config, self.peers = me, ctx, config, peers
        self.ring, self._raw = peers.ring, peers.ring.pack(me.id)
        self.predecessor: Contact | None = None
        self.successors: list[Contact] = []  # none: we are alone, as far as we know
        self.fingers = Fingers(self.ring, me)
        self.joined = False
        self._routes: Routes | None = None  # made of the tables when needed
        self.storage = Storage(self.ring, config)
        self.stabilizer, self.rectifier = Stabilizer(self), Rectifier(self)
        self.fixer = Fixer(self)
        self.replication = Replication(self)
        self.relays = Relays(self)

    def owns(self, key: int) -> bool:
        """Return whether a key belongs to us, as far as we know."""
        before = self.predecessor
        return before is None or self.ring.within(key, before.id, self.me.id)

    def next_hops(self, key: int) -> tuple[list[Contact], list[Contact]]:
        """Return the contacts nearest before a key, and those that follow it.

        None before it means that the first after it owns the key. Those after it, if
        our list goes so far, are the way on when all before it are dead.
        """
        ring, me, after = self.ring, self.me.id, self.successors
        if not after:
            return [], [self.me]
        if ring.within(key, me, after[0].id):
            return [], after
        if self._routes is None:
            self._routes = Routes(ring, me, [*self.fingers.distinct(), *after])
        gap, most = ring.gap(me, key) or ring.mask + 1, self.config.alternatives
        beyond = [one for one in after if ring.gap(me, one.id) >= gap]
        return self._routes.before(key, most), beyond

    def find(self, key: int, on_end: OnFound) -> None:
        """Look up the owner of a key, in the style that is set."""
        if self.predecessor is not None and self.owns(key):
            on_end(Found(self.me, tuple(self.successors)))
        elif self.config.lookup == "recursive":
            self.relays.find(key, on_end)
        else:
            Walk(self, key, on_end).start(*self.next_hops(key))

    def answer(self, sender: Contact, request: m.Request) -> m.Reply:
        """Return the answer to a request."""
        head, names = (request.tid, self._raw), self.peers.claims.names
        if not self.joined:
            return m.Refused(*head, m.OUTSIDE)
        match request:
            case m.FindSuccessor():
                before, after = self.next_hops(self.ring.unpack(request.key))
                return m.Nearer(*head, names(before), names(after))
            case m.GetLinks():
                near = self.predecessor
                links = names(self.successors)
                return m.Links(*head, None if near is None else names([near])[0], links)
            case m.Store():
                return self.storage.on_store(head, request, self.owns, self.ctx.now())
            case m.Fetch():
                return self.storage.on_fetch(head, request)
            case m.Offer():
                return self.storage.on_offer(head, request, self.ctx.now())
            case m.Relay():
                self.relays.on_relay(request)
            case m.Notify():
                self.rectifier.on_notify(sender)
            case m.Displaced():
                self.stabilizer.on_displaced(sender)
            case m.Leave():
                self.rectifier.on_leave(sender)
        return m.Done(*head)

    def links(
        self, peer: Contact, reply: m.Links
    ) -> tuple[Contact | None, list[Contact]]:
        """Return predecessor and successors that `peer` says it has, checked."""
        after = self.peers.claims.contacts(reply.successors)
        require_order(self.ring, peer.id, after)
        before = self.peers.claims.contacts(
            [reply.predecessor] if reply.predecessor else []
        )
        return (before[0] if before else None), after

    def follow(self, successors: Sequence[Contact]) -> None:
        """Take over a successor list, which is ours from now on."""
        self.successors = list(successors)
        if self.successors:
            self.fingers.set(0, self.successors[0])
        self._routes = None

    def set_finger(self, index: int, contact: Contact) -> int:
        """Enter a finger; return the next one that has to be looked up."""
        self._routes = None
        return self.fingers.set(index, contact)

    def forget(self, contact: Contact) -> None:
        """Take a peer that does not answer out of all tables."""
        self.successors = [one for one in self.successors if one.id != contact.id]
        self.fingers.forget(contact.id)
        if self.predecessor is not None and self.predecessor.id == contact.id:
            self.predecessor = None
        self._routes = None

    def inspect(self) -> dict[str, Any]:
        """Return our links, fingers and keys, as plain data."""
        before, fingers = self.predecessor, self.fingers.entries
        return {
            "id": self.me.id,
            "predecessor": None if before is None else before.id,
            "successors": [one.id for one in self.successors],
            "fingers": [None if one is None else one.id for one in fingers],
            "items": {key: item.version for key, item in self.storage.items.items()},
        }
