"""Stabilizing: how positions find their place, and how the ring mends itself.

What it shows: nobody is told where it belongs. A newcomer only learns its successor;
then each position keeps asking its successor who stands before it, and moves closer.
Whatever joins and fails meanwhile, these few rules lead back to one ordered ring.
Where published Chord goes wrong, and this does not: a successor is believed after it
has answered, never before; its list is taken over as it is, so no dead head comes in
and nobody is skipped. Safe as long as r + 1 members stay. The predecessor is looked
after in ``rectify.py``.
Source: I. Stoica et al., "Chord", ToN 2003, figure 6; P. Zave, 2017, section 4.
Read next: ``rectify.py``, ``fixing.py``, then ``replication.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from p2pkit.core import Contact
from p2pkit.protocols.chord.messages import (
    GetLinks,
    Links,
    Notify,
)
from p2pkit.protocols.chord.successors import extend

if TYPE_CHECKING:
    from p2pkit.protocols.chord.node import Position

Call = Callable[[], None]


class Stabilizer:
    """Keeps the successors of one position right."""

    def __init__(self, position: Position) -> None:
        self.position, self.peers = position, position.peers
        self._waiting: list[Call] = []  # who wants to know when this round is over

    def enter(self, successor: Contact, on_end: Call) -> None:
        """Stand on the ring before `successor`, and tell those around."""
        self.position.joined = True
        self.position.follow([successor])
        self.stabilize(on_end)

    def stabilize(self, on_end: Call) -> None:
        """Ask the successor who stands before it, and follow the nearest that answers.

        A round that is under way is joined, not doubled.
        """
        self._waiting.append(on_end)
        if len(self._waiting) == 1:
            self._ask_successor()

    def is_nearer(self, contact: Contact) -> bool:
        """Return whether a member stands between us and our successor, if any."""
        position, me = self.position, self.position.me.id
        if not position.successors:
            return contact.id != me
        return position.ring.between(contact.id, me, position.successors[0].id)

    def meet(self, contact: Contact, on_end: Call) -> None:
        """Follow a nearer member that we heard of elsewhere, if it answers."""
        self._waiting.append(on_end)
        if len(self._waiting) == 1:
            self._ask(
                contact, GetLinks, partial(self._believe, contact), self._round_ends
            )

    def on_displaced(self, sender: Contact) -> None:
        """Hear from our successor that somebody stands between us now."""
        if self.position.successors[:1] == [sender]:
            self.stabilize(lambda: None)

    def _ask_successor(self) -> None:
        position = self.position
        if not position.successors and position.predecessor is not None:
            position.follow([position.predecessor])  # the second member has found us
        if not position.successors:
            self._round_ends()
            return
        head = position.successors[0]

        def gone() -> None:
            position.forget(head)
            self._ask_successor()

        self._ask(head, GetLinks, partial(self._believe, head), gone)

    def _believe(self, head: Contact, reply: Links) -> None:
        """Take over the list of a successor that has answered; then look nearer."""
        position, ring, me = self.position, self.position.ring, self.position.me.id
        before, after = position.links(head, reply)
        known = position.successors
        if known and ring.between(known[0].id, me, head.id):
            self._ask_successor()  # we have found a nearer one meanwhile
            return
        position.follow(extend(ring, me, head, after, position.config.successors))
        if before is not None and ring.between(before.id, me, head.id):
            nearer = partial(self._believe, before)
            self._ask(before, GetLinks, nearer, partial(self._notify, head))
        else:
            self._notify(head)

    def _notify(self, head: Contact) -> None:
        self._ask(head, Notify, lambda _: self._round_ends(), self._round_ends)

    def _round_ends(self) -> None:
        waiting, self._waiting = self._waiting, []
        for on_end in waiting:
            on_end()

    def _ask(
        self,
        to: Contact,
        make: type,
        on_reply: Callable[..., None],
        on_failure: Call,
    ) -> None:
        self.peers.ask(self.position.me.id, to, make, on_reply, on_failure)
