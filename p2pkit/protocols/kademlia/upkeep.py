"""Upkeep: joining the overlay, and keeping the buckets fresh.

What it shows: a node joins by looking up its own id, then fills the buckets that still
have room by looking up random ids *in their range*. It looks around again soon while
that finds new peers, and ever more rarely when it does not.
Source: "Kademlia", IPTPS 2002, section 2.3; BEP 5 for the 15 minutes of a refresh.
Read next: ``dht.py``, then ``replication.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from p2pkit.core import (
    Address,
    Joined,
    Operation,
    PeerUnreachable,
    Timer,
    format_address,
)
from p2pkit.protocols.kademlia.distance import random_id
from p2pkit.protocols.kademlia.messages import FindNode, Query, Reply
from p2pkit.protocols.kademlia.walk import Walk

if TYPE_CHECKING:
    from p2pkit.protocols.kademlia.node import KademliaNode


class Upkeep:
    """The periodic work of one node."""

    def __init__(self, node: KademliaNode) -> None:
        self.node, self.config = node, node.config
        self.interval_s = node.config.look_around_s
        self.size = 0  # of the table, when we last looked around
        self.timer: Timer | None = None
        self.joined = False

    def join(self, addresses: Sequence[Address], operation: Operation[int]) -> None:
        """Greet the addresses; at the first answer look ourselves up, then refresh."""
        left = len(addresses)

        def answered(_: Reply) -> None:
            if not self.joined:
                self.joined = True
                self.find(self.node.ctx.me.id, lambda _: self.refresh(settled))

        def failed() -> None:
            nonlocal left
            left -= 1
            if not left and not self.joined:
                where = ", ".join(map(format_address, addresses))
                reason = f"no node answers at {where}: check that it runs there"
                operation.fail(PeerUnreachable(reason))

        def settled() -> None:
            self._again()
            self.node.ctx.emit(Joined(len(self.node.peers.table)))
            operation.finish(len(self.node.peers.table))

        if not addresses:
            self.joined = True
            settled()
        query = partial(self._query, target=self.node.ctx.me.id)
        for address in addresses:
            self.node.peers.greet(address, query, answered, failed)

    def refresh(self, on_end: Callable[[], None], idle_s: float = 0.0) -> None:
        """Look up a random id in the range of every bucket that has room.

        With `idle_s`, full buckets too, if no walk ended in their range for so long.
        """
        table, now = self.node.peers.table, self.node.ctx.now()
        indices = [
            index
            for index, bucket in enumerate(table.buckets)
            if not bucket.full or (idle_s and now - bucket.touched_s >= idle_s)
        ]
        left = len(indices)

        def end(_: Walk) -> None:
            nonlocal left
            left -= 1
            if not left:
                on_end()

        for index in indices:
            self.find(random_id(table.range(index), self.node.ctx.rng), end)
        if not indices:
            on_end()

    def find(self, target: int, on_end: Callable[[Walk], None]) -> None:
        """Walk to a target with find_node queries."""
        table = self.node.peers.table
        table.bucket(target).touched_s = self.node.ctx.now()
        Walk(self.node, target, partial(self._query, target=target), on_end).start()

    def stop(self) -> None:
        """Cancel the timer."""
        if self.timer is not None:
            self.timer.cancel()

    def _again(self) -> None:
        """Set the timer; up to a tenth sooner, so that nodes do not act in step."""
        delay_s = self.interval_s * (1.0 - 0.1 * self.node.ctx.rng.random())
        self.timer = self.node.ctx.after(delay_s, self._on_look_around)

    def _on_look_around(self) -> None:
        size = len(self.node.peers.table)
        if size > self.size:
            self.interval_s = self.config.look_around_s
        else:
            self.interval_s = min(2 * self.interval_s, self.config.refresh_s)
        self.size = size
        self.refresh(self._again, self.config.refresh_s)

    def _query(self, tid: bytes, target: int) -> Query:
        return FindNode(tid, self.node.ctx.me.id, self.config.read_only, target)
