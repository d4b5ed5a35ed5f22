"""A cluster with a topology: every node joins through those it is linked to."""

from __future__ import annotations

from collections.abc import Sequence

import networkx as nx
import pytest

from p2pkit import Cluster
from p2pkit.core import Address, ClusterError, Operation, topologies
from p2pkit.protocols import Rumor
from tests.cluster.pinger import Pinger

PAIRS = topologies.regular(12, 3, seed=7)


class Linker(Pinger):
    """Keeps those it is told of as its neighbors, and asks nobody."""

    def bootstrap(self, contacts: Sequence[Address]) -> Operation[None]:
        self.known = dict.fromkeys(contacts, 0)
        operation = Operation[None]("bootstrap")
        operation.finish(None)
        return operation


@pytest.mark.parametrize("carrier", ["virtual", "real"])
def test_the_overlay_is_the_graph_that_was_given(carrier: str) -> None:
    with Cluster(
        Linker, nodes=12, processes=3, seed=7, carrier=carrier, topology=PAIRS
    ) as cluster:
        cluster.wait_ready()
        names = [node.name for node in cluster]
        want = {frozenset((names[a], names[b])) for a, b in PAIRS}
        assert {frozenset(edge) for edge in cluster.graph().edges} == want

        cluster.restart(5)
        assert {frozenset(edge) for edge in cluster.graph().edges} == want
        with pytest.raises(ClusterError, match="does not grow"):
            cluster.add()


@pytest.mark.parametrize(
    ("topology", "degrees"),
    [
        ("complete", [3, 3, 3, 3]),
        ("ring", [2, 2, 2, 2]),
        (nx.star_graph(["hub", "a", "b", "c"]), [3, 1, 1, 1]),
        ([(0, 1), (1, 0), (2, 3)], [1, 1, 1, 1]),
    ],
)
def test_topologies_are_named_drawn_or_listed(
    topology: object, degrees: list[int]
) -> None:
    with Cluster(
        Linker, nodes=4, carrier="virtual", seed=1, topology=topology
    ) as cluster:
        found = [len(node.edges) for node in cluster.snapshot().nodes]
    assert found == degrees


@pytest.mark.parametrize(
    ("topology", "sentence"),
    [
        ("torus", "there is no topology 'torus'"),
        (nx.path_graph(5), "the graph has 5 nodes and the cluster 4"),
        ([(0, 4)], "links 0 with 4"),
        ([(1, 1)], "links 1 with 1"),
        ([(0, "b")], "a topology is a name"),
        (7, "a topology is a name"),
    ],
)
def test_what_is_no_topology_is_refused_before_anything_starts(
    topology: object, sentence: str
) -> None:
    with pytest.raises(ClusterError, match=sentence):
        Cluster(Linker, nodes=4, carrier="virtual", topology=topology)


def test_a_protocol_that_keeps_to_its_links_names_a_topology_of_its_own() -> None:
    with Cluster(Rumor, nodes=5, carrier="virtual", seed=1) as cluster:
        assert [len(node.edges) for node in cluster.snapshot().nodes] == [4] * 5


def test_a_topology_and_peers_outside_exclude_each_other() -> None:
    with pytest.raises(ClusterError, match="give one"):
        Cluster(
            Linker,
            nodes=4,
            carrier="virtual",
            topology="ring",
            bootstrap=["127.0.0.1:9"],
        )
