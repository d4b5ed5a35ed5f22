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


@pytest.mark.parametrize("odds", [0.0, 1.0])
def test_erdos_renyi_has_no_link_or_all_at_the_ends_of_its_odds(odds):
    links = topologies.erdos_renyi(20, odds, seed=1)

    assert links == (topologies.complete(20) if odds else [])


def test_erdos_renyi_links_each_pair_as_often_as_any_other():
    found = Counter(
        link for seed in range(2000) for link in topologies.erdos_renyi(6, 0.3, seed)
    )

    assert set(found) == set(topologies.complete(6))
    # 600 of each pair; 0.3 * 0.7 * 2000 gives a deviation of 20, and five are allowed.
    assert all(abs(count - 600) < 102 for count in found.values())


def test_a_network_of_ten_thousand_is_drawn_by_its_links_not_its_pairs():
    links = topologies.erdos_renyi(10_000, 4 / 9_999, seed=7)

    assert len(links) == pytest.approx(20_000, rel=0.03)
    assert links == sorted(set(links))
    assert all(0 <= a < b < 10_000 for a, b in links)


def test_in_barabasi_and_alberts_network_the_old_are_rich():
    links = topologies.barabasi_albert(2000, 3, seed=5)
    found = degrees(links)

    assert len(set(links)) == len(links) == 6 + 3 * (2000 - 4)
    assert min(found.values()) == 3
    assert nx.is_connected(nx.Graph(links))
    assert sum(found[i] for i in range(20)) > 10 * sum(
        found[i] for i in range(980, 1000)
    )


def test_degrees_of_a_new_scale_free_network_fall_with_the_third_power():
    counts = Counter(degrees(topologies.barabasi_albert(20_000, 2, seed=1)).values())

    # The exact law of the process: 2 m (m + 1) / (d (d + 1) (d + 2)), m = 2.
    for degree in (2, 3, 4, 6):
        law = 12 / (degree * (degree + 1) * (degree + 2))
        assert counts[degree] / 20_000 == pytest.approx(law, rel=0.05)


def test_plrg_gives_each_rank_its_degree_but_for_what_pairs_twice():
    wanted = [max(1, round(100 / (i + 1) ** (1 / 1.5))) for i in range(3000)]
    links = topologies.plrg(3000, 2.5, 100, seed=4)
    found = degrees(links)

    assert all(found[i] <= wanted[i] for i in range(3000))
    assert 2 * len(links) > 0.98 * sum(wanted)
    assert found[0] > 80


def test_the_largest_part_is_connected_and_keeps_its_links():
    links = topologies.plrg(2000, 2.3, 200, seed=4)
    graph = nx.Graph(links)
    best = max(nx.connected_components(graph), key=len)

    part = topologies.largest_part(links)

    assert nx.is_connected(nx.Graph(part))
    assert sorted(nx.Graph(part)) == list(range(len(best)))
    assert len(part) == graph.subgraph(best).number_of_edges()
    assert topologies.largest_part([]) == []


def test_the_seed_decides_and_another_seed_differs():
    def build(seed):
        return (
            topologies.regular(30, 4, seed),
            topologies.small_world(30, 4, 0.3, seed),
            topologies.erdos_renyi(30, 0.2, seed),
            topologies.barabasi_albert(30, 2, seed),
            topologies.plrg(60, 2.2, 20, seed),
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
        lambda: topologies.barabasi_albert(5, 5, 0),
        lambda: topologies.plrg(5, 1.0, 2, 0),
        lambda: topologies.plrg(5, 2.0, 5, 0),
    ],
)
def test_impossible_shapes_are_refused_with_a_sentence(call):
    with pytest.raises(ValueError, match=r"not|must"):
        call()
