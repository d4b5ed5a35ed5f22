"""What must hold on a ring in every state, and what repair must lead to.

Read off tables alone, so they judge any protocol that has successors.
Source: P. Zave, "Reasoning about Identifier Spaces: How to Make Chord Correct", IEEE
TSE 43(12), 2017, section 4: the properties of a ring.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Place(NamedTuple):
    """Where a member stands, by its own tables: names of nodes, dead ones included."""

    name: str
    id: int
    successors: tuple[str, ...]
    predecessor: str | None


Ring = tuple[Place, ...]
"""Every member alive, in order of ids."""


def first_alive(place: Place, alive: frozenset[str]) -> str | None:
    """Return the first of a member's successors that is alive."""
    return next((name for name in place.successors if name in alive), None)


def what_is_broken(ring: Ring, alive: frozenset[str]) -> str:
    """Say what breaks the safety of a ring, or nothing.

    Every member knows a living successor; following the first living ones, all come
    to one and the same circle; and that goes around the id space once.

    Examples
    --------
    >>> ring = Place("a", 1, ("b",), "b"), Place("b", 5, ("c",), "a")
    >>> what_is_broken(ring, frozenset("ab"))
    'b has no living successor'
    """
    following: dict[str, str] = {}
    members = {one.name: one.id for one in ring}
    for one in ring:
        after = first_alive(one, alive)
        if after is None:
            return f"{one.name} has no living successor"
        if after not in members:
            return f"{one.name} follows {after}, which is no member"
        following[one.name] = after
    circles = circles_of(following)
    if len(circles) > 1:
        return "there are two rings: " + " and ".join(map(_chain, circles))
    circle = circles[0] if circles else []
    turns = sum(members[following[name]] <= members[name] for name in circle)
    if turns > 1:
        return f"the ring goes around {turns} times: {_chain(circle)}"
    return ""


def is_ideal(ring: Ring, alive: frozenset[str]) -> bool:
    """Return whether all have the right neighbors: what repair should lead to."""
    names = [one.name for one in ring]
    return all(
        one.successors[0] == names[(at + 1) % len(names)]
        and one.successors[0] in alive
        and one.predecessor == names[at - 1]
        for at, one in enumerate(ring)
    )


def circles_of(following: Mapping[str, str]) -> list[list[str]]:
    """Return every circle that following leads into, each once.

    Examples
    --------
    >>> circles_of({"a": "b", "b": "a", "c": "a", "d": "d"})
    [['a', 'b'], ['d']]
    """
    found: list[list[str]] = []
    done: set[str] = set()
    for start in following:
        path: list[str] = []
        name = start
        while name not in done and name not in path:
            path.append(name)
            name = following[name]
        if name in path:
            found.append(path[path.index(name) :])
        done.update(path)
    return found


def _chain(circle: list[str]) -> str:
    return " -> ".join([*circle, circle[0]])
