"""Wireshark reads our captures, and names what is in them as scapy and our table do."""

from __future__ import annotations

from collections import Counter

import pytest

from p2pkit import Cluster
from p2pkit.core import Id
from p2pkit.observe.capture import Packets
from p2pkit.protocols import Gnutella, Kademlia
from tests.capturing import packet_socket
from tests.wireshark import complaints, fields, needs_tshark

pytest.importorskip("scapy", reason="scapy is not installed: pip install scapy")

from scapy.layers.inet import IP, TCP
from scapy.sessions import TCPSession

from p2pkit.observe.capture.layers.gnutella import Gnutella as GnutellaLayer
from p2pkit.observe.capture.layers.krpc import KRPC

pytestmark = [needs_tshark, pytest.mark.timeout(90)]  # a cluster, and tshark's start

PORT = 6346
AS_GNUTELLA = ("-d", f"tcp.port=={PORT},gnutella")
METHODS = {
    b"ping": "Ping", b"find_node": "FindNode", b"get_peers": "GetPeers",
    b"announce_peer": "AnnouncePeer", b"get": "Get", b"put": "Put",
}  # fmt: skip


SOURCES = ["ring", "tap"]
"""Who writes the file: what the kernel saw, or what nodes noted themselves."""


@pytest.fixture(scope="module", params=SOURCES)
def dht(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Packets:
    """A capture of nodes of the DHT that do all that they can."""
    if request.param == "ring":
        packet_socket().close()
    path = tmp_path_factory.mktemp("dht") / "dht.pcapng"
    torrent = Id.parse(bytes(range(20)))
    with Cluster(Kademlia, 8, 2, seed=7, progress="none") as cluster:
        cluster.wait_ready()
        with cluster.capture(path, request.param) as packets:
            assert cluster[5].get(cluster[1].put(b"hello")) == b"hello"
            cluster[2].announce(torrent, 6999)
            assert cluster[6].get_peers(torrent)
            cluster[3].lookup(torrent)
            cluster[4].ping(cluster[7].address)
    return packets


@pytest.fixture(scope="module", params=SOURCES)
def search(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Packets:
    """A capture of servents that shake hands, search and fetch."""
    if request.param == "ring":
        packet_socket().close()
    path = tmp_path_factory.mktemp("search") / "search.pcapng"
    with Cluster(Gnutella, 6, 2, seed=7, port=PORT, progress="none") as cluster:
        cluster.wait_ready()
        cluster[4].share("a small world.txt", b"abc" * 1000)
        with cluster.capture(path, request.param) as packets:
            cluster.kill(1)
            cluster.restart(1)
            cluster.wait_ready()
            peer = next(iter(cluster.graph()["n01"]))
            cluster[1].ping(cluster[int(peer[1:])].address)
            hits = cluster[2].search("small world")
            assert len(cluster[3].fetch(hits[0])) == 3000
    return packets


def krpc_kind(kind: bytes, method: bytes | None) -> str:
    """Return what the kit calls a message."""
    if kind == b"q":
        return METHODS[method or b""]
    return "Reply" if kind == b"r" else "Error"


def said_by_tshark(strings: list[str]) -> str:
    """Return the kind of a message from its bencoded strings, in order of the wire."""
    kind = strings[-1].encode()
    method = strings[strings.index("q") + 1].encode() if kind == b"q" else None
    return krpc_kind(kind, method)


def test_every_packet_of_the_dht_is_named_and_none_is_malformed(dht: Packets) -> None:
    assert len(dht) > 50
    assert complaints(dht.path, "udp && !bt-dht") == []


def test_tshark_scapy_and_our_table_agree_on_every_message_of_the_dht(
    dht: Packets,
) -> None:
    name = "bt-dht.bencoded.string"

    theirs = [said_by_tshark(one[name]) for one in fields(dht.path, "bt-dht", name)]
    scapys = [krpc_kind(one[KRPC].y, one[KRPC].q) for one in dht[:]]

    assert theirs == scapys == list(dht.table()["type"])
    assert set(theirs) >= {"Ping", "FindNode", "GetPeers", "AnnouncePeer", "Put", "Get"}


def test_tshark_and_scapy_agree_on_every_transaction(dht: Packets) -> None:
    shown = fields(
        dht.path, "bt-dht", "bt-dht.bencoded.string", "udp.srcport", "ip.src"
    )

    for one, packet in zip(shown, dht[:], strict=True):
        strings = one["bt-dht.bencoded.string"]
        tid = bytes.fromhex(strings[strings.index("t") + 1])
        assert tid == packet[KRPC].t
        assert one["ip.src"] == [packet[IP].src]


def stacked(packets: Packets) -> list[GnutellaLayer]:
    """Return every message that scapy's session finds in a capture, in order."""
    session, found = TCPSession(), []
    for packet in packets[:]:
        whole = session.process(packet)
        if whole is not None and TCP in whole:
            layers = whole[TCP].payload.iterpayloads()
            found += [one for one in layers if isinstance(one, GnutellaLayer)]
    return found


def test_no_message_of_gnutella_is_malformed(search: Packets) -> None:
    assert complaints(search.path, "_ws.expert.group == 0x07000000", *AS_GNUTELLA) == []


def test_tshark_and_scapy_agree_on_every_message_of_gnutella(search: Packets) -> None:
    names = tuple(
        f"gnutella.header.{one}" for one in ("payload", "ttl", "hops", "size")
    )

    shown = fields(search.path, "gnutella.header.payload", *names, options=AS_GNUTELLA)
    theirs = Counter(
        tuple(int(value, 0) for value in message)
        for one in shown
        for message in zip(*(one[name] for name in names), strict=True)
    )
    scapys = Counter(
        (one.PayloadType, one.TTL, one.Hops, one.PayloadLength)
        for one in stacked(search)
    )

    assert theirs == scapys
    assert {kind for kind, *_ in theirs} >= {0x00, 0x01, 0x80, 0x81}
