"""Coordinates on real sockets: loopback is near, and every node finds that out."""

import pytest

from p2pkit import Cluster
from p2pkit.core import LocalProtocolError
from p2pkit.protocols import Vivaldi

NODES = 6
NEAR_S = 0.5
"""Far more than loopback takes on a busy machine, and far less than a node's claims."""


@pytest.fixture
def cluster():
    with Cluster(Vivaldi, NODES, 2, seed=7, progress="none", round_s=0.05) as cluster:
        yield cluster


def test_nodes_on_sockets_meet_and_hold_each_other_near(cluster):
    everybody = NODES - 1
    cluster.wait_until(
        lambda c: all(len(node.inspect()["met"]) == everybody for node in c), 15
    )

    for i in range(NODES):
        node, peer = cluster[i], cluster[(i + 1) % NODES].address
        assert 0.0 < node.measure(peer) < NEAR_S
        assert 0.0 < node.distance(peer) < NEAR_S
        assert len(node.nearest(3)) == 3
    assert cluster.counters.rejected == {}


def test_a_stranger_must_be_measured_first(cluster):
    with pytest.raises(LocalProtocolError, match=r"measure\("):
        cluster[0].distance(("127.9.9.9", 9))
