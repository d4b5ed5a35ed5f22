"""The finger table: for each i the first node at least ``2**i`` further on.

What it shows: fingers halve the way that is left, so a walk takes about half of
log2 N steps. Neighboring entries mostly name one node, so few have to be looked up.
Source: I. Stoica et al., "Chord", ToN 2003, section 4.3.
Read next: ``successors.py``.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable

from p2pkit.core import Contact
from p2pkit.protocols.chord.ring import Ring


class Fingers:
    """The fingers of `own`; an entry nobody looked up yet is None."""

    def __init__(self, ring: Ring, own: Contact) -> None:
        self.ring, self.own = ring, own
        self.entries: list[Contact | None] = [None] * ring.id_bits

    def start(self, index: int) -> int:
        """Return the first id that finger `index` may have."""
        return (self.own.id + (1 << index)) & self.ring.mask

    def set(self, index: int, contact: Contact) -> int:
        """Enter the node that follows ``start(index)``; return the next to look up.

        It also follows every later start that lies before it. If it is `own`, the
        search went around: no node is that far away.
        """
        whole = 1 << self.ring.id_bits
        gap = self.ring.gap(self.own.id, contact.id) or whole
        upto = max(index + 1, min(gap.bit_length(), self.ring.id_bits))
        self.entries[index:upto] = [contact] * (upto - index)
        return upto

    def forget(self, node_id: int) -> bool:
        """Take a node out; tell whether it was there."""
        found = [i for i, one in enumerate(self.entries) if one and one.id == node_id]
        for index in found:
            self.entries[index] = None
        return bool(found)

    def distinct(self) -> list[Contact]:
        """Return every node in the table once, `own` left out, nearest first."""
        once = {one.id: one for one in self.entries if one is not None}
        once.pop(self.own.id, None)
        return sorted(once.values(), key=lambda one: self.ring.gap(self.own.id, one.id))


class Routes:
    """All contacts of a position by the way to them, for the nearest before a key."""

    def __init__(self, ring: Ring, own: int, contacts: Iterable[Contact]) -> None:
        self.ring, self.own = ring, own
        by_gap = {ring.gap(own, one.id): one for one in contacts}
        self.gaps = sorted(by_gap)
        self.contacts = [by_gap[gap] for gap in self.gaps]

    def before(self, key: int, most: int) -> list[Contact]:
        """Return up to `most` contacts in ``(own, key)``, nearest to the key first."""
        gap = self.ring.gap(self.own, key) or 1 << self.ring.id_bits
        end = bisect_left(self.gaps, gap)
        return self.contacts[max(0, end - most) : end][::-1]
