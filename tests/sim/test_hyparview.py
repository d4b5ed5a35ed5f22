"""HyParView overlays: nearly random regular graphs that survive catastrophes."""

import statistics

import networkx as nx
import pytest

from p2pkit.core import topologies
from p2pkit.faults import Partition
from p2pkit.observe import views
from p2pkit.protocols import HyParView
from tests.membership import Network

SETTLE_S = 50  # five shuffles of everybody
SEEDS = (1, 2, 3)
N = 600  # of those that are to die


@pytest.fixture(scope="module")
def thousand():
    network = Network(HyParView, 1000)
    network.sim.advance(SETTLE_S)
    return network


def survivors(share, seed, repair=True):
    """Kill a share of all nodes at once; return the network 3 s later."""
    network = Network(HyParView, N, seed=seed)
    network.sim.advance(SETTLE_S)
    for node in network.nodes:
        node.protocol.switch_repair(repair)
    network.kill(share)
    network.sim.advance(3)
    return network


def reach(network, broadcasts=5):
    """Return the share of the survivors that broadcasts of theirs reach, on average."""
    shares = []
    for node in network.rng.sample(network.alive(), broadcasts):
        number = node.protocol.broadcast(b"are you there")
        network.sim.advance(2)
        shares.append(network.share(number))
    return statistics.mean(shares)


def giant_share(share, seed):
    """Return what flooding reaches on average of a 5-regular graph when nodes die."""
    graph = nx.Graph(topologies.regular(N, 5, seed))
    dead = nx.utils.create_py_random_state(seed).sample(range(N), round(share * N))
    graph.remove_nodes_from(dead)
    sizes = [len(part) for part in nx.connected_components(graph)]
    return sum(size**2 for size in sizes) / len(graph) ** 2


@pytest.mark.parametrize("n", [1, 2, 3, 6, 7])
def test_a_tiny_overlay_is_whole_and_nobody_knows_itself(n):
    network = Network(HyParView, n)
    network.sim.advance(30)

    graph = views.known(network.snapshot())
    assert len(graph) == n
    assert nx.is_weakly_connected(graph)
    assert not list(nx.selfloop_edges(graph))
    for node in network.nodes:
        assert node.me.address not in node.protocol.views.passive


def test_active_views_are_symmetric_full_and_join_all(thousand):
    assert views.symmetric(thousand)
    assert views.connected(thousand)
    assert views.filled(thousand, 5).share > 0.9
    assert views.filled(thousand, 30, "passive").share > 0.9


# Yardstick: a random 5-regular graph of as many nodes; at 10,000 nodes, where the paper
# has 6.39, the benchmark compares. Published gate: 3 %.
def test_paths_are_those_of_a_random_regular_graph_within_three_percent(thousand):
    ideal = nx.Graph(topologies.regular(1000, 5, 7))

    path = views.shape(thousand.snapshot(), sources=100).path

    assert path == pytest.approx(views.path_length(ideal, 100), rel=0.03)


def test_every_node_in_an_active_view_is_linked_by_a_stream(thousand):
    for node in thousand.nodes:
        assert set(node.protocol.views.active) <= set(node.protocol.links)
        assert len(node.protocol.views.active) <= 5
        assert len(node.protocol.views.passive) <= 30
        assert not set(node.protocol.views.active) & set(node.protocol.views.passive)


def test_one_flood_costs_exactly_what_the_formula_says(thousand):
    before = thousand.sent("Flooded")

    number = thousand.nodes[3].protocol.broadcast(b"news")
    thousand.sim.advance(2)

    cost = thousand.sent("Flooded") - before
    assert thousand.share(number) == 1.0
    assert cost == views.flood_cost(views.linked(thousand.snapshot()))
    assert views.delivered(thousand, number)


def test_healthy_nodes_refuse_nothing_of_each_other(thousand):
    assert thousand.rejected() == {}


LONG = pytest.mark.timeout(90)  # three networks of 600 nodes each, settled


# Published gate: at least 0.99 of the survivors after one reactive pass, up to 90 %.
@LONG
@pytest.mark.parametrize("share", [0.3, 0.5, 0.7, 0.8, 0.9])
def test_after_repair_broadcasts_reach_all_survivors(share):
    reached = [reach(survivors(share, seed)) for seed in SEEDS]

    assert statistics.mean(reached) >= 0.99, f"seeds {SEEDS}: {reached}"


# Published for 10,000 nodes: .998, .956, .416, .002. Here against the same accident on
# random regular graphs of 1,000, where the giant part is less sharp.
@LONG
@pytest.mark.parametrize(("share", "margin"), [(0.3, 0.02), (0.5, 0.06), (0.8, 0.06)])
def test_without_repair_broadcasts_reach_what_is_left_of_a_regular_graph(share, margin):
    reached = [reach(survivors(share, seed, repair=False), 20) for seed in SEEDS]
    ideal = statistics.mean(giant_share(share, seed) for seed in range(10))

    assert statistics.mean(reached) == pytest.approx(ideal, abs=margin)


# Pitfall: nine nodes that join through one contact at once, with three places each,
# fall apart for good.
@pytest.mark.parametrize("seed", range(10))
def test_nine_that_join_at_once_through_one_contact_with_three_places_hang_together(
    seed,
):
    links = [(0, number) for number in range(1, 10)]
    network = Network(HyParView, 10, seed=seed, links=links, active=3)

    network.sim.advance(60)

    assert views.connected(network), f"seed {seed}"


def test_a_node_that_starts_again_is_let_in_again():
    network = Network(HyParView, 20)
    network.sim.advance(20)
    saved = network.nodes[5].protocol.save()
    network.nodes[5].kill()
    network.sim.advance(5)

    node = network.sim.add(
        "n00005", HyParView, network.nodes[5].me.address, saved=saved
    )
    network.nodes[5] = node
    network.sim.run(node.protocol.bootstrap([]), 60)
    network.sim.advance(20)

    assert views.connected(network)
    assert views.symmetric(network)


def test_a_node_that_stops_is_in_nobodys_active_view():
    network = Network(HyParView, 20)
    network.sim.advance(20)

    network.nodes[5].stop()
    network.sim.advance(1)

    gone = network.nodes[5].me.address
    assert all(gone not in node.protocol.views.active for node in network.alive())
    assert views.connected(network)


def halved(seed, **settings):
    """Cut a network of 60 in two for a minute; return it a minute later."""
    network = Network(HyParView, 60, seed=seed, **settings)
    network.sim.advance(SETTLE_S)
    places = [node.me.address for node in network.nodes]
    cut = network.faults.add(Partition([places[:30], places[30:]]))
    network.sim.advance(60)
    assert views.connected(network).evidence["parts"] == 2
    network.faults.remove(cut)
    network.sim.advance(60)
    return network


@pytest.mark.parametrize("seed", SEEDS)
def test_a_partition_heals(seed):
    network = halved(seed)

    assert views.connected(network), f"seed {seed}"
    assert views.symmetric(network)
    number = network.nodes[0].protocol.broadcast(b"here we are")
    network.sim.advance(2)
    assert network.share(number) == 1.0


def test_unless_the_lost_are_called_again_a_partition_never_heals():
    # Not one seed: now and then a node has a place free, and a spare peer across.
    assert [views.connected(halved(seed, max_lost=0)).share for seed in SEEDS].count(
        0.5
    ) >= 2, f"seeds {SEEDS}"


def test_the_same_seed_gives_the_same_run_and_another_seed_another():
    digests = []
    for seed in (7, 7, 8):
        network = Network(HyParView, 60, seed=seed)
        network.sim.advance(30)
        digests.append(network.sim.wire_digest)

    assert digests[0] == digests[1] != digests[2]
