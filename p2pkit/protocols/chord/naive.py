"""Naive Chord: the pseudocode of the paper as it stands, and how its rings break.

What it shows: with a single successor, and neighbors believed before they answer, one
crash cuts the ring and nothing mends it; a newcomer that dies early becomes a
successor that nobody is behind. ``node.py`` and its siblings differ by a successor
list, by asking before believing, and by going around the dead in lookups.
Source: I. Stoica et al., "Chord", SIGCOMM 2001, figures 4 and 7; P. Zave, "Using
Lightweight Modeling to Understand Chord", CCR 2012, for what is wrong with them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from p2pkit.core import (
    Address,
    Contact,
    Id,
    Joined,
    Operation,
    PeerUnreachable,
)
from p2pkit.protocols.chord import messages as m
from p2pkit.protocols.chord.naive_node import NaiveNode

OnFound = Callable[[Contact | None], None]


class NaiveChord(NaiveNode):
    """One node with one successor; it keeps no values."""

    def bootstrap(self, contacts: Sequence[Address]) -> Operation[int]:
        """Join: ask one member who follows our id (figure 7)."""
        operation: Operation[int] = Operation("bootstrap")

        def found(owner: Contact | None) -> None:
            if owner is None:
                operation.fail(PeerUnreachable("nobody answers: join through another"))
                return
            self.successor = owner
            self.ctx.emit(Joined(1))
            self._on_stabilize()
            operation.finish(1)

        if contacts:
            self._walk(Contact(-1, contacts[0]), self.me.id, found)
        else:
            found(self.me)
        return operation

    def lookup(self, key: Id) -> Operation[Contact]:
        """Find the node that `key` belongs to, one finger after the other."""
        operation: Operation[Contact] = Operation("lookup", key)
        dead = PeerUnreachable("a node on the way is dead, and there is no other way")

        def found(owner: Contact | None) -> None:
            operation.fail(dead) if owner is None else operation.finish(owner)

        follows, contact = self._next_hop(key)
        found(contact) if follows else self._walk(contact, key, found)
        return operation

    def maintain(self) -> Operation[int]:
        """Stabilize, and look up every finger."""
        operation: Operation[int] = Operation("maintain")
        self._stabilize(partial(self._fix_fingers, 0, partial(operation.finish, 1)))
        return operation

    def receive(self, sender: Address, message: m.Request | m.Reply) -> None:
        """Handle one message; whoever sends it is believed."""
        if isinstance(message, m.Reply):
            pending = self.requests.settle(sender, message.tid)
            if pending is not None:
                pending.on_reply(message)
            return
        head = (message.tid, self.ring.pack(self.me.id))
        answer: m.Reply = m.Done(*head)
        if isinstance(message, m.FindSuccessor):
            follows, contact = self._next_hop(self.ring.unpack(message.key))
            named = (self._name(contact),)
            answer = m.Nearer(*head, () if follows else named, named if follows else ())
        elif isinstance(message, m.GetLinks):
            before = None if self.predecessor is None else self._name(self.predecessor)
            answer = m.Links(*head, before, (self._name(self.successor),))
        elif isinstance(message, m.Notify):
            new = Contact(self.ring.unpack(message.sender_id), sender)
            before_id = self.me.id if self.predecessor is None else self.predecessor.id
            if self.ring.between(new.id, before_id, self.me.id):
                self.predecessor = new  # it may be dead by now
        self.ctx.send(sender, answer)

    def _walk(
        self, to: Contact, key: int, on_end: Callable[[Contact | None], None]
    ) -> None:
        """Ask one node after the other; if one does not answer, that was it."""

        def heard(reply: m.Nearer) -> None:
            if reply.after:
                on_end(self._contact(reply.after[0]))
            else:
                self._walk(self._contact(reply.before[0]), key, on_end)

        make = partial(m.FindSuccessor, key=self.ring.pack(key))
        self._ask(to, make, heard, lambda: on_end(None))

    def _stabilize(self, on_end: Callable[[], None]) -> None:
        """Ask the successor for its predecessor, follow that one if it is nearer."""

        def heard(reply: m.Links) -> None:
            if reply.predecessor is not None:
                between = self._contact(reply.predecessor)
                if self.ring.between(between.id, self.me.id, self.successor.id):
                    self.successor = between  # believed before it has answered
            if self.successor != self.me:
                self._ask(self.successor, m.Notify, lambda _: None, lambda: None)
            on_end()

        self._ask(self.successor, m.GetLinks, heard, on_end)

    def _fix_fingers(self, index: int, on_end: Callable[[], None]) -> None:
        def found(owner: Contact | None) -> None:
            after = index + 1 if owner is None else self.fingers.set(index, owner)
            self._fix_fingers(after, on_end)

        if index >= self.ring.id_bits:
            on_end()
        else:
            follows, contact = self._next_hop(self.fingers.start(index))
            start = self.fingers.start(index)
            found(contact) if follows else self._walk(contact, start, found)

    def _on_stabilize(self) -> None:
        self._stabilize(lambda: None)
        self.ctx.after(self.config.stabilize_s, self._on_stabilize)
