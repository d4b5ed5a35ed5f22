"""Overlays made by hand, for oracles and pictures to look at."""

import random

import pytest

from p2pkit.core import Contact, Counters, Edge
from p2pkit.observe import NodeSnapshot, Snapshot
from p2pkit.observe.check import closest


class FakeNode:
    """Answers lookups as a function says."""

    def __init__(self, lookup, k):
        self.lookup, self._k = lookup, k

    def inspect(self):
        return {"k": self._k}


class FakeCluster:
    """Ideal Kademlia tables over seeded ids; tests then break what they want."""

    def __init__(self, count=40, k=4, seed=1):
        rng = random.Random(seed)
        self.k, self.ids = k, [rng.getrandbits(160) for _ in range(count)]
        self.dead, self.holding = set(), {}
        self.contacts = {
            one: Contact(one, ("127.0.0.1", 1000 + i)) for i, one in enumerate(self.ids)
        }
        self.tables = {one: self._ideal(one) for one in self.ids}

    def _ideal(self, own):
        """Return its buckets: one a branch, the nearest k of each."""
        ids, tops, low, width = sorted(self.ids), [], 0, 2**160
        while sum(low <= one < low + width for one in ids) > self.k:
            width //= 2
            near = low + (width if own >= low + width else 0)
            tops.append(2 * low + width - near)
            tops[-1] = (tops[-1], tops[-1] + width)
            low = near
        tops.append((low, low + width))
        return [self._bucket(own, *top) for top in tops]

    def _bucket(self, own, low, high):
        inside = [one for one in self.ids if low <= one < high and one != own]
        return {
            "low": low,
            "high": high,
            "contacts": inside[: self.k],
            "replacements": inside[self.k : self.k + 2],
        }

    def _known(self, own):
        return [one for bucket in self.tables[own] for one in bucket["contacts"]]

    def snapshot(self, details=False):
        nodes = []
        for i, own in enumerate(self.ids):
            edges = tuple(Edge("bucket", self.contacts[n]) for n in self._known(own))
            inside = {
                "buckets": self.tables[own],
                "k": self.k,
                "id_bits": 160,
                "items": self.holding.get(own, []),
                "peers": {},
            }
            node = NodeSnapshot(
                name=f"n{i:02d}",
                id=own,
                address=self.contacts[own].address,
                state="dead" if own in self.dead else "alive",
                edges=() if own in self.dead else edges,
                counters=Counters(),
                details=inside if details else None,
            )
            nodes.append(node)
        return Snapshot(at_s=1.0, nodes=tuple(nodes))

    def __len__(self):
        return len(self.ids)

    def __getitem__(self, index):
        return FakeNode(lambda key: self.lookup(index, key), self.k)

    def lookup(self, index, key):
        others = [n for n in self.ids if n not in self.dead and n != self.ids[index]]
        return [self.contacts[one] for one in closest(others, key, self.k)]


@pytest.fixture
def cluster():
    return FakeCluster()
