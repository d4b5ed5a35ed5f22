"""Checks 2.1 and 2.2: the expanding ring."""

from __future__ import annotations

from typing import Any, NamedTuple

from p2pkit.classroom.labs.check import Case
from p2pkit.classroom.labs.lab2_search.runs import (
    TITLE,
    graph_of,
    map_of,
    search,
    was_found,
)
from p2pkit.classroom.labs.lab2_search.wire import (
    SPEC,
    Hit,
    Query,
    config_of,
    network_of,
)
from p2pkit.core.driver import seeded
from p2pkit.harness import (
    Bands,
    Finding,
    OneNode,
    Run,
    Said,
    Subject,
    Verdict,
    ask,
    listed,
    play_whole,
    seeds_of,
)
from p2pkit.observe.search import floods

NEIGHBORS = 4
BANDS = Bands(((1.05, 1.0), (1.5, 0.5), (2.5, 0.2)), floor=0.95)


def widens(subject: Subject, case: Case) -> Verdict:
    """Judge how one library asks, ring by ring."""
    ring, config = subject.protocol("Ring", SPEC), config_of(case)
    node = OneNode(ring, config, NEIGHBORS, case.seed)
    rings = [_ring(node, 0.0)]
    for _ in config.ttls:
        rings.append(_ring(node, config.patience_s))  # noqa: PERF401  # in their order
    after = node.wait(10 * config.patience_s)
    ttls = [[one.message.ttl for one in said[:1]] for said in rings if said]
    ids = [said[0].message.id for said in rings if said]
    findings = (
        ask(
            "it asks all neighbors, ring after ring",
            [len(said) for said in rings[: len(config.ttls)]]
            == [NEIGHBORS] * len(config.ttls),
            f"{NEIGHBORS} questions a ring, a ring each {config.patience_s:g} s",
            f"{[len(said) for said in rings]} questions",
            "set the timer for the next ring when you send one",
        ),
        ask(
            "each ring reaches farther",
            ttls == [[ttl] for ttl in config.ttls], f"TTLs {list(config.ttls)}",
            f"TTLs {[one for ttl in ttls for one in ttl]}",
            "self.config.ttls, in order",
        ),
        ask(
            "and is a question of its own",
            len(ids) > 1 and len(set(ids)) == len(ids), "a new id for each ring",
            f"{len(set(ids))} ids in {len(ids)} rings",
            "with the old id nobody would pass it on: they have seen it",
        ),
        _after_hit(subject, case),
        ask(
            "after the last ring it gives up",
            bool(ids) and not after, "silence", listed(after, node),
            "is there a ring left?",
        ),
    )  # fmt: skip
    return Verdict(findings, case.seed, node.last_events())


def saves(subject: Subject, case: Case) -> Verdict:
    """Judge what a search costs where some libraries have the title."""
    ring, runs = subject.protocol("Ring", SPEC), case["runs"]
    searches = [_search(ring, case, seed) for seed in seeds_of(case.seed, runs)]
    found = sum(one.found for one in searches)
    must, spent = sum(one.must for one in searches), sum(one.spent for one in searches)
    flood = sum(one.flood for one in searches)
    findings = (
        ask(
            "it finds what is there",
            found == runs, f"a hit in each of {runs} searches", f"in {found}",
            "does the last ring go far enough?",
        ),
        Finding(
            "for the messages of the rings that it needs, and no others",
            BANDS.share(spent, must) if found == runs else 0.0,
            f"{must:,} messages in {runs} searches; floods would take {flood:,}",
            f"{spent:,} messages", "a ring that found something is the last one", 2.0,
        ),
    )  # fmt: skip
    last = searches[-1]
    picture = (map_of(last.run, last.asker, "Who was asked in the last search"),)
    return Verdict(findings, last.run.scenario.seed, last.run.last_events(), picture)


class _Search(NamedTuple):
    """One search, and what it had to cost: the rings needed, and one flood."""

    run: Run
    asker: int
    found: bool
    spent: int
    must: int
    flood: int


def _search(ring: type[Any], case: Case, seed: int) -> _Search:
    config, links = config_of(case), network_of(case, seed)
    draw = seeded(seed, "holders")
    asker, *holders = draw.sample(range(case["nodes"]), 1 + case["holders"])
    run = play_whole(ring, search(links, seed, config, asker, holders))
    laws = floods(graph_of(links), asker, config.ttls)
    farthest = laws[max(config.ttls)]
    nearest = min(farthest.depth.get(holder, case["nodes"]) for holder in holders)
    # A ring is needed as long as the one before did not reach the nearest holder.
    before = (0, *config.ttls)
    needed = [t for t, b in zip(config.ttls, before, strict=False) if b < nearest]
    must = sum(laws[ttl].messages for ttl in needed)
    spent = run.journal.count("sent", Query)
    found = was_found(run, asker)
    return _Search(run, asker, found, spent, must, farthest.messages)


def _ring(node: OneNode, after_s: float) -> list[Said]:
    if after_s:
        return node.wait(after_s)
    node.ask("search", TITLE)
    return node.take()


def _after_hit(subject: Subject, case: Case) -> Finding:
    ring, config = subject.protocol("Ring", SPEC), config_of(case)
    node = OneNode(ring, config, NEIGHBORS, case.seed)
    asked = _ring(node, 0.0)
    node.hear(0, Hit(TITLE, 1))
    more = node.wait(10 * config.patience_s)
    return ask(
        "after a hit it asks no more",
        bool(asked) and not more, "silence",
        listed(more, node) if asked else "nothing was asked before",
        "look at self.hits when the timer rings", 2.0,
    )  # fmt: skip
