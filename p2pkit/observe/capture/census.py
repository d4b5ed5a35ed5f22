"""A census of packets: which node each came from and went to, and how many.

Packets are told apart by a few bytes of their headers alone, and each flow is looked
into once; so a million packets cost seconds.
"""

from __future__ import annotations

import socket
import struct
from collections import Counter
from collections.abc import Hashable, Mapping
from typing import NamedTuple

import msgspec

from p2pkit.core import Address, format_address
from p2pkit.observe.capture import pcapng

IPV4 = b"\x08\x00"
UDP, TCP = 17, 6
_LATER_FRAGMENT = 0x1FFF
PLAIN_HEADER = 0x45
"""First byte of an IPv4 header without options."""
MAX_FLOWS = 100_000
"""Flows that are remembered at a time; then they are added up and met again."""

_TCP = struct.Struct("!4xIIBB")  # behind the ports: number, -, offset, flags
_FIN, _SYN, _RST, _ACK = 0x01, 0x02, 0x04, 0x10
_NUMBERS, _HALF = 0xFFFF_FFFF, 1 << 31


class Census(msgspec.Struct):
    """How many packets were found, and of whom.

    Parameters
    ----------
    packets : int
        All that were found.
    sent, received : dict of str to int
        UDP datagrams by the node that they came from, and that they went to; a
        datagram in several fragments counts once.
    stream_sent, stream_received : dict of str to int
        Bytes of TCP streams by the node that they came from, and that they went to;
        what was sent again counts once. What came to an end that was closed already,
        so that the system refused it, went to nobody.
    others : int
        Packets that are no node's: ICMP, later fragments, strangers'.
    first_ns, last_ns : int
        Times of the first packet and of the last; 0 if there is none.
    """

    packets: int = 0
    sent: dict[str, int] = {}
    received: dict[str, int] = {}
    stream_sent: dict[str, int] = {}
    stream_received: dict[str, int] = {}
    others: int = 0
    first_ns: int = 0
    last_ns: int = 0


class Names(NamedTuple):
    """Who is who.

    Attributes
    ----------
    nodes : mapping of Address to str
        Names of nodes by where they listen.
    ends : mapping of Address to str
        Names of nodes by the ports from which they opened streams.
    """

    nodes: Mapping[Address, str] = {}
    ends: Mapping[Address, str] = {}


class StreamNames:
    """Tells whose end of a stream an address is."""

    def __init__(self, names: Names) -> None:
        hosts = Counter(host for host, _ in names.nodes)
        # A node with an address of its own opens streams from any port of it; from
        # 127.0.0.1 everybody does.
        self._hosts = {
            host: name
            for (host, _), name in names.nodes.items()
            if hosts[host] == 1 and host != "127.0.0.1"
        }
        self._ports = {**names.ends, **names.nodes}

    def of(self, end: Address) -> str:
        """Return the node's name; empty for a stranger."""
        return self._ports.get(end) or self._hosts.get(end[0], "")


class Flow:
    """All packets that go from one address to another in the same way."""

    __slots__ = ("ending", "packets", "source", "stream", "target")

    def __init__(
        self,
        ending: bytes = b"",
        source: str = "",
        target: str = "",
        stream: StreamBytes | None = None,
    ) -> None:
        self.ending, self.source, self.target = ending, source, target
        self.stream = stream
        self.packets = 0


class StreamBytes:
    """Counts the bytes of one direction of a TCP stream by their sequence numbers.

    Attributes
    ----------
    bytes, refused : int
        Bytes that were sent, and those among them that nobody took.
    back : StreamBytes or None
        The other direction, once it was met.
    """

    __slots__ = ("acknowledged", "back", "bytes", "next", "refused")

    def __init__(self) -> None:
        self.bytes = self.refused = 0
        self.next: int | None = None  # the number of the byte that would be new
        self.acknowledged: int | None = None  # what the other direction waits for
        self.back: StreamBytes | None = None

    def take(self, data: bytes) -> None:
        """Count what is new in a segment."""
        tcp = 14 + (data[14] & 15) * 4
        number, acknowledged, offset, flags = _TCP.unpack_from(data, tcp)
        if flags & _RST:  # its number may be anything
            if not flags & _ACK and self.back is not None:
                self.back.refuse(self.acknowledged)
            return
        if flags & _ACK:
            self.acknowledged = acknowledged
        if flags & _SYN:
            self.next = (number + 1) & _NUMBERS
            return
        if self.next is None:
            self.next = number
        (total,) = struct.unpack_from("!H", data, 16)
        end = number + total + 14 - tcp - (offset >> 4) * 4
        new = ((end - self.next + _HALF) & _NUMBERS) - _HALF  # numbers go round
        if new > 0:
            self.bytes += new
        if new >= 0:  # an ending has a number of its own
            self.next = (end + (flags & _FIN)) & _NUMBERS

    def refuse(self, acknowledged: int | None) -> None:
        """Note that the system of the other end took what it acknowledged, no more.

        A reset that acknowledges nothing is how it answers what comes to an end that
        was closed: RFC 9293, 3.5.2.
        """
        if self.next is not None and acknowledged is not None:
            left = (self.next - acknowledged) & _NUMBERS
            self.refused += left if left <= self.bytes - self.refused else 0


class Flows:
    """Tells packets apart, names them and counts them.

    Parameters
    ----------
    names : Names
        Who is who.
    """

    def __init__(self, names: Names) -> None:
        self._nodes = names.nodes
        self._streams = StreamNames(names)
        self._flows: dict[Hashable, Flow] = {}
        self._ways: dict[tuple[Address, Address], StreamBytes] = {}
        self._others = Flow()
        self._census = Census()

    def ending(self, at_ns: int, data: bytes) -> bytes:
        """Count a packet; return the comment that names both ends, as an option."""
        # Kind, protocol, fragment, addresses and ports: what tells flows apart.
        key = data[12:15] + data[20:24] + data[26:38]
        flow = self._flows.get(key) or self._meet(key, data)
        flow.packets += 1
        if flow.stream is not None:
            flow.stream.take(data)
        self._census.last_ns = at_ns
        self._census.first_ns = self._census.first_ns or at_ns
        return flow.ending

    def census(self) -> Census:
        """Return what was counted so far."""
        self._fold()
        return self._census

    def _meet(self, key: bytes, data: bytes) -> Flow:
        ends = ends_of(data)
        if ends is None:
            return self._others
        # With options in the IP header the ports lie further on than the key.
        where: Hashable = key if data[14] == PLAIN_HEADER else ends
        if where not in self._flows:
            if len(self._flows) >= MAX_FLOWS:
                self._fold()
            self._flows[where] = self._named(*ends)
        return self._flows[where]

    def _named(self, protocol: int, source: Address, target: Address) -> Flow:
        ends = source, target
        if protocol == UDP:
            names = [self._nodes.get(one, "") for one in ends]
        else:
            names = [self._streams.of(one) for one in ends]
        if not any(names):
            return Flow()
        said = [
            name or format_address(end) for name, end in zip(names, ends, strict=True)
        ]
        stream = self._stream(source, target) if protocol == TCP else None
        source_name, target_name = names
        ending = pcapng.comment(" > ".join(said))
        return Flow(ending, source_name, target_name, stream)

    def _stream(self, source: Address, target: Address) -> StreamBytes:
        """Return a new direction of a stream, known to the other one."""
        found = self._ways[source, target] = StreamBytes()
        found.back = self._ways.get((target, source))
        if found.back is not None:
            found.back.back = found
        return found

    def _fold(self) -> None:
        """Add the flows up, and forget them."""
        found = self._census
        for flow in (*self._flows.values(), self._others):
            found.packets += flow.packets
            if not (flow.source or flow.target):
                found.others += flow.packets
            elif flow.stream is None:
                _add(found.sent, flow.source, flow.packets)
                _add(found.received, flow.target, flow.packets)
            else:
                _add(found.stream_sent, flow.source, flow.stream.bytes)
                taken = flow.stream.bytes - flow.stream.refused
                _add(found.stream_received, flow.target, taken)
        self._flows.clear()
        self._ways.clear()
        self._others = Flow()


def _add(counts: dict[str, int], name: str, number: int) -> None:
    if name:
        counts[name] = counts.get(name, 0) + number


def ends_of(data: bytes) -> tuple[int, Address, Address] | None:
    """Return protocol, source and target of a frame with UDP or TCP over IPv4.

    Returns
    -------
    tuple of int, Address, Address, or None
        None for any other frame, for a later fragment, and for one that was cut.
    """
    if data[12:14] != IPV4 or len(data) < 38:
        return None
    (fragment,) = struct.unpack_from("!H", data, 20)
    ports_at = 14 + (data[14] & 15) * 4
    if fragment & _LATER_FRAGMENT or data[23] not in (UDP, TCP):
        return None
    if len(data) < ports_at + 4:
        return None
    source_port, target_port = struct.unpack_from("!HH", data, ports_at)
    source = socket.inet_ntoa(data[26:30]), source_port
    return data[23], source, (socket.inet_ntoa(data[30:34]), target_port)
