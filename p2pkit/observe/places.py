"""Places on a ring, read out of snapshots: who stands where and what it knows.

A node may have several positions. Its first one has the node's id; in its edges each
further one is announced by an edge of kind ``position`` to itself, and what follows
belongs to it. The details of ``inspect()`` list ``positions`` outright.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from p2pkit.core import Address, short
from p2pkit.observe.snapshot import NodeSnapshot

SUCCESSOR, PREDECESSOR = "successor", "predecessor"
FINGER, POSITION = "finger", "position"
"""Kinds of the edges of a ring."""


class Place(NamedTuple):
    """One position: its node, and the ids that it knows."""

    node: str
    address: Address
    id: int
    successors: tuple[int, ...]
    predecessor: int | None
    fingers: tuple[int | None, ...] = ()
    items: tuple[int, ...] = ()


class Shared(NamedTuple):
    """What all nodes of a ring have in common."""

    id_bits: int
    successors: int
    replicas: int


def places_of(nodes: Sequence[NodeSnapshot]) -> list[Place]:
    """Return the places of these nodes in the order of the ring, by their edges."""
    found = (place for node in nodes for place in _by_edges(node))
    return sorted(found, key=lambda place: place.id)


def detailed(nodes: Sequence[NodeSnapshot]) -> tuple[list[Place], Shared | None]:
    """Return the places by the details of their nodes, and what the nodes share."""
    shared, found = None, []
    for node in nodes:
        details = node.details or {}
        for one in details.get("positions", ()):
            names = ("id_bits", "successors", "replicas")
            shared = Shared(*(int(details[name]) for name in names))
            after, fingers = tuple(one["successors"]), tuple(one["fingers"])
            place = Place(
                node.name, node.address, one["id"], after, one["predecessor"], fingers,
                tuple(one["items"]),
            )  # fmt: skip
            found.append(place)
    return sorted(found, key=lambda place: place.id), shared


def owner_of(ids: Sequence[int], key: int) -> int:
    """Return the place, among sorted ids, of the one that a key belongs to.

    Examples
    --------
    >>> owner_of([3, 8, 12], 8), owner_of([3, 8, 12], 13)
    (1, 0)
    """
    return bisect_left(ids, key) % len(ids)


def following(places: Sequence[Place], index: int, most: int) -> list[int]:
    """Return the true next ids after a place, at most so many, itself left out."""
    count = len(places)
    return [places[(index + 1 + i) % count].id for i in range(min(most, count - 1))]


def ring_gaps(
    nodes: Sequence[NodeSnapshot], k: int, id_bits: int = 0
) -> dict[str, str]:
    """Return what each node lacks on the ring: its name and a sentence.

    Every place needs the true next one as first successor and the true one before as
    predecessor, and a list of as many of the next as the longest list here has, at
    most `k`. When all of that is right, and ids are known to have `id_bits`, it needs
    the true fingers as well: without them lookups are longer, not wrong.
    """
    places = places_of(nodes)
    return _link_gaps(places, k) or (_finger_gaps(places, id_bits) if id_bits else {})


def true_fingers(ids: Sequence[int], own: int, id_bits: int) -> list[int]:
    """Return the distinct ids of the fingers of `own`, nearest first.

    Examples
    --------
    >>> true_fingers([1, 8, 14, 21, 32, 38, 42, 48, 51, 56], own=8, id_bits=6)
    [14, 21, 32, 42]
    """
    found, index, whole = list[int](), 0, 1 << id_bits
    while index < id_bits:
        one = ids[owner_of(ids, (own + (1 << index)) % whole)]
        if one == own:
            break  # all the way around: nobody is that far away
        found.append(one)
        index = ((one - own) % whole).bit_length()
    return found


def _link_gaps(places: Sequence[Place], k: int) -> dict[str, str]:
    longest = max((len(place.successors) for place in places), default=0)
    found: dict[str, str] = {}
    for index, place in enumerate(places):
        want = following(places, index, max(1, min(longest, k)))
        got = list(place.successors[: len(want)])
        before = places[index - 1].id if len(places) > 1 else None
        if got != want:
            wrong = next(i for i, one in enumerate(want) if got[i : i + 1] != [one])
            found.setdefault(
                place.node,
                f"{place.node} lacks {short(want[wrong])} as successor {wrong + 1}",
            )
        elif len(places) > 1 and place.predecessor != before:
            text = f"{place.node} lacks {short(before or 0)} as predecessor"
            found.setdefault(place.node, text)
    return found


def _finger_gaps(places: Sequence[Place], id_bits: int) -> dict[str, str]:
    if not any(place.fingers for place in places):
        return {}  # a ring whose nodes have none
    ids, found = [place.id for place in places], dict[str, str]()
    for place in places:
        want, got = true_fingers(ids, place.id, id_bits), place.fingers
        lacks = [one for one in want if one not in got]
        stale = [one for one in got if one is not None and one not in want]
        if lacks:
            text = f"{place.node} lacks {short(lacks[0], id_bits)} as a finger"
            found.setdefault(place.node, text)
        elif stale:
            text = f"{place.node} has {short(stale[0], id_bits)} as a finger, wrongly"
            found.setdefault(place.node, text)
    return found


def _by_edges(node: NodeSnapshot) -> Iterator[Place]:
    own, after, fingers, before = node.id, list[int](), list[int](), None
    for edge in node.edges:
        if edge.kind == POSITION:
            yield _place(node, own, after, before, fingers)
            own, after, fingers, before = edge.to.id, [], [], None
        elif edge.kind == SUCCESSOR:
            after.append(edge.to.id)
        elif edge.kind == PREDECESSOR:
            before = edge.to.id
        elif edge.kind == FINGER:
            fingers.append(edge.to.id)
    yield _place(node, own, after, before, fingers)


def _place(
    node: NodeSnapshot,
    own: int,
    after: Sequence[int],
    before: int | None,
    fingers: Sequence[int],
) -> Place:
    after, fingers = tuple(after), tuple(fingers)
    return Place(node.name, node.address, own, after, before, fingers)
