"""Headers: which bytes of each packet are link, network, transport and payload.

All packets at once, by arrays over the mapped file. What a header claims is believed
only as far as the packet goes: one that claims what cannot be is `MALFORMED`.
Source: RFC 791, 8200, 768, 9293; link types of tcpdump.org. Checksums are not looked
at, for on loopback they are not filled in. Read first: ``stretches.py``. Read next:
``endpoints.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from p2pkit.observe.capture.records import Ints, Mask, Records, chunks
from p2pkit.observe.capture.stretches import Stretches, joined

IPV4, IPV6, VLANS = 0x0800, 0x86DD, (0x8100, 0x88A8)
"""What follows a link header, in the numbers of Ethernet."""

ICMP, TCP, UDP, ICMP6 = 1, 6, 17, 58
NOT_IP, FRAGMENT, MALFORMED, UNKNOWN_LINK = -1, -2, -3, -4
"""Of `Headers.carried`, where it is no number of IP's."""

FIN, SYN, RST, ACK = 1, 2, 4, 16

EXTENSIONS, FRAGMENT_HEADER = (0, 43, 60), 44
"""What may stand between IPv6 and its transport: names the next, and its length."""

MOST_EXTENSIONS = 8
MOST_TAGS = 3


@dataclass(frozen=True)
class Headers:
    """The headers of every packet, in columns.

    `link_bytes`, `network_bytes`, `transport_bytes` and `payload_bytes` add up to the
    packet's bytes on the wire, whatever the file holds of it; what an Ethernet card
    adds to a short frame counts as link.

    Parameters
    ----------
    records : Records
        The packets.
    link_bytes, network_bytes, transport_bytes, payload_bytes : array of int64
        Bytes on the wire.
    network : Stretches
        Each packet from its network header on, as far as the file holds it.
    payload : Stretches
        What each packet carries, as far as the file holds it.
    is_ipv6 : array of bool
        Whether the network is IPv6.
    carried : array of int64
        What IP carries, such as `UDP`; or `NOT_IP`, `FRAGMENT`, `MALFORMED` and
        `UNKNOWN_LINK`.
    source_port, destination_port : array of int64
        Ports; 0 where there are none, as in all pieces of a datagram but the first.
    sequence, acknowledged, flags : array of int64
        Of TCP; 0 elsewhere.
    """

    records: Records
    link_bytes: Ints
    network_bytes: Ints
    transport_bytes: Ints
    payload_bytes: Ints
    network: Stretches
    payload: Stretches
    is_ipv6: Mask
    carried: Ints
    source_port: Ints
    destination_port: Ints
    sequence: Ints
    acknowledged: Ints
    flags: Ints

    def __len__(self) -> int:
        return len(self.records)

    @property
    def is_truncated(self) -> Mask:
        """Whether the capture cut a packet short."""
        return np.asarray(self.records.stored < self.records.wire)


PIECES = ("network", "payload")
NUMBERS = [
    field.name for field in fields(Headers) if field.name not in ("records", *PIECES)
]


def read_headers(records: Records) -> Headers:
    """Return the headers of every packet."""
    parts = [_read(records[some]) for some in chunks(len(records))]
    columns: dict[str, Any] = {
        name: np.concatenate([getattr(part, name) for part in parts])
        for name in NUMBERS
    }
    for name in PIECES:
        columns[name] = joined([getattr(part, name) for part in parts])
    return Headers(records, **columns)


def _read(records: Records) -> Headers:
    frame = Stretches(records.data, records.start, records.stored)
    link, follows = _links(frame, records.link)
    network = _after(frame, link)
    left = records.wire - link  # bytes on the wire behind the link header
    size, whole, carried = _networks(network, follows, left)
    transport = _after(network, size)
    is_tcp, is_udp = carried == TCP, carried == UDP
    head = np.where(is_udp, 8, np.where(is_tcp, (transport.byte(12) >> 4) * 4, 0))
    head = np.where((carried == ICMP) | (carried == ICMP6), 8, head)
    impossible = (is_tcp & (head < 20)) | (size + head > whole)
    carried = np.where(impossible & (carried > 0), MALFORMED, carried)
    head = np.where(carried > 0, head, 0)
    payload = np.maximum(whole - size - head, 0)
    behind = _after(transport, head)
    has_ports = (carried == TCP) | (carried == UDP) | _begins(network, carried)
    ports = np.where(has_ports, transport.number(0, 4), 0)
    sequence, acknowledged, flags = _segments(transport, carried)
    return Headers(
        records,
        records.wire - size - head - payload,
        size,
        head,
        payload,
        network,
        Stretches(records.data, behind.start, np.minimum(behind.length, payload)),
        follows == IPV6,
        carried,
        ports >> 16,
        ports & 0xFFFF,
        sequence,
        acknowledged,
        flags,
    )


def _begins(network: Stretches, carried: Ints) -> Mask:
    """Tell which packets are the first piece of a datagram that was cut."""
    found = carried == FRAGMENT
    if found.any():
        found &= (network.byte(0) >> 4 == 4) & (network.byte(9) == UDP)
        found &= network.number(6, 2) & 0x1FFF == 0
    return np.asarray(found)


def _segments(transport: Stretches, carried: Ints) -> tuple[Ints, Ints, Ints]:
    """Return what only TCP has."""
    some = np.flatnonzero(carried == TCP)
    columns = np.zeros((3, len(transport)), np.int64)
    if len(some):
        mine = transport[some]
        columns[:, some] = mine.number(4, 4), mine.number(8, 4), mine.byte(13)
    sequence, acknowledged, flags = columns
    return sequence, acknowledged, flags


def _after(whole: Stretches, size: Ints) -> Stretches:
    """Return what follows a header; nothing where the piece is shorter."""
    size = np.minimum(size, whole.length)
    return Stretches(whole.data, whole.start + size, whole.length - size)


# --- links ---------------------------------------------------------------------------

Link = tuple[Ints, Ints]
"""Bytes of the link header, and what follows it in the numbers of Ethernet."""


def _links(frame: Stretches, kinds: Ints) -> Link:
    size = np.zeros(len(frame), np.int64)
    follows = np.full(len(frame), UNKNOWN_LINK, np.int64)
    for kind in np.unique(kinds):
        read = LINKS.get(int(kind))
        if read is not None:
            mine = kinds == kind
            size[mine], follows[mine] = read(frame[mine])
    return np.minimum(size, frame.length), follows


def _ethernet(frame: Stretches) -> Link:
    size = np.full(len(frame), 14, np.int64)
    follows = frame.number(12, 2)
    for _ in range(MOST_TAGS):
        tagged = np.isin(follows, VLANS)
        if not tagged.any():
            break
        follows = np.where(tagged, frame.number(size + 2, 2), follows)
        size = np.where(tagged, size + 4, size)
    return size, follows


def _cooked(frame: Stretches) -> Link:
    return np.full(len(frame), 16, np.int64), frame.number(14, 2)


def _cooked_2(frame: Stretches) -> Link:
    return np.full(len(frame), 20, np.int64), frame.number(0, 2)


def _loopback(frame: Stretches) -> Link:
    """Read a family as BSD numbers it, in the byte order of whoever captured."""
    family = np.maximum(frame.byte(0), frame.byte(3))
    is_6 = np.isin(family, (10, 24, 28, 30))
    follows = np.where(family == 2, IPV4, np.where(is_6, IPV6, NOT_IP))
    return np.full(len(frame), 4, np.int64), follows


def _raw(frame: Stretches) -> Link:
    version = frame.byte(0) >> 4
    follows = np.where(version == 4, IPV4, np.where(version == 6, IPV6, NOT_IP))
    return np.zeros(len(frame), np.int64), follows


LINKS: dict[int, Callable[[Stretches], Link]] = {
    0: _loopback,
    1: _ethernet,
    12: _raw,
    14: _raw,
    101: _raw,
    108: _loopback,
    113: _cooked,
    228: _raw,
    229: _raw,
    276: _cooked_2,
}
"""By link type: BSD loopback, Ethernet, raw IP in four spellings, Linux cooked."""


# --- networks ------------------------------------------------------------------------


def _networks(network: Stretches, follows: Ints, left: Ints) -> tuple[Ints, Ints, Ints]:
    """Return bytes of the network header, of header and payload, and what it carries.

    `left` is what the packet had behind its link header.
    """
    size = np.zeros(len(network), np.int64)
    whole, carried = left.copy(), np.full(len(network), NOT_IP, np.int64)
    carried[follows == UNKNOWN_LINK] = UNKNOWN_LINK
    for kind, read in ((IPV4, _ipv4), (IPV6, _ipv6)):
        mine = follows == kind
        if mine.any():
            size[mine], whole[mine], carried[mine] = read(network[mine], left[mine])
    bad = (size > whole) | (whole > left) | (size > network.length)
    carried = np.where(bad, MALFORMED, carried)
    return np.where(bad, 0, size), np.where(bad, left, whole), carried


def _ipv4(network: Stretches, left: Ints) -> tuple[Ints, Ints, Ints]:
    size = (network.byte(0) & 15).astype(np.int64) * 4
    whole = network.number(2, 2)
    # A card that cuts large packets itself is handed them without a length.
    whole = np.where(whole == 0, left, whole)
    carried = network.byte(9).astype(np.int64)
    carried[network.number(6, 2) & 0x3FFF != 0] = FRAGMENT
    carried[(network.byte(0) >> 4 != 4) | (size < 20)] = MALFORMED
    return size, whole, carried


def _ipv6(network: Stretches, left: Ints) -> tuple[Ints, Ints, Ints]:
    size = np.full(len(network), 40, np.int64)
    length, carried = network.number(4, 2), network.byte(6).astype(np.int64)
    whole = np.where(length == 0, left, length + 40)
    for _ in range(MOST_EXTENSIONS):
        extended = np.isin(carried, EXTENSIONS)
        if not extended.any():
            break
        more = (network.byte(size + 1).astype(np.int64) + 1) * 8
        carried = np.where(extended, network.byte(size), carried)
        size = np.where(extended, size + more, size)
    carried[carried == FRAGMENT_HEADER] = FRAGMENT
    carried[(network.byte(0) >> 4 != 6) | (network.length < 40)] = MALFORMED
    return size, whole, carried
