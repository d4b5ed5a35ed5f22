"""Upkeep: joining the overlay, and keeping the buckets fresh.

What it shows: a node joins by looking up its own id, then fills the buckets that still
have room by looking up random ids *in their range*. It looks around again soon while
that finds new peers, and ever more rarely when it does not.
Source: "Kademlia", IPTPS 2002, section 2.3; BEP 5 for the 15 minutes of a refresh.
Read next: ``refresh.py``, then ``dht.py``.
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
from p2pkit.protocols.kademlia.messages import FindNode, Query, Reply
from p2pkit.protocols.kademlia.refresh import refresh
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

    def join(self, addresses: Sequence[Address], operation: Operation[int]) -> None:
        """Greet the addresses; at the first answer look ourselves up, then refresh.

        If nobody answers the operation fails, and we try again from time to time.
        """
        left, greeted = len(addresses), False

        def answered(_: Reply) -> None:
            nonlocal greeted
            if not greeted:
                greeted = True
                self.find(self.node.ctx.me.id, looked_up)

        def looked_up(_: Walk) -> None:
            self.refresh(settled, near=False)

        def failed() -> None:
            nonlocal left
            left -= 1
            if not left and not greeted:
                where = ", ".join(map(format_address, addresses))
                reason = f"no node answers at {where}: check that it runs there"
                self._again(partial(self.join, addresses, Operation("bootstrap")))
                operation.fail(PeerUnreachable(reason))

        def settled() -> None:
            self._again()
            self.node.ctx.emit(Joined(len(self.node.peers.table)))
            operation.finish(len(self.node.peers.table))

        if not addresses:
            settled()
        query = partial(self.find_node, target=self.node.ctx.me.id)
        for address in addresses:
            self.node.peers.greet(address, query, answered, failed)

    def round(self, on_end: Callable[[], None]) -> None:
        """Check the contacts that are in doubt or were silent for long; refresh."""
        then = partial(self.refresh, on_end)
        self.node.peers.checks.check_silent(self.config.questionable_s, then)

    def refresh(self, on_end: Callable[[], None], near: bool = True) -> None:
        """Fill the buckets that want it, see ``refresh.py``."""
        refresh(self.node, on_end, near)

    def find(self, target: int, on_end: Callable[[Walk], None]) -> None:
        """Walk to a target with find_node queries."""
        self.node.peers.table.bucket(target).touched_s = self.node.ctx.now()
        query = partial(self.find_node, target=target)
        Walk(self.node, target, query, on_end).start()

    def stop(self) -> None:
        """Cancel the timer."""
        if self.timer is not None:
            self.timer.cancel()

    def _again(self, call: Callable[[], None] | None = None) -> None:
        """Set the timer; up to a tenth sooner, so that nodes do not act in step."""
        self.stop()
        delay_s = self.interval_s * (1.0 - 0.1 * self.node.ctx.rng.random())
        self.timer = self.node.ctx.after(delay_s, call or self._on_look_around)

    def _on_look_around(self) -> None:
        size = len(self.node.peers.table)
        if size > self.size:
            self.interval_s = self.config.look_around_s
        else:
            self.interval_s = min(2 * self.interval_s, self.config.refresh_s)
        self.size = size
        self.round(self._again)

    def find_node(self, tid: bytes, target: int) -> Query:
        """Return a find_node query."""
        return FindNode(tid, self.node.ctx.me.id, self.config.read_only, target)
