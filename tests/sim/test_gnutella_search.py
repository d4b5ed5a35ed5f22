"""Searching in virtual time: each rule against the graph it runs on."""

from __future__ import annotations

from typing import Any

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from p2pkit import Cluster
from p2pkit.faults import Link, Uniform
from p2pkit.protocols import Gnutella
from p2pkit.protocols.gnutella import ExpandingRing, Flood, RandomWalk

N = 60


def overlay(graph: nx.Graph, seed: int = 7, **settings: Any) -> Cluster:
    """Return servents that are linked as a graph says, and settle."""
    cluster = Cluster(
        Gnutella, nodes=len(graph), carrier="virtual", seed=seed, topology=graph,
        grow=False, progress="none", max_links=64, **settings,
    )  # fmt: skip
    cluster.advance(1)
    return cluster


def sent(cluster: Cluster, kind: str = "Query") -> int:
    tally = cluster.counters.sent.get(kind)
    return 0 if tally is None else tally.messages


def heard(cluster: Cluster) -> list[Any]:
    kind = "QueryHeard"
    return [one for one in cluster.trace if type(one.event).__name__ == kind]


@settings(max_examples=20, deadline=None)
@given(st.integers(2, 30), st.integers(0, 60), st.integers(1, 7), st.integers(0, 99))
def test_a_flood_reaches_whom_breadth_first_search_does(n, more, ttl, seed) -> None:
    graph = nx.random_labeled_tree(n, seed=seed)
    graph.add_edges_from(list(nx.gnm_random_graph(n, more, seed=seed).edges))
    away = nx.single_source_shortest_path_length(graph, 0)

    with overlay(graph) as cluster:
        cluster[0].search("nothing", ttl=ttl)

        reached = {one.node: one.event.hops for one in heard(cluster)}
        names = [cluster[i].name for i in range(n)]
        assert reached == {names[i]: hops for i, hops in away.items() if hops <= ttl}
        inside = [i for i, hops in away.items() if hops < ttl]
        cost = sum(graph.degree(i) - 1 for i in inside) + 1
        assert sent(cluster) == (cost if graph.degree(0) else 0)


@pytest.mark.parametrize(
    "rule",
    [
        Flood(),
        ExpandingRing(ttls=(1, 2, 7)),
        RandomWalk(walkers=1),
        RandomWalk(walkers=8),
        RandomWalk(walkers=4, bias=1.0),
    ],
    ids=lambda rule: f"{type(rule).__name__}-{getattr(rule, 'walkers', '')}",
)
def test_every_rule_finds_what_there_is_and_counts_no_file_twice(rule: Any) -> None:
    graph = nx.random_regular_graph(4, N, seed=7)
    with overlay(graph) as cluster:
        for holder in (20, 40):
            cluster[holder].share("small world.txt", b"abc")

        found = cluster[0].search("WORLD small", rule=rule, want=2)

        assert {hit.address for hit in found} == {
            cluster[holder].address for holder in (20, 40)
        }
        assert cluster.counters.rejected == {}


def test_a_ring_that_finds_enough_asks_no_further() -> None:
    graph = nx.path_graph(12)
    with overlay(graph) as cluster:
        cluster[3].share("near")

        (hit,) = cluster[0].search("near", rule=ExpandingRing(ttls=(1, 3, 5, 7)))
        cluster.advance(10)

        assert hit.hops == 3
        assert sent(cluster) == 1 + 3


def test_walkers_end_soon_after_enough_was_found() -> None:
    graph = nx.random_regular_graph(4, N, seed=7)
    with overlay(graph) as cluster:
        for holder in range(1, N):
            cluster[holder].share("everywhere")

        cluster[0].search("everywhere", rule=RandomWalk(walkers=16))
        cluster.advance(5)

        # Each walker is on its way until it asks at home, every fourth step.
        assert 16 <= sent(cluster) <= 16 * 4


def test_a_walk_ends_with_its_steps_and_costs_one_message_each() -> None:
    graph = nx.random_regular_graph(4, N, seed=7)
    with overlay(graph) as cluster:
        rule = RandomWalk(walkers=5, most=40, check_every=4)

        assert cluster[0].search("nothing", rule=rule) == []

        assert sent(cluster) == 5 * 40
        # At its fourth, eighth, ... but not its last step each asks, unless at home.
        assert sent(cluster, "Vendor") <= 2 * 5 * 9


def test_walkers_whose_home_is_gone_end() -> None:
    graph = nx.random_regular_graph(4, 20, seed=7)
    with overlay(graph) as cluster:
        rule = RandomWalk(walkers=4, walk_s=0.5)
        cluster[0].search("nothing", rule=rule)
        cluster.kill(0)
        cluster.advance(5)
        before = sent(cluster)

        cluster.advance(20)

        assert sent(cluster) == before


def test_a_walk_with_a_bias_comes_by_hubs_more_often() -> None:
    graph = nx.barabasi_albert_graph(200, 2, seed=7)
    hubs = sorted(range(200), key=graph.degree)[-10:]
    share = {}
    for bias in (0.0, 1.0):
        with overlay(graph) as cluster:
            rule = RandomWalk(walkers=4, most=250, bias=bias)
            cluster[150].search("nothing", rule=rule)
            come = [cluster.counters_of(i).received.get("Query") for i in hubs]
            share[bias] = sum(one.messages for one in come if one) / sent(cluster)

    # A plain walk comes by a node in proportion to its links, more or less.
    links = sum(graph.degree(i) for i in hubs) / (2 * graph.number_of_edges())
    assert abs(share[0.0] - links) < 0.05
    assert share[1.0] > share[0.0] + 0.15


def test_with_one_hop_replication_neighbors_answer_for_each_other() -> None:
    graph = nx.path_graph(6)
    with overlay(graph, one_hop=True) as cluster:
        number = cluster[5].share("far away.txt", b"abc")
        cluster.advance(2)

        (hit,) = cluster[0].search("far away", ttl=4)
        assert (hit.hops, hit.address) == (4, cluster[5].address)
        assert cluster[0].fetch(hit) == b"abc"

        cluster[5].unshare(number)
        cluster.advance(2)
        assert cluster[0].search("far away", ttl=4) == []


@pytest.mark.parametrize("linked_to", [0, 5], ids=["a stranger", "a neighbor"])
def test_a_file_is_fetched_whole_and_in_parts(linked_to: int) -> None:
    graph = nx.cycle_graph(6)
    data = bytes(range(256)) * 2500  # more than one part
    with overlay(graph) as cluster:
        for holder in (3, 5):
            cluster[holder].share("a small world.bin", data)
        hits = cluster[linked_to or 4].search("world", want=2)

        for asker in (0, 1, 4):
            for hit in hits:
                assert cluster[asker].fetch(hit) == data
                assert cluster[asker].fetch(hit, 255, 258) == b"\xff\x00\x01"


@pytest.mark.parametrize("seed", range(5))
def test_crossing_dials_end_as_one_link_whatever_the_latency(seed: int) -> None:
    graph = nx.complete_graph(8)
    late = Link(latency=Uniform(0.0, 0.4))
    with overlay(graph, seed=seed, link=late) as cluster:
        edges = [(edge[0], edge[1]) for edge in cluster.graph().edges]

        assert len(edges) == len(set(edges)) == 8 * 7
        streams = [len(cluster[i].inspect()["links"]) for i in range(8)]
        assert streams == [7] * 8


def test_servents_grow_their_own_overlay() -> None:
    with Cluster(
        Gnutella, nodes=50, carrier="virtual", seed=7, progress="none", degree=4
    ) as cluster:
        cluster.advance(60)

        graph = nx.Graph(cluster.graph())
        assert nx.is_connected(graph)
        assert min(degree for _, degree in graph.degree) >= 4
        assert max(degree for _, degree in graph.degree) <= 16


def test_links_of_the_dead_are_made_up_for() -> None:
    with Cluster(
        Gnutella, nodes=30, carrier="virtual", seed=7, progress="none", degree=4
    ) as cluster:
        cluster.advance(60)
        for victim in range(10):
            cluster.kill(victim)
        cluster.advance(60)

        graph = nx.Graph(cluster.graph())
        alive = graph.subgraph(cluster[i].name for i in range(10, 30))
        assert nx.is_connected(alive)
        assert min(degree for _, degree in alive.degree) >= 4


def test_a_crawler_maps_who_is_linked_to_whom() -> None:
    graph = nx.random_regular_graph(3, 20, seed=7)
    with overlay(graph) as cluster:
        address = [cluster[i].address for i in range(20)]
        for peer in address[1:]:
            cluster[0].disconnect(peer)
        graph.remove_edges_from(list(graph.edges(0)))
        cluster.advance(1)

        for i in range(1, 20):
            told = cluster[0].crawl(address[i])
            assert set(told.peers) == {address[j] for j in graph[i]}
            assert told.agent == "p2pkit"
