"""What the classes of lab 3 begin with: lookups that end, and who is silent.

A member calls what students write: `on_find`, `on_neighbors`, `on_notify`, `next_hop`,
`fix_fingers` and `on_silence`. What they do not write does nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from p2pkit.classroom.labs.lab3_chord.wire import (
    Ask,
    Config,
    Find,
    Found,
    Located,
    Neighbors,
    Notify,
)
from p2pkit.core import Address, Contact, Context

OnOwner = Callable[[Contact, int], None]

RETRY_S = 1.0
TRIES = 4
MEMORY_ROUNDS = 3.5
"""A predecessor that has not said so for this many rounds is forgotten."""


class Member:
    """What your classes begin with.

    Attributes
    ----------
    ctx : Context
        ``ctx.send(address, message)``, ``ctx.after(delay_s, call)`` and ``ctx.rng``.
    config : Config
        Settings; ``config.bits`` is the size of the ring.
    me : Contact
        Your own ``id`` and ``address``.
    successor : Contact
        Who comes next on the ring; yourself while you know of nobody.
    predecessor : Contact or None
        Who stands before you, if you know.
    fingers : dict of int to Contact
        Shortcuts: number i is the owner of ``me.id + 2**i``.
    successors : list of Contact
        The next few members, the nearest first.
    """

    def __init__(self, ctx: Context, config: Config) -> None:
        self.ctx, self.config, self.me = ctx, config, ctx.me
        self.successor: Contact = self.me
        self.predecessor: Contact | None = None
        self.fingers: dict[int, Contact] = {}
        self.successors: list[Contact] = []
        self._contacts: tuple[Address, ...] = ()
        self._is_in = False
        self._tag = 0
        self._lookups: dict[int, OnOwner] = {}
        self._asked: tuple[int, Contact] | None = None
        self._notified_s = 0.0

    # What you may use.

    def answer(self, find: Find, owner: Contact) -> None:
        """Tell the asker of `find` who owns the key."""
        found = Found(find.tag, find.key, owner, find.hops)
        if find.asker.address == self.me.address:
            self._on_found(found)
        else:
            self.ctx.send(find.asker.address, found)

    def forward(self, find: Find, to: Contact) -> None:
        """Pass `find` on to a member, one hop further."""
        on = Find(find.tag, find.key, find.asker, find.hops + 1)
        self.ctx.send(to.address, on)

    def notify(self, to: Contact) -> None:
        """Tell a member that you stand right before it."""
        self.ctx.send(to.address, Notify(self.me))

    def lookup(self, key: int, then: Callable[[Contact], None]) -> None:
        """Find the owner of a key, and call ``then(owner)``, if an answer comes."""
        self._lookup(key, lambda owner, hops: then(owner))

    # What you write.

    def on_find(self, find: Find) -> None:
        """Answer, or pass it on."""

    def on_neighbors(self, sender: Contact, message: Neighbors) -> None:
        """Hear from your successor who is around it."""

    def on_notify(self, peer: Contact) -> None:
        """Hear of somebody who believes to stand right before you."""

    def fix_fingers(self) -> None:
        """Look one finger up again."""

    def on_silence(self, peer: Contact) -> None:
        """Hear that your successor has not answered."""

    # The rest is given: it calls the above.

    def bootstrap(self, contacts: Sequence[Address]) -> None:
        """Join through contacts; the first member has none."""
        self._contacts = tuple(contacts)
        self._is_in = not contacts
        if contacts:
            self._join()
        part = self.ctx.rng.random()
        self.ctx.after(part * self.config.stabilize_s, self._on_stabilize)
        self.ctx.after(part * self.config.fix_s, self._on_fix)

    def receive(self, sender: Address, message: Any) -> None:
        """Give a message to who handles it."""
        match message:
            case Find() if self._is_in:
                self.on_find(message)
            case Found():
                self._on_found(message)
            case Ask() if self._is_in:
                after = tuple(self.successors) or (self.successor,)
                told = Neighbors(message.tag, self.me, self.predecessor, after)
                self.ctx.send(sender, told)
            case Neighbors() if self._asked and message.tag == self._asked[0]:
                peer, self._asked = self._asked[1], None
                self.on_neighbors(peer, message)
            case Notify() if self._is_in:
                self._hear_notify(message.me)

    def locate(self, key: int) -> int:
        """Look a key up; return the tag that its `Located` will have."""
        tag = self._tag + 1
        self._lookup(
            key,
            lambda owner, hops: self.ctx.emit(Located(tag, key, owner.id, hops)),
        )
        return tag

    def table(self) -> dict[str, Any]:
        """Return whom this member knows, as ids."""
        before = self.predecessor
        return {
            "successor": self.successor.id,
            "predecessor": None if before is None else before.id,
            "successors": [one.id for one in self.successors],
            "fingers": {number: one.id for number, one in self.fingers.items()},
        }

    def _lookup(self, key: int, then: OnOwner) -> None:
        self._tag += 1
        self._lookups[self._tag] = then
        self._try(self._tag, key, TRIES)

    def _try(self, tag: int, key: int, tries: int) -> None:
        if tag not in self._lookups:
            return
        if not tries:
            del self._lookups[tag]
            return
        self.ctx.after(RETRY_S, lambda: self._try(tag, key, tries - 1))
        self.on_find(Find(tag, key, self.me))

    def _join(self) -> None:
        """Ask one contact after the other who comes after us, until one answers."""
        if self._is_in:
            return
        first, *others = self._contacts
        self._contacts = (*others, first)
        self._tag += 1
        self._lookups = {self._tag: lambda owner, hops: self._joined(owner)}
        self.ctx.send(first, Find(self._tag, self.me.id, self.me))
        self.ctx.after(RETRY_S, self._join)

    def _joined(self, owner: Contact) -> None:
        self.successor, self.successors = owner, [owner]
        self._is_in = True

    def _on_found(self, found: Found) -> None:
        then = self._lookups.pop(found.tag, None)
        if then is not None:
            then(found.owner, found.hops)

    def _hear_notify(self, peer: Contact) -> None:
        self.on_notify(peer)
        if self.predecessor == peer:
            self._notified_s = self.ctx.now()
        if self.successor == self.me and peer != self.me:
            self.successor, self.successors = peer, [peer]  # we are two now

    def _on_stabilize(self) -> None:
        self.ctx.after(self.config.stabilize_s, self._on_stabilize)
        silent_s = self.ctx.now() - self._notified_s
        if silent_s > MEMORY_ROUNDS * self.config.stabilize_s:
            self.predecessor = None
        if self._is_in and self.successor != self.me:
            self._ask(self.successor, tries=2)

    def _ask(self, peer: Contact, tries: int) -> None:
        self._tag += 1
        tag = self._tag
        self._asked = (tag, peer)
        self.ctx.send(peer.address, Ask(tag))
        self.ctx.after(
            self.config.answer_s, lambda: self._on_no_answer(tag, peer, tries - 1)
        )

    def _on_no_answer(self, tag: int, peer: Contact, tries: int) -> None:
        if self._asked != (tag, peer):
            return
        if tries:
            self._ask(peer, tries)
        else:
            self._asked = None
            self.on_silence(peer)

    def _on_fix(self) -> None:
        self.ctx.after(self.config.fix_s, self._on_fix)
        if self._is_in and self.successor != self.me:
            self.fix_fingers()
