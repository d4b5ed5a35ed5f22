"""The balance of a capture adds up to the packet, whatever befalls cluster and capture.

Each test runs with the kernel's ring and with the nodes' own taps.
"""

from __future__ import annotations

import pytest

from p2pkit import Cluster
from p2pkit.core import CaptureError
from p2pkit.faults import Link
from p2pkit.protocols.gnutella import Gnutella
from tests.capturing import packet_socket
from tests.cluster.chatter import Chatter


@pytest.fixture(params=["ring", "tap"])
def source(request):
    if request.param == "ring":
        packet_socket().close()
    return request.param


@pytest.fixture
def cluster():
    with Cluster(Chatter, 4, 2, seed=7, progress="none") as cluster:
        yield cluster


def chat(cluster):
    """Have nodes say as much as they can from now on."""
    addresses = cluster.addresses
    for node, to in zip(cluster, addresses[1:] + addresses[:1], strict=True):
        node.chat(to)


def test_it_closes_to_nothing_in_the_midst_of_a_flood(cluster, source):
    chat(cluster)

    for _ in range(5):
        with cluster.capture(source=source) as packets:
            cluster.advance(0.1)
        found = packets.balance
        assert found.sent == found.kept == len(packets) > 100
        assert (found.missing, found.unheard, found.lost) == (0, 0, 0)
        assert found.closes


def test_what_a_full_socket_drops_and_what_waits_in_it_is_counted(cluster, source):
    with cluster.capture(source=source) as packets:
        cluster.pause(1)
        for _ in range(4):
            cluster[0].burst(cluster[1].address, 5000)
            cluster[2].burst(cluster[1].address, 5000)

    found = packets.balance
    assert found.sent == found.kept == 40_000
    assert found.socket_drops > 0
    assert found.in_flight > 0
    assert found.received + found.socket_drops + found.in_flight == 40_000
    assert found.closes


def test_what_faults_swallow_and_double_is_not_a_difference(cluster, source):
    cluster.link(Link(loss=0.2, duplication=0.3, corruption=0.1))

    with cluster.capture(source=source) as packets:
        cluster[0].burst(cluster[1].address, 1000)

    found = packets.balance
    assert found.sent == found.kept
    assert 900 < found.sent < 1200
    assert found.closes


def test_nodes_that_end_and_begin_meanwhile_do_not_spoil_it(cluster, source):
    chat(cluster)

    with cluster.capture(source=source) as packets:
        cluster.kill(1)
        cluster[0].burst(cluster[1].address, 10)
        cluster.restart(1)
        cluster.add()
        cluster[0].burst(cluster[4].address, 10)

    found = packets.balance
    assert found.closes
    assert found.to_absent >= 10  # to the dead one; the new one was there for all
    assert found.unasked == []


def test_a_process_that_is_gone_or_stands_still_is_named(source):
    with Cluster(Chatter, 4, 4, seed=7, progress="none") as cluster:
        with cluster.capture(source=source) as packets:
            cluster[0].burst(cluster[1].address, 10)
            cluster.kill(1)
            cluster.pause(2)
            cluster[0].burst(cluster[1].address, 10)
            cluster.restart(1)
        cluster.resume(2)

    found = packets.balance
    assert found.unasked == ["n01", "n02"]
    assert "not asked: n01, n02" in str(found)
    assert found.closes
    assert ("2 host processes ended or stood still" in str(found)) == (source == "tap")


def test_streams_are_weighed_by_their_bytes(source):
    with Cluster(Gnutella, 6, 2, seed=7, progress="none") as cluster:
        cluster.wait_ready()
        with cluster.capture(source=source) as packets:
            cluster.restart(2)

    found = packets.balance
    assert found.stream_sent == found.stream_from_nodes > 0
    assert found.stream_received == found.stream_to_nodes > 0
    assert found.closes


def test_where_packets_must_not_be_lost_a_loss_is_an_error(cluster, source, tmp_path):
    path = tmp_path / "a.pcapng"

    with (
        pytest.raises(CaptureError, match=r"allow more with limit_bytes"),
        cluster.capture(path, source, limit_bytes=4096, strict=True) as packets,
    ):
        cluster[0].burst(cluster[1].address, 1000)

    assert packets.balance.unsaved > 0
    assert packets.balance.closes
    assert path.exists()


def test_a_node_cannot_be_tapped_twice(cluster):
    with (
        cluster.capture(source="tap"),
        pytest.raises(CaptureError, match=r"end the other tap first"),
        cluster.capture(source="tap"),
    ):
        pass

    with cluster.capture(source="tap") as packets:
        cluster[0].burst(cluster[1].address, 3)
    assert len(packets) == 3
