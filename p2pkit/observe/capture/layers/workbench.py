# SPDX-License-Identifier: GPL-2.0-only
"""Scapy's tools on one cluster: dial a node, ask it, sniff, craft.

Whoever gives a message alone asks as any peer would, over an ordinary socket that takes
no rights. Whoever builds IP headers needs a network of the cluster's own, and gets
nowhere but to its nodes.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable
from contextlib import ExitStack, closing, suppress
from itertools import islice
from typing import Any

from scapy.layers.inet import IP, TCP, UDP
from scapy.packet import Packet
from scapy.plist import PacketList
from scapy.supersocket import SimpleSocket, StreamSocket

from p2pkit.core import Address, LocalProtocolError, PeerUnreachable
from p2pkit.core.targets import Targets
from p2pkit.observe.capture import filters
from p2pkit.observe.capture.layers.binding import keep_bound, layers_of
from p2pkit.observe.capture.layers.crafted_socket import CraftedSocket
from p2pkit.observe.capture.layers.ring_socket import RingSocket
from p2pkit.observe.capture.layers.sniffer import Sniffer
from p2pkit.observe.capture.outgoing import Outlet

__all__ = ["Packet", "PacketList", "SimpleSocket", "Sniffer", "Workbench"]

OpenSocket = Callable[[int, int, int], socket.socket]

OWN_HOST = "127.0.0.1"
"""Where we ask from: a socket bound there cannot leave the machine."""

HEADERS = ("Ether", "IP", "IPv6", "UDP", "TCP")
"""Layers below a message; by name, for not all of them are loaded."""

MAX_CRAFTED = 1000
"""Packets that one call sends at most."""

DIAL_S = 5.0
"""How long a node may take to accept a stream."""


class Workbench:
    """What scapy needs to know of a cluster.

    Parameters
    ----------
    open_socket : callable
        Opens a socket in the network of the nodes.
    targets : Targets
        The nodes.
    protocol_class : type
        What they run.
    taken : tuple, optional
        The filter that takes the cluster's packets only; not needed in a network of
        its own.
    """

    def __init__(
        self,
        open_socket: OpenSocket,
        targets: Targets,
        protocol_class: Any,
        taken: filters.Program | None = None,
    ) -> None:
        self._open_socket, self._targets, self._taken = open_socket, targets, taken
        self._layers, carrier = layers_of(protocol_class), protocol_class.carrier
        self._mostly_streams = carrier == "stream" or (
            carrier == "both" and self._layers.mostly_streams
        )

    def bind(self, owner: object) -> None:
        """Have packets of these nodes dissected while somebody holds `owner`."""
        keep_bound(owner, {port for _, port in self._targets}, self._layers)

    def dial(self, address: Address, stream: bool | None = None) -> SimpleSocket:
        """Return a scapy socket to a node, as any peer could have one.

        Raises
        ------
        ForbiddenTarget
            If no node of the cluster listens there.
        PeerUnreachable
            If it does not accept a stream.
        """
        there = self._targets.require(address)
        is_stream = self._mostly_streams if stream is None else stream
        kind = socket.SOCK_STREAM if is_stream else socket.SOCK_DGRAM
        sock = self._open_socket(socket.AF_INET, kind, 0)
        try:
            sock.bind((OWN_HOST, 0))
            sock.settimeout(DIAL_S)
            sock.connect(there)
            sock.settimeout(None)
        except OSError as error:
            sock.close()
            reason = f"{there} does not answer ({error}): is its node alive?"
            raise PeerUnreachable(reason) from error
        if is_stream:
            return StreamSocket(sock, self._layers.stream)
        return SimpleSocket(sock, self._layers.datagram)

    def ask(
        self, message: Packet, address: Address, timeout_s: float, stream: bool | None
    ) -> Packet | None:
        """Send a message alone; return its answer, None if none comes in time."""
        with self.dial(address, stream) as peer:
            return peer.sr1(message, timeout=timeout_s, verbose=False, chainEX=True)

    def tell(
        self, messages: Packet | Iterable[Packet], address: Address, stream: bool | None
    ) -> int:
        """Send messages alone, over one socket; return how many."""
        with self.dial(address, stream) as peer:
            return sum(1 for one in _each(messages) if peer.send(one))

    def ask_crafted(
        self, packet: Packet, address: Address | None, timeout_s: float
    ) -> Packet | None:
        """Send a packet with its IP header; return its answer, as the ring hears it.

        Where nothing else is said it comes from a socket of our own.
        """
        with ExitStack() as ends:
            own = ends.enter_context(self._own_socket())
            outlet = ends.enter_context(closing(self._outlet(own)))
            hears = self._packet_socket()
            sock = ends.enter_context(CraftedSocket(hears, outlet))
            wanted = _addressed(packet, own.getsockname(), address)
            return sock.sr1(wanted, timeout=timeout_s, verbose=False, chainEX=True)

    def send_crafted(
        self, packets: Packet | Iterable[Packet], address: Address | None
    ) -> int:
        """Send packets with their IP headers, all or none; return how many."""
        with self._own_socket() as own, closing(self._outlet(own)) as outlet:
            here = own.getsockname()
            built = [bytes(_addressed(one, here, address)) for one in _each(packets)]
            outlet.require_all(built)
            for data in built:
                outlet.send(data)
            return len(built)

    def sniffer(self, **options: Any) -> Sniffer:
        """Return a sniffer of what the nodes send and hear; it has not begun."""
        return Sniffer(RingSocket(self._packet_socket()), **options)

    def sniff(self, timeout_s: float | None, **options: Any) -> PacketList:
        """Sniff until ``count`` packets, `timeout_s`, or Ctrl-C."""
        # Ctrl-C ends it as in scapy: what was heard so far is the result.
        with self.sniffer(**options) as sniffer, suppress(KeyboardInterrupt):
            sniffer.join(timeout_s)
        return sniffer.results or PacketList()

    def _own_socket(self) -> socket.socket:
        """Return a socket that holds an address; what comes there is not read."""
        sock = self._open_socket(socket.AF_INET, socket.SOCK_DGRAM, 0)
        try:
            sock.bind((OWN_HOST, 0))
        except BaseException:
            sock.close()
            raise
        return sock

    def _outlet(self, own: socket.socket) -> Outlet:
        raw = self._open_socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
        return Outlet(raw, self._targets, [own.getsockname()])

    def _packet_socket(self) -> socket.socket:
        sock = self._open_socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        try:
            if self._taken is not None:
                filters.attach(sock, self._taken)
        except BaseException:
            sock.close()
            raise
        return sock


def has_headers(packets: Packet | Iterable[Packet]) -> bool:
    """Whether packets begin below the message: with a link, an address, or ports."""
    if not isinstance(packets, Packet):
        return any(map(has_headers, packets))
    return any(packets.haslayer(name) for name in HEADERS)


def _each(packets: Packet | Iterable[Packet]) -> list[Packet]:
    """Return every packet that is meant: a field may hold a list, or a network."""
    given = [packets] if isinstance(packets, Packet) else packets
    meant = list(islice((one for some in given for one in some), MAX_CRAFTED + 1))
    if len(meant) > MAX_CRAFTED:
        reason = (
            f"these are more than {MAX_CRAFTED:,} packets, which is what one call "
            "sends: send fewer at a time"
        )
        raise LocalProtocolError(reason)
    return meant


def _addressed(packet: Packet, here: Address, there: Address | None) -> Packet:
    """Return the packet with the addresses that its maker left open."""
    whole = packet.copy()
    header, ports = whole.getlayer(IP), whole.getlayer(UDP) or whole.getlayer(TCP)
    if header is None or ports is None:
        return whole
    for layer, name, value in (
        (header, "src", here[0]),
        (ports, "sport", here[1]),
        (header, "dst", there[0] if there else None),
        (ports, "dport", there[1] if there else None),
    ):
        if name not in layer.fields and value is not None:
            layer.setfieldval(name, value)
    return whole
