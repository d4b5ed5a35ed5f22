"""Replication: keeping values at the k nodes nearest to their keys while nodes change.

What it shows: three clocks that must not be mixed up. Publishers put their items again
every hour; holders look every hour whether the k nearest still hold them; an item
expires a fixed time after its *publisher* last put it, for what holders pass on keeps
its age. A newcomer is given what it is to hold as soon as it is in the table.
Source: "Kademlia", IPTPS 2002, section 2.5; BEP 44 for the two hours of an item.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from p2pkit.core import Contact, Id, Operation, Timer
from p2pkit.protocols.kademlia.distance import k_closest
from p2pkit.protocols.kademlia.items import Item
from p2pkit.protocols.kademlia.messages import Reply
from p2pkit.protocols.kademlia.storage import Held
from p2pkit.protocols.kademlia.walk import Walk

if TYPE_CHECKING:
    from p2pkit.protocols.kademlia.dht import Kademlia

AT_ONCE = 8  # items of a round that are being looked after at a time


class Replication:
    """The care of one node for what it published and what it holds."""

    def __init__(self, node: Kademlia) -> None:
        self.node, self.config, self.values = node, node.config, node.values
        self.published: dict[int, Item] = {}  # by target; put again every hour
        self.timers: dict[str, Timer] = {}

    def start(self) -> None:
        """Begin the hourly rounds."""
        self._again("replicate", self.config.replicate_s, self._on_replicate)
        self._again("republish", self.config.republish_s, self._on_republish)

    def stop(self) -> None:
        """Cancel the timers."""
        for timer in self.timers.values():
            timer.cancel()

    def publish(self, item: Item) -> None:
        """Remember an item of ours, to put it again."""
        self.published.pop(item.target, None)
        self.published[item.target] = item
        if len(self.published) > self.config.max_keys:
            del self.published[next(iter(self.published))]

    def on_new(self, contact: Contact) -> None:
        """Give a newcomer in our table the items that it is to hold.

        Of all holders the nearest to the key does it, so it is done once.
        """
        now, own = self.node.ctx.now(), self.node.ctx.me.id
        table, k = self.node.peers.table, self.config.k
        for target, held in self.node.storage.items.items():
            near = [c.id for c in table.closest(target, k)]
            holders = k_closest([own, *near], target, k)
            first = next((i for i in holders if i != contact.id), own)
            if contact.id in holders and first == own:
                self._hand_over(held.item, now - held.put_s, contact)

    def _replicate(self, held: Held, on_end: Callable[[], None]) -> None:
        """Store an item we hold for others where it is missing near its key."""
        item, have = held.item, list[int]()

        def take(reply: Reply) -> bool:
            if reply.item is not None and reply.item.seq >= item.seq:
                have.append(reply.sender_id)
            return False

        def end(walk: Walk) -> None:
            near = [c for c in walk.holders()[0] if c.contact.id not in have]
            age_s = int(self.node.ctx.now() - held.put_s)
            query = partial(self.values.put_query, item=item, age_s=age_s)
            walk.store(near, query, lambda _: on_end())

        self.values.walk(item.target, end, take)

    def _republish(self, item: Item, on_end: Callable[[], None]) -> None:
        operation: Operation[Id] = Operation("republish", item.target)
        operation.then(lambda _: on_end())
        self.values.put(item, operation)

    def _hand_over(self, item: Item, age_s: float, to: Contact) -> None:
        """Store an item we hold at a newcomer, unless it has it already."""

        def offer(reply: Reply) -> None:
            if reply.item is None and reply.token:
                query = partial(
                    self.values.put_query,
                    item=item,
                    age_s=int(age_s),
                    token=reply.token,
                )
                self.node.peers.ask(to, query, lambda _: None, lambda: None)

        query = partial(self.values.get_query, target=item.target)
        self.node.peers.ask(to, query, offer, lambda: None)

    def _again(self, name: str, delay_s: float, call: Callable[[], None]) -> None:
        """Set a timer; up to a tenth sooner, so that nodes do not act in step."""
        delay_s *= 1.0 - 0.1 * self.node.ctx.rng.random()
        self.timers[name] = self.node.ctx.after(delay_s, call)

    def _on_replicate(self) -> None:
        now, storage = self.node.ctx.now(), self.node.storage
        storage.expire(now)
        # Whoever stored it lately told the other holders as well (paper 2.5).
        recent_s = now - self.config.replicate_s / 2
        due = [held for held in storage.items.values() if held.stored_s <= recent_s]
        end = partial(
            self._again, "replicate", self.config.replicate_s, self._on_replicate
        )
        self._in_turn(due, self._replicate, end)

    def _on_republish(self) -> None:
        end = partial(
            self._again, "republish", self.config.republish_s, self._on_republish
        )
        self._in_turn(list(self.published.values()), self._republish, end)

    def _in_turn(
        self,
        due: list[Any],
        act: Callable[[Any, Callable[[], None]], None],
        on_end: Callable[[], None],
    ) -> None:
        """Act on all, a few at a time, so that a round is no burst."""
        left = AT_ONCE

        def soon() -> None:
            self.node.ctx.after(0.0, go_on)

        def go_on() -> None:
            nonlocal left
            if due:
                act(due.pop(), soon)
                return
            left -= 1
            if not left:
                on_end()

        for _ in range(AT_ONCE):
            go_on()
