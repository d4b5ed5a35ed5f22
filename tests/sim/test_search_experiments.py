"""Searches in virtual time: what floods reach and cost, what finding a file takes.

The networks are small, so that the published values do not hold here; their closed
forms do. Those of 10,000 nodes are for ``python -m benchmarks search``.
"""

from __future__ import annotations

from statistics import fmean, stdev

import networkx as nx
import pytest

from p2pkit.classroom.search_experiments import (
    NETWORKS,
    compare,
    coverage,
    network,
    rules,
    strategies,
    tree_coverage,
)
from p2pkit.classroom.search_overlay import Overlay
from p2pkit.core import LabError
from p2pkit.core.content import draw
from p2pkit.observe import search
from p2pkit.protocols.gnutella import Flood, RandomWalk


@pytest.mark.parametrize("kind", sorted(NETWORKS))
def test_floods_reach_and_cost_on_every_network_what_its_graph_says(kind: str) -> None:
    rows = coverage(3, ttls=(1, 3, 6, 40), sources=4, nodes=150, kind=kind)

    assert len(rows) == 16
    assert [row for row in rows if not row["exact"]] == []
    assert {row["reached"] for row in rows if row["ttl"] == 40} == {1.0}


def test_a_network_has_the_mean_degree_that_was_asked_for() -> None:
    for kind in ("random", "regular", "power-law", "scale-free", "small-world"):
        graph = nx.Graph(NETWORKS[kind](1000, 6, 5))
        assert 2 * graph.number_of_edges() / 1000 == pytest.approx(6, rel=0.05)
        assert nx.is_connected(nx.Graph(network(kind, 1000, 6, 5)))


def test_a_network_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(LabError, match="small-world"):
        network("square", 10, 4, 1)


@pytest.mark.parametrize("degree", [2, 3, 4, 8])
def test_in_a_tree_a_flood_reaches_as_many_as_ritter_says(degree: int) -> None:
    for row in tree_coverage(1, degree, ttls=(1, 2, 3)):
        law = search.tree_reach(degree, row["ttl"])
        assert (row["reached"], row["messages"]) == (law, law)


def test_walkers_stop_at_the_check_after_the_first_hit() -> None:
    walks = {name: rule for name, rule in rules((8, 1)).items() if "walk" in name}

    rows = compare(5, (0.02,), walks, searches=12, nodes=300)

    # A walker that is at home when it asks needs no datagram, and is ahead of the
    # others from then on. Where there was none, all take their steps at once.
    even = [row for row in rows if row["checks"] == 2 * row["messages"] / 4]
    assert len(even) > len(rows) / 2
    for row in even:
        walkers = int(row["way"].split()[0])
        assert row["messages"] == walkers * 4 * -(-row["hops"] // 4)


def test_hits_that_take_their_way_home_let_walkers_go_further() -> None:
    walk = {"8 walkers": RandomWalk(walkers=8, most=10_000, walk_s=1e6)}

    at_once = compare(5, (0.02,), walk, searches=12, nodes=300)
    in_time = compare(5, (0.02,), walk, searches=12, nodes=300, late_s=0)

    means = [fmean(row["messages"] for row in one) for one in (at_once, in_time)]
    assert means[0] < means[1] < 3 * means[0]


def test_an_expanding_ring_costs_its_floods_up_to_the_one_that_finds() -> None:
    links = network("random", 400, 4, 7)
    graph, size = nx.Graph(links), 1 + max(b for _, b in links)
    content = draw(size, 12, 24, seed=7, strategy="uniform")
    overlay = Overlay(links, 7, content)
    ring = rules((), ttls=(1, 2, 4, 8, 16))["expanding ring"]

    for asker, name in content.queries(12, seed=1):
        outcome = overlay.search(asker, name, ring, want=1)

        away = nx.multi_source_dijkstra_path_length(graph, set(content.who_has(name)))
        due = 0
        for ttl in (1, 2, 4, 8, 16):
            due += search.flood(graph, asker, ttl).messages
            if away[asker] <= ttl:
                break
        assert outcome.questions == due
        assert outcome.met(f"n{node}" for node in content.who_has(name)) == away[asker]


def test_a_flood_finds_every_copy_and_its_first_hit_in_a_round_trip() -> None:
    links = network("regular", 200, 4, 7)
    content = draw(200, 10, 60, seed=7)
    overlay = Overlay(links, 7, content)
    graph = nx.Graph(links)

    for asker, name in content.queries(10, seed=1):
        outcome = overlay.search(asker, name, Flood(ttl=20))

        found = sorted(hit.address for hit in outcome.hits)
        holders = (overlay.nodes[one].me.address for one in content.who_has(name))
        assert found == sorted(holders)
        nearest = min(
            nx.shortest_path_length(graph, asker, one) for one in content.who_has(name)
        )
        assert outcome.first_hit_s == pytest.approx(2 * nearest * 0.01)


def test_a_coin_at_every_link_costs_less_than_the_law_and_reaches_no_further() -> None:
    links = network("random", 300, 6, 7)
    graph, overlay = nx.Graph(links), Overlay(links, 7)

    outcome = overlay.search(0, "nothing", Flood(ttl=20, odds=0.5))

    law = search.flood(graph, 0)
    assert 0 < outcome.questions < law.messages
    assert {int(name[1:]) for name in outcome.heard} < set(law.depth)


def test_hubs_carry_the_load() -> None:
    links = network("scale-free", 300, 4, 7)
    overlay = Overlay(links, 7)

    for asker in range(0, 300, 30):
        overlay.search(asker, "nothing", Flood(ttl=30))

    # Whoever hears a flood handles each link once or twice: the load is the degree.
    for degree, load in search.load_by_degree(overlay.loads()).items():
        assert 10 * degree <= load <= 20 * degree


def test_uniform_and_proportional_copies_cost_the_same_and_roots_cost_less() -> None:
    rows = strategies(
        2, files=8, copies=0.8, exponent=1.2, searches=250, nodes=200, degree=8
    )

    steps = {
        name: [row["steps"] for row in rows if row["strategy"] == name]
        for name in ("uniform", "proportional", "square-root")
    }
    error = {name: 2 * stdev(one) / 250**0.5 for name, one in steps.items()}
    # m / rho = 10, and (sum sqrt q)^2 / rho = 8.3; a twentieth, and chance, aside.
    for name, law in (("uniform", 10), ("proportional", 10), ("square-root", 8.3)):
        assert abs(fmean(steps[name]) - law) < law / 20 + error[name]
    assert fmean(steps["square-root"]) < fmean(steps["uniform"])


def test_the_seed_decides_every_row() -> None:
    def run(seed: int) -> list[dict[str, object]]:
        return compare(seed, (0.05,), rules((4,)), searches=4, nodes=120)

    assert run(1) == run(1) != run(2)
