"""What the classes of lab 4 begin with: requests that end, and walks that are driven.

A node calls what students write: `heard`, `closest`, `new_lookup`, `on_find_value`,
`put` and `get`. What they do not write does nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from p2pkit.classroom.labs.lab4_kademlia.wire import (
    BITS,
    Config,
    Ended,
    FindNode,
    FindValue,
    Nodes,
    Ping,
    Pong,
    Store,
    Value,
)
from p2pkit.core import Address, Contact, Context

OnAnswer = Callable[[Any], None]
OnEnd = Callable[[list[Contact], bytes | None], None]

TRIES = 2
"""Pings until somebody counts as gone: with one, each lost packet evicts a peer."""

JOIN_S = 1.0
MOST_VALUES = 1_000


class Node:
    """What your classes begin with.

    Attributes
    ----------
    ctx : Context
        ``ctx.send(address, message)``, ``ctx.emit(event)`` and ``ctx.rng``.
    config : Config
        ``config.k`` and ``config.alpha``.
    me : Contact
        Your own ``id`` and ``address``.
    buckets : dict of int to list of Contact
        By number of the bucket; in each, who was seen longest ago comes first.
    values : dict of int to bytes
        What others have asked you to keep.
    """

    def __init__(self, ctx: Context, config: Config) -> None:
        self.ctx, self.config, self.me = ctx, config, ctx.me
        self.buckets: dict[int, list[Contact]] = {}
        self.values: dict[int, bytes] = {}
        self._contacts: tuple[Address, ...] = ()
        self._tag = 0
        self._waiting: dict[int, OnAnswer] = {}

    # What you may use.

    def ping(self, peer: Contact, then: Callable[[bool], None]) -> None:
        """Ask whether a peer is there, and call ``then(True)`` or ``then(False)``."""
        self._ping(peer, then, TRIES)

    def lookup(self, target: int, then: OnEnd, *, for_value: bool = False) -> None:
        """Walk to the nodes closest to `target`, and call ``then(closest, value)``.

        With `for_value` peers are asked for the value of a key, and the walk ends as
        soon as one has it; else `value` is None.
        """
        walk = self.new_lookup(target)
        if walk is not None:
            _Walk(self, walk, target, then, for_value).step()

    def knows(self) -> list[Contact]:
        """Return all contacts of all buckets."""
        return [one for bucket in self.buckets.values() for one in bucket]

    def done(
        self, target: int, closest: Iterable[Contact], value: bytes | None = None
    ) -> None:
        """Report how a lookup ended."""
        ids = tuple(one.id for one in closest)
        self.ctx.emit(Ended(self._tag, target, ids, value))

    # What you write.

    def heard(self, peer: Contact) -> None:
        """Hear of a peer that has just sent a message."""

    def closest(self, target: int, count: int) -> list[Contact]:
        """Return the contacts closest to `target`, the closest first."""
        return []

    def new_lookup(self, target: int) -> Any:
        """Return a new walk to `target`."""
        return None

    def on_find_value(self, asker: Contact, message: FindValue) -> None:
        """Answer with the value, or with whom you know."""

    def put(self, key: int, value: bytes) -> None:
        """Keep a value at the nodes closest to its key."""

    def get(self, key: int) -> None:
        """Find a value, and report it."""

    # The rest is given: it calls the above.

    def bootstrap(self, contacts: Sequence[Address]) -> None:
        """Join: look up our own id, through contacts; the first node has none."""
        self._contacts = tuple(contacts)
        if contacts:
            self._join()
        part = self.ctx.rng.random()
        self.ctx.after((1 + part) * self.config.refresh_s, self._on_refresh)

    def receive(self, sender: Address, message: Any) -> None:
        """Give a message to who handles it."""
        if message.me.id == self.me.id:
            return
        self.heard(Contact(message.me.id, sender))
        match message:
            case Ping():
                self.ctx.send(sender, Pong(message.tag, self.me))
            case FindNode():
                near = tuple(self.closest(message.target, self.config.k))
                self.ctx.send(sender, Nodes(message.tag, self.me, near))
            case FindValue():
                self.on_find_value(message.me, message)
            case Store() if len(self.values) < MOST_VALUES:
                self.values[message.key] = message.value
            case Pong() | Nodes() | Value():
                then = self._waiting.pop(message.tag, None)
                if then is not None:
                    then(message)

    def find(self, target: int) -> None:
        """Look up the nodes closest to `target`, and report them."""
        self.lookup(target, lambda closest, _: self.done(target, closest))

    def bucket(self, number: int) -> list[int]:
        """Return the ids in a bucket, as it stands."""
        return [one.id for one in self.buckets.get(number, [])]

    def holds(self, key: int) -> bool:
        """Return whether this node keeps a value for a key."""
        return key in self.values

    def request(self, to: Address, make: Callable[..., Any], then: OnAnswer) -> None:
        """Send ``make(tag=..., me=...)``; call `then` with the answer, or with None."""
        self._tag += 1
        tag = self._tag
        self._waiting[tag] = then
        self.ctx.send(to, make(tag=tag, me=self.me))
        self.ctx.after(self.config.answer_s, lambda: self._give_up(tag))

    def _give_up(self, tag: int) -> None:
        then = self._waiting.pop(tag, None)
        if then is not None:
            then(None)

    def _ping(self, peer: Contact, then: Callable[[bool], None], tries: int) -> None:
        def answered(answer: Any) -> None:
            if answer is None and tries > 1:
                self._ping(peer, then, tries - 1)
            else:
                then(answer is not None)

        self.request(peer.address, Ping, answered)

    def _join(self) -> None:
        """Ask all contacts, until somebody has answered; then look up our own id."""
        if self.buckets:
            self.lookup(self.me.id, lambda closest, value: None)
            return
        for contact in self._contacts:
            make = partial(FindNode, target=self.me.id)
            self.request(contact, make, lambda answer: None)
        self.ctx.after(JOIN_S, self._join)

    def _on_refresh(self) -> None:
        self.ctx.after(self.config.refresh_s, self._on_refresh)
        target = self.ctx.rng.getrandbits(BITS)
        self.lookup(target, lambda closest, value: None)


class _Walk:
    """Drives one lookup: asks whom it names, tells it what came, and sees its end."""

    def __init__(
        self, node: Node, walk: Any, target: int, then: OnEnd, for_value: bool
    ) -> None:
        self.node, self.walk, self.then = node, walk, then
        self.make = (
            partial(FindValue, key=target)
            if for_value
            else partial(FindNode, target=target)
        )
        self.in_flight, self.is_over = 0, False

    def step(self) -> None:
        """Ask whom the walk names, and look whether it is over."""
        for peer in () if self.is_over else self.walk.next():
            self.in_flight += 1
            self.node.request(peer.address, self.make, partial(self._answered, peer))
        # Who names nobody while nothing is under way would wait for ever.
        if not self.is_over and (self.walk.is_done() or not self.in_flight):
            self._end(list(self.walk.result()), None)

    def _answered(self, peer: Contact, answer: Any) -> None:
        self.in_flight -= 1
        if self.is_over:
            return
        match answer:
            case Value():
                self._end([peer], answer.value)
                return
            case Nodes():
                me = self.node.me.id
                others = [one for one in answer.contacts if one.id != me]
                self.walk.on_reply(peer, others)
            case _:
                self.walk.on_silence(peer)
        self.step()

    def _end(self, closest: list[Contact], value: bytes | None) -> None:
        self.is_over = True
        self.then(closest, value)
