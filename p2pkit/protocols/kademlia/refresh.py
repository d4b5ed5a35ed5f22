"""Refresh: filling the buckets that want it, each from its own range.

What it shows: a random id must be drawn from the bucket's range, or the walk to it
brings peers that belong elsewhere; and a bucket filled in one place of its range makes
lookups longer than one that knows several.
Source: "Kademlia", IPTPS 2002, section 2.3; BEP 5 for the 15 minutes of a refresh.
Read next: ``dht.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from p2pkit.protocols.kademlia.bucket import KBucket
from p2pkit.protocols.kademlia.distance import random_id
from p2pkit.protocols.kademlia.messages import Reply
from p2pkit.protocols.kademlia.walk import Walk

if TYPE_CHECKING:
    from p2pkit.protocols.kademlia.node import KademliaNode


def refresh(node: KademliaNode, on_end: Callable[[], None], near: bool = True) -> None:
    """Look up a random id in the range of each bucket that wants it.

    Those are the buckets with room, with contacts in doubt, or idle. They take
    turns from near to far, for what one walk brings spares others. Without `near`,
    the bucket around our own id is left out, for who has just looked it up.
    """
    table = node.peers.table
    todo = list(range(len(table.buckets) - (not near)))

    def go_on(_: Walk | None = None) -> None:
        while todo:
            index = todo.pop()
            if _wants_refresh(node, table.buckets[index]):
                _fill(node, index, go_on)
                return
        on_end()

    go_on()


def _wants_refresh(node: KademliaNode, bucket: KBucket) -> bool:
    lacking = node.peers.table.has_room(bucket) or not bucket.sound
    idle_s = node.ctx.now() - bucket.touched_s
    return lacking or idle_s >= node.config.refresh_s


def _fill(node: KademliaNode, index: int, on_end: Callable[[Walk], None]) -> None:
    """Walk to random ids in a bucket's range, until it is full or a walk has ended.

    A walk is cut short when it has brought half a bucket: peers near one id name
    each other, and a bucket that knows more of its range makes lookups shorter.
    """
    table, half = node.peers.table, max(1, node.config.k // 2)
    bucket = table.buckets[index]
    room = not bucket.full and bucket is not table.buckets[-1]
    enough = len(bucket.entries) + half
    target = random_id(table.range(index), node.ctx.rng)
    bucket.touched_s = node.ctx.now()

    def brought_enough(_: Reply) -> bool:
        return room and (bucket.full or len(bucket.entries) >= enough)

    def ended(walk: Walk) -> None:
        if walk.lookup.done or bucket.full:
            on_end(walk)
        else:
            _fill(node, index, on_end)

    query = partial(node.upkeep.find_node, target=target)
    alpha = node.config.refresh_alpha
    Walk(node, target, query, ended, brought_enough, alpha).start()
