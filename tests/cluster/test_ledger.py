"""What nodes counted and what packets show agree, type by type and to the byte.

Each test runs with the kernel's ring and with the nodes' own taps.
"""

from socket import AF_INET, SOCK_DGRAM

import numpy as np
import pytest

from p2pkit import Cluster
from p2pkit.faults import Link
from p2pkit.observe.capture.wires import Wire
from p2pkit.observe.capture.wires.wire import CUT
from p2pkit.protocols import PROTOCOLS
from p2pkit.view.commands import Desk, read
from tests.capturing import packet_socket

pytestmark = pytest.mark.timeout(60)  # clusters of real processes


def put_and_get(cluster):
    key = cluster[3].put(b"hello")
    assert cluster[6].get(key) == b"hello"


def publish(cluster):
    for index in range(4):
        cluster[index].publish(bytes(300))
    cluster.advance(0.2)


def broadcast(cluster):
    for index in range(4):
        cluster[index].broadcast(bytes(300))
    cluster.advance(0.2)


def compare_tables(cluster):
    for index in range(4):
        cluster[index].maintain()
    cluster.advance(0.3)


def search_and_fetch(cluster):
    cluster[4].share("a quiet song.mp3", bytes(20_000))
    cluster.advance(0.3)
    assert cluster[2].search("quiet song")
    cluster.advance(0.3)  # the question still spreads when its answer is there


ACTIONS = {
    "kademlia": put_and_get,
    "chord": put_and_get,
    "rumor": publish,
    "swim": compare_tables,
    "plumtree": broadcast,
    "gnutella": search_and_fetch,
    "central-index": search_and_fetch,
}


@pytest.fixture(params=["ring", "tap"])
def source(request):
    if request.param == "ring":
        packet_socket().close()
    return request.param


@pytest.fixture(scope="module", params=ACTIONS)
def acting(request):
    """A cluster that is ready, and what it shall do."""
    kind = PROTOCOLS[request.param]
    with Cluster(kind, 8, 2, seed=7, progress="none") as cluster:
        cluster.wait_ready()
        yield cluster, ACTIONS[request.param]


def test_every_message_is_found_and_every_byte_has_a_reason(acting, source):
    cluster, act = acting

    with cluster.capture(source=source) as captured:
        act(cluster)

    ledger = captured.ledger()

    differing = {
        kind: (said, seen)
        for kind, (said, seen) in ledger.by_type.items()
        if said != seen
    }
    assert differing == {}
    assert ledger.by_type
    assert ledger.residue_bytes == 0, str(ledger)
    assert ledger.wire_bytes == captured.table().wire_bytes.sum()

    wire = captured.reading.wire
    messages = captured.said
    names = [messages.types.name(i) for i in range(len(messages))]
    slowly = Wire(wire.name, wire.codec)
    assert names == [slowly.decoded(messages.data(i)) for i in range(len(messages))]
    assert CUT not in names
    assert (np.diff(messages.packet) >= 0).all()


def test_what_faults_swallow_and_double_has_a_line_of_its_own(source):
    with Cluster(PROTOCOLS["kademlia"], 8, 2, seed=7, progress="none") as cluster:
        cluster.wait_ready()
        cluster.link(Link(loss=0.2, duplication=0.3))
        with cluster.capture(source=source) as packets:
            lookups = [(number, "maintain", ()) for number in range(8)]
            cluster.call_many(lookups, in_flight=8, return_errors=True)

    ledger = packets.ledger()

    (line,) = [one for one in ledger.lines if one.group == "before the wire"]
    assert line.count == packets.balance.sent - sum(
        said.messages for said, _ in ledger.by_type.values()
    )
    assert "loss" in line.why
    assert "doubled: " in line.why
    assert ledger.residue_bytes == 0, str(ledger)


def test_nodes_that_share_a_host_are_told_apart_on_streams_too(source):
    kind = PROTOCOLS["plumtree"]
    with Cluster(kind, 6, 2, seed=7, addresses="shared", progress="none") as cluster:
        cluster.wait_ready()
        with cluster.capture(source=source) as packets:
            broadcast(cluster)
        names = {node.name for node in cluster}

    messages = packets.messages()
    assert set(messages.source) == set(messages.destination) == names
    assert set(packets.table().source) == names
    assert packets.ledger().residue_bytes == 0


def test_a_foreign_datagram_is_nobodys_and_still_has_a_line(source):
    if source == "tap":
        pytest.skip("nodes' taps see what nodes send alone")
    with Cluster(PROTOCOLS["kademlia"], 4, 2, seed=7, progress="none") as cluster:
        cluster.wait_ready()
        with cluster.capture(source=source) as packets:
            with cluster.open_socket(AF_INET, SOCK_DGRAM) as stranger:
                stranger.bind(("127.0.0.1", 0))
                stranger.sendto(b"who is there?", cluster[0].address)
            cluster[1].ping(cluster[0].address)

    ledger = packets.ledger()

    others = {one.what: one.bytes for one in ledger.lines if one.group == "others"}
    assert others == {"datagrams of others": len(b"who is there?")}
    assert ledger.residue_bytes == 0, str(ledger)


def test_a_capture_can_be_looked_at_while_it_goes_on(source):
    if source == "tap":
        pytest.skip("nodes' taps are put together at the end")
    with Cluster(PROTOCOLS["kademlia"], 4, 2, seed=7, progress="none") as cluster:
        cluster.wait_ready()
        with cluster.capture(source=source) as packets:
            cluster[1].put(b"hello")
            cluster.wait_until(lambda _: len(packets.table()) >= 6, 10)
            meanwhile, desk = packets.table(), Desk(cluster, None)
            row = meanwhile.iloc[-1]
            told = read("traffic", {"a": row.source, "b": row.destination})
            with cluster.frames():  # what counts the traffic of pairs
                sections = dict(told.do(desk)["value"])
            assert cluster.captured is packets

    assert f"{row.source} > {row.destination}" in sections["Packets, the latest first"]
    assert "IPv4 20 bytes: 127." in sections["Packets, the latest first"]
    assert set(meanwhile.protocol) == {"krpc"}
    assert len(packets.table()) >= len(meanwhile)
    assert set(packets.table().source) <= {f"n0{i}" for i in range(4)}
