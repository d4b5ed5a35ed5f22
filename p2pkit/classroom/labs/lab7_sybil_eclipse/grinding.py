"""Checks 1.1 and 1.2: what it takes to be near a key."""

from __future__ import annotations

from p2pkit.classroom.labs.check import Case
from p2pkit.classroom.labs.lab7_sybil_eclipse.wire import ID_BITS, make_id
from p2pkit.classroom.labs.questions import real
from p2pkit.core import LabError
from p2pkit.core.driver import seeded
from p2pkit.harness import Finding, Subject, Verdict, ask

TRIES = 3000
TOWNS = 600
PER_TOWN = 40

SLACK = 0.15
"""How far the price may be from what was measured. The measurement is off by 3 % (one
sigma, 600 towns); N/(k - 1) would be off by a third, and N by far more."""


def grinds(subject: Subject, case: Case) -> Verdict:
    """Judge whether the nearest ids are found, within the budget."""
    key, slots = seeded(case.seed, "key").getrandbits(ID_BITS), case["slots"]
    names = ground(subject, key, TRIES, slots)
    made = [number for number in names if 0 <= number < TRIES]
    gaps = {number: make_id(number) ^ key for number in range(TRIES)}
    farthest = max((gaps[number] for number in made), default=0)
    nearer = sum(gap < farthest for gap in gaps.values())
    findings = (
        ask(
            f"it keeps {slots} different key pairs of those that it has made",
            len(set(made)) == len(names) == slots, f"{slots} numbers below {TRIES:,}",
            f"{len(names)} numbers, {len(set(made))} of them different and made",
            "numbers 0 to tries - 1: make_id(number) is the id of each",
        ),
        ask(
            "and those are the nearest to the key",
            bool(made) and nearer == len(set(made)) - 1,
            f"nobody left out is nearer than the {slots} kept",
            f"{nearer} ids are nearer than the farthest kept",
            "near is what makes id ^ key small, not id - key", 2.0,
        ),
    )  # fmt: skip
    return Verdict(findings, case.seed)


def prices(subject: Subject, case: Case) -> Verdict:
    """Judge the price of a place near a key, against keys that are really tried."""
    findings = (
        _price(subject, case, case["nodes"], case["k"], 1),
        _price(subject, case, case["nodes"], case["k"], case["slots"]),
        _price(subject, case, 3 * case["nodes"], 2 * case["k"], 5),
    )
    return Verdict(findings, case.seed)


def ground(subject: Subject, key: int, tries: int, slots: int) -> list[int]:
    """Return the numbers of the key pairs that the student's `grind` keeps.

    Raises
    ------
    LabError
        If what it returned is no list of numbers.
    """
    names = subject.call("grind", key, tries, slots)
    if not isinstance(names, list) or not all(type(one) is int for one in names):
        reason = "grind returns a list of numbers of key pairs"
        raise LabError(reason)
    return names


def _price(subject: Subject, case: Case, nodes: int, k: int, slots: int) -> Finding:
    said = real(subject.call("price", nodes, k, slots))
    measured = slots / hit_share(case.seed, nodes, k)
    right = said is not None and abs(said - measured) <= SLACK * measured
    what = "id" if slots == 1 else "ids"
    return ask(
        f"{slots} {what} among the {k} nearest of {nodes}",
        right, f"about as many tries as it takes: {measured:.0f}",
        "no number" if said is None else f"{said:g} tries",
        "each try ends anywhere with equal odds: how often among the k nearest of N?",
    )  # fmt: skip


def hit_share(seed: int, nodes: int, k: int) -> float:
    """Return how often a random id is nearer to a key than the k-th nearest of all."""
    rng, hits = seeded(seed, "towns", nodes), 0
    for _ in range(TOWNS):
        gaps = sorted(rng.getrandbits(ID_BITS) for _ in range(nodes))
        hits += sum(rng.getrandbits(ID_BITS) < gaps[k - 1] for _ in range(PER_TOWN))
    return hits / (TOWNS * PER_TOWN)
