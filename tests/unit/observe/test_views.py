"""Oracles of views and deliveries, on overlays small enough to count by hand."""

import networkx as nx
import pytest

from p2pkit.core import Contact, Counters, Delivered, Edge, Record
from p2pkit.observe import views
from p2pkit.observe.snapshot import NodeSnapshot, Snapshot

NUMBER = bytes(16)


def address(number):
    return f"127.0.0.{number + 1}", 6881


class Seen:
    """A cluster whose nodes know each other as told; the dead know nobody."""

    def __init__(self, knows, dead=(), kind="active"):
        self.trace = []
        self.nodes = tuple(
            NodeSnapshot(
                f"n{number}", 100 + number, address(number),
                "dead" if number in dead else "alive",
                tuple(Edge(kind, Contact(0, address(other))) for other in others),
                Counters(),
            )
            for number, others in knows.items()
        )  # fmt: skip

    def snapshot(self, details=False):
        return Snapshot(0.0, self.nodes)

    def got(self, *places):
        for hops, place in enumerate(places):
            sender = address(places[hops - 1]) if hops else None
            event = Delivered("", NUMBER, sender, hops)
            self.trace.append(Record(float(hops), f"n{place}", event))


RING = {0: [1, 2], 1: [0, 2], 2: [0, 1]}


def test_symmetric_names_the_first_link_that_one_end_alone_knows():
    assert views.symmetric(Seen(RING))

    verdict = views.symmetric(Seen({0: [1], 1: []}))

    assert not verdict
    assert "n0 has n1 in its view" in verdict.detail


def test_no_links_and_no_nodes_show_nothing():
    assert not views.symmetric(Seen({0: [], 1: []}))
    assert not views.connected(Seen(RING, dead=(0, 1, 2)))
    assert not views.filled(Seen({}), 5)


def test_connected_counts_links_of_the_kind_asked_for_alone():
    seen = Seen({0: [1], 1: [0], 2: []})

    assert views.connected(seen).evidence["outside"] == ["n2"]
    assert not views.connected(Seen(RING, kind="passive"))
    assert views.connected(Seen(RING, kind="passive"), "passive")


def test_the_dead_are_in_nobodys_view():
    seen = Seen({0: [1, 2], 1: [0], 2: [0]}, dead=(2,))

    assert views.connected(seen)
    assert set(views.known(seen.snapshot()).edges) == {("n0", "n1"), ("n1", "n0")}


def test_filled_wants_all_others_where_there_are_fewer_than_places():
    assert views.filled(Seen(RING), 5)
    assert not views.filled(Seen({0: [1], 1: [0, 2], 2: [0, 1]}), 5)


def test_shape_is_that_of_networkx_on_the_same_graph():
    links = nx.petersen_graph()
    seen = Seen({node: list(links[node]) for node in links})

    shape = views.shape(seen.snapshot())

    assert shape.links == 15
    assert shape.degree == shape.in_degree_mean == 3
    assert shape.clustering == 0
    assert shape.path == pytest.approx(nx.average_shortest_path_length(links))


def test_delivered_names_who_missed_a_message_and_who_got_it_twice():
    seen = Seen(RING)
    seen.got(0, 1)
    assert views.delivered(seen, NUMBER).evidence["missed"] == ["n2"]

    seen.got(2, 1)

    assert views.delivered(seen, NUMBER).evidence == {"missed": [], "twice": ["n1"]}


def test_delivery_has_order_hops_and_time_and_is_empty_for_the_unknown():
    seen = Seen(RING)
    seen.got(0, 1, 2)

    assert views.delivery(seen.trace, NUMBER) == (("n0", "n1", "n2"), 2, 2.0)
    assert views.delivery(seen.trace, b"?") == ((), 0, 0.0)


@pytest.mark.parametrize(
    ("graph", "cost"),
    [
        (nx.grid_2d_graph(5, 5), 56),
        (nx.path_graph(25), 24),
        (nx.complete_graph(25), 576),
    ],
)
def test_flood_costs_are_the_published_ones(graph, cost):
    assert views.flood_cost(graph) == cost


def test_redundancy_of_a_flood_on_degree_five_is_three():
    assert views.redundancy(2 * 25_000 - 10_000 + 1, 10_000) == pytest.approx(
        3, abs=1e-3
    )
