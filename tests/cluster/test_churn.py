"""Churn: nodes go and come by a model, on both carriers."""

from __future__ import annotations

import pytest

from p2pkit import Cluster
from p2pkit.core import Joined
from p2pkit.faults.churn import Always, Churn, Memoryless
from p2pkit.protocols import Kademlia
from tests.cluster.pinger import Pinger
from tests.cluster.test_feed import Viewer

pytestmark = pytest.mark.timeout(60)  # processes start and join before each test


@pytest.fixture(params=["virtual", "real"])
def carrier(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize("processes", [2, 5])
def test_nodes_go_and_come_as_the_model_says(carrier: str, processes: int) -> None:
    churn = Churn(session=Always(mean_s=0.5), downtime=Always(mean_s=0.3))
    with Cluster(Pinger, 5, processes, seed=7, carrier=carrier) as cluster:
        viewer = Viewer(cluster)
        with cluster.churn(churn, nodes=[2, -1]) as churning:
            cluster.wait_until(lambda _: churning.restarted >= 2)
            cluster.wait_until(lambda one: len(one.trace.of(Joined)) == 7)
        cluster.wait_until(lambda _: viewer.agrees())

        assert churning.killed >= 2
        texts = {note.text for note in viewer.scene.notes.values()}
        assert {"churn of 2 nodes", "n02 killed", "n04 killed"} <= texts


def test_nothing_goes_after_the_block(carrier: str) -> None:
    churn = Churn(session=Always(mean_s=0.2), downtime=Always(mean_s=0.2))
    with Cluster(Pinger, 3, 1, seed=7, carrier=carrier) as cluster:
        with cluster.churn(churn) as churning:
            cluster.wait_until(lambda _: churning.killed >= 2)
        done = churning.killed, churning.restarted

        cluster.advance(0.5)

        assert (churning.killed, churning.restarted) == done


def run(seed: int) -> tuple[str, int]:
    churn = Churn(session=Memoryless(mean_s=20.0), downtime=Memoryless(mean_s=5.0))
    with Cluster(Kademlia, 20, seed=seed, carrier="virtual") as cluster:
        with cluster.churn(churn) as churning:
            cluster.advance(60)
        return cluster.trace.digest(), churning.killed


def test_virtual_churn_is_the_same_for_the_same_seed() -> None:
    first = run(7)

    assert run(7) == first
    assert run(8) != first
    assert first[1] > 10
