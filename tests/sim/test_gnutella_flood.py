"""What a flood costs and finds, against the graph it runs on."""

from __future__ import annotations

import networkx as nx
from hypothesis import given, settings
from hypothesis import strategies as st

from p2pkit import Cluster
from p2pkit.protocols import Gnutella

SMALL = st.integers(2, 24)


def flood(graph: nx.Graph, seed: int) -> tuple[int, int]:
    """Ask once on a graph; return the questions sent and the servents that heard."""
    with Cluster(
        Gnutella, nodes=len(graph), carrier="virtual", seed=seed, topology=graph,
        grow=False, ttl=255, max_ttl=255, progress="none", max_links=64,
    ) as cluster:  # fmt: skip
        cluster.advance(1)  # until the last handshake has ended
        cluster[0].search("nothing")
        heard = [
            one for one in cluster.trace if type(one.event).__name__ == "QueryHeard"
        ]
        return cluster.counters.sent["Query"].messages, len(heard)


@settings(max_examples=40, deadline=None)
@given(SMALL, st.integers(0, 60), st.integers(0, 2**32))
def test_a_flood_costs_2e_minus_n_plus_1(n: int, more: int, seed: int) -> None:
    graph = nx.random_labeled_tree(n, seed=seed)
    graph.add_edges_from(list(nx.gnm_random_graph(n, more, seed=seed).edges))

    assert flood(graph, seed) == (2 * graph.number_of_edges() - n + 1, n)
