"""Searches on real sockets: the exact price of a flood, and what there is to find."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import networkx as nx
import pytest

from p2pkit import Cluster
from p2pkit.core import topologies
from p2pkit.core.content import Content, draw
from p2pkit.observe import search
from p2pkit.protocols import Gnutella
from p2pkit.protocols.gnutella import ExpandingRing, Flood, RandomWalk

pytestmark = pytest.mark.timeout(
    180
)  # 64 processes, and 1,000 nodes, start and link up

FAR = {"grow": False, "max_ttl": 255, "max_links": 64, "search_s": 1.0}
"""Keep to the links given, and let floods end where the network does."""

THOUSAND = 1000


def linked(links: topologies.Links, processes: int, **settings: Any) -> Cluster:
    """Return a real cluster whose links are open."""
    graph = nx.Graph(links)
    cluster = Cluster(
        Gnutella, len(graph), processes, seed=7, topology=links, progress="none",
        **{**FAR, **settings},
    )  # fmt: skip
    cluster.wait_until(lambda c: size(c) == graph.number_of_edges(), 90)
    return cluster


def size(cluster: Cluster) -> int:
    """Return how many links are open, at both ends."""
    ends = [len(node.edges) for node in cluster.snapshot().alive]
    return sum(ends) // 2


@pytest.mark.parametrize(
    "links",
    [
        topologies.regular(64, 4, seed=7),
        topologies.largest_part(topologies.plrg(64, 2.5, 20, seed=7)),
        topologies.barabasi_albert(64, 2, seed=7),
        topologies.grid(8, 8),
    ],
    ids=["regular", "power-law", "scale-free", "grid"],
)
def test_in_64_processes_a_flood_costs_its_exact_price(links: topologies.Links) -> None:
    n = len(nx.Graph(links))
    with linked(links, processes=n) as cluster:
        graph = search.overlay(cluster.snapshot())
        open_ = {tuple(sorted(int(end[1:]) for end in link)) for link in graph.edges}
        assert open_ == set(links)
        for asker in (0, n // 2):
            name = cluster[asker].name

            outcome = search.measure(cluster, asker, "nothing", ttl=255)

            assert outcome.questions == 2 * len(links) - n + 1
            assert search.cost(graph, name, outcome.questions)
            assert search.reach(graph, name, outcome.heard, hops=False)
        assert cluster.counters.rejected == {}


@pytest.fixture(scope="module")
def content() -> Content:
    """Files with many copies and with few."""
    return draw(THOUSAND, files=40, budget=2000, seed=7)


@pytest.fixture(scope="module")
def thousand(content: Content) -> Iterator[Cluster]:
    """A thousand servents in four processes, linked at random, that share."""
    links = topologies.regular(THOUSAND, 4, seed=7)
    with linked(links, processes=4, search_s=60.0) as cluster:
        for node, names in content.shared.items():
            for name in names:
                cluster[node].share(name)
        yield cluster


ALL = {
    "flood": Flood(ttl=255),
    "ring": ExpandingRing(ttls=(2, 255), ring_s=4.0),
}
SOME = {
    "ring": ExpandingRing(ttls=(1, 3, 5, 7), ring_s=1.0),
    "walk": RandomWalk(walkers=1, walk_s=20.0),
    "walks": RandomWalk(walkers=32, walk_s=20.0),
    "to hubs": RandomWalk(walkers=4, bias=1.0, walk_s=20.0),
    "coin": Flood(ttl=255, odds=0.7),
}


@pytest.mark.parametrize("rule", ALL)
def test_a_search_to_the_horizon_finds_every_copy_among_a_thousand(
    thousand: Cluster, content: Content, rule: str
) -> None:
    snapshot = thousand.snapshot(details=True)
    for asker, name in content.queries(4, seed=1):
        copies = len(content.who_has(name))

        hits = thousand[asker].search(name, rule=ALL[rule], want=copies)

        verdict = search.recall(snapshot, thousand[asker].name, name, hits)
        assert verdict, verdict
        assert verdict.total == copies


@pytest.mark.parametrize("rule", SOME)
def test_a_search_that_ends_with_the_first_hit_finds_one_that_is_there(
    thousand: Cluster, content: Content, rule: str
) -> None:
    snapshot = thousand.snapshot(details=True)
    for asker, name in content.queries(4, seed=2):
        hits = thousand[asker].search(name, rule=SOME[rule], want=1)

        verdict = search.recall(snapshot, thousand[asker].name, name, hits, part=True)
        assert verdict, verdict


def test_words_find_what_has_all_of_them_and_nothing_else(
    thousand: Cluster, content: Content
) -> None:
    snapshot, asker = thousand.snapshot(details=True), thousand[3].name
    for text in ("amber", "BIRCH txt", "grove amber"):
        due = search.truth(snapshot, text, asker)
        hits = thousand[3].search(text, rule=ALL["flood"], want=len(due))

        verdict = search.recall(snapshot, asker, text, hits)
        assert verdict, verdict
    once = ExpandingRing(ttls=(255,), ring_s=1.0)
    assert thousand[3].search("nothing at all", rule=once) == []
    assert not thousand.counters.rejected
