"""Scapy asks nodes as any peer would, and crafted packets stay among the nodes."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from p2pkit import Cluster
from p2pkit.core import ClusterError, LocalProtocolError, TransportError
from p2pkit.core.targets import ForbiddenTarget
from p2pkit.protocols import Gnutella, Kademlia, Swim
from tests.ordinary_user import OrdinaryUser

pytest.importorskip("scapy", reason="scapy is not installed: pip install scapy")

from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.l2 import Ether
from scapy.packet import Packet
from scapy.volatile import RandIP

from p2pkit.observe.capture.layers.gnutella import Gnutella as GnutellaLayer
from p2pkit.observe.capture.layers.gnutella import GnutellaPing, GnutellaText
from p2pkit.observe.capture.layers.krpc import KRPC
from p2pkit.observe.capture.layers.memberlist import (
    MemberlistAckResp,
    MemberlistPing,
    MemberlistPushPull,
)

OUTSIDE = "192.0.2.1"
"""A documentation address: nobody's."""


def ping(tid: str = "aa") -> Packet:
    return KRPC(q="ping", t=tid, a={"id": 7})


@pytest.fixture(scope="module", params=["host", "private"])
def cluster(request: pytest.FixtureRequest) -> Iterator[Any]:
    """A small DHT in either network."""
    yield from started(request.param)


@pytest.fixture(scope="module")
def private() -> Iterator[Any]:
    yield from started("private")


def started(network: str) -> Iterator[Any]:
    try:
        made = Cluster(Kademlia, 4, 2, seed=7, network=network, progress="none").start()
    except ClusterError as error:
        pytest.skip(f"needs a private network: {error}")
    with made:
        yield made


def test_a_message_alone_is_answered(cluster: Any) -> None:
    answer = cluster.sr1(ping(), node=3)

    assert int.from_bytes(answer.r.id, "big") == cluster[3].id
    assert answer.t == b"aa"


def test_a_node_that_was_told_nothing_that_it_answers_gives_none(cluster: Any) -> None:
    error = KRPC(y="e", e=[201, b"no"])

    assert cluster.sr1(error, node=3, timeout_s=0.2) is None


def test_without_saying_whom_nobody_is_asked(cluster: Any) -> None:
    with pytest.raises(ClusterError, match="say whom"):
        cluster.sr1(ping())


def test_a_dialed_node_is_asked_again_and_again(cluster: Any) -> None:
    with cluster.dial(2) as peer:
        answers = [
            peer.sr1(ping(tid), timeout=2, verbose=False) for tid in ("aa", "bb")
        ]

    assert [one.t for one in answers] == [b"aa", b"bb"]


def test_a_node_that_is_dead_is_no_target() -> None:
    with Cluster(Kademlia, 3, 1, seed=7, progress="none") as cluster:
        cluster.kill(2)

        with pytest.raises(ForbiddenTarget, match="is no node of this cluster"):
            cluster.sr1(ping(), node=2)


def test_virtual_time_has_no_packets() -> None:
    with (
        Cluster(Kademlia, 2, carrier="virtual", seed=7) as cluster,
        pytest.raises(ClusterError, match="virtual time has no packets"),
    ):
        cluster.sr1(ping(), node=1)


def test_headers_of_ones_own_need_a_private_network() -> None:
    with Cluster(Kademlia, 2, 1, seed=7, progress="none") as cluster:
        for packet in (IP() / UDP() / ping(), Ether() / IP() / UDP(), UDP() / ping()):
            with pytest.raises(ClusterError, match='network="private"'):
                cluster.send_packet(packet, node=1)


def test_a_packet_from_its_ip_header_on_is_answered(private: Any) -> None:
    answer = private.sr1(IP() / UDP() / ping(), node=3)

    assert (answer[IP].src, answer[UDP].sport) == private[3].address
    assert int.from_bytes(answer[KRPC].r.id, "big") == private[3].id


def test_a_packet_may_say_itself_where_it_goes(private: Any) -> None:
    host, port = private[1].address

    assert private.sr1(IP(dst=host) / UDP(dport=port) / ping())[KRPC].y == b"r"


def test_the_answer_to_a_forged_source_goes_to_whom_was_named(private: Any) -> None:
    (forged, its_port), (host, port) = private[0].address, private[1].address
    packet = IP(src=forged, dst=host) / UDP(sport=its_port, dport=port) / ping("zz")

    with private.sniffer(count=2, lfilter=lambda one: b"zz" in bytes(one)) as sniffer:
        assert private.send_packet(packet) == 1
        sniffer.join(10)

    asked, answered = sniffer.results
    assert asked[IP].src == answered[IP].dst == forged
    assert answered[KRPC].t == b"zz"


@pytest.mark.parametrize(
    "packet",
    [
        IP(dst=OUTSIDE) / UDP(dport=6881) / ping(),
        IP(dst="127.9.9.9") / UDP(dport=6881) / ping(),
        IP(dst="127.0.0.0/29") / UDP(dport=6881) / ping(),
        IP(dst=["127.1.1.1", OUTSIDE]) / UDP(dport=6881) / ping(),
        IP(dst=RandIP("192.0.2.0/24")) / UDP(dport=6881) / ping(),
        IP(src=OUTSIDE) / UDP() / ping(),
        IP() / UDP(dport=22) / ping(),
        IP() / TCP(dport=22, flags="S"),
        Ether() / IP() / UDP() / ping(),
        IP() / IP(dst=OUTSIDE) / UDP() / ping(),
        UDP() / ping(),
    ],
    ids=lambda one: one.summary(),
)
def test_whatever_goes_elsewhere_is_refused_and_nothing_leaves(
    private: Any, packet: Packet
) -> None:
    with private.sniffer(lfilter=lambda one: OUTSIDE in one[IP].dst) as sniffer:
        with pytest.raises(ForbiddenTarget, match="nothing was sent"):
            private.send_packet(packet, node=1)
        with pytest.raises(ForbiddenTarget, match="nothing was sent"):
            private.sr1(packet, node=1, timeout_s=0.2)

    assert list(sniffer.results) == []


def test_of_several_packets_none_leaves_if_one_may_not(private: Any) -> None:
    good, bad = IP() / UDP() / ping("g1"), IP(dst=OUTSIDE) / UDP() / ping()

    heard = private.sniffer(lfilter=lambda one: b"g1" in bytes(one))
    with heard, pytest.raises(ForbiddenTarget):
        private.send_packet([good, bad], node=1)

    assert list(heard.results) == []


def test_a_call_sends_a_bounded_number_of_packets(private: Any) -> None:
    many = IP(dst="127.0.0.0/8") / UDP(dport=6881) / ping()

    with pytest.raises(LocalProtocolError, match="more than 1,000 packets"):
        private.send_packet(many)


def test_a_packet_that_the_network_cannot_carry_is_told(private: Any) -> None:
    source = private[0].address
    packet = IP(src=source[0]) / UDP(sport=source[1]) / bytes(65_000)

    with pytest.raises(TransportError, match=r"65,028 bytes .* too long"):
        private.send_packet(packet, node=1)


def test_packets_may_come_one_by_one(private: Any) -> None:
    source = private[0].address
    header = IP(src=source[0]) / UDP(sport=source[1])

    assert private.send_packet((header / ping() for _ in range(3)), node=1) == 3
    assert private.send_packet((ping() for _ in range(3)), node=1) == 3


def test_sniffing_ends_with_the_count(cluster: Any) -> None:
    """The node answers a sniffed question, so both are heard."""
    if cluster.network == "host":
        try:
            socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0).close()
        except OSError as error:
            pytest.skip(f"needs the right to open packet sockets: {error}")

    with cluster.sniffer(count=2) as sniffer:
        cluster[1].ping(cluster[2].address)
        sniffer.join(10)

    asked, answered = sniffer.results
    assert (asked[IP].src, asked[IP].dst) == (answered[IP].dst, answered[IP].src)
    assert answered[KRPC].answers(asked[KRPC])
    assert cluster.sniff(timeout_s=0.1, lfilter=lambda _: False).res == []


def test_a_member_is_probed_and_its_table_asked_for() -> None:
    with Cluster(Swim, 3, 1, seed=7, progress="none") as cluster:
        cluster.wait_ready()

        ack = cluster.sr1(MemberlistPing(SeqNo=9), node=1)
        table = cluster.sr1(MemberlistPushPull(Join=False), node=1, stream=True)

    assert isinstance(ack, MemberlistAckResp)
    assert ack.SeqNo == 9
    assert len(table.States) == 3


def test_a_servent_is_greeted_and_pinged() -> None:
    with Cluster(Gnutella, 3, 1, seed=7, progress="none") as cluster:
        cluster.wait_ready()

        with cluster.dial(0) as servent:
            greeting = servent.sr1(GnutellaText(), timeout=5, verbose=False)
            servent.send(GnutellaText(StartLine="GNUTELLA/0.6 200 OK"))
            pong = servent.sr1(
                GnutellaLayer(MessageID=bytes(15) + b"\1", TTL=1) / GnutellaPing(),
                timeout=5,
                verbose=False,
            )
        address = cluster.addresses[0]

    assert greeting.StartLine.startswith(b"GNUTELLA/0.6 200")
    assert (pong.IPAddress, pong.Port) == address


@pytest.mark.timeout(120)  # the tests of this file once more, without rights
def test_all_of_this_works_for_an_ordinary_user(ordinary_user: OrdinaryUser) -> None:
    report = ordinary_user.pytest(
        "tests/cluster/test_crafting.py", "-k", "not ordinary", limit_s=100
    )

    assert "failed" not in report
    assert "skipped" not in report or "packet sockets" in report
