"""Crowds: overlays in virtual time, lookups in them, and the truth about those."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from p2pkit.classroom.labs.check import Case
from p2pkit.classroom.labs.lab4_kademlia.wire import (
    BITS,
    Ended,
    FindNode,
    Nodes,
    config_of,
)
from p2pkit.core.driver import seeded
from p2pkit.faults import Constant, Link
from p2pkit.harness import Act, Run, Scenario, play_whole

SPACING_S = 0.2
"""Seconds from one node that joins to the next."""

SETTLE_S = 12.0
"""Seconds after the last has joined, in which each refreshes twice."""

GAP_S = 2.5
"""Seconds between two lookups, so that each is over before the next one begins."""


class Crowd:
    """Who joins, through whom, with which ids.

    Parameters
    ----------
    case : Case
        Says how many, and their settings.
    seed : int
        Starts all chance.
    """

    def __init__(self, case: Case, seed: int) -> None:
        self.case, self.seed, self.nodes = case, seed, case["nodes"]
        self.ids = tuple(seeded(seed, "ids").sample(range(1 << BITS), self.nodes))

    def scenario(self, lasts_s: float, loss: float = 0.0) -> Scenario:
        """Return the scenario in which they join, and nothing else."""
        rng = seeded(self.seed, "joins")
        return Scenario(
            nodes=self.nodes, seed=self.seed, config=config_of(self.case),
            ids=self.ids, lasts_s=lasts_s,
            joins={
                i: tuple(rng.sample(range(i), min(3, i))) for i in range(1, self.nodes)
            },
            starts_s={i: SPACING_S * i for i in range(self.nodes)},
            link=Link(latency=Constant(0.01), loss=loss),
        )  # fmt: skip


def settled_s(nodes: int) -> float:
    """Return when all have joined and buckets are filled, in seconds of the run."""
    return SPACING_S * nodes + SETTLE_S


def asks(
    finder: type[Any], case: Case, seed: int, lookups: int
) -> tuple[Run, list[int]]:
    """Let a crowd settle, then look ids up; return the run and the acts' numbers."""
    crowd, rng = Crowd(case, seed), seeded(seed, "lookups")
    at_s = settled_s(crowd.nodes)
    askers = rng.sample(range(crowd.nodes), min(crowd.nodes, lookups))
    acts = tuple(
        Act(at_s + 0.1 * i, askers[i % len(askers)], "find", (rng.getrandbits(BITS),))
        for i in range(lookups)
    )
    scenario = crowd.scenario(at_s + 0.1 * lookups + GAP_S)
    return play_whole(finder, scenario.but(acts=acts)), list(range(lookups))


def recalls(run: Run, acts: Sequence[int], k: int) -> list[float]:
    """Return, for each lookup, the share of the k closest of all that it found."""
    ids = run.scenario.ids
    found = {(node, one.target): set(one.closest) for _, node, one in run.events(Ended)}
    shares = []
    for number in acts:
        act = run.scenario.acts[number]
        target, own = act.args[0], ids[act.node]
        others = sorted((one for one in ids if one != own), key=lambda i: i ^ target)
        got = found.get((run.scenario.name(act.node), target), set())
        shares.append(len(got & set(others[:k])) / min(k, len(others)))
    return shares


def costs_of(run: Run, acts: Sequence[int]) -> float:
    """Return how many questions a lookup took, in the mean, by the journal."""
    wanted = {_who_and_what(run, number) for number in acts}
    asked = sum(
        (one.node, one.message.target) in wanted
        for one in run.journal.of("sent", FindNode)
    )
    return asked / len(acts)


def most_under_way(run: Run, acts: Sequence[int]) -> int:
    """Return how many questions of one lookup were under way at once, at most."""
    wanted = {_who_and_what(run, number) for number in acts}
    answer_s = run.scenario.config.answer_s  # type: ignore[attr-defined]
    waiting: dict[tuple[str, int], tuple[tuple[str, int], float]] = {}
    most = 0
    for one in run.journal.entries:
        if one.way == "sent" and isinstance(one.message, FindNode):
            walk = one.node, one.message.target
            if walk in wanted:
                waiting[one.node, one.message.tag] = walk, one.at_s
                open_now = [
                    at_s for each, at_s in waiting.values()
                    if each == walk and one.at_s - at_s < answer_s
                ]  # fmt: skip
                most = max(most, len(open_now))
        elif one.way == "heard" and isinstance(one.message, Nodes):
            waiting.pop((one.node, one.message.tag), None)
    return most


def _who_and_what(run: Run, number: int) -> tuple[str, int]:
    act = run.scenario.acts[number]
    return run.scenario.name(act.node), act.args[0]
