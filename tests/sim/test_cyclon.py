"""Cyclon overlays: everybody is known to about as many as everybody else."""

import statistics
from collections import Counter

import pytest

from p2pkit.observe import views
from p2pkit.protocols import Cyclon
from tests.membership import Network

N = 400


@pytest.fixture(scope="module")
def overlay():
    network = Network(Cyclon, N)
    network.sim.advance(200)  # twenty shuffles of everybody
    return network


@pytest.mark.parametrize("n", [1, 2, 3, 25])
def test_a_tiny_overlay_hangs_together_and_nobody_knows_itself(n):
    network = Network(Cyclon, n)
    network.sim.advance(100)

    assert views.connected(network, "view")
    for node in network.nodes:
        assert node.me.address not in node.protocol.view.ages


# Swapping keeps the number of entries: each node stands in as many views, on average,
# as a view has places, and none is forgotten or famous.
def test_views_are_full_and_in_degrees_lie_close_around_their_size(overlay):
    found = views.degrees(overlay.snapshot(), "view").values()

    assert statistics.mean(found) == pytest.approx(20, rel=0.01)
    assert statistics.pstdev(found) < 20**0.5  # less than if chosen at random
    assert min(found) > 5
    assert max(found) < 40


def test_paths_and_clustering_are_those_of_a_random_graph(overlay):
    shape = views.shape(overlay.snapshot(), "view", sources=50)

    assert shape.path < 2.2
    assert shape.clustering < 2 * shape.degree / N


def test_walks_end_everywhere_about_equally_often(overlay):
    found = Counter()
    for node in overlay.nodes[:50]:
        found.update(overlay.sim.run(node.protocol.sample(160), 10))

    counts = [found[node.me.address] for node in overlay.nodes]
    assert sum(counts) == 8000
    assert min(counts) > 0
    # A fair draw has the variance of its mean; in-degrees that differ add a little.
    assert statistics.pvariance(counts) < 3 * statistics.mean(counts)


def test_the_dead_vanish_from_all_views_and_the_rest_hangs_together():
    network = Network(Cyclon, 200)
    network.sim.advance(50)
    network.kill(0.5)

    network.sim.advance(600)

    alive = {node.me.address for node in network.alive()}
    for node in network.alive():
        assert set(node.protocol.view.ages) <= alive
    assert views.connected(network, "view")


def test_healthy_nodes_refuse_nothing_of_each_other(overlay):
    assert overlay.rejected() == {}


def test_a_newcomer_whose_contacts_are_dead_says_so_and_goes_on_trying():
    network = Network(Cyclon, 3)
    node = network.add()
    network.nodes[0].kill()

    operation = node.protocol.bootstrap([network.nodes[0].me.address])
    network.sim.run_until(lambda: operation.done, 60)

    assert operation.done
    assert "no node answers" in str(operation.error)


def test_the_same_seed_gives_the_same_run_and_another_seed_another():
    digests = []
    for seed in (7, 7, 8):
        network = Network(Cyclon, 50, seed=seed)
        network.sim.advance(60)
        digests.append(network.sim.wire_digest)

    assert digests[0] == digests[1] != digests[2]
