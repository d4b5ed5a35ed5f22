"""Scapy's tools give back every socket that they opened, even if they fail."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import pytest

from p2pkit.core import CaptureError
from p2pkit.core.targets import Targets
from p2pkit.observe.capture import filters
from p2pkit.protocols import Kademlia
from tests.capturing import packet_socket

pytest.importorskip("scapy", reason="scapy is not installed: pip install scapy")

from scapy.layers.inet import IP, UDP

from p2pkit.observe.capture.layers.krpc import KRPC
from p2pkit.observe.capture.layers.ring_socket import RingSocket
from p2pkit.observe.capture.layers.workbench import Workbench

NODE = ("127.77.0.1", 6881)
QUESTION = IP() / UDP() / KRPC(q="ping", t="aa", a={"id": 7})
ALL = filters.of_network("127.0.0.0/8")


class Sockets:
    """Opens a datagram socket whatever is asked for: the kernel gives it no ring."""

    def __init__(self) -> None:
        self.opened: list[socket.socket] = []

    def open(self, *_: int) -> socket.socket:
        self.opened.append(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        return self.opened[-1]

    @property
    def left(self) -> int:
        return sum(one.fileno() != -1 for one in self.opened)


@pytest.mark.parametrize(
    ("use", "sockets_opened"),
    [
        (lambda bench: bench.ask_crafted(QUESTION, NODE, 0.1), 3),
        (lambda bench: bench.sniffer(), 1),
        (lambda bench: bench.sniff(0.1), 1),
    ],
    ids=["ask_crafted", "sniffer", "sniff"],
)
@pytest.mark.parametrize("taken", [None, ALL], ids=["all packets", "some packets"])
def test_where_there_can_be_no_ring_no_socket_stays_open_and_a_sentence_says_why(
    use: Callable[[Workbench], Any], sockets_opened: int, taken: filters.Program | None
) -> None:
    sockets = Sockets()
    bench = Workbench(sockets.open, Targets([NODE]), Kademlia, taken)

    with pytest.raises(CaptureError, match="the kernel gives no ring of 16 MiB for"):
        use(bench)

    assert len(sockets.opened) == sockets_opened
    assert sockets.left == 0


def test_a_filter_that_cannot_be_put_on_leaves_no_socket_open() -> None:
    sockets = Sockets()
    without_an_end: filters.Program = ((0, 0, 0, 0),)
    bench = Workbench(sockets.open, Targets([NODE]), Kademlia, without_an_end)

    with pytest.raises(OSError, match="Invalid argument"):
        bench.sniffer()

    assert sockets.left == 0


def test_a_ring_on_an_interface_that_is_not_there_gives_its_socket_back() -> None:
    sock = packet_socket()

    with pytest.raises(CaptureError, match="packets of none0: No such device"):
        RingSocket(sock, "none0", blocks=1)

    assert sock.fileno() == -1
