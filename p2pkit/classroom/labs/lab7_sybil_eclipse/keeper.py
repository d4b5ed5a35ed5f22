"""The keeper: a small Kademlia that believes everybody, with hooks to mend that."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial

from p2pkit.classroom.labs.lab7_sybil_eclipse.walk import Walk
from p2pkit.classroom.labs.lab7_sybil_eclipse.wire import (
    ID_BITS,
    Config,
    Find,
    Found,
    Ping,
    Pong,
    Read,
    Store,
    key_of,
)
from p2pkit.core import Address, Contact, Context

SENDS = 2
"""Times that a question is sent before it is given up."""

REFRESHES = 3
"""Random keys that a newcomer looks up, to meet peers far from it."""

FRESH_S = 2.0
"""Seconds after which it is worth asking whether a contact is still there."""

MOST_VALUES = 1000
MOST_WAITING = 1000
MOST_HEARD = 1000


class Keeper:
    """What your classes begin with: it joins, answers, publishes and reads.

    Attributes
    ----------
    ctx : Context
        ``ctx.me`` is our own contact, ``ctx.send(address, message)`` sends.
    config : Config
        Settings.
    buckets : list of list of Contact
        The table: who was heard from, by distance; in a bucket, the latest is last.
    values : dict
        By key, what others have asked us to keep.
    """

    def __init__(self, ctx: Context, config: Config) -> None:
        self.ctx, self.config = ctx, config
        self.buckets: list[list[Contact]] = [[] for _ in range(ID_BITS)]
        self.values: dict[int, bytes] = {}
        self.heard_s: dict[Address, float] = {}  # by address, oldest first
        self.has_met = False
        self.waiting: dict[int, tuple[Address, Callable[[Found | Pong], None]]] = {}

    # What you will change.

    def fits(self, contact: Contact) -> bool:
        """Tell whether a contact may be believed in: here everybody may."""
        return True

    def thin(self, contacts: Sequence[Contact]) -> list[Contact]:
        """Return those contacts that may stand in one list, in order: here all."""
        return list(contacts)

    def make_room(self, bucket: list[Contact], newcomer: Contact) -> None:
        """Deal with a newcomer to a full bucket: here the oldest goes."""
        bucket.pop(0)
        bucket.append(newcomer)

    def another_way(self, key: int, asked: Sequence[Contact]) -> list[Contact]:
        """Return whom to begin with, when a path has found nothing: here nobody."""
        return []

    def on_find(self, asker: Contact, find: Find) -> None:
        """Answer with the value, if it is here, and the nearest peers."""
        near = [one for one in self.nearest(find.key) if one.id != asker.id]
        value = self.values.get(find.key, b"")
        answer = Found(find.tid, self.ctx.me.id, tuple(near[: self.config.k]), value)
        self.ctx.send(asker.address, answer)

    def on_store(self, asker: Contact, store: Store) -> None:
        """Keep a value."""
        if len(self.values) < MOST_VALUES:
            self.values[key_of(store.value)] = store.value

    # Verbs.

    def publish(self, value: bytes) -> int:
        """Look for the `k` peers nearest to the key of a value; let them keep it."""
        key = key_of(value)

        def end(walk: Walk) -> None:
            _store_at(self, walk.nearest(), value, SENDS)

        Walk(self, key, self.nearest(key), {}, end)
        return key

    def read(self, key: int) -> None:
        """Look for a value, on several paths if need be; the end is an event."""
        self._read(key, self.nearest(key), {}, 1)

    def _read(
        self, key: int, start: list[Contact], asked: dict[int, Contact], path: int
    ) -> None:
        def end(walk: Walk) -> None:
            way = []
            if not walk.value and path < self.config.paths:
                way = self.another_way(key, list(asked.values()))
            if way:
                self._read(key, way, asked, path + 1)
            else:
                self.ctx.emit(Read(key, walk.value))

        Walk(self, key, start, asked, end)

    # The table.

    def bucket_of(self, node_id: int) -> list[Contact]:
        """Return the bucket for an id: one for each length of the prefix shared."""
        return self.buckets[(node_id ^ self.ctx.me.id).bit_length() - 1]

    def contacts(self) -> list[Contact]:
        """Return all contacts of the table."""
        return [one for bucket in self.buckets for one in bucket]

    def nearest(self, key: int) -> list[Contact]:
        """Return all contacts of the table, nearest to a key first."""
        return sorted(self.contacts(), key=lambda one: one.id ^ key)

    def heard(self, contact: Contact) -> None:
        """Take note that somebody has said something."""
        if contact.id == self.ctx.me.id or not self.fits(contact):
            return
        bucket = self.bucket_of(contact.id)
        if contact in bucket:
            bucket.remove(contact)
            bucket.append(contact)
        elif any(one.id == contact.id for one in bucket):
            return  # somebody else, or somewhere else: who came first stays
        elif contact in self.thin([*self.contacts(), contact]):
            if len(bucket) < self.config.k:
                bucket.append(contact)
            else:
                self.make_room(bucket, contact)
        if contact in bucket:
            self._note(contact.address)

    def _note(self, address: Address) -> None:
        """Note when a contact was heard from; of the latest thousand."""
        self.heard_s.pop(address, None)
        self.heard_s[address] = self.ctx.now()
        if len(self.heard_s) > MOST_HEARD:
            del self.heard_s[next(iter(self.heard_s))]

    def drop(self, address: Address) -> None:
        """Take out of the table who did not answer."""
        self.heard_s.pop(address, None)
        for bucket in self.buckets:
            bucket[:] = [one for one in bucket if one.address != address]

    # Questions and answers.

    def ping(self, contact: Contact, on_silence: Callable[[], None]) -> None:
        """Ping a contact; if it does not answer, drop it, and call `on_silence`.

        Nothing happens if it was just heard from, or is being asked something.
        """
        address = contact.address
        heard_s = self.heard_s.get(address, -FRESH_S)
        is_asked = any(address == to for to, _ in self.waiting.values())
        if not is_asked and self.ctx.now() - heard_s >= FRESH_S:
            self.ask(address, Ping, (), lambda answer: None, on_silence)

    def ask(
        self,
        to: Address,
        kind: type[Find] | type[Ping],
        what: tuple[int, ...],
        on_answer: Callable[[Found | Pong], None],
        on_silence: Callable[[], None],
    ) -> None:
        """Ask a question; one of two functions is called, once."""
        if len(self.waiting) >= MOST_WAITING:
            self.ctx.after(0.0, on_silence)
            return
        tid = self.ctx.rng.getrandbits(32)
        self.waiting[tid] = (to, on_answer)
        question = kind(tid, self.ctx.me.id, *what)

        def send(left: int) -> None:
            if tid not in self.waiting:
                return
            if left:
                self.ctx.send(to, question)
                self.ctx.after(self.config.patience_s, lambda: send(left - 1))
                return
            del self.waiting[tid]
            self.drop(to)
            on_silence()

        send(SENDS)

    def receive(
        self, sender: Address, message: Find | Found | Store | Ping | Pong
    ) -> None:
        """Handle one message."""
        contact = Contact(message.me, sender)
        self.heard(contact)
        match message:
            case Find():
                self.on_find(contact, message)
            case Store():
                self.on_store(contact, message)
            case Ping():
                self.ctx.send(sender, Pong(message.tid, self.ctx.me.id))
            case Found() | Pong():
                address, on_answer = self.waiting.get(message.tid, (None, None))
                if address == sender and on_answer is not None:
                    del self.waiting[message.tid]
                    on_answer(message)

    # Joining.

    def bootstrap(self, addresses: Iterable[Address]) -> None:
        """Join: ask those addresses about ourselves, and then whoever is near."""
        for address in addresses:
            self.ask(
                address, Find, (self.ctx.me.id,),
                lambda answer: _meet(self), lambda: None,
            )  # fmt: skip


def _meet(node: Keeper) -> None:
    """Look up our own id and some random ones, once, so that tables fill."""
    if node.has_met:
        return
    node.has_met = True
    keys = [node.ctx.rng.getrandbits(ID_BITS) for _ in range(REFRESHES)]
    for key in (node.ctx.me.id, *keys):
        Walk(node, key, node.nearest(key), {}, lambda walk: None)


def _store_at(node: Keeper, peers: Sequence[Contact], value: bytes, left: int) -> None:
    """Let peers keep a value; nobody answers a Store, so it is sent twice."""
    for peer in peers:
        node.ctx.send(peer.address, Store(node.ctx.me.id, value))
    if left > 1:
        again = partial(_store_at, node, peers, value, left - 1)
        node.ctx.after(node.config.patience_s, again)
