"""Outgoing: the last look at a crafted packet before it leaves.

Whoever builds packets by hand can hide where they go: a list of addresses, an option
that routes by way of others, a packet inside a packet, another link header. So nobody
looks at what was meant. The finished bytes are read as the kernel will read them, and
they leave only if they are one plain packet between nodes of the cluster.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Collection, Iterable
from ipaddress import IPv4Address

from p2pkit.core import Address, TransportError
from p2pkit.core.targets import ForbiddenTarget, Targets

HEADER = struct.Struct("!BBHHHBBH4s4s")
PORTS = struct.Struct("!HH")
PLAIN_IPV4 = 0x45
"""Version 4, and a header of five words: one without options."""

RESERVED_OR_PART = 0xBFFF
"""Bits of the third word of an IP header that a whole packet has not set."""

TCP, UDP = 6, 17


class ForbiddenPacket(ForbiddenTarget):
    """A crafted packet is not one whose way can be told from its first header.

    Parameters
    ----------
    target : str
        What it is instead.
    """

    def _sentence(self, target: object) -> str:
        return (
            f"{target}, so nothing was sent: crafted packets are whole IPv4 packets "
            "without options that carry UDP or TCP; build IP(...) / UDP(...) / ..."
        )


def require_ours(
    data: bytes, targets: Targets, own: Collection[Address] = ()
) -> tuple[Address, Address]:
    """Return source and destination of a packet that may leave.

    Parameters
    ----------
    data : bytes
        The finished packet, from its IP header on.
    targets : Targets
        The nodes of the cluster.
    own : collection of Address
        Addresses that whoever sends holds itself, and hears answers at.

    Raises
    ------
    ForbiddenPacket
        If it is anything but one plain packet.
    ForbiddenTarget
        If it goes to what is no node, or claims to come from elsewhere.
    """
    why = _what_is_odd(data)
    if why:
        raise ForbiddenPacket(why)
    *_, source, target = HEADER.unpack_from(data)
    source_port, target_port = PORTS.unpack_from(data, HEADER.size)
    here: Address = str(IPv4Address(source)), source_port
    there: Address = str(IPv4Address(target)), target_port
    if here not in own:
        targets.require(here)
    return here, targets.require(there)


def _what_is_odd(data: bytes) -> str:
    """Return why a packet is not a plain one; nothing if it is."""
    if len(data) < HEADER.size + PORTS.size:
        return f"{len(data)} bytes are no packet"
    first, _, length, _, part, _, carried, *_ = HEADER.unpack_from(data)
    if first >> 4 != PLAIN_IPV4 >> 4:
        return "it does not begin with an IPv4 header"
    if first != PLAIN_IPV4:
        return "its IPv4 header has options, which may route it"
    if length != len(data):
        return f"its header says {length} bytes and it has {len(data)}"
    if part & RESERVED_OR_PART:
        return "it is a fragment"
    return "" if carried in (TCP, UDP) else f"it carries IP protocol {carried}"


class Outlet:
    """The one way out for crafted packets: what was looked at is what leaves.

    Parameters
    ----------
    sock : socket.socket
        A raw socket of the protocol ``IPPROTO_RAW``.
    targets : Targets
        The nodes of the cluster.
    own : collection of Address
        Addresses that whoever sends holds itself.
    """

    def __init__(
        self, sock: socket.socket, targets: Targets, own: Collection[Address] = ()
    ) -> None:
        self._sock, self._targets, self._own = sock, targets, own

    def require_all(self, packets: Iterable[bytes]) -> None:
        """Raise `ForbiddenTarget` if one of some packets may not leave."""
        for data in packets:
            require_ours(data, self._targets, self._own)

    def send(self, data: bytes) -> int:
        """Send one packet; return its length in bytes.

        Raises
        ------
        ForbiddenTarget
            If it may not leave.
        TransportError
            If the kernel does not take it, such as one longer than the network's MTU.
        """
        _, there = require_ours(data, self._targets, self._own)
        try:
            # The kernel routes to the address given here, whatever the packet says.
            return self._sock.sendto(data, there)
        except OSError as error:
            reason = f"a packet of {len(data):,} bytes was not sent: {error.strerror}"
            raise TransportError(reason) from error

    def close(self) -> None:
        """Give the socket back."""
        self._sock.close()
