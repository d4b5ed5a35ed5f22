"""Checks 4.1 to 4.4: the same again, with losses and deaths, and on sockets."""

from __future__ import annotations

import msgspec

from p2pkit.classroom.labs.check import Case
from p2pkit.classroom.labs.lab2_search.runs import (
    TITLE,
    depths,
    graph_of,
    map_of,
    search,
    was_found,
)
from p2pkit.classroom.labs.lab2_search.wire import (
    FAR,
    SPEC,
    Query,
    config_of,
    network_of,
)
from p2pkit.core import topologies
from p2pkit.core.driver import seeded
from p2pkit.faults import Constant, Link
from p2pkit.harness import (
    Fate,
    Finding,
    Run,
    Subject,
    Verdict,
    ask,
    play_on_sockets,
    play_whole,
    require_whole,
    same_again,
    seeds_of,
    try_often,
)
from p2pkit.observe.search import flood as law_of

ODDS = 0.5
"""Share of all searches there could be that must succeed, as the runs show it."""

SIDE, SOCKETS_S = 4, 4.0


def repeats(subject: Subject, case: Case) -> Verdict:
    """Judge whether the same seed gives the same run."""
    findings = (
        _repeats(subject, case, "Flood", {"ttl": FAR}),
        _repeats(subject, case, "Walkers", {"steps": 20}),
    )
    return Verdict(findings, case.seed)


def _repeats(
    subject: Subject, case: Case, name: str, changes: dict[str, int]
) -> Finding:
    links, asker = network_of(case, case.seed), case.seed % case["nodes"]
    protocol = subject.protocol(name, SPEC)
    scenario = search(links, case.seed, config_of(case, **changes), asker)
    found = same_again(protocol, scenario)
    return msgspec.structs.replace(found, claim=f"{name}: {found.claim}")


def survives_loss(subject: Subject, case: Case) -> Verdict:
    """Judge whether a ring finds although messages get lost."""
    ring, config, runs = subject.protocol("Ring", SPEC), config_of(case), []

    def finds(seed: int) -> bool:
        links = network_of(case, seed)
        chosen = seeded(seed, "holders").sample(range(case["nodes"]), 5)
        link = Link(latency=Constant(0.01), loss=case["loss"])
        scenario = search(links, seed, config, chosen[0], chosen[1:], link=link)
        runs.append(play_whole(ring, scenario))
        return was_found(runs[-1], chosen[0])

    rate = try_often(finds, seeds_of(case.seed, case["runs"]), ODDS)
    finding = ask(
        f"with {case['loss']:.0%} of all messages lost a ring finds what four have",
        rate.is_enough, f"{rate.needed} of {rate.planned} searches", rate,
        "if a ring brings nothing, is the next one asked, whatever was lost?",
    )  # fmt: skip
    return Verdict((finding,), runs[-1].scenario.seed, runs[-1].last_events())


def survives_deaths(subject: Subject, case: Case) -> Verdict:
    """Judge whether a flood reaches all who are alive and can be reached."""
    flood, config = subject.protocol("Flood", SPEC), config_of(case, ttl=FAR)
    links, rng = network_of(case, case.seed), seeded(case.seed, "deaths")
    order = rng.sample(range(case["nodes"]), case["nodes"])
    asker, dead = order[0], order[1 : 1 + case["nodes"] // 3]
    fates = tuple(Fate(0.05, node, "kill") for node in dead)
    run = play_whole(flood, search(links, case.seed, config, asker, fates=fates))
    graph = graph_of(links)
    graph.remove_nodes_from(dead)
    law = law_of(graph, asker)
    met = depths(run, asker)
    finding = ask(
        "with a third of all libraries dead a flood reaches the others",
        met == law.depth, f"{law.reached} libraries, by the shortest ways",
        f"{len(met)} libraries", "nothing that was sent to a dead one may be missed",
    )  # fmt: skip
    picture = (map_of(run, asker, "Who was asked, a third being dead"),)
    return Verdict((finding,), case.seed, run.last_events(), picture)


def runs_on_sockets(subject: Subject, case: Case) -> Verdict:
    """Judge a flood on real sockets."""
    flood = subject.protocol("Flood", SPEC)
    links, nodes = topologies.grid(SIDE, SIDE), SIDE * SIDE
    law, asker = 2 * len(links) - nodes + 1, case.seed % nodes
    scenario = search(
        links, case.seed, config_of(case, ttl=FAR), asker, [nodes - 1 - asker],
        lasts_s=SOCKETS_S, most_messages=20 * law, link=Link(latency=Constant(0.001)),
    )  # fmt: skip
    run = play_on_sockets(flood, scenario, _is_over)
    require_whole(run)
    sent, met = run.journal.count("sent", Query), len(depths(run, asker))
    findings = (
        ask(
            "a flood over UDP costs what the law says, whoever was first",
            sent == law and met == nodes, f"{law} messages, {nodes} libraries",
            f"{sent} messages, {met} libraries",
            "it does in virtual time: does it need messages in a certain order?", 2.0,
        ),
        ask(
            "and the hit comes home",
            was_found(run, asker), "a hit",
            f"{run.ask(asker, 'found', TITLE)} hits", "who has it tells query.asker",
        ),
    )  # fmt: skip
    return Verdict(findings, case.seed, run.last_events())


def _is_over(run: Run) -> bool:
    """Tell whether a tenth of a second has passed without a message."""
    entries = run.journal.entries
    return bool(entries) and run.journal.now() - entries[-1].at_s > 0.1
