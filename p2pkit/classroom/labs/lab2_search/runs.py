"""What the checks of lab 2 run, and what they read in a run."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import networkx as nx

from p2pkit.classroom.labs.lab2_search.wire import Config, Hit, Query, Walk
from p2pkit.core.topologies import Links
from p2pkit.harness import Act, Overlay, Run, Scenario

TITLE, ABSENT = "Moby-Dick", "The book of sand"
ASKS_S = 0.1


def search(
    links: Links,
    seed: int,
    config: Config,
    asker: int,
    holders: Iterable[int] = (),
    **changes: Any,
) -> Scenario:
    """Return a run in which one library asks for a title that `holders` have."""
    acts = [Act(0.0, holder, "share", (TITLE,)) for holder in holders]
    scenario = Scenario(
        nodes=1 + max(max(pair) for pair in links), seed=seed, config=config,
        links=links, acts=(*acts, Act(ASKS_S, asker, "search", (TITLE,))),
        lasts_s=8.0, most_messages=40_000,
    )  # fmt: skip
    return scenario.but(**changes)


def graph_of(links: Links) -> Any:
    """Return the network as a graph, for oracles."""
    graph: Any = nx.Graph(links)
    return graph


def depths(run: Run, asker: int) -> dict[int, int]:
    """Return who was asked by a flood, and over how many links at least.

    What counts is what was heard, by the journal; the asker is there with 0.
    """
    number = {name: i for i, name in enumerate(run.names)}
    met = {asker: 0}
    for entry in run.journal.of("heard", Query):
        hops = entry.message.hops + 1
        node = number[entry.node]
        met[node] = min(hops, met.get(node, hops))
    return met


def was_found(run: Run, asker: int) -> bool:
    """Return whether a hit came home from who has the title, and the asker says so.

    What the asker says alone would prove nothing.
    """
    shares = [act for act in run.scenario.acts if act.verb == "share"]
    holders = {run.scenario.name(act.node) for act in shares}
    came = any(
        one.node == run.names[asker] and one.peer in holders
        and one.message.text == TITLE
        for one in run.journal.of("heard", Hit)
    )  # fmt: skip
    return came and run.ask(asker, "found", TITLE) > 0


def visited(run: Run, asker: int) -> set[str]:
    """Return who was asked by a walker, and who sent them out."""
    return {run.names[asker], *(one.node for one in run.journal.of("heard", Walk))}


def map_of(run: Run, asker: int, title: str) -> Overlay:
    """Return a picture of who was asked, and by whom first."""
    first = {**run.journal.first_heard(Walk), **run.journal.first_heard(Query)}
    groups = {n: "asked" if n in first else "not asked" for n in run.names}
    groups[run.names[asker]] = "asker"
    links = tuple((one.peer, name) for name, one in first.items())
    return Overlay(f"{title}: {len(first)} of {len(groups)}", groups, links)
