"""The table's fast path and scapy's layers name every message of a sample alike."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from p2pkit.observe.capture import Packets

pytest.importorskip("scapy", reason="scapy is not installed: pip install scapy")

from scapy.layers.inet import ICMP, TCP, UDP
from scapy.packet import Packet
from scapy.sessions import TCPSession

from p2pkit.observe.capture.layers import Gnutella, GnutellaText, KitMessage

QUERIES = {
    b"ping": "Ping", b"find_node": "FindNode", b"get_peers": "GetPeers",
    b"announce_peer": "AnnouncePeer", b"get": "Get", b"put": "Put",
}  # fmt: skip
MEMBERLIST = {
    "MemberlistPing": "Ping", "MemberlistIndirectPing": "IndirectPing",
    "MemberlistAckResp": "Ack", "MemberlistNackResp": "Nack",
    "MemberlistSuspect": "Suspect", "MemberlistAlive": "Alive",
    "MemberlistDead": "Dead", "MemberlistCompound": "Compound",
}  # fmt: skip
HTTP = b"GET ", b"HTTP", b"GIV "


def krpc_kind(message: Any) -> str:
    if message.y == b"q":
        return QUERIES[message.q]
    return "Reply" if message.y == b"r" else "Error"


def gnutella_kind(message: Any) -> str:
    if isinstance(message, GnutellaText):
        return "Http" if message.StartLine.startswith(HTTP) else "Greeting"
    return str(message.sprintf("%PayloadType%"))


def streamed(packets: Packets, starts: tuple[type[Packet], ...]) -> list[Packet]:
    """Return every message that scapy's session finds in streams."""
    session, found = TCPSession(), []
    for packet in packets[:]:
        whole = session.process(packet)
        if whole is not None and TCP in whole:
            layers = whole[TCP].payload.iterpayloads()
            found += [one for one in layers if isinstance(one, starts)]
    return found


@pytest.mark.parametrize("name", ["kademlia", "forged"])
def test_they_agree_on_every_datagram_of_the_dht(name: str) -> None:
    packets = Packets.sample(name)

    scapys = [krpc_kind(one[UDP].payload) for one in packets[:]]

    assert scapys == list(packets.table()["type"])


def test_they_agree_on_every_datagram_of_memberlist() -> None:
    packets = Packets.sample("swim")
    types = packets.table()["type"]

    for packet, kind in zip(packets[:], types, strict=True):
        if UDP in packet and ICMP not in packet:
            assert MEMBERLIST[type(packet[UDP].payload).__name__] == kind


def test_they_agree_on_every_message_of_gnutella() -> None:
    packets = Packets.sample("gnutella")

    scapys = Counter(map(gnutella_kind, streamed(packets, (Gnutella, GnutellaText))))

    assert scapys == Counter(packets.messages()["type"])


def test_they_agree_on_every_message_of_the_kit() -> None:
    packets = Packets.sample("plumtree")

    scapys = Counter(type(one).__name__ for one in streamed(packets, (KitMessage,)))

    assert scapys == Counter(packets.messages()["type"])
