"""Forging: messages that reach a node of the cluster in another node's name.

In a private network they go as packets with a forged source, through the one outlet
for crafted packets. Elsewhere that takes rights, so they are handed to the node's
driver as if they had come: no packet, but the same bytes, the same decoder and the same
protocol, and its answer is a real packet.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterable
from contextlib import closing
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Literal

from p2pkit.cluster.asking import COMMAND_S
from p2pkit.core import Address
from p2pkit.observe.capture.outgoing import HEADER, Outlet

if TYPE_CHECKING:
    from p2pkit.attacks.spoofing import Forged
    from p2pkit.cluster.cluster import Cluster

Level = Literal["packets", "messages"]
Letter = tuple[Address, Address, bytes]
"""Source, target, and the datagram's payload."""

UDP_HEADER = struct.Struct("!HHHH")
PLAIN, TTL, UDP = 0x45, 64, 17


def forge(cluster: Cluster, forged: Iterable[Forged]) -> Level:
    """Send forged messages; return whether they went as packets or as messages.

    Raises
    ------
    ForbiddenTarget
        If one goes to what is no node of the cluster, or names another as its source.
    """
    encode, targets = cluster.protocol_class.codec.encode, cluster.targets
    letters: list[Letter] = [
        (targets.require(one.source), targets.require(one.to), encode(one.message))
        for one in forged
    ]
    if cluster.network != "private":
        _hand_over(cluster, letters)
        return "messages"
    raw = cluster.open_socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    with closing(Outlet(raw, targets)) as outlet:
        for letter in letters:
            outlet.send(packet(*letter))
    return "packets"


def packet(source: Address, to: Address, payload: bytes) -> bytes:
    """Return an IPv4 packet with one UDP datagram; the kernel adds the checksum."""
    length = HEADER.size + UDP_HEADER.size + len(payload)
    hosts = (IPv4Address(source[0]).packed, IPv4Address(to[0]).packed)
    head = HEADER.pack(PLAIN, 0, length, 0, 0, TTL, UDP, 0, *hosts)
    ports = UDP_HEADER.pack(source[1], to[1], UDP_HEADER.size + len(payload), 0)
    return head + ports + payload


def _hand_over(cluster: Cluster, letters: list[Letter]) -> None:
    run = cluster.run
    hosts = {one.address: one.host for one in run.seats if one.state == "alive"}
    orders: dict[int, list[Letter]] = {}
    for letter in letters:
        orders.setdefault(hosts[letter[1]], []).append(letter)
    run.ask_each("forge", orders, COMMAND_S)
