"""Reading: all that is known of the packets of a file, column by column.

`Reading` is made in one pass and shared by the table, the messages and the ledger.
Read first: ``records.py``, ``headers.py``, ``endpoints.py``, ``wires/wire.py``. Read
next: ``table.py``, ``streams.py``.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np

from p2pkit.observe.capture import headers as h
from p2pkit.observe.capture.endpoints import Endpoints, read_endpoints
from p2pkit.observe.capture.files import read_records
from p2pkit.observe.capture.headers import Headers, read_headers
from p2pkit.observe.capture.records import Ints, Records, chunks
from p2pkit.observe.capture.wires import Types, Wire, guess, wire_of
from p2pkit.observe.capture.wires.krpc import questions
from p2pkit.observe.capture.wires.wire import CUT

CARRIED = {
    h.TCP: "tcp", h.UDP: "udp", h.ICMP: "icmp", h.ICMP6: "icmp", h.NOT_IP: "other",
    h.FRAGMENT: "fragment", h.MALFORMED: "malformed", h.UNKNOWN_LINK: "unknown link",
}  # fmt: skip
"""What a packet is called that carries none of our messages."""

UNREACHABLE = 3


class Reading:
    """The packets of one capture file.

    Parameters
    ----------
    records : Records
        Where they lie.
    protocol : type or str, optional
        What the nodes run. Without it messages are known that give themselves away:
        those of the Mainline DHT, and the kit's own.
    names : mapping of str to str, optional
        Names of nodes by ``HOST:PORT``, or by host.
    began_ns : int, optional
        When the run began, in nanoseconds since 1970; the first packet if not given.
    """

    def __init__(
        self,
        records: Records,
        protocol: type[Any] | str | None = None,
        names: Mapping[str, str] | None = None,
        began_ns: int | None = None,
    ) -> None:
        self.records = records
        self.wire: Wire | None = None if protocol is None else wire_of(protocol)
        self.names = {**records.names, **(names or {})}
        first_ns = int(records.at_ns.min()) if len(records) else 0
        self.began_ns = first_ns if began_ns is None else began_ns

    def __len__(self) -> int:
        return len(self.records)

    @cached_property
    def headers(self) -> Headers:
        """The headers of every packet."""
        return read_headers(self.records)

    @cached_property
    def endpoints(self) -> Endpoints:
        """Who sent each packet, and to whom."""
        return read_endpoints(self.headers)

    @cached_property
    def hosts(self) -> list[str]:
        """What to call each of the endpoints."""
        return self.endpoints.named(self.names)

    @property
    def at_s(self) -> Any:
        """When each packet was taken, in seconds of the run."""
        return (self.records.at_ns - self.began_ns) / 1e9

    @cached_property
    def datagrams(self) -> Ints:
        """Which packets are datagrams with something in them."""
        return np.flatnonzero(
            (self.headers.carried == h.UDP) & (self.headers.payload_bytes > 0)
        )

    @cached_property
    def _typed(self) -> tuple[Types, Types, Ints]:
        return self._type_all()

    @property
    def protocols(self) -> Types:
        """The protocol of each packet."""
        return self._typed[0]

    @property
    def types(self) -> Types:
        """The type of each packet: its message's class, or what TCP does with it."""
        return self._typed[1]

    @property
    def answers(self) -> Ints:
        """Which packet each one answers; -1 where that is not known."""
        return self._typed[2]

    def _type_all(self) -> tuple[Types, Types, Ints]:
        protocols, kinds = Types.unknown(len(self)), Types.unknown(len(self))
        for number, name in CARRIED.items():
            protocols.codes[self.headers.carried == number] = protocols.code(name)
        protocols.codes[protocols.is_unknown] = protocols.code("other ip")
        kinds.codes[:] = kinds.code("")
        _type_segments(self.headers, kinds)
        _type_control(self.headers, kinds)
        answers = np.full(len(self), -1, np.int64)
        for wire, some in self._wires():
            protocols.codes[some] = protocols.code(wire.name)
            found = self._type_datagrams(wire, some)
            kinds.put(some, found)
            if wire.name == "krpc":
                answers[some] = self._answered(found, some)
        return protocols, kinds, answers

    def _wires(self) -> list[tuple[Wire, Ints]]:
        """Return which datagrams speak which wire."""
        if self.wire is not None:
            return [(self.wire, self.datagrams)]
        parts: dict[str, tuple[Wire, list[Ints]]] = {}
        for chunk in chunks(len(self.datagrams)):
            some = self.datagrams[chunk]
            for wire, those in guess(self.headers.payload[some]):
                parts.setdefault(wire.name, (wire, []))[1].append(some[those])
        return [(wire, np.concatenate(found)) for wire, found in parts.values()]

    def _type_datagrams(self, wire: Wire, some: Ints) -> Types:
        found = Types.unknown(len(some), [CUT])
        for chunk in chunks(len(some)):
            payload = self.headers.payload[some[chunk]]
            is_whole = payload.length == self.headers.payload_bytes[some[chunk]]
            if is_whole.all():
                found.put(chunk, wire.types(payload))
                continue
            whole = np.flatnonzero(is_whole)
            found.codes[chunk] = found.code(CUT)
            found.put(whole + chunk.start, wire.types(payload[whole]))
        return found

    def _answered(self, kinds: Types, some: Ints) -> Ints:
        payload, ends = self.headers.payload[some], self.endpoints
        places = questions(payload, kinds, ends.source[some], ends.destination[some])
        return np.where(places >= 0, some[places], -1)


def read(
    path: str | os.PathLike[str],
    protocol: type[Any] | str | None = None,
    names: Mapping[str, str] | None = None,
    began_ns: int | None = None,
    most_rings: int = 0,
) -> Reading:
    """Read a capture file, see `Reading` and, for `most_rings`, `read_records`.

    Raises
    ------
    CaptureError
        If the file is no capture; what is damaged is read as far as it goes.
    """
    return Reading(read_records(path, most_rings), protocol, names, began_ns)


def _type_segments(headers: Headers, kinds: Types) -> None:
    """Say what TCP does with each segment; what carries something is data."""
    flags, is_tcp = headers.flags, headers.carried == h.TCP
    # The last that fits counts.
    for name, fits in (
        ("ack", is_tcp),
        ("fin", is_tcp & (flags & h.FIN != 0)),
        ("data", is_tcp & (headers.payload_bytes > 0)),
        ("syn", is_tcp & (flags & h.SYN != 0)),
        ("rst", is_tcp & (flags & h.RST != 0)),
    ):
        if fits.any():
            kinds.codes[fits] = kinds.code(name)


def _type_control(headers: Headers, kinds: Types) -> None:
    """Say of a message of ICMP whether something could not be delivered."""
    for number, unreachable in ((h.ICMP, UNREACHABLE), (h.ICMP6, 1)):
        some = np.flatnonzero(headers.carried == number)
        network = headers.network[some]
        fits = some[network.byte(headers.network_bytes[some]) == unreachable]
        if len(fits):
            kinds.codes[fits] = kinds.code("unreachable")
