"""Attackers that come late find the network as it is then."""

from __future__ import annotations

import pytest

from p2pkit import Cluster
from p2pkit.faults import Constant
from tests.cluster.pinger import Pinger

pytestmark = pytest.mark.timeout(60)  # processes start and join


@pytest.mark.parametrize("carrier", ["virtual", "real"])
def test_an_attacker_obeys_the_link_of_the_moment_it_comes(carrier: str) -> None:
    with Cluster(Pinger, 2, seed=7, carrier=carrier, wait_s=5.0) as cluster:
        cluster.link(latency=Constant(0.1))

        (attacker,) = cluster.add_attackers(Pinger, 1)
        began_s = cluster.now()
        attacker.ping(cluster[0].address)

        assert cluster.now() - began_s >= 0.2  # there and back
