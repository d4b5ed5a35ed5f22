"""Conversations: what passed between two nodes, packet by packet, in words.

Read first: ``messages.py``. What scapy makes of a packet: ``layers/``.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import numpy as np

from p2pkit.core import Codec
from p2pkit.observe.capture import headers as h
from p2pkit.observe.capture.endpoints import host_of
from p2pkit.observe.capture.messages import Messages
from p2pkit.observe.capture.records import Ints, ints
from p2pkit.observe.capture.wires import wire_of
from p2pkit.observe.capture.wires.wire import CUT, MALFORMED
from p2pkit.observe.flights import Flight, decoded

LIMIT = 200
"""Packets of a conversation that are told if not said, the last ones."""

SHOWN_BYTES = 32
"""Bytes of a payload that is no message which are written out."""

FLAGS = ((h.SYN, "SYN"), (8, "PSH"), (h.ACK, "ACK"), (h.FIN, "FIN"), (h.RST, "RST"))
NETWORKS = {False: "IPv4", True: "IPv6"}


class Passed(msgspec.Struct, frozen=True):
    """One packet between two nodes.

    Parameters
    ----------
    number : int
        Its place in the capture: ``packets[number]``.
    at_s : float
        When it was taken, in seconds of the run.
    source, destination : str
        Who sent it, and to whom.
    type : str
        The message's class, or what TCP does.
    wire_bytes : int
        Its bytes on the wire.
    layers : tuple of str
        A line a layer, from the link up.
    said : str
        What its message says, decoded; empty if it has none.
    """

    number: int
    at_s: float
    source: str
    destination: str
    type: str
    wire_bytes: int
    layers: tuple[str, ...]
    said: str

    @property
    def head(self) -> str:
        """The packet in a line."""
        return (
            f"{self.at_s:.6f} s  {self.source} > {self.destination}  {self.type}  "
            f"{self.wire_bytes:,} bytes"
        )

    def __str__(self) -> str:
        lines = [f"#{self.number}  {self.head}"]
        lines += [f"  {line}" for line in self.layers]
        lines += [f"    {line}" for line in self.said.splitlines()]
        return "\n".join(lines)


class Conversation:
    """The packets between two nodes, both ways, in order; it prints as text.

    Parameters
    ----------
    messages : Messages
        Those of the capture.
    a, b : str
        The nodes: names, or ``HOST:PORT``.
    limit : int
        How many packets at most, the last ones.

    Attributes
    ----------
    numbers : list of int
        Their places in the capture.
    let_go : int
        Packets before them that are not told.
    """

    def __init__(self, messages: Messages, a: str, b: str, limit: int = LIMIT) -> None:
        self.messages, self.ends = messages, (a, b)
        self.reading = reading = messages.reading
        ends = reading.endpoints
        ours, theirs = (self._codes(name) for name in self.ends)
        mask = np.isin(ends.source, ours) & np.isin(ends.destination, theirs)
        mask |= np.isin(ends.source, theirs) & np.isin(ends.destination, ours)
        found = np.flatnonzero(mask).tolist()
        self.numbers = found[-limit:]
        self.let_go = len(found) - len(self.numbers)

    def _codes(self, name: str) -> Ints:
        """Return which endpoints are a node: where it listens, and dials from."""
        ends, named = self.reading.endpoints, self.reading.hosts
        names = {name, self.reading.names.get(name, name)}
        names.add(self.reading.names.get(host_of(name), name))
        return ints([
            code for code, text in enumerate(ends.texts)
            if text in names or named[code] in names
        ])  # fmt: skip

    def __len__(self) -> int:
        return len(self.numbers)

    def __iter__(self) -> Iterator[Passed]:
        return map(self.packet, self.numbers)

    def __getitem__(self, index: int) -> Passed:
        return self.packet(self.numbers[index])

    def __str__(self) -> str:
        gone = f"{self.let_go:,} packets before these\n" if self.let_go else ""
        return gone + "\n".join(map(str, self))

    def __repr__(self) -> str:
        return f"<Conversation: {len(self):,} packets of {' and '.join(self.ends)}>"

    def packet(self, number: int) -> Passed:
        """Return one packet in words."""
        reading, ends = self.reading, self.reading.endpoints
        source, to = int(ends.source[number]), int(ends.destination[number])
        return Passed(
            number,
            float(reading.at_s[number]),
            reading.hosts[source],
            reading.hosts[to],
            reading.types.name(number) or reading.protocols.name(number),
            int(reading.records.wire[number]),
            self._layers(number, ends.texts[source], ends.texts[to]),
            self._said(number),
        )

    def _layers(self, number: int, source: str, to: str) -> tuple[str, ...]:
        columns = self.reading.headers
        sizes = [
            int(column[number])
            for column in (
                columns.link_bytes, columns.network_bytes, columns.transport_bytes,
                columns.payload_bytes,
            )
        ]  # fmt: skip
        network = NETWORKS[bool(columns.is_ipv6[number])]
        transport = {h.UDP: "UDP", h.TCP: "TCP", h.ICMP: "ICMP", h.ICMP6: "ICMP"}
        name = transport.get(int(columns.carried[number]), "")
        lines = [
            f"link {sizes[0]} bytes",
            f"{network} {sizes[1]} bytes: {host_of(source)} > {host_of(to)}",
            f"{name} {sizes[2]} bytes{self._ports(number)}",
            f"payload {sizes[3]:,} bytes",
        ]
        return tuple(line for line, size in zip(lines, sizes, strict=True) if size)

    def _ports(self, number: int) -> str:
        columns = self.reading.headers
        source, to = columns.source_port[number], columns.destination_port[number]
        if columns.carried[number] == h.UDP:
            return f": {source} > {to}"
        if columns.carried[number] != h.TCP:
            return ""
        flags = [name for bit, name in FLAGS if columns.flags[number] & bit]
        return (
            f": {source} > {to}, {' '.join(flags)}, sequence "
            f"{columns.sequence[number]}, acknowledges {columns.acknowledged[number]}"
        )

    def _said(self, number: int) -> str:
        """Return the messages that end in a packet; else the begin of its payload."""
        messages, codec = self.messages, self._codec(number)
        ending = range(*np.searchsorted(messages.packet, (number, number + 1)).tolist())
        readable = [
            messages.data(index)
            for index in ending
            if messages.types.name(index) not in (CUT, MALFORMED)
        ]
        if codec is not None and readable:
            return "\n".join(_decoded(data, codec) for data in readable)
        data = self.reading.headers.payload.piece(number)
        more = "..." if len(data) > SHOWN_BYTES else ""
        return f"{data[:SHOWN_BYTES].hex(' ')}{more}"

    def _codec(self, number: int) -> Codec | None:
        if self.reading.wire is not None:
            return self.reading.wire.codec
        is_dht = self.reading.protocols.name(number) == "krpc"
        return wire_of("kademlia").codec if is_dht else None


def _decoded(data: bytes, codec: Codec) -> str:
    return decoded(Flight(None, 0.0, "", "", "", data), codec)
