from collections import Counter

import networkx as nx
import pytest

from p2pkit.core import topologies


def degrees(links):
    return Counter(end for link in links for end in link)


@pytest.mark.parametrize(
    ("links", "expected"),
    [
        (topologies.ring(10), nx.cycle_graph(10)),
        (topologies.complete(7), nx.complete_graph(7)),
        (topologies.tree(15, 2), nx.balanced_tree(2, 3)),
    ],
)
def test_fixed_shapes_are_those_of_networkx(links, expected):
    assert nx.is_isomorphic(nx.Graph(links), expected)


def test_a_grid_is_that_of_networkx():
    graph = nx.Graph(topologies.grid(4, 5))

    assert nx.is_isomorphic(graph, nx.grid_2d_graph(4, 5))


@pytest.mark.parametrize(("n", "degree"), [(10, 3), (50, 4), (6, 5), (7, 6), (2, 1)])
def test_regular_gives_every_node_its_degree_and_no_link_twice(n, degree):
    links = topologies.regular(n, degree, seed=1)

    assert set(degrees(links).values()) == {degree}
    assert len(set(links)) == len(links) == n * degree // 2
    assert all(a < b for a, b in links)


def test_regular_graphs_are_random_enough_to_be_small():
    graph = nx.Graph(topologies.regular(400, 4, seed=2))

    assert nx.is_connected(graph)
    assert nx.average_shortest_path_length(graph) < 6  # the ring it starts from: 50


def test_rewiring_a_ring_shortens_paths_and_keeps_the_number_of_links():
    ring = nx.Graph(topologies.small_world(200, 4, 0.0, seed=3))
    world = topologies.small_world(200, 4, 0.2, seed=3)

    assert len(set(world)) == len(world) == 400
    short = nx.average_shortest_path_length(nx.Graph(world))
    assert short < nx.average_shortest_path_length(ring) / 3


def test_erdos_renyi_has_the_expected_number_of_links():
    counts = [len(topologies.erdos_renyi(100, 0.1, seed)) for seed in range(20)]

    assert sum(counts) / 20 == pytest.approx(495, rel=0.03)  # 4,950 pairs


def test_the_seed_decides_and_another_seed_differs():
    def build(seed):
        return (
            topologies.regular(30, 4, seed),
            topologies.small_world(30, 4, 0.3, seed),
            topologies.erdos_renyi(30, 0.2, seed),
        )

    assert build(1) == build(1)
    assert all(one != other for one, other in zip(build(1), build(2), strict=True))


@pytest.mark.parametrize(
    "call",
    [
        lambda: topologies.ring(0),
        lambda: topologies.regular(5, 3, 0),
        lambda: topologies.regular(4, 4, 0),
        lambda: topologies.small_world(10, 3, 0.1, 0),
        lambda: topologies.erdos_renyi(10, 1.1, 0),
        lambda: topologies.tree(3, 0),
    ],
)
def test_impossible_shapes_are_refused_with_a_sentence(call):
    with pytest.raises(ValueError, match=r"not|must"):
        call()
