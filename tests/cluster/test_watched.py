"""Windows, traffic, and what watching does not change."""

from __future__ import annotations

import pytest

from p2pkit import Cluster
from p2pkit.core import ClusterError
from p2pkit.faults import Link, Loss, Uniform
from p2pkit.protocols import Kademlia
from tests.cluster.pinger import Pinger
from tests.cluster.test_feed import Viewer, sent

pytestmark = pytest.mark.timeout(60)  # processes start and join before each test


@pytest.fixture(params=["virtual", "real"])
def carrier(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def digest(watched: bool) -> tuple[str, int]:
    link = Link(latency=Uniform(0.01, 0.05))
    with Cluster(
        Kademlia, 20, seed=5, carrier="virtual", link=link, faults=[Loss(0.05)]
    ) as cluster:
        feed = cluster.frames() if watched else None
        key = cluster[3].put(b"hello")
        cluster.kill(5)
        cluster.advance(30)
        cluster.restart(5)
        cluster.call_many([(i, "get", (key,)) for i in range(20)])
        if feed is not None:
            assert len(feed.take(0)) > 10
        wire = cluster.run.carrier._simulation.wire_digest  # type: ignore[attr-defined]
        return cluster.trace.digest(), wire


def test_a_virtual_run_is_the_same_when_it_is_watched() -> None:
    assert digest(watched=True) == digest(watched=False)


def test_an_hour_of_virtual_time_is_some_hundred_frames() -> None:
    with Cluster(Pinger, nodes=3, seed=7, carrier="virtual") as cluster:
        feed = cluster.frames()
        cluster.advance(3600)

        assert len(feed.take(0)) < 1000


def test_a_window_has_every_message_at_both_ends(carrier: str) -> None:
    with Cluster(Pinger, 6, 3, seed=7, carrier=carrier) as cluster:
        before = sent(cluster)
        with cluster.messages() as window:
            for index in range(5):
                cluster[index].ping(cluster[index + 1].address)
        after = sent(cluster)

    assert len(window.flights) == after - before == 10
    assert window.let_go == 0
    assert [one.kind for one in window.flights] == ["Ping", "Pong"] * 5
    assert [(one.source, one.target) for one in window.flights[:2]] == [
        ("n00", "n01"),
        ("n01", "n00"),
    ]
    for one in window.flights:
        assert one.sent_s is not None
        assert one.heard_s is not None
        assert one.heard_s >= one.sent_s - 0.005
    assert list(window.to_pandas()["kind"]) == ["Ping", "Pong"] * 5


def test_a_window_beyond_its_limit_counts(carrier: str) -> None:
    with Cluster(Pinger, 4, 2, seed=7, carrier=carrier) as cluster:
        calls = [(i % 4, "ping", (cluster[(i + 1) % 4].address,)) for i in range(100)]
        with cluster.messages(limit=30) as window:
            cluster.call_many(calls)

    assert len(window.flights) == 30
    assert window.let_go == 170


def test_a_window_records_something() -> None:
    with (
        Cluster(Pinger, nodes=1, carrier="virtual") as cluster,
        pytest.raises(ClusterError, match="at least 1 message, not 0"),
    ):
        cluster.messages(limit=0)


def test_traffic_between_two_nodes_is_exact(carrier: str) -> None:
    with Cluster(Pinger, 4, 2, seed=7, carrier=carrier) as cluster:
        viewer = Viewer(cluster)
        cluster.call_many([(0, "ping", (cluster[1].address,))] * 50)
        cluster.call_many([(1, "ping", (cluster[0].address,))] * 20)
        cluster[0].ping(cluster[2].address)

        found = cluster.traffic(1, 0)
        viewer.feed.close()

    assert {kind: one.messages for kind, one in found.items()} == {
        "Ping": 70,
        "Pong": 70,
    }
    assert all(one.payload_bytes > 20 * one.messages for one in found.values())


def test_the_last_messages_of_a_node_can_be_read(carrier: str) -> None:
    with Cluster(Pinger, 4, 2, seed=7, carrier=carrier) as cluster:
        assert cluster.recent(1) == []
        with cluster.frames():
            cluster[0].ping(cluster[1].address)
            recent = cluster.recent(1)
            address = cluster[0].address

    assert [(one.way, one.kind, one.peer) for one in recent] == [
        ("heard", "Ping", address),
        ("sent", "Pong", address),
    ]


def test_the_details_of_a_node_are_its_tables(carrier: str) -> None:
    with Cluster(Pinger, 2, 1, seed=7, carrier=carrier) as cluster:
        cluster[1].note("inside")
        assert cluster.details(1) == {"notes": ["inside"]}
        cluster.kill(1)
        assert cluster.details(1) == {}
