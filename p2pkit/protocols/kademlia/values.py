"""Values: put and get, for items under their hash and under a key that signs them.

Source: BEP 44; "Kademlia", IPTPS 2002, section 2.3, for where a value is stored.
Read next: ``torrents.py``, the same for the peers of a torrent.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from p2pkit.core import Id, Operation, RemoteProtocolError, Step
from p2pkit.protocols.kademlia.items import Item
from p2pkit.protocols.kademlia.messages import Get, Put, Query, Reply
from p2pkit.protocols.kademlia.walk import NotStored, Walk

if TYPE_CHECKING:
    from p2pkit.protocols.kademlia.node import KademliaNode

Steps = tuple[Step, ...]


class Values:
    """Puts and gets of one node."""

    def __init__(self, node: KademliaNode) -> None:
        self.node = node

    def put(self, item: Item, operation: Operation[Id], cas: int | None = None) -> None:
        """Walk to the item's key and store it at the k nearest nodes."""

        def end(walk: Walk) -> None:
            operation.steps = walk.lookup.steps()
            near, we_hold = walk.holders()
            now, storage = self.node.ctx.now(), self.node.storage
            we_hold = we_hold and storage.refusal(item, cas, now) is None
            if we_hold:
                storage.add_item(item, 0, now)
            query = partial(self.put_query, item=item, cas=cas)
            walk.store(near, query, partial(stored, we_hold))

        def stored(we_hold: bool, taken: int) -> None:
            if taken or we_hold:
                operation.finish(Id(item.target))
            else:
                operation.fail(NotStored(item.target))

        self.walk(item.target, end)

    def get(
        self,
        target: int,
        on_end: Callable[[Item | None, Steps], None],
        salt: bytes = b"",
    ) -> None:
        """Walk to a key until an item that fits it is found; None if there is none.

        An immutable item is proved by its hash, so the first one ends the walk; of
        mutable ones the k nearest are asked, and the highest number wins.
        """
        now = self.node.ctx.now()
        held = self.node.storage.item(target, now)
        best = held.item if held is not None else None

        def take(reply: Reply) -> bool:
            nonlocal best
            item = reply.item
            if item is None:
                return False
            item = Item(item.encoded, item.public, item.signature, salt, item.seq)
            if item.target != target or not item.is_valid():
                reason = "item that does not fit its key"
                raise RemoteProtocolError(reason)
            if best is None or item.seq > best.seq:
                best = item
            return not item.public

        def end(walk: Walk) -> None:
            on_end(best, walk.lookup.steps())

        if best is not None and not best.public:
            on_end(best, ())
        else:
            self.walk(target, end, take)

    def walk(
        self,
        target: int,
        on_end: Callable[[Walk], None],
        take: Callable[[Reply], bool] | None = None,
    ) -> None:
        """Walk to a key with get queries."""
        query = partial(self.get_query, target=target)
        Walk(self.node, target, query, on_end, take).start()

    def get_query(self, tid: bytes, target: int) -> Query:
        """Return a get query."""
        return Get(tid, self.node.ctx.me.id, self.node.config.read_only, target)

    def put_query(self, tid: bytes, token: bytes, **fields: Any) -> Query:
        """Return a put query."""
        me, read_only = self.node.ctx.me.id, self.node.config.read_only
        return Put(tid, me, read_only, token=token, **fields)
