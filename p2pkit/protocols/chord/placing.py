"""Placing: rings with perfect tables, without joining, for experiments.

A ring of 16,384 nodes would take long to join one by one, and what is measured on it
is the lookup. So its tables are computed; lookups on it are the listing's own.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from p2pkit.protocols.chord.member import ChordMember


def place_all(nodes: Sequence[ChordMember]) -> None:
    """Give every position of these nodes the tables of a ring at rest; no timers."""
    places = sorted(
        (place for node in nodes for place in node.positions),
        key=lambda place: place.me.id,
    )
    ids, contacts = [one.me.id for one in places], [one.me for one in places]
    count = len(places)
    for index, place in enumerate(places):
        most = min(place.config.successors, count - 1)
        place.joined = True
        place.follow([contacts[(index + 1 + i) % count] for i in range(most)])
        if count > 1:
            place.predecessor = contacts[index - 1]
        finger = 0
        while finger < place.ring.id_bits and count > 1:
            at = bisect_left(ids, place.fingers.start(finger)) % count
            finger = place.set_finger(finger, contacts[at])
