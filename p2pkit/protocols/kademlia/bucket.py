"""k-bucket: up to k contacts at one range of distances, the long-lived ones kept.

What it shows: whoever has been there long is likely to stay, so a bucket never throws
out a contact that still answers. Newcomers wait in a replacement cache instead; an
attacker cannot flush the table, and peers that flap do not get in.
Source: "Kademlia", IPTPS 2002, sections 2.2 and 4.1.
Read next: ``table.py``.
"""

from __future__ import annotations

from enum import Enum

from p2pkit.core import Contact


class Place(Enum):
    """Where a peer that we heard from ended up."""

    NEW = "in the bucket, for the first time"
    KNOWN = "in the bucket already"
    WAITING = "in the replacement cache, for the bucket is full"
    REFUSED = "nowhere, for a rule of the table keeps it out"


class Entry:
    """A contact in a bucket: when it was last heard from, and what it missed since."""

    __slots__ = ("contact", "heard_s", "misses")

    def __init__(self, contact: Contact, heard_s: float) -> None:
        self.contact, self.heard_s, self.misses = contact, heard_s, 0


class KBucket:
    """Contacts at one range of distances, least recently heard from first.

    Parameters
    ----------
    k : int
        How many contacts, and how many replacements, it holds at most.
    now : float
        Seconds of the run, for the age of the bucket.
    """

    __slots__ = ("entries", "k", "replacements", "touched_s")

    def __init__(self, k: int, now: float) -> None:
        self.k = k
        self.entries: dict[int, Entry] = {}  # a dict keeps the order of insertion
        self.replacements: dict[int, Entry] = {}  # most recently heard from last
        self.touched_s = now  # when a lookup last ended in our range

    @property
    def full(self) -> bool:
        """Whether k contacts are in."""
        return len(self.entries) >= self.k

    @property
    def sound(self) -> bool:
        """Whether no contact is in doubt, having let a request fail."""
        return not any(entry.misses for entry in self.entries.values())

    def heard(self, contact: Contact, now: float) -> Place:
        """Take note that a peer answered us.

        A peer already in moves to the end of the line. The same id from another
        address is not believed: the contact we know would have to fail first. A
        newcomer takes the place of a contact in doubt, if there is one.
        """
        entry = self.entries.get(contact.id)
        if entry is not None:
            if entry.contact.address == contact.address:
                entry.misses = 0
                self.touch(contact.id, now)
            return Place.KNOWN
        self.replacements.pop(contact.id, None)
        if self.full:
            self._drop_one_in_doubt()
        if not self.full:
            self.entries[contact.id] = Entry(contact, now)
            return Place.NEW
        self.replacements[contact.id] = Entry(contact, now)
        if len(self.replacements) > self.k:
            del self.replacements[next(iter(self.replacements))]
        return Place.WAITING

    def touch(self, node_id: int, now: float) -> None:
        """Take note of a query from a contact: it moves to the end of the line.

        That proves less than an answer, for a source address can be forged, so what
        the contact missed stays counted.
        """
        entry = self.entries.pop(node_id)
        entry.heard_s = now
        self.entries[node_id] = entry

    def missed(self, node_id: int, max_misses: int) -> bool:
        """Count a request that a contact let fail; tell whether the contact is gone.

        It goes when another is waiting for its place, or after `max_misses`.
        """
        self.replacements.pop(node_id, None)
        entry = self.entries.get(node_id)
        if entry is None:
            return False
        entry.misses += 1
        if not self.replacements and entry.misses < max_misses:
            return False
        del self.entries[node_id]
        self.fill()
        return True

    def fill(self) -> None:
        """Let replacements in while there is room, the most recently heard first."""
        while self.replacements and not self.full:
            node_id, entry = self.replacements.popitem()
            self.entries[node_id] = entry

    def _drop_one_in_doubt(self) -> None:
        for node_id, entry in self.entries.items():
            if entry.misses:
                del self.entries[node_id]
                return

    def good(self) -> list[Contact]:
        """Return the contacts that missed nothing since they were last heard from."""
        return [entry.contact for entry in self.entries.values() if not entry.misses]

    def oldest(self) -> Entry | None:
        """Return the contact heard from least recently; None in an empty bucket."""
        return next(iter(self.entries.values()), None)
