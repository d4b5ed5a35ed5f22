"""Crafting: packets built by hand, and scapy's tools on a cluster's network."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from p2pkit.cluster.networked import Networked
from p2pkit.core import Address, ClusterError
from p2pkit.observe.capture import filters
from p2pkit.observe.capture.door import scapy_room

if TYPE_CHECKING:
    from p2pkit.observe.capture.layers.workbench import (
        Packet,
        PacketList,
        SimpleSocket,
        Sniffer,
        Workbench,
    )

ANSWER_S = 2.0
"""How long an answer is waited for: nodes of one machine take milliseconds."""


class Crafting(Networked):
    """The part of a `Cluster` that is used with scapy.

    What is sent goes to nodes of this cluster; anything else raises `ForbiddenTarget`.
    """

    def dial(self, node: int, *, stream: bool | None = None) -> SimpleSocket:
        """Return a scapy socket to a node: ``sr1``, ``send``, ``sniff``, ``close``.

        It takes no rights: the node sees a peer like any other.

        Parameters
        ----------
        node : int
            Whom to dial.
        stream : bool, optional
            TCP or UDP, where the protocol has both; what it mostly uses if not given.
        """
        return self._bench().dial(self._address(node), stream)

    def sr1(
        self,
        packet: Packet,
        node: int | None = None,
        *,
        timeout_s: float = ANSWER_S,
        stream: bool | None = None,
    ) -> Packet | None:
        """Send one packet and return its answer, None if none comes in time.

        Parameters
        ----------
        packet : Packet
            A message alone, such as ``KRPC(...)``, which goes over an ordinary socket
            and takes no rights; or a packet from ``IP(...)`` on, in a private network.
        node : int, optional
            Whom to ask; a packet with an IP header may say so itself.
        timeout_s : float
            How long to wait.
        stream : bool, optional
            As for `dial`.
        """
        bench = self._bench()
        if _has_headers(packet):
            self._require_private()
            return bench.ask_crafted(packet, self._address_if(node), timeout_s)
        return bench.ask(packet, self._address(node), timeout_s, stream)

    def send_packet(
        self,
        packet: Packet | Iterable[Packet],
        node: int | None = None,
        *,
        stream: bool | None = None,
    ) -> int:
        """Send packets to nodes, whatever comes back; return how many went out.

        Parameters
        ----------
        packet : Packet or iterable of Packet
            As for `sr1`. With an IP header the source may be any node's, forged.
        node : int, optional
            Whom to tell; a packet with an IP header may say so itself.
        stream : bool, optional
            As for `dial`.
        """
        bench = self._bench()
        if not hasattr(packet, "haslayer"):
            packet = list(packet)  # it is gone over twice
        if _has_headers(packet):
            self._require_private()
            return bench.send_crafted(packet, self._address_if(node))
        return bench.tell(packet, self._address(node), stream)

    def sniffer(self, **options: Any) -> Sniffer:
        """Return a sniffer of this cluster's packets, for a ``with`` block.

        Parameters
        ----------
        **options
            As for scapy's `AsyncSniffer`, such as ``count``, ``prn``, ``lfilter``.
        """
        return self._bench().sniffer(**options)

    def sniff(
        self, count: int = 0, timeout_s: float | None = None, **options: Any
    ) -> PacketList:
        """Sniff this cluster's packets; return them as scapy does.

        Parameters
        ----------
        count : int
            How many; 0 for as many as come in time.
        timeout_s : float, optional
            For how long at most; until Ctrl-C if not given.
        **options
            As for `sniffer`.
        """
        return self._bench().sniff(timeout_s, count=count, **options)

    def _bench(self) -> Workbench:
        """Return scapy's tools for this cluster as it is now."""
        if self._options.carrier == "virtual":
            reason = (
                "virtual time has no packets, only messages: make the cluster with "
                'carrier="real"'
            )
            raise ClusterError(reason)
        bench: Workbench = scapy_room("workbench").Workbench(
            self.open_socket, self.run.targets, self.protocol_class, self._taken()
        )
        bench.bind(self)
        return bench

    def _taken(self) -> filters.Program | None:
        """Return what takes this cluster's packets alone, where there are others."""
        addresses = self.run.addresses
        if self.network == "private":
            return None
        if addresses.kind == "own":
            return filters.of_network(addresses.network)
        return filters.of_ports(port for _, port in self.run.targets)

    def _address(self, node: int | None) -> Address:
        if node is None:
            reason = "say whom: cluster.sr1(message, node=3)"
            raise ClusterError(reason)
        found: Address = self.run.seat_at(node).address
        return found

    def _address_if(self, node: int | None) -> Address | None:
        return None if node is None else self._address(node)

    def _require_private(self) -> None:
        if self.network != "private":
            reason = (
                "packets with headers of their own are sent in a private network only, "
                'which has no way out: make the cluster with network="private", or '
                "send the message alone, without IP and UDP"
            )
            raise ClusterError(reason)


def _has_headers(packet: Any) -> bool:
    """Whether packets begin below the message: with a link, an address, or ports."""
    found: bool = scapy_room("workbench").has_headers(packet)
    return found
