"""Checks 3.1 to 3.4: walkers."""

from __future__ import annotations

from math import sqrt
from statistics import fmean
from typing import Any, NamedTuple

from p2pkit.classroom.labs.check import Case
from p2pkit.classroom.labs.lab2_search.flood import ASKER
from p2pkit.classroom.labs.lab2_search.runs import (
    TITLE,
    map_of,
    search,
    visited,
    was_found,
)
from p2pkit.classroom.labs.lab2_search.wire import (
    SPEC,
    Hit,
    Walk,
    config_of,
    network_of,
)
from p2pkit.core import Rng
from p2pkit.core.driver import seeded
from p2pkit.core.topologies import Links
from p2pkit.harness import (
    Bands,
    Finding,
    OneNode,
    Run,
    Subject,
    Verdict,
    ask,
    fewest,
    listed,
    play_whole,
    seed_of,
    seeds_of,
)

NEIGHBORS = 6
TRIALS = 60
SLACK = 0.01
"""What the oracle's own mean may be off, as a share of the network."""

SURE = 4.0
"""Standard deviations: a right solution is off once in sixteen thousand cases."""

MEETS_SPREAD = 0.065
"""Standard deviation of the share met, from run to run, at 40 to 80 libraries."""

COST_SPREAD = 0.32
"""Standard deviation of what a search costs, as a share of its mean."""

ORACLES = 10
"""Walks of the oracle's own in each network."""


def steps(subject: Subject, case: Case) -> Verdict:
    """Judge where one library sends a walker that comes by."""
    node = _one(subject, case)
    said = node.hear(2, Walk(TITLE, ASKER, 5, 3))
    again = node.hear(2, Walk(TITLE, ASKER, 5, 3))
    chosen = set()
    for seed in seeds_of(case.seed, TRIALS):
        other = _one(subject, case, seed)
        chosen |= {
            other.name_of(one.to) for one in other.hear(2, Walk(TITLE, ASKER, 5))
        }
    end = OneNode(subject.protocol("Walkers", SPEC), config_of(case), 1, case.seed)
    turned = end.hear(0, Walk(TITLE, ASKER, 5, 3))
    findings = (
        ask(
            "a walker goes on to one neighbor, a step less and a hop more",
            [one.message for one in said] == [Walk(TITLE, ASKER, 4, 4)],
            "one Walk(steps=4, hops=4) for what came with steps=5, hops=3",
            listed(said, node), "self.ctx.rng.choice(...) of the neighbors", 2.0,
        ),
        ask(
            "to a random one, but not back",
            len(chosen) == NEIGHBORS - 1 and "neighbor 2" not in chosen,
            f"each of the {NEIGHBORS - 1} others at one time or another",
            f"{', '.join(sorted(chosen)) or 'nobody'}",
            "choose among the neighbors without the sender",
        ),
        ask(
            "unless there is no other way",
            [one.to for one in turned] == list(end.neighbors), "back at a dead end",
            listed(turned, end), "without others, the sender is the only choice",
        ),
        ask(
            "the second walker that comes by goes on as well",
            len(again) == 1, "one Walk", listed(again, node),
            "walkers cross each other's way: nothing is remembered here",
        ),
    )  # fmt: skip
    return Verdict(findings, case.seed, node.last_events())


def ends(subject: Subject, case: Case) -> Verdict:
    """Judge where a walker ends, and where it begins."""
    node, config = _one(subject, case), config_of(case)
    tired = node.hear(0, Walk(TITLE, ASKER, 1, 6))
    on = node.hear(0, Walk(TITLE, ASKER, 2, 6))
    node.ask("share", TITLE)
    home = node.hear(1, Walk(TITLE, ASKER, 5, 3))
    asker = _one(subject, case, seed_of(case.seed, "asker"))
    asker.ask("search", TITLE)
    sent = asker.take()
    me = asker.ctx.me.address
    findings = (
        ask(
            "with its last step a walker ends",
            len(on) == 1 and not tired, "silence where steps is 1",
            listed(tired, node), "a walker with steps=1 has used them up",
        ),
        ask(
            "where the title is, it ends with a hit",
            [(one.to, one.message) for one in home] == [(ASKER, Hit(TITLE, 4))],
            "one Hit(text, hops=4) to the asker, and no walker",
            listed(home, node), "it has crossed walk.hops links, and one more",
        ),
        ask(
            "who asks sends them out, with all their steps",
            [one.message for one in sent]
            == [Walk(TITLE, me, config.steps, 0)] * config.walkers,
            f"{config.walkers} times Walk(text, me, steps={config.steps}, hops=0)",
            listed(sent, asker), "each to a random neighbor",
        ),
    )  # fmt: skip
    return Verdict(findings, case.seed, node.last_events())


def meets(subject: Subject, case: Case) -> Verdict:
    """Judge whom walkers meet that find nothing, and what they cost."""
    walkers, nodes = subject.protocol("Walkers", SPEC), case["nodes"]
    shares, costs, laws = [], [], []
    runs = [_walked(walkers, case, seed) for seed in seeds_of(case.seed, case["runs"])]
    for run, asker in runs:
        shares.append(len(visited(run, asker)) / nodes)
        costs.append(run.journal.count("sent", Walk))
        laws += [_met(run, asker, case, rng) for rng in _oracles(run.scenario.seed)]
    mean, law = fmean(shares), fmean(laws)
    price = case["walkers"] * case["steps"]
    room = SLACK + SURE * MEETS_SPREAD / sqrt(len(runs))
    findings = (
        ask(
            "walkers that find nothing take all their steps",
            set(costs) == {price}, f"{case['walkers']} x {case['steps']} = {price}",
            f"{min(costs)} to {max(costs)} messages", "nobody stops early, or splits",
        ),
        Finding(
            "they meet as many libraries as random walkers do",
            1.0 if abs(mean - law) <= room else 0.0,
            f"{law:.1%} of {nodes}, give or take {room:.1%}",
            f"{mean:.1%} in {len(shares)} runs",
            "too few: do they go back and forth, or all the same way?",
        ),
    )  # fmt: skip
    last, asker = runs[-1]
    picture = (map_of(last, asker, "Whom the walkers met in the last run"),)
    return Verdict(findings, last.scenario.seed, last.last_events(), picture)


def saves(subject: Subject, case: Case) -> Verdict:
    """Judge what a search costs, and how often it succeeds."""
    walkers, runs = subject.protocol("Walkers", SPEC), case["runs"]
    searches = [_search(walkers, case, seed) for seed in seeds_of(case.seed, runs)]
    spent, found = (sum(column) for column in list(zip(*searches, strict=True))[1:3])
    must, should = (sum(column) for column in list(zip(*searches, strict=True))[3:])
    bands = _bands(runs)
    # The oracle's own walks never met one that it cannot miss: the rule of succession.
    tried = runs * ORACLES
    least = max(1, fewest(runs, (should * ORACLES + 1) / (tried + 2)))
    findings = (
        ask(
            "walkers find it as often as random walkers do",
            found >= least,
            f"in about {should:.0f} of {runs} searches, and at least {least}",
            f"in {found}", "does a walker look at the shelf wherever it comes?",
        ),
        Finding(
            "for as many messages",
            bands.share(spent, must) if found >= least else 0.0,
            bands.says(must, f"messages in {runs} searches"), f"{spent:,} messages",
            "a walker that found it is at its end", 2.0,
        ),
    )  # fmt: skip
    last = searches[-1].run
    return Verdict(findings, last.scenario.seed, last.last_events())


def _bands(runs: int) -> Bands:
    """Return bands whose first one holds for ideal walkers, also in few searches."""
    first = 1 + SURE * COST_SPREAD / sqrt(runs)
    return Bands(((first, 1.0), (1.4 * first, 0.5), (2.0 * first, 0.2)), floor=0.3)


class _Search(NamedTuple):
    """One search, and what ideal walkers need and find in that network, on average."""

    run: Run
    spent: int
    found: bool
    must: float
    should: float


def _search(walkers: type[Any], case: Case, seed: int) -> _Search:
    draw = seeded(seed, "holders")
    asker, *holders = draw.sample(range(case["nodes"]), 1 + case["holders"])
    links = network_of(case, seed)
    run = play_whole(walkers, search(links, seed, config_of(case), asker, holders))
    tries = [_cost(links, asker, holders, case, rng) for rng in _oracles(seed)]
    must, should = (sum(column) / len(tries) for column in zip(*tries, strict=True))
    spent = run.journal.count("sent", Walk)
    return _Search(run, spent, was_found(run, asker), must, should)


def _walked(walkers: type[Any], case: Case, seed: int) -> tuple[Run, int]:
    """Return a run in which nobody has what is looked for, and who asked."""
    asker = seed % case["nodes"]
    scenario = search(network_of(case, seed), seed, config_of(case), asker)
    return play_whole(walkers, scenario), asker


def _one(subject: Subject, case: Case, seed: int | None = None) -> OneNode:
    walkers = subject.protocol("Walkers", SPEC)
    number = case.seed if seed is None else seed
    return OneNode(walkers, config_of(case), NEIGHBORS, number)


def _oracles(seed: int) -> list[Rng]:
    """Return generators for the oracle's own walks in a network."""
    return [seeded(seed, "oracle", number) for number in range(ORACLES)]


def _ways(links: Links) -> dict[int, list[int]]:
    ways: dict[int, list[int]] = {}
    for a, b in links:
        ways.setdefault(a, []).append(b)
        ways.setdefault(b, []).append(a)
    return ways


def _walk(ways: dict[int, list[int]], asker: int, most: int, rng: Rng) -> list[int]:
    """Return whom a random walker meets that does not turn back."""
    met, before, here = [], -1, asker
    for _ in range(most):
        others = [one for one in ways[here] if one != before] or ways[here]
        before, here = here, rng.choice(others)
        met.append(here)
    return met


def _met(run: Run, asker: int, case: Case, rng: Rng) -> float:
    ways, met = _ways(run.scenario.links or []), {asker}
    for _ in range(case["walkers"]):
        met |= set(_walk(ways, asker, case["steps"], rng))
    return len(met) / run.scenario.nodes


def _cost(
    links: Links, asker: int, holders: list[int], case: Case, rng: Rng
) -> tuple[int, bool]:
    """Return what a search costs an ideal crowd of walkers, and whether it finds."""
    ways, cost, hit = _ways(links), 0, False
    for _ in range(case["walkers"]):
        met = _walk(ways, asker, case["steps"], rng)
        first = next((i for i, one in enumerate(met, 1) if one in holders), None)
        cost += first or case["steps"]
        hit = hit or first is not None
    return cost, hit
