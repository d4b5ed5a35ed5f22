"""Rectifying: how a position keeps the one before it.

What it shows: who says it stands before us is believed when it answers, and only if it
is nearer than the one we know or that one is dead. Believing at once would let a
forged or dying node cut us off; keeping a dead one would hide the living behind it.
Source: P. Zave, "How to Make Chord Correct", 2017, section 4 (rectify).
Read next: ``fixing.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from p2pkit.core import Contact
from p2pkit.protocols.chord.messages import Displaced, Ping

if TYPE_CHECKING:
    from p2pkit.protocols.chord.node import Position

Call = Callable[[], None]


class Rectifier:
    """Keeps the predecessor of one position right."""

    def __init__(self, position: Position) -> None:
        self.position, self.peers = position, position.peers

    def on_notify(self, contact: Contact) -> None:
        """Hear from a peer that it may be our predecessor (Zave: rectify)."""
        position, before = self.position, self.position.predecessor
        if contact.id == position.me.id or contact == before:
            return
        if before is None or self._is_nearer(contact):
            self.peers.check(position.me.id, contact, partial(self._precede, contact))
        else:
            self._check(before)

    def on_leave(self, contact: Contact) -> None:
        """Hear that a peer goes; believed when it does not answer as a member."""
        position = self.position
        near = [*position.successors, position.predecessor]
        if contact in near:
            self._check(contact)

    def check_predecessor(self, on_end: Call) -> None:
        """Find out whether the predecessor is there; if not there is none."""
        before = self.position.predecessor

        def gone() -> None:
            if self.position.predecessor == before:
                self.position.predecessor = None
            on_end()

        if before is None:
            on_end()
        else:
            self._ask(before, Ping, lambda _: on_end(), gone)

    def _check(self, contact: Contact) -> None:
        """Forget a peer unless it answers as a member."""
        position = self.position
        gone = partial(position.forget, contact)
        self.peers.check(position.me.id, contact, lambda: None, gone)

    def _precede(self, contact: Contact) -> None:
        """Take a predecessor that has answered, if it is still the nearest.

        Whoever is not the nearest now is told, or it would notice a period later.
        """
        position, before = self.position, self.position.predecessor
        farther: Contact | None = contact
        if before is None or self._is_nearer(contact):
            farther, position.predecessor = before, contact
            position.replication.on_predecessor(before, contact)
            if not position.successors:
                position.stabilizer.stabilize(lambda: None)
        if farther is not None and farther != position.predecessor:
            self._ask(farther, Displaced, lambda _: None, lambda: None)

    def _is_nearer(self, contact: Contact) -> bool:
        position, before = self.position, self.position.predecessor
        return before is not None and position.ring.between(
            contact.id, before.id, position.me.id
        )

    def _ask(
        self,
        to: Contact,
        make: type,
        on_reply: Callable[..., None],
        on_failure: Call,
    ) -> None:
        self.peers.ask(self.position.me.id, to, make, on_reply, on_failure)
