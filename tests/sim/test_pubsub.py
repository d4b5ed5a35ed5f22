"""Publish and subscribe in virtual time: exact costs, meshes, and what survives."""

import networkx as nx
import pytest

from p2pkit.core import topologies
from p2pkit.observe import views
from p2pkit.protocols import Direct, Floodsub, Gossipsub
from tests.membership import Network

N = 60


def subscribed(kind, n, links, members=None, **settings):
    """Return a network whose first `members` nodes, or all, are subscribed."""
    network = Network(kind, n, links=links, **settings)
    for node in network.nodes[: n if members is None else members]:
        node.protocol.subscribe("t")
    network.sim.advance(5)
    return network


def cast(network, place=0, wait_s=6.0):
    """Publish once; return the id, and how many publications were sent."""
    before = network.sent("Publish")
    number = network.nodes[place].protocol.publish("t", b"news")
    network.sim.advance(wait_s)
    return number, network.sent("Publish") - before


# B: exact on every connected graph, whoever begins.
@pytest.mark.parametrize(
    ("links", "n", "cost"),
    [
        (topologies.grid(5, 5), 25, 56),
        (topologies.tree(25), 25, 24),
        (topologies.complete(25), 25, 576),
        (topologies.ring(25), 25, 26),
        (topologies.regular(100, 5, 7), 100, 401),
        (topologies.small_world(40, 4, 0.2, 7), 40, 121),
    ],
)
@pytest.mark.parametrize("place", [0, 13])
def test_a_flood_costs_two_messages_a_link_less_one_a_node(links, n, cost, place):
    network = subscribed(Floodsub, n, links)

    number, sent = cast(network, place)

    assert network.share(number) == 1.0
    assert sent == cost == views.flood_cost(nx.Graph(links))


def test_a_flood_on_degree_five_has_a_redundancy_of_three():
    network = subscribed(Floodsub, 200, topologies.regular(200, 5, 7))

    _, sent = cast(network)

    assert views.redundancy(sent, 200) == pytest.approx(3 + 5 / 199)


def test_direct_sending_costs_one_message_a_subscriber_and_all_at_the_origin():
    network = subscribed(Direct, 25, topologies.complete(25))

    number, sent = cast(network, 3)

    assert network.share(number) == 1.0
    assert sent == 24
    assert network.nodes[3].counters.sent["Publish"].messages == 24
    assert {one.event.hops for one in network.deliveries(number)} == {0, 1}


@pytest.mark.parametrize("kind", [Direct, Floodsub, Gossipsub])
def test_only_subscribers_get_a_message_and_each_once(kind):
    network = subscribed(kind, 20, topologies.complete(20), members=8)

    number, _ = cast(network)

    names = sorted(one.node for one in network.deliveries(number))
    assert names == [node.name for node in network.nodes[:8]]


@pytest.fixture(scope="module")
def mesh():
    network = subscribed(Gossipsub, N, topologies.regular(N, 20, 7))
    network.sim.advance(10)
    return network


def test_meshes_are_symmetric_and_within_their_bounds(mesh):
    assert views.symmetric(mesh, "mesh")
    assert views.connected(mesh, "mesh")
    for node in mesh.nodes:
        assert 4 <= len(node.protocol.mesh.links["t"]) <= 12


def test_a_mesh_costs_its_links_and_hardly_more(mesh):
    cost = views.flood_cost(views.linked(mesh.snapshot(), "mesh"))

    number, sent = cast(mesh)

    assert mesh.share(number) == 1.0
    assert cost <= sent <= 1.1 * cost  # a name may reach somebody before the payload


def test_whoever_the_mesh_misses_is_reached_by_gossip():
    network = subscribed(Gossipsub, N, topologies.regular(N, 20, 7))
    network.sim.advance(10)
    lonely = network.nodes[30]
    lonely.protocol.mesh.leave("t")  # nobody grafts it again for ten seconds

    number, _ = cast(network, wait_s=8)

    assert network.share(number) == 1.0


@pytest.mark.parametrize("share", [0.3, 0.6])
def test_after_deaths_the_mesh_mends_itself_and_reaches_all(share):
    network = subscribed(Gossipsub, N, topologies.regular(N, 20, 7))
    network.kill(share)
    network.sim.advance(5)

    number, _ = cast(network, network.nodes.index(network.alive()[0]))

    assert network.share(number) == 1.0


def test_a_neighbor_that_comes_back_is_linked_again():
    network = subscribed(Floodsub, 3, topologies.ring(3))
    network.nodes[1].kill()
    network.sim.advance(1)
    address = network.nodes[1].me.address

    node = network.sim.add("n00001", Floodsub, address)
    network.nodes[1] = node
    node.protocol.subscribe("t")
    node.protocol.bootstrap([])
    network.sim.advance(15)

    number, _ = cast(network)
    assert network.share(number) == 1.0


@pytest.mark.parametrize("kind", [Floodsub, Gossipsub])
def test_a_node_that_starts_again_with_its_state_has_topics_and_neighbors(kind):
    network = subscribed(kind, 10, topologies.complete(10))
    saved = network.nodes[4].protocol.save()
    network.nodes[4].kill()
    network.sim.advance(20)

    address = network.nodes[4].me.address
    node = network.sim.add("n00004", kind, address, saved=saved)
    network.nodes[4] = node
    network.sim.run(node.protocol.bootstrap([]), 60)
    network.sim.advance(5)

    number, _ = cast(network)
    assert network.share(number) == 1.0


def test_healthy_nodes_refuse_nothing_of_each_other(mesh):
    assert mesh.rejected() == {}
