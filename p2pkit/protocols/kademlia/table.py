"""Routing table: the k-buckets of one node, fine near its own id and coarse far away.

What it shows: one bucket covers the id space at first; a full bucket splits if our own
id lies in its range, and only then. So bucket i ends up with the peers that share
exactly i leading bits with us, the last bucket with all that share more, and a table
for n nodes holds about k * log2(n / k) contacts.
Source: "Kademlia", IPTPS 2002, section 2.4; table size: re-run, see the oracle.
Read next: ``lookup.py``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from p2pkit.core import Contact
from p2pkit.protocols.kademlia.bucket import Entry, KBucket, Place
from p2pkit.protocols.kademlia.distance import (
    ID_BITS,
    branch,
    neighborhood,
    prefix_length,
)


class RoutingTable:
    """The buckets of the node `own`; only peers that answered us get in.

    Parameters
    ----------
    own : int
        Our id, which is never in the table itself.
    k, max_misses : int
        Size of a bucket; failed requests until a contact goes in any case.
    """

    def __init__(self, own: int, k: int, max_misses: int) -> None:
        self.own, self.k, self.max_misses = own, k, max_misses
        self.buckets = [KBucket(k, 0.0)]

    def __len__(self) -> int:
        return sum(len(bucket.entries) for bucket in self.buckets)

    def __iter__(self) -> Iterator[Entry]:
        for bucket in self.buckets:
            yield from bucket.entries.values()

    def index(self, node_id: int) -> int:
        """Return which bucket covers an id: its shared bits, up to the last bucket."""
        shared = ID_BITS - (self.own ^ node_id).bit_length()
        last = len(self.buckets) - 1
        return shared if shared < last else last

    def bucket(self, node_id: int) -> KBucket:
        """Return the bucket that covers an id."""
        return self.buckets[self.index(node_id)]

    def range(self, index: int) -> range:
        """Return the ids that bucket `index` covers."""
        last = index == len(self.buckets) - 1
        return neighborhood(self.own, index) if last else branch(self.own, index)

    def has_room(self, bucket: KBucket) -> bool:
        """Tell whether a bucket would let a newcomer in: it has room, or it splits."""
        return not bucket.full or bucket is self.buckets[-1]

    def would_take(self, contact: Contact) -> bool:
        """Tell whether a peer that we do not know would come in, if it answered."""
        return self.has_room(self.bucket(contact.id))

    def heard(self, contact: Contact, now: float) -> Place:
        """Take note that a peer, not ourselves, answered a request of ours."""
        bucket = self.bucket(contact.id)
        while self._splits(bucket) and contact.id not in bucket.entries:
            self._split(now)
            bucket = self.bucket(contact.id)
        return bucket.heard(contact, now)

    def missed(self, node_id: int) -> bool:
        """Count a request that a contact let fail; tell whether the contact is gone."""
        return self.bucket(node_id).missed(node_id, self.max_misses)

    def closest(self, target: int, count: int) -> list[Contact]:
        """Return the good contacts nearest to `target`, nearest first, `count` at most.

        Buckets are taken in their order of distance from the target: the one that
        covers it; then all on our own side of that branch; then outward one by one.
        Within these groups only sorting tells, across them the group does.
        """
        buckets, at = self.buckets, self.index(target)
        found = buckets[at].good()
        if len(found) < count:
            for bucket in buckets[at + 1 :]:
                found += bucket.good()
        while len(found) < count and at > 0:
            at -= 1
            found += buckets[at].good()
        found.sort(key=lambda contact: contact.id ^ target)
        return found[:count]

    def inspect(self) -> list[dict[str, Any]]:
        """Return the buckets from far to near as plain data, ids in bucket order."""
        return [
            {
                "low": self.range(index).start,
                "high": self.range(index).stop,
                "contacts": list(bucket.entries),
                "replacements": list(bucket.replacements),
            }
            for index, bucket in enumerate(self.buckets)
        ]

    def _splits(self, bucket: KBucket) -> bool:
        last = bucket is self.buckets[-1] and len(self.buckets) < ID_BITS
        return last and bucket.full

    def _split(self, now: float) -> None:
        """Split the last bucket: those that share one bit more go into a new one."""
        depth = len(self.buckets) - 1
        far, near = self.buckets[-1], KBucket(self.k, now)
        for entries, new in (
            (far.entries, near.entries),
            (far.replacements, near.replacements),
        ):
            for node_id in [i for i in entries if prefix_length(self.own, i) > depth]:
                new[node_id] = entries.pop(node_id)
        self.buckets.append(near)
        far.fill()
        near.fill()
