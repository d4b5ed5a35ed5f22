"""Checks 1.1 and 1.2: what lies between two ids, and whose a key is.

Also the truth that other checks compare with: brute force over all ids.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence

from p2pkit.classroom.labs.check import Case
from p2pkit.core import Rng
from p2pkit.core.driver import seeded
from p2pkit.harness import Finding, Overlay, Subject, Verdict, ask

SMALL_BITS = 4
"""A ring on which every question can be asked: 16 ids, 4,096 intervals and places."""

KEYS = 200


def owner_of(key: int, ids: Iterable[int]) -> int:
    """Return the first id at or after a key, around the ring.

    Examples
    --------
    >>> [owner_of(key, [3, 8, 14]) for key in (3, 4, 14, 15)]
    [3, 8, 14, 3]
    """
    order = sorted(ids)
    return order[bisect_left(order, key) % len(order)]


def next_of(ids: Iterable[int]) -> dict[int, int]:
    """Return who comes next around the ring, by id.

    Examples
    --------
    >>> next_of([3, 14, 8])
    {3: 8, 8: 14, 14: 3}
    """
    order = sorted(ids)
    return dict(zip(order, [*order[1:], *order[:1]], strict=True))


def walk(after: int, upto: int, bits: int) -> list[int]:
    """Return the places of ``(after, upto]``, walked one by one.

    Examples
    --------
    >>> walk(14, 1, 4)
    [15, 0, 1]
    """
    size = 1 << bits
    steps = (upto - after) % size or size
    return [(after + step) % size for step in range(1, steps + 1)]


def lies_within(subject: Subject, case: Case) -> Verdict:
    """Judge ``within(place, after, upto, bits)`` on a whole small ring."""
    size = 1 << SMALL_BITS
    wrong: dict[str, list[tuple[int, int, int]]] = {
        "plain": [], "around": [], "ends": [], "whole": [],
    }  # fmt: skip
    for after in range(size):
        for upto in range(size):
            inside = set(walk(after, upto, SMALL_BITS))
            for place in range(size):
                said = subject.call("within", place, after, upto, SMALL_BITS)
                if said is not (place in inside):
                    wrong[_kind(place, after, upto)].append((place, after, upto))
    large = _large(subject, case)
    findings = (
        _all_right("where the interval does not cross zero", wrong["plain"]),
        _all_right("where it goes around through zero", wrong["around"], 2.0),
        _all_right("`after` is left out and `upto` belongs to it", wrong["ends"]),
        _all_right("from a place to itself is once around", wrong["whole"]),
        ask(
            f"on a ring of {case['bits']} bits as well", not large,
            "as many steps as it takes, without walking them", large or "all right",
            "compute modulo 2**bits, and not modulo a number from the example",
        ),
    )  # fmt: skip
    return Verdict(findings, case.seed)


def hands_over(subject: Subject, case: Case) -> Verdict:
    """Judge ``handed_over(keys, newcomer, owner, before, bits)``."""
    bits = case["bits"]
    rng = seeded(case.seed, "keys")
    ids = sorted(rng.sample(range(1 << bits), case["nodes"]))
    findings: list[Finding] = []
    place = rng.randrange(1, case["nodes"] - 2)
    trials: list[tuple[str, int, int, int]] = [
        ("in the middle of the ring", ids[place], ids[place + 1], ids[place + 2]),
        (
            "where the newcomer stands before zero, the owner after",
            ids[-2],
            ids[-1],
            ids[0],
        ),
        ("where the newcomer stands after zero", ids[-1], ids[0], ids[1]),
    ]
    for claim, before, new, owner in trials:
        held = _keys(before, owner, bits, rng)
        right = [key for key in held if key in _range(before, new, bits)]
        said = subject.call("handed_over", held, new, owner, before, bits)
        findings.append(
            ask(
                f"the newcomer gets its keys {claim}",
                isinstance(said, list) and sorted(said) == sorted(right),
                f"{len(right)} of {len(held)} keys: those in ({before}, {new}]",
                _says(said, right),
                "the newcomer owns what lies between its predecessor and itself",
            )
        )
    return Verdict(tuple(findings), case.seed, pictures=(_ring(ids, place),))


class _Range:
    """The places of ``(after, upto]``, without walking them."""

    def __init__(self, after: int, upto: int, bits: int) -> None:
        self.after, self.size = after, 1 << bits
        self.steps = (upto - after) % self.size or self.size

    def __contains__(self, place: int) -> bool:
        return 0 < ((place - self.after) % self.size or self.size) <= self.steps


def _range(after: int, upto: int, bits: int) -> _Range:
    return _Range(after, upto, bits)


def _kind(place: int, after: int, upto: int) -> str:
    if after == upto:
        return "whole"
    if place in (after, upto):
        return "ends"
    return "plain" if after < upto else "around"


def _all_right(
    where: str, wrong: Sequence[tuple[int, int, int]], weight: float = 1.0
) -> Finding:
    first = (
        f"{len(wrong)} wrong, such as within{(*wrong[0], SMALL_BITS)}" if wrong else ""
    )
    return ask(
        f"within is right: {where}", not wrong, "what a walk around the ring says",
        first or "all right",
        "draw the circle: start at `after`, walk clockwise, stop at `upto`", weight,
    )  # fmt: skip


def _large(subject: Subject, case: Case) -> str:
    bits, rng = case["bits"], seeded(case.seed, "large")
    for _ in range(KEYS):
        place, after, upto = (rng.randrange(1 << bits) for _ in range(3))
        said = subject.call("within", place, after, upto, bits)
        if said is not (place in _range(after, upto, bits)):
            return f"within{(place, after, upto, bits)} is {said!r}"
    return ""


def _keys(before: int, owner: int, bits: int, rng: Rng) -> list[int]:
    """Return keys that the owner holds: both ends of the interval are among them."""
    size, steps = 1 << bits, (owner - before) % (1 << bits)
    drawn = {rng.randrange(1, steps + 1) for _ in range(40)}
    return sorted({(before + step) % size for step in drawn | {1, steps}})


def _says(said: object, right: list[int]) -> str:
    if not isinstance(said, list):
        return f"{said!r}, which is no list of keys"
    missing = [key for key in right if key not in said]
    extra = [key for key in said if key not in right]
    return f"{len(said)} keys; {len(missing)} missing, {len(extra)} too many"


def _ring(ids: list[int], place: int) -> Overlay:
    names = {one: f"{one}" for one in ids}
    groups = {names[one]: "member" for one in ids}
    groups[names[ids[place + 1]]] = "newcomer"
    groups[names[ids[place + 2]]] = "owner so far"
    links = tuple((names[a], names[b]) for a, b in next_of(ids).items())
    return Overlay("The ring, and who gives keys to whom", groups, links)
