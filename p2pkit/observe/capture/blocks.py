"""The pcapng file: blocks, of which some hold packets and the unknown are skipped.

A file has one section or more, each with a byte order and interfaces of its own; an
interface has a link type and a clock of its own.
Source: draft-ietf-opsawg-pcapng, "PCAP Next Generation Capture File Format".
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from p2pkit.core import CaptureError
from p2pkit.observe.capture.pcapng import RING_BLOCK
from p2pkit.observe.capture.records import (
    MOST_BYTES,
    Bytes,
    Ints,
    Records,
    ints,
)
from p2pkit.observe.capture.spooled import packets_in

SIGNATURE = bytes.fromhex("0a0d0d0a")
ORDERS = {bytes.fromhex("4d3c2b1a"): "<", bytes.fromhex("1a2b3c4d"): ">"}

SECTION, INTERFACE, OLD_PACKET = 0x0A0D0D0A, 1, 2
SIMPLE_PACKET, NAMES, PACKET = 3, 4, 6
FRAME_BYTES = 12
"""Bytes of a block without its body: type, length, and the length once more."""

HEAD_BYTES = 28
"""Bytes of a packet's block before the packet: seven words, the type first."""

LEAST_BYTES = 32
"""Shortest block of a packet: its head, and no packet."""

STRIDE_WORDS = 1 << 24
"""Words of four bytes that are looked at together: 64 MiB."""

MOST_BLOCK_BYTES = 1 << 26
"""Longest block taken; one that claims more is damaged."""

NO_TIME = -1
"""Of a packet whose block has no time: it takes that of the packet before."""

RESOLUTION, OFFSET = 9, 14
"""Options of an interface: units of its clock in a second, seconds added to it."""


class Interface(NamedTuple):
    """Where packets were taken, and by which clock.

    `unit` is the power of ten (or of two, if `is_binary`) that a second has of units.
    """

    link: int
    most_bytes: int
    unit: int
    is_binary: bool
    offset_s: int


class Walk:
    """What one pass over the blocks of a file has found."""

    def __init__(self, data: Bytes, name: str, most_rings: int) -> None:
        self.data, self.view, self.name = data, data.data, name
        self.most_rings = most_rings
        self.order = "<"
        self.first_interface = 0  # of this section, among all
        self.interfaces: list[Interface] = []
        self.names: dict[str, str] = {}
        self.damage = ""
        self.packets: list[Ints] = []  # rows of blocks of this section, see PACKET
        self.rare: list[tuple[int, ...]] = []  # other blocks of packets: their parts
        self.rings: list[tuple[int, int]] = []  # blocks of a ring: place and length
        self.parts: list[Part] = []

    def run(self) -> None:
        """Go over all blocks."""
        at, size = 0, len(self.data)
        while at < size:
            step = self._section(at)
            if not step:
                break
            at = self._blocks(at + step)
            self._end_section()
            if self.damage:
                break

    def _section(self, at: int) -> int:
        """Begin a section; return the length of its head, 0 if it is damaged."""
        order = ORDERS.get(bytes(self.view[at + 8 : at + 12]))
        if order is None:
            self._stop(at, "a section without a byte order")
            return 0
        self.order, self.first_interface = order, len(self.interfaces)
        (length,) = struct.unpack_from(order + "I", self.view, at + 4)
        if length % 4 or length < 28 or at + length > len(self.data):
            self._stop(at, f"a section's head of {length:,} bytes")
            return 0
        return int(length)

    def _blocks(self, at: int) -> int:
        """Note every block from `at` on; return where the next section begins."""
        head = struct.Struct(self.order + "II").unpack_from
        size, rows = len(self.data), Rows(self.data, self.order)
        while at + FRAME_BYTES <= size:
            kind, length = head(self.view, at)
            if kind == SECTION:
                return at
            if length % 4 or not FRAME_BYTES <= length <= size - at:
                return self._stop_at_block(at, length)
            if kind == PACKET:
                row = rows.at(at)
                self.packets.append(row)
                at = int(row[-1])
                (length,) = self.field(at + 4, "I")
            elif kind in READERS:
                READERS[kind](self, at, length)
            at += length
        if at != size:
            self._stop_at_block(at, FRAME_BYTES)
        return size

    def _stop_at_block(self, at: int, length: int) -> int:
        if length % 4 or not FRAME_BYTES <= length <= MOST_BLOCK_BYTES:
            self._stop(at, f"a block of {length:,} bytes cannot be")
        else:
            self._stop(at, "it ends in the middle of a block")
        return len(self.data)

    def _stop(self, at: int, why: str) -> None:
        self.damage = (
            f"{self.name} is damaged at byte {at:,}: {why}; what stands before it "
            "is kept"
        )

    def _end_section(self) -> None:
        if self.packets:
            self.parts.append(_enhanced(self, np.concatenate(self.packets)))
        for at, length in self.rings[-self.most_rings :]:
            for packet in packets_in(self.data, at, length):
                self.rare.append((*packet, self.first_interface))
        if self.rare:
            start, stored, wire, units, interface = ints(self.rare).T
            at_ns = _clocked(self, interface, units)
            at_ns[units == NO_TIME] = NO_TIME
            self.parts.append(Part(start, stored, wire, at_ns, interface))
        self.packets, self.rare, self.rings = [], [], []

    def field(self, at: int, form: str) -> tuple[int, ...]:
        """Return numbers of this section's byte order."""
        return struct.unpack_from(self.order + form, self.view, at)


class Rows:
    """Rows of blocks of packets, each beginning where the one before it ends.

    To go from block to block in Python takes half a second for a million. So every
    place is looked at that could be such a block, and where each leads to the next,
    they are taken together. What looks like a block inside a packet breaks a row, and
    the walk goes on behind the break.

    Parameters
    ----------
    data : array of uint8
        The file.
    order : str
        The section's byte order, ``<`` or ``>``.
    """

    def __init__(self, data: Bytes, order: str) -> None:
        self.words = data[: len(data) // 4 * 4].view(order + "u4")
        self._first = self._last = 0  # the words that `_begins` knows of
        self._begins = self._breaks = ints([])

    def at(self, at: int) -> Ints:
        """Return the blocks of the row that begins at byte `at`, itself at least."""
        word = at // 4
        if not self._first <= word < self._last:
            self._look(word)
        place = int(np.searchsorted(self._begins, word))
        if place == len(self._begins) or self._begins[place] != word:
            return ints([at])  # it does not end as it begins
        end = self._breaks[np.searchsorted(self._breaks, place)]
        return self._begins[place : end + 1] * 4

    def _look(self, first: int) -> None:
        self._first, self._last = first, min(first + STRIDE_WORDS, len(self.words))
        found = np.flatnonzero(self.words[first : self._last] == PACKET) + first
        found = found[found + 1 < len(self.words)]
        length = self.words[found + 1].astype(np.int64)
        ends = found + length // 4
        fits = (length % 4 == 0) & (length >= LEAST_BYTES) & (ends <= len(self.words))
        found, length, ends = found[fits], length[fits], ends[fits]
        same = self.words[ends - 1] == length
        found, ends = found[same], ends[same]
        leads_on = np.append(ends[:-1] == found[1:], False)
        self._begins, self._breaks = found, np.flatnonzero(~leads_on)


class Part(NamedTuple):
    """Packets of one section that were found alike, see `Records`."""

    start: Ints
    stored: Ints
    wire: Ints
    at_ns: Ints
    interface: Ints


def read(data: Bytes, name: str, most_rings: int = 0) -> Records:
    """Find the packets of a mapped pcapng file called `name`.

    Of a capture that goes on, the last `most_rings` blocks of its ring are looked at;
    0 stands for all.

    Raises
    ------
    CaptureError
        If not even its first section begins.
    """
    if len(data) < 28 or bytes(data[8:12].tobytes()) not in ORDERS:
        reason = f"{name} ends, or is damaged, within the head of its first section"
        raise CaptureError(reason)
    walk = Walk(data, name, most_rings)
    walk.run()
    part = _joined(walk.parts)
    bad = (part.interface >= len(walk.interfaces)) | (part.stored > MOST_BYTES)
    bad |= part.stored < 0
    if bad.any() and not walk.damage:
        walk.damage = (
            f"{name} has {int(bad.sum()):,} packets that claim an interface or a "
            "length that cannot be; they are left out"
        )
    part = Part(*(column[~bad] for column in part))
    links = ints([one.link for one in walk.interfaces] or [0])
    return Records(
        data, part.start, part.stored, np.maximum(part.wire, part.stored), part.at_ns,
        links[part.interface], walk.names, walk.damage,
    )  # fmt: skip


def _joined(parts: list[Part]) -> Part:
    if not parts:
        return Part(*(ints([]) for _ in Part._fields))
    if len(parts) == 1:
        whole = parts[0]
    else:
        whole = Part(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))
        order = np.argsort(whole.start, kind="stable")
        whole = Part(*(column[order] for column in whole))
    timed = np.where(whole.at_ns == NO_TIME, 0, np.arange(len(whole.at_ns)))
    return whole._replace(at_ns=whole.at_ns[np.maximum.accumulate(timed)])


# --- blocks of packets ---------------------------------------------------------------


def _enhanced(walk: Walk, at: Ints) -> Part:
    """Read the usual blocks of packets, all at once: blocks lie at multiples of 4."""
    count = (len(walk.data) - HEAD_BYTES) // 4 + 1
    heads = np.ndarray((count,), f"V{HEAD_BYTES}", walk.data, strides=(4,))
    words = heads[at // 4].view(walk.order + "u4").reshape(-1, HEAD_BYTES // 4)
    columns = words[:, 1:].astype(np.int64).T
    length, interface, high, low, stored, wire = columns
    stored = np.where(stored > length - 32, -1, stored)
    interface += walk.first_interface
    at_ns = _clocked(walk, interface, (high << 32) | low)
    return Part(at + 28, stored, wire, at_ns, interface)


def _clocked(walk: Walk, interface: Ints, units: Ints) -> Ints:
    """Return the nanoseconds of what the interfaces' clocks said."""
    at_ns = np.zeros(len(units), np.int64)
    for number in np.unique(interface):
        if number < len(walk.interfaces):
            mine = interface == number
            at_ns[mine] = _nanoseconds(walk.interfaces[number], units[mine])
    return at_ns


def _nanoseconds(one: Interface, units: Ints) -> Ints:
    offset_ns = one.offset_s * 1_000_000_000
    whole = units.view(np.uint64)
    if one.is_binary:
        power = np.uint64(min(one.unit, 63))
        seconds, rest = whole >> power, whole & ((np.uint64(1) << power) - np.uint64(1))
        if one.unit > 34:  # the product below would not fit
            rest, power = rest >> (power - np.uint64(34)), np.uint64(34)
        ns = seconds * np.uint64(1_000_000_000)
        ns += (rest * np.uint64(1_000_000_000)) >> power
    elif one.unit <= 9:
        ns = whole * np.uint64(10 ** (9 - one.unit))
    else:
        ns = whole // np.uint64(10 ** min(one.unit - 9, 19))
    return ns.view(np.int64) + np.int64(offset_ns)


def _simple(walk: Walk, at: int, length: int) -> None:
    """Read a block of a packet without a time."""
    if length < 16:
        return
    (wire,) = walk.field(at + 8, "I")
    stored = min(wire, length - 16)
    if len(walk.interfaces) > walk.first_interface:
        most_bytes = walk.interfaces[walk.first_interface].most_bytes
        stored = min(stored, most_bytes or stored)
    walk.rare.append((at + 12, stored, wire, NO_TIME, walk.first_interface))


def _old(walk: Walk, at: int, length: int) -> None:
    """Read a block of a packet as the first drafts had them."""
    if length < 32:
        return
    interface, _, high, low, stored, wire = walk.field(at + 8, "HHIIII")
    stored = stored if stored <= length - 32 else -1
    units = (high << 32 | low) & (1 << 63) - 1
    walk.rare.append((at + 28, stored, wire, units, walk.first_interface + interface))


# --- blocks that describe ------------------------------------------------------------


def _ring(walk: Walk, at: int, length: int) -> None:
    walk.rings.append((at, length))


def _interface(walk: Walk, at: int, length: int) -> None:
    if length < 20:
        return
    link, _, most_bytes = walk.field(at + 8, "HHI")
    unit, is_binary, offset_s = 6, False, 0
    for code, value in _options(walk, at + 16, at + length - 4):
        if code == RESOLUTION and value:
            unit, is_binary = value[0] & 0x7F, bool(value[0] & 0x80)
        elif code == OFFSET and len(value) == 8:
            (offset_s,) = struct.unpack(walk.order + "q", value)
    most_s = 1 << 33  # nanoseconds since 1970 fit 63 bits up to the year 2262
    offset_s = offset_s if -most_s < offset_s < most_s else 0
    walk.interfaces.append(Interface(link, most_bytes, unit, is_binary, offset_s))


def _options(walk: Walk, at: int, end: int) -> Iterator[tuple[int, bytes]]:
    """Yield code and value of each option, or record, up to the one that ends all."""
    while at + 4 <= end:
        code, length = walk.field(at, "HH")
        if code == 0 or at + 4 + length > end:
            return
        yield code, bytes(walk.view[at + 4 : at + 4 + length])
        at += 4 + length + -length % 4


def _names(walk: Walk, at: int, length: int) -> None:
    """Read a block of names: each record an address, then texts that end in zeros."""
    families = {1: (socket.AF_INET, 4), 2: (socket.AF_INET6, 16)}
    for code, value in _options(walk, at + 8, at + length - 4):
        family, size = families.get(code, (None, 0))
        if family is None or len(value) <= size:
            continue
        host = socket.inet_ntop(family, value[:size])
        name = value[size:].split(b"\0")[0].decode(errors="replace")
        walk.names.setdefault(host, name)


READERS: dict[int, Callable[[Walk, int, int], None]] = {
    INTERFACE: _interface,
    OLD_PACKET: _old,
    SIMPLE_PACKET: _simple,
    NAMES: _names,
    RING_BLOCK: _ring,
}
