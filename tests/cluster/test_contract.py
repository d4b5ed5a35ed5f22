"""The same verbs, the same answers, on both carriers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from p2pkit import Cluster
from p2pkit.core import (
    ClusterError,
    Crashed,
    Joined,
    LocalProtocolError,
    PeerUnreachable,
    RequestTimeout,
)
from p2pkit.faults import Constant, Loss
from p2pkit.protocols import Kademlia
from tests.cluster.pinger import Noted, Pinger

pytestmark = pytest.mark.timeout(60)  # processes start and join before each test


@pytest.fixture(params=["virtual", "real"])
def carrier(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def cluster(carrier: str) -> Iterator[Cluster]:
    with Cluster(Pinger, nodes=6, processes=2, seed=7, carrier=carrier) as cluster:
        yield cluster


def test_the_cells_of_the_design_run_as_they_stand_there(carrier: str) -> None:
    with Cluster(Kademlia, nodes=32, processes=4, seed=7, carrier=carrier) as cluster:
        cluster.wait_ready()
        key = cluster[3].put(b"hello")
        value = cluster[17].get(key)
        cluster.kill(5)
        cluster.restart(5)
        cluster.pause(6)
        cluster.resume(6)
        cluster.advance(0.1)
        graph = cluster.graph()

        assert value == b"hello"
        assert sorted(graph) == [node.name for node in cluster]
        assert len(cluster) == len(cluster.alive) == 32
        assert len(cluster.trace.of(Joined)) == 33
        assert len(cluster.trace.digest()) == 64


def test_the_same_seed_gives_the_same_ids_on_both_carriers() -> None:
    ids = []
    for carrier in ("virtual", "real"):
        with Cluster(Pinger, nodes=3, seed=7, carrier=carrier) as cluster:
            ids.append([node.id for node in cluster])

    assert ids[0] == ids[1]


def test_a_verb_returns_its_result_or_raises_its_own_error(cluster: Cluster) -> None:
    assert cluster[2].ping(cluster[4].address) >= 0
    assert cluster[2].note("one") == 1

    with pytest.raises(PeerUnreachable, match="does not answer"):
        cluster[2].ping(("127.9.9.9", 9))


def test_what_a_verb_emits_is_in_the_trace_when_it_returns(cluster: Cluster) -> None:
    cluster[2].note("seen")

    assert [one.node for one in cluster.trace.of(Noted)] == ["n02"]


def test_a_verb_that_takes_too_long_says_so(cluster: Cluster) -> None:
    with pytest.raises(RequestTimeout, match=r"n01\.never has not ended after 0\.2 s"):
        cluster[1].never(timeout_s=0.2)


def test_a_call_that_was_given_up_does_not_disturb_later_ones(cluster: Cluster) -> None:
    with pytest.raises(RequestTimeout):
        cluster[0].ping(("127.9.9.9", 9), timeout_s=0.2)  # gives up itself after 0.3 s

    before = cluster.now()
    with pytest.raises(PeerUnreachable):
        cluster[1].ping(("127.9.9.9", 9))

    assert cluster.now() - before >= 0.29


def test_an_unknown_verb_lists_those_there_are(cluster: Cluster) -> None:
    with pytest.raises(ClusterError, match=r"no verb 'receive'; it has .*note, ping"):
        cluster[0].receive(("127.0.0.1", 1), b"")
    assert not hasattr(cluster[0], "_asked")


def test_wrong_arguments_are_told_without_harm(cluster: Cluster) -> None:
    with pytest.raises(TypeError, match="address"):
        cluster[0].ping()

    assert cluster[0].state == "alive"


def test_a_bug_ends_its_node_and_no_other(cluster: Cluster) -> None:
    with pytest.raises(ClusterError, match=r"(?s)n02 crashed.*raise ZeroDivisionError"):
        cluster[2].bug()

    assert [node.name for node in cluster.alive] == ["n00", "n01", "n03", "n04", "n05"]
    assert [one.node for one in cluster.trace.of(Crashed)] == ["n02"]
    assert cluster[5].ping(cluster[1].address) >= 0
    with pytest.raises(ClusterError, match=r"n02 is dead.*restart\(2\) first"):
        cluster[2].note("too late")


def test_calls_that_wait_for_a_killed_node_end_at_once(cluster: Cluster) -> None:
    waiting = cluster.run.carrier.begin(1, "call", "n01", "never", (), {})

    cluster.kill(1)

    with pytest.raises(ClusterError, match="n01 was killed"):
        cluster.run.result(waiting, "never", 5)


@pytest.mark.parametrize("end", ["kill", "stop"])
@pytest.mark.parametrize("keep_state", [True, False])
def test_a_restarted_node_finds_its_disk_if_it_may(
    cluster: Cluster, end: str, keep_state: bool
) -> None:
    cluster[3].note("kept")
    before = cluster[3].id, cluster[3].address

    getattr(cluster[3], end)()
    assert cluster[3].state == "dead"
    cluster.restart(3, keep_state=keep_state)

    assert cluster[3].read() == (["kept"] if keep_state else [])
    assert (cluster[3].id, cluster[3].address) == before
    assert cluster[4].ping(cluster[3].address) >= 0


def test_several_nodes_end_and_come_back_at_once(cluster: Cluster) -> None:
    cluster.kill([1, 2])
    cluster.stop(range(3, 5))
    assert [node.name for node in cluster.alive] == ["n00", "n05"]

    cluster.restart([1, 2, 3, -2, 5])

    assert len(cluster.alive) == 6
    assert len(cluster.trace.of(Joined)) == 11
    assert cluster[0].ping(cluster[4].address) >= 0


def test_several_nodes_freeze_and_go_on(cluster: Cluster) -> None:
    cluster.pause([1, 3])
    assert [node.state for node in cluster].count("paused") == 2

    cluster.resume([3, 1])

    assert len(cluster.alive) == 6


def test_a_paused_node_is_silent_until_it_goes_on(cluster: Cluster) -> None:
    cluster.pause(2)
    with pytest.raises(PeerUnreachable):
        cluster[0].ping(cluster[2].address)
    with pytest.raises(ClusterError, match=r"n02 is paused.*resume\(2\) first"):
        cluster[2].read()
    assert cluster.snapshot().nodes[2].state == "paused"

    cluster.resume(2)

    assert cluster[0].ping(cluster[2].address) >= 0


def test_rules_hold_inside_with_and_not_after(cluster: Cluster) -> None:
    with cluster.faults(Loss(1.0)), pytest.raises(PeerUnreachable):
        cluster[0].ping(cluster[1].address)

    assert cluster[0].ping(cluster[1].address) >= 0
    assert cluster.counters.dropped["loss"] >= 1


def test_a_partition_parts_and_heals(cluster: Cluster) -> None:
    cluster.partition([[0, 1, 2], [3, 4, 5]])

    assert cluster[0].ping(cluster[1].address) >= 0
    with pytest.raises(PeerUnreachable):
        cluster[0].ping(cluster[4].address)
    cluster.heal()
    assert cluster[0].ping(cluster[4].address) >= 0


def test_a_node_cannot_stand_in_two_parts(cluster: Cluster) -> None:
    with pytest.raises(ClusterError, match="n01 stands in two groups"):
        cluster.partition([[0, 1], [1, 2]])


@pytest.mark.parametrize("groups", [[], [[0, 1]], [[0, 1], []]])
def test_one_part_alone_parts_nobody(cluster: Cluster, groups: list[list[int]]) -> None:
    with pytest.raises(ClusterError, match="name the other nodes"):
        cluster.partition(groups)


def test_a_slower_link_makes_answers_later(cluster: Cluster) -> None:
    cluster.link(latency=Constant(0.1))
    before = cluster.now()

    assert cluster[0].ping(cluster[1].address) - before >= 0.2


def test_a_change_of_the_link_keeps_the_rest_of_it(cluster: Cluster) -> None:
    def round_trip_s() -> float:
        before = cluster.now()
        return cluster[0].ping(cluster[1].address) - before

    usual_s = round_trip_s()

    cluster.link(duplication=1.0)
    assert round_trip_s() == pytest.approx(usual_s, abs=0.1)
    cluster.wait_until(lambda one: one[1].counters.received["Ping"].messages > 3)
    cluster.link()
    assert round_trip_s() == pytest.approx(usual_s, abs=0.1)


def test_many_calls_come_back_in_order(cluster: Cluster) -> None:
    calls = [(index % 6, "note", (str(index),)) for index in range(300)]

    results = cluster.call_many(calls, in_flight=16)

    assert results == [index // 6 + 1 for index in range(300)]


def test_errors_of_many_calls_are_raised_or_returned(cluster: Cluster) -> None:
    cluster.kill(1)
    calls = [(0, "note", ("a",)), (1, "note", ("b",)), (2, "note", ("c",))]

    results = cluster.call_many(calls, return_errors=True)

    assert results[0] == results[2] == 1
    assert isinstance(results[1], ClusterError)
    with pytest.raises(ClusterError, match="n01 is dead"):
        cluster.call_many(calls)


def test_more_nodes_can_join(cluster: Cluster) -> None:
    added = cluster.add(3)

    assert [node.name for node in added] == ["n06", "n07", "n08"]
    assert added[2].ping(cluster[0].address) >= 0
    assert len(cluster.addresses) == len(set(cluster.addresses)) == 9


def test_waiting_for_a_condition_ends_when_it_holds(cluster: Cluster) -> None:
    cluster.wait_until(lambda one: one.now() > 0.2)
    assert cluster.now() > 0.2

    with pytest.raises(RequestTimeout, match="did not hold within"):
        cluster.wait_until(lambda one: False, timeout_s=0.1)


def test_a_cluster_that_hangs_together_is_ready(cluster: Cluster) -> None:
    assert cluster.wait_ready() is cluster


def test_what_has_not_converged_is_said(carrier: str) -> None:
    with (
        Cluster(
            Pinger, nodes=3, seed=7, carrier=carrier, faults=[Loss(1.0)]
        ) as cluster,
        pytest.raises(ClusterError, match="still lack something: n0"),
    ):
        cluster.wait_ready(timeout_s=0.5)


def test_details_are_in_a_snapshot_that_asks_for_them(cluster: Cluster) -> None:
    cluster[1].note("inside")

    assert cluster.snapshot().nodes[1].details is None
    assert cluster.snapshot(details=True).nodes[1].details == {"notes": ["inside"]}


def test_a_cluster_tells_its_state(carrier: str) -> None:
    cluster = Cluster(Pinger, nodes=2, seed=7, carrier=carrier)
    assert repr(cluster) == "<Cluster of 2 Pinger nodes, not started>"

    assert cluster[1].note("starts it") == 1
    assert "2 alive" in repr(cluster)
    cluster.close()

    assert repr(cluster) == "<Cluster of 2 Pinger nodes, closed>"
    assert len(cluster.trace.of(Noted)) == 1
    with pytest.raises(ClusterError, match="this cluster is closed"):
        cluster[0].read()


def test_shared_addresses_have_ports_of_their_own(carrier: str) -> None:
    with Cluster(
        Pinger, nodes=4, carrier=carrier, addresses="shared", seed=7
    ) as cluster:
        hosts = {host for host, _ in cluster.addresses}
        ports = {port for _, port in cluster.addresses}

        assert hosts == {"127.0.0.1"}
        assert len(ports) == 4
        cluster.restart(2)
        assert cluster[0].ping(cluster[2].address) >= 0


def test_settings_are_checked_before_anything_starts(carrier: str) -> None:
    assert Cluster(Pinger, carrier=carrier, wait_s=0.1).config.wait_s == 0.1

    with pytest.raises(LocalProtocolError, match="no setting 'waits'; it has wait_s"):
        Cluster(Pinger, carrier=carrier, waits=1)
    with pytest.raises(ClusterError, match="from 1 to 60,000 nodes, not 0"):
        Cluster(Pinger, nodes=0, carrier=carrier)
    with pytest.raises(ClusterError, match="2 nodes run in 1 to 2 processes"):
        Cluster(Pinger, nodes=2, processes=3, carrier=carrier)
    with pytest.raises(ClusterError, match="is no protocol"):
        Cluster(int, carrier=carrier)
    with pytest.raises(ClusterError, match="is no fault rule"):
        Cluster(Pinger, carrier=carrier, faults=[Loss])


def test_an_index_beyond_the_last_says_which_there_are(cluster: Cluster) -> None:
    with pytest.raises(IndexError, match="no node 6: they are numbered 0 to 5"):
        cluster[6].read()
    assert cluster[-1].name == "n05"
