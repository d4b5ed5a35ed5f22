"""No crafted packet leaves for what is no node, however it is built."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2pkit.core.targets import ForbiddenTarget, Targets
from p2pkit.observe.capture.outgoing import ForbiddenPacket, Outlet, require_ours

pytest.importorskip("scapy", reason="scapy is not installed: pip install scapy")

from scapy.layers.inet import (
    GRE,
    ICMP,
    IP,
    TCP,
    UDP,
    IPOption_LSRR,
    IPOption_NOP,
    IPOption_SSRR,
    fragment,
)
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import ARP, Dot1Q, Ether
from scapy.packet import Packet
from scapy.volatile import RandIP

PORT = 6881
ONE, OTHER, OWN = ("127.1.0.1", PORT), ("127.1.1.1", PORT), ("127.0.0.1", 40_000)
OUTSIDE = "192.0.2.1"
"""A documentation address: nobody's."""

TARGETS = Targets([ONE, OTHER])


class Sink:
    """A raw socket that keeps what would have left, and where to."""

    def __init__(self) -> None:
        self.sent: list[tuple[bytes, Any]] = []

    def sendto(self, data: bytes, there: Any) -> int:
        self.sent.append((data, there))
        return len(data)


def ip(**fields: Any) -> Packet:
    return IP(**{"src": ONE[0], "dst": OTHER[0], **fields})


def udp(**fields: Any) -> Packet:
    return UDP(**{"sport": PORT, "dport": PORT, **fields}) / b"ping"


ALLOWED = {
    "from one node to another": ip() / udp(),
    "over TCP": ip() / TCP(sport=PORT, dport=PORT, flags="S"),
    "from a socket of our own": ip(src=OWN[0]) / udp(sport=OWN[1]),
    "with a wrong checksum": ip(chksum=1) / udp(chksum=1),
    "with a length of UDP that lies": ip() / udp(len=9000),
    "that may not be fragmented": ip(flags="DF") / udp(),
}
FORBIDDEN = {
    "to outside": ip(dst=OUTSIDE) / udp(),
    "to another port of a node": ip() / udp(dport=53),
    "to another loopback address": ip(dst="127.9.9.9") / udp(),
    "to everybody": ip(dst="255.255.255.255") / udp(),
    "to a group": ip(dst="224.0.0.1") / udp(),
    "to no address": ip(dst="0.0.0.0") / udp(),
    "by a chance": ip(dst=RandIP("192.0.2.0/24")) / udp(),
    "from outside": ip(src=OUTSIDE) / udp(),
    "from another port of a node": ip() / udp(sport=53),
    "from no address": ip(src="0.0.0.0") / udp(),
    "by way of others": ip(options=[IPOption_LSRR(routers=[OUTSIDE])]) / udp(),
    "strictly by way of others": ip(options=[IPOption_SSRR(routers=[OUTSIDE])]) / udp(),
    "with an option that does nothing": ip(options=[IPOption_NOP()] * 4) / udp(),
    "IP in IP": ip() / IP(dst=OUTSIDE) / udp(),
    "IP in GRE": ip() / GRE() / IP(dst=OUTSIDE) / udp(),
    "IPv6": IPv6(src="::1", dst="::1") / udp(),
    "IPv6 in IP": ip() / IPv6(dst="2001:db8::1") / udp(),
    "ICMP": ip() / ICMP(type=5, gw=OUTSIDE) / udp(),
    "Ethernet": Ether() / ip() / udp(),
    "VLAN": Dot1Q(vlan=7) / ip() / udp(),
    "ARP": ARP(pdst=OUTSIDE),
    "another version": ip(version=5) / udp(),
    "a short header": ip(ihl=4) / udp(),
    "a long header": ip(ihl=15) / udp(),
    "a length that is too short": ip(len=30) / udp(),
    "a length that is too long": ip(len=3000) / udp(),
    "a first fragment": ip(flags="MF") / udp(),
    "a later fragment": ip(frag=1) / udp(),
    "with the evil bit": ip(flags="evil") / udp(),
    "a message alone": udp(),
    "nothing": IP() / b"",
}


def sent(packet: Packet) -> list[tuple[bytes, Any]]:
    """Return what leaves of a packet that is built and looked at."""
    sink = Sink()
    outlet = Outlet(sink, TARGETS, [OWN])  # type: ignore[arg-type]
    outlet.send(bytes(packet))
    return sink.sent


@pytest.mark.parametrize("packet", ALLOWED.values(), ids=ALLOWED)
def test_a_plain_packet_between_nodes_leaves_as_it_was_looked_at(
    packet: Packet,
) -> None:
    assert sent(packet) == [(bytes(packet), OTHER)]


@pytest.mark.parametrize("packet", FORBIDDEN.values(), ids=FORBIDDEN)
def test_nothing_else_leaves(packet: Packet) -> None:
    with pytest.raises(ForbiddenTarget, match="nothing was sent"):
        sent(packet)


def test_every_fragment_is_refused() -> None:
    for part in fragment(ip() / UDP(sport=PORT, dport=PORT) / bytes(3000), 600):
        with pytest.raises(ForbiddenPacket, match="it is a fragment"):
            sent(part)


def test_every_packet_of_a_net_is_looked_at() -> None:
    net = ip(dst="127.1.1.0/30") / udp()
    passed = []

    for one in net:
        try:
            passed += sent(one)
        except ForbiddenTarget:
            continue

    assert [there for _, there in passed] == [OTHER]


def test_of_several_packets_all_leave_or_none() -> None:
    sink = Sink()
    outlet = Outlet(sink, TARGETS, [OWN])  # type: ignore[arg-type]

    with pytest.raises(ForbiddenTarget, match=r"192\.0\.2\.1"):
        outlet.require_all([bytes(ip() / udp()), bytes(ip(dst=OUTSIDE) / udp())])

    assert sink.sent == []


@given(st.binary(max_size=80), st.integers(0, 1 << 32))
def test_of_any_bytes_only_what_the_kernel_takes_for_our_packet_leaves(
    noise: bytes, seed: int
) -> None:
    data = bytearray(bytes(ip() / udp()))
    rng = random.Random(seed)
    for byte in noise[:4]:
        data[rng.randrange(len(data))] = byte
    for candidate in (bytes(data), noise):
        try:
            here, there = require_ours(candidate, TARGETS)
        except ForbiddenTarget:
            continue
        whole = IP(candidate)
        assert there in TARGETS
        assert here in TARGETS
        assert (whole.dst, whole.payload.dport) == there
        assert (whole.ihl, whole.frag, len(candidate)) == (5, 0, whole.len)
