"""Oracles of a ring: what must hold of Chord, by brute force over all positions.

They see every node at once and compare with the sorted ids. Each takes what has
snapshots, as the oracles of ``check`` do, and only alive nodes count.
Source: I. Stoica et al., "Chord", ToN 2003, sections 4 to 6; P. Zave, "How to Make
Chord Correct", 2017, for one ordered ring and appendages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from math import log
from typing import TYPE_CHECKING, Any

from p2pkit.core import Finished, Id, P2PError, short
from p2pkit.observe.places import Place, Shared, detailed, following, owner_of
from p2pkit.observe.verdict import Verdict

if TYPE_CHECKING:
    from p2pkit.observe.check import Watched

Rule = Callable[[Sequence[Place], int, Shared], str]


def ring(cluster: Watched) -> Verdict:
    """Examine whether all positions make one ordered ring, none skipped."""
    return _by_place(cluster, "first successors make one ordered ring", _skips)


def symmetry(cluster: Watched) -> Verdict:
    """Examine whether each position is the predecessor of its successor."""
    return _by_place(cluster, "successors and predecessors fit each other", _unfit)


def successor_lists(cluster: Watched) -> Verdict:
    """Examine whether each list is exactly the next r positions."""
    return _by_place(cluster, "successor lists name the next ones", _wrong_list)


def fingers(cluster: Watched) -> Verdict:
    """Examine whether finger i is the true successor of ``id + 2**i``, for every i."""
    return _by_place(cluster, "fingers name the true successors", _wrong_finger)


def appendages(cluster: Watched) -> Verdict:
    """Examine whether every position is on the cycle, and none hangs on to it.

    The cycle is what following first *alive* successors leads into. Its evidence has
    `appendages`, the names of nodes beside it, and `cycles`, how many there are.
    """
    places, _ = detailed(cluster.snapshot(details=True).alive)
    claim = "no position hangs beside the ring"
    cycles = _cycles(places)
    largest = max(cycles, key=len, default=[])
    beside = [one.node for index, one in enumerate(places) if index not in set(largest)]
    evidence = {"appendages": beside, "cycles": len(cycles)}
    detail = f"There are {len(cycles)} cycles." if len(cycles) > 1 else ""
    if beside and not detail:
        detail = f"{beside[0]} leads onto the ring, and nobody on it leads to it."
    return Verdict(claim, len(places) - len(beside), len(places), detail, evidence)


def keys(cluster: Watched) -> Verdict:
    """Examine whether every key that anybody holds is held by its owner."""
    return replicas(cluster, 1)


def replicas(
    cluster: Watched, count: int | None = None, among: Iterable[int] | None = None
) -> Verdict:
    """Examine whether each key is held by its owner and the next nodes after it.

    Parameters
    ----------
    count : int, optional
        How many nodes, the owner included. If not given what the nodes say, as far as
        a successor list reaches: copies go to nobody else. Positions of one node count
        once, so with virtual nodes a list may name fewer nodes than it is long.
    among : iterable of int, optional
        The keys to examine; all that anybody holds if not given.
    """
    places, shared = detailed(cluster.snapshot(details=True).alive)
    held: dict[int, list[int]] = {}
    for index, place in enumerate(places):
        for key in place.items:
            held.setdefault(key, []).append(index)
    wanted = sorted(held) if among is None else [int(key) for key in among]
    most = count or (1 if shared is None else shared.replicas)
    reach = len(places) if count or shared is None else shared.successors + 1
    if not places:
        return Verdict("keys are where they belong", 0, len(wanted), "No ring is here.")
    wrong = {
        key: _lacking(places, key, held.get(key, []), most, reach) for key in wanted
    }
    wrong = {key: names for key, names in wrong.items() if names}
    detail, evidence = "", dict[str, Any]()
    if wrong:
        key, names = next(iter(wrong.items()))
        detail = f"{short(key, shared.id_bits if shared else 160)} is missing at "
        detail += f"{', '.join(names)}."
        evidence = {"key": Id(key), "missing": names, "wrong": wrong}
    claim = f"keys are held by the {most} nodes that should hold them"
    return Verdict(claim, len(wanted) - len(wrong), len(wanted), detail, evidence)


def load(cluster: Watched, most: float | None = None) -> Verdict:
    """Examine whether no node owns too large a part of the ring.

    Parameters
    ----------
    most : float, optional
        The largest part as a multiple of the mean. If not given, ``ln(nodes) + 5``,
        which hashed ids without virtual nodes exceed in less than 1 of 100 rings.

    Returns
    -------
    Verdict
        Its evidence has `parts`, the multiple of the mean that each node owns.
    """
    places, shared = detailed(cluster.snapshot(details=True).alive)
    claim = "no node owns too large a part of the ring"
    if not places or shared is None:
        return Verdict(claim, 0, 0, "No ring is here.")
    whole, parts = 1 << shared.id_bits, dict[str, float]()
    for index, place in enumerate(places):
        arc = (place.id - places[index - 1].id) % whole or whole
        parts[place.node] = parts.get(place.node, 0.0) + arc / whole
    parts = {name: part * len(parts) for name, part in parts.items()}
    limit = log(len(parts)) + 5 if most is None else most
    right = sum(part <= limit for part in parts.values())
    detail = f"The largest part is {max(parts.values()):.2f} times the mean."
    return Verdict(claim, right, len(parts), detail, {"parts": parts, "most": limit})


def owners(cluster: Watched, keys: Iterable[int], start: int = 0) -> Verdict:
    """Examine whether lookups of keys return the position that each belongs to.

    Parameters
    ----------
    keys : iterable of int
        What to look up, from one alive node after the other.
    start : int
        The place, among alive nodes, of the first that asks.
    """
    snapshot = cluster.snapshot(details=True)
    alive = [index for index, node in enumerate(snapshot.nodes) if node.is_alive]
    places, _ = detailed(snapshot.alive)
    ids, exact, asked, first = [one.id for one in places], 0, 0, dict[str, Any]()
    claim = "lookups return the owner of the key"
    for number, key in enumerate(keys if alive else ()):
        index, want = alive[(start + number) % len(alive)], ids[owner_of(ids, key)]
        try:
            got, why = cluster[index].lookup(Id(key)).id, ""
        except P2PError as error:
            got, why = None, str(error)
        asked, exact = asked + 1, exact + (got == want)
        if got != want and not first:
            first = {"node": snapshot.nodes[index].name, "key": Id(key), "got": got,
                     "want": want, "error": why}  # fmt: skip
    detail = ""
    if first:
        detail = f"{first['node']}, asked for {short(first['key'])}, was wrong."
    return Verdict(claim, exact, asked, detail, first)


def hops(finished: Finished) -> int:
    """Return how many peers answered on the way, the owner of the key included.

    Each was one hop; those that did not answer are no hops but time-outs.
    """
    return sum(step.outcome == "answered" for step in finished.steps)


def _by_place(cluster: Watched, claim: str, rule: Rule) -> Verdict:
    places, shared = detailed(cluster.snapshot(details=True).alive)
    if shared is None:
        return Verdict(claim, 0, 0, "No ring is here.")
    found = {
        (place.node, place.id): rule(places, index, shared)
        for index, place in enumerate(places)
    }
    wrong = {name: why for (name, _), why in found.items() if why}
    right = sum(not why for why in found.values())
    detail = next((f"{name} {why}." for name, why in wrong.items()), "")
    return Verdict(claim, right, len(found), detail, {"wrong": wrong} if wrong else {})


def _skips(places: Sequence[Place], index: int, shared: Shared) -> str:
    want, got = following(places, index, 1), list(places[index].successors[:1])
    if got == want:
        return ""
    return f"is followed by {_names(got, shared)}, not by {_names(want, shared)}"


def _wrong_list(places: Sequence[Place], index: int, shared: Shared) -> str:
    want = following(places, index, shared.successors)
    got = list(places[index].successors)
    if got == want:
        return ""
    return f"lists {_names(got, shared)}, not {_names(want, shared)}"


def _unfit(places: Sequence[Place], index: int, shared: Shared) -> str:
    place, by_id = places[index], {one.id: one for one in places}
    if not place.successors:
        return "" if len(places) == 1 else "has no successor"
    after = by_id.get(place.successors[0])
    if after is None:
        return f"is followed by {short(place.successors[0], shared.id_bits)}, not alive"
    if after.predecessor == place.id:
        return ""
    return f"is followed by {after.node}, which has another predecessor"


def _wrong_finger(places: Sequence[Place], index: int, shared: Shared) -> str:
    place, ids = places[index], [one.id for one in places]
    for number, got in enumerate(place.fingers):
        want = ids[owner_of(ids, (place.id + (1 << number)) % (1 << shared.id_bits))]
        if got != want and len(places) > 1:
            name = "nobody" if got is None else short(got, shared.id_bits)
            return f"has {name} as finger {number}, not {short(want, shared.id_bits)}"
    return ""


def _cycles(places: Sequence[Place]) -> list[list[int]]:
    at = {place.id: index for index, place in enumerate(places)}
    alive = [[at[one] for one in place.successors if one in at] for place in places]
    after = [some[0] if some else index for index, some in enumerate(alive)]
    seen, cycles = dict[int, int](), list[list[int]]()
    for start in range(len(places)):
        path, index = list[int](), start
        while index not in seen:
            seen[index] = start
            path.append(index)
            index = after[index]
        if seen[index] == start:
            cycles.append(path[path.index(index) :])
    return cycles


def _lacking(
    places: Sequence[Place], key: int, holders: Sequence[int], most: int, reach: int
) -> list[str]:
    """Return the names of those nodes that should hold a key and do not.

    They are the first `most` nodes that the next `reach` positions belong to.
    """
    ids, want = [place.id for place in places], dict[Any, str]()
    first = owner_of(ids, key)
    for step in range(min(reach, len(places))):
        place = places[(first + step) % len(places)]
        if place.address not in want and len(want) < most:
            want[place.address] = place.node
    having = {places[index].node for index in holders}
    return [name for name in want.values() if name not in having]


def _names(ids: Sequence[int], shared: Shared) -> str:
    return ", ".join(short(one, shared.id_bits) for one in ids) or "nobody"
