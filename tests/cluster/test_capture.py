"""A cluster's capture holds its packets, named, with a balance beside them."""

import pytest

from p2pkit import Cluster
from p2pkit.core import ClusterError
from p2pkit.observe.capture import Packets, note
from tests.capturing import packet_socket, payloads_in
from tests.cluster.pinger import Pinger


@pytest.fixture
def cluster():
    with Cluster(Pinger, 4, 2, seed=7, progress="none") as cluster:
        yield cluster


@pytest.fixture
def with_rights():
    packet_socket().close()


def test_packets_of_a_cluster_are_kept_with_their_names(
    tmp_path, capsys, cluster, with_rights
):
    with cluster.capture(tmp_path / "a.pcapng") as packets:
        cluster[1].ping(cluster[3].address)

    assert len(packets) == len(payloads_in(packets.path)) == 2
    assert b"n01 > n03" in packets.path.read_bytes()
    assert packets.source == "ring"
    assert packets.balance.closes
    assert str(packets.balance) in capsys.readouterr().out


def test_a_capture_is_found_again_from_its_file_alone(tmp_path, cluster, with_rights):
    with cluster.capture(tmp_path / "a.pcapng") as packets:
        cluster[0].ping(cluster[1].address)

    again = Packets.open(tmp_path / "a.pcapng")

    assert [again.data(i) for i in range(2)] == [packets.data(i) for i in range(2)]
    assert again.balance == packets.balance
    assert again.note == note.read(packets.path)


def test_virtual_time_says_that_it_has_no_packets():
    cluster = Cluster(Pinger, 2, seed=7, carrier="virtual")

    with cluster, pytest.raises(ClusterError, match=r"virtual time has no packets"):
        cluster.capture()
