"""Scapy's sniffers work unchanged on a ring, and lose nothing at the end."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from p2pkit.core import Address
from p2pkit.observe.capture import filters
from tests.capturing import packet_socket

pytest.importorskip("scapy", reason="scapy is not installed: pip install scapy")

from scapy.layers.inet import IP, UDP
from scapy.sendrecv import AsyncSniffer, sniff

from p2pkit.observe.capture.layers.ring_socket import RingSocket
from p2pkit.observe.capture.layers.sniffer import Sniffer

NET = "127.77.0.0/16"
BURST = 2000


@pytest.fixture
def ring() -> Iterator[RingSocket]:
    sock = packet_socket()
    filters.attach(sock, filters.of_network(NET))
    with RingSocket(sock) as ring:
        yield ring


@pytest.fixture
def sender() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.bind(("127.77.0.1", 0))
        yield sender


@pytest.fixture
def there() -> Iterator[Address]:
    """An address where datagrams are taken and nobody reads them."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sink:
        sink.bind(("127.77.0.2", 0))
        yield sink.getsockname()


def test_scapys_own_sniff_hears_each_packet_once(
    ring: RingSocket, sender: socket.socket, there: Address
) -> None:
    def send() -> None:
        for number in range(20):
            sender.sendto(b"%d" % number, there)

    found = sniff(opened_socket=ring, count=20, timeout=10, started_callback=send)

    assert [one[UDP].load for one in found] == [b"%d" % n for n in range(20)]
    assert found[0][IP].src == "127.77.0.1"
    assert found[0].time <= found[1].time


def test_scapys_own_asynchronous_sniffer_hears_too(
    ring: RingSocket, sender: socket.socket, there: Address
) -> None:
    sniffer = AsyncSniffer(
        opened_socket=ring,
        count=5,
        lfilter=lambda one: one[UDP].load != b"no",
        started_callback=lambda: [sender.sendto(b"no", there), *map(say, range(5))],
    )

    def say(number: int) -> int:
        return sender.sendto(b"yes", there)

    sniffer.start()
    sniffer.join(10)

    assert [one[UDP].load for one in sniffer.results or ()] == [b"yes"] * 5


def test_what_has_passed_is_heard_although_the_sniffer_is_stopped_at_once(
    ring: RingSocket, sender: socket.socket, there: Address
) -> None:
    with Sniffer(ring) as sniffer:
        for _ in range(BURST):
            sender.sendto(bytes(100), there)

    assert len(sniffer.results or ()) == BURST
    assert ring.stats()[:2] == (BURST, 0)


def test_a_ring_that_is_too_small_says_what_it_lost(
    sender: socket.socket, there: Address
) -> None:
    sock = packet_socket()
    filters.attach(sock, filters.of_network(NET))
    with RingSocket(sock, blocks=1) as ring:
        for _ in range(BURST):
            sender.sendto(bytes(1400), there)
        kept = 0
        while not ring.has_received(BURST):
            kept += ring.recv() is not None
        seen = ring.stats()

    assert seen.packets == BURST
    assert seen.dropped == BURST - kept > 0


def test_a_ring_does_not_send(ring: RingSocket) -> None:
    with pytest.raises(OSError, match="a ring hears and does not send"):
        ring.send(IP() / UDP())
