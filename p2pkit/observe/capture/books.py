"""Books: what the lines of a ledger are made from.

Counters that nodes kept stand on one side, packets on the other.
Read first: ``ledger.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from p2pkit.core import Counters, Tally
from p2pkit.observe.capture import headers as h
from p2pkit.observe.capture.endpoints import host_of
from p2pkit.observe.capture.ledger import SAID, Ledger, Line
from p2pkit.observe.capture.messages import Messages
from p2pkit.observe.capture.note import Note
from p2pkit.observe.capture.records import Mask
from p2pkit.observe.snapshot import total

BEFORE, STREAMS, HEADERS, CONTROL, OTHERS = (
    "before the wire", "streams", "headers", "control", "others",
)  # fmt: skip
"""Groups of lines behind those of what was said."""

RECEIVING = ("receive buffer full", "receive error")
"""Reasons of losses at who receives: what was lost there was on the wire."""


def ledger(messages: Messages, note: Note | None = None) -> Ledger:
    """Return the bill of a capture.

    Parameters
    ----------
    messages : Messages
        What the packets show.
    note : Note, optional
        What nodes counted. Without it the bill begins with what packets show.
    """
    books = _Books(messages, note)
    lines = [
        *books.said(), *books.before(), *books.streams(), *books.headers(),
        *books.control(), *books.others(),
    ]  # fmt: skip
    wire = messages.reading.records.wire
    return Ledger(lines, len(wire), int(wire.sum()), books.by_type, books.doubts())


class _Books:
    def __init__(self, messages: Messages, note: Note | None) -> None:
        self.messages, self.reading = messages, messages.reading
        self.columns = columns = self.reading.headers
        self.is_udp, self.is_tcp = (columns.carried == one for one in (h.UDP, h.TCP))
        self.is_piece = np.zeros(len(columns), np.bool_)
        for whole in messages.wholes:
            self.is_piece[list(whole.packets)] = True
        self.has_data = self.is_udp | (self.is_tcp & (columns.payload_bytes > 0))
        self.has_data |= self.is_piece
        self.is_node = _nodes(messages, note)
        self.note = note
        counted = counted_between(note)
        self.anew = started_anew(note)
        self.is_counted = counted is not None
        dropped = {} if counted is None else counted.dropped
        self.lost = {why: n for why, n in dropped.items() if why not in RECEIVING}
        seen = self._seen()
        said = seen if counted is None else counted.sent
        self.by_type = {
            kind: (said.get(kind, Tally()), seen.get(kind, Tally()))
            for kind in dict.fromkeys([*said, *seen])
        }

    def _seen(self) -> dict[str, Tally]:
        """Return the messages of nodes by type, as the packets show them."""
        messages, found = self.messages, {}
        ours = self.is_node[messages.source]
        for code, kind in enumerate(messages.types.names):
            mine = ours & (messages.types.codes == code)
            if mine.any():
                payload = messages.payload_bytes[mine]
                found[kind] = Tally(len(payload), int(payload.sum()))
        return found

    def doubts(self) -> str:
        """Return why something may remain, as a phrase; empty if nothing should."""
        note = self.note
        lost = note.balance.lost if note is not None else 0
        damage = self.reading.records.damage
        return damage or (f"the capture lost {lost:,} packets" if lost else "")

    def said(self) -> list[Line]:
        """Return a line a type of message, the largest first."""
        why = "" if self.is_counted else "as packets show it, for nobody counted"
        tallies = [(kind, said) for kind, (said, _) in self.by_type.items()]
        tallies.sort(key=lambda one: -one[1].payload_bytes)
        return [
            Line(SAID, kind, one.messages, one.payload_bytes, why)
            for kind, one in tallies
        ]

    def before(self) -> list[Line]:
        """Return what became of messages before any of their bytes was on the wire."""
        said, sent = _sum(said for said, _ in self.by_type.values()), self._sent()
        count = sent.messages - said.messages
        size = sent.payload_bytes - said.payload_bytes
        reasons = [f"{why}: {n:,}" for why, n in self.lost.items()]
        # Nodes count what faults swallow; what is beyond that, faults have doubled.
        doubled = count + sum(self.lost.values())
        if doubled > 0 and not (self.messages.streams or self.anew):
            reasons.append(f"doubled: {doubled:,}")
        reasons += [f"{name} was started anew" for name in self.anew]
        why = ", ".join(reasons)
        return [Line(BEFORE, "lost, doubled or waiting", count, size, why)]

    def _sent(self) -> Tally:
        """Return what nodes gave to the wire.

        Of datagrams they counted that themselves, apart from what they said. Of
        streams nobody can: what was said may wait, and what is sent may have been said
        before the capture began. So there the packets are believed.
        """
        if self.note is None or not self.is_counted:
            return _sum(seen for _, seen in self.by_type.values())
        messages, balance = self.messages, self.note.balance
        mine = messages.is_stream & self.is_node[messages.source]
        return Tally(
            balance.sent + int(mine.sum()),
            balance.sent_bytes + int(messages.payload_bytes[mine].sum()),
        )

    def streams(self) -> list[Line]:
        """Return what streams need beside the messages that they carry."""
        messages = self.messages
        framed = messages.framing_bytes != 0
        ways = [way for stream in messages.streams for way in stream.ways.values()]
        sizes = {
            "sent again": [way.direction.again_bytes for way in ways],
            "no message, or a part of one": [way.unread_bytes for way in ways],
            "cut short by the capture": [way.direction.cut_bytes for way in ways],
        }
        lines = [
            Line(
                STREAMS,
                "framing",
                int(framed.sum()),
                int(messages.framing_bytes.sum()),
            )
        ]
        for what, found in sizes.items():
            lines.append(Line(STREAMS, what, sum(map(bool, found)), sum(found)))
        missing = [way.direction.missing_bytes for way in ways]
        why = f"{sum(missing):,} bytes of streams are in no packet of the file"
        return [*lines, Line(STREAMS, "lacking", sum(map(bool, missing)), 0, why)]

    def headers(self) -> list[Line]:
        """Return the headers of all packets that carry something."""
        columns, data = self.columns, self.has_data
        wholes = len(self.messages.wholes)
        pieces = int(self.is_piece.sum())
        why = f"{wholes:,} datagrams in {pieces:,} pieces" if wholes else ""
        found = [Line(HEADERS, "UDP of what was cut", wholes, wholes * 8, why)]
        for what, mask, layer in (
            ("UDP", self.is_udp, columns.transport_bytes),
            ("TCP", data & self.is_tcp, columns.transport_bytes),
            ("IP", data, columns.network_bytes),
            ("link", data, columns.link_bytes),
        ):
            found.append(Line(HEADERS, what, int(mask.sum()), int(layer[mask].sum())))
        return found

    def control(self) -> list[Line]:
        """Return the packets by which TCP speaks to itself."""
        flags, lines = self.columns.flags, []
        left = self.is_tcp & ~self.has_data
        for what, bits in (
            ("resets", h.RST), ("openings", h.SYN), ("endings", h.FIN),
            ("acknowledgments", 0),
        ):  # fmt: skip
            mask = left & ((flags & bits != 0) if bits else True)
            left = left & ~mask
            lines.append(self._whole(CONTROL, what, mask))
        return lines

    def others(self) -> list[Line]:
        """Return what no node said."""
        messages = self.messages
        payload = self.columns.payload_bytes
        source = self.reading.endpoints.source
        is_ours = np.zeros(len(self.columns), np.bool_)
        is_ours[messages.packet[~messages.is_apart]] = True  # what speaks a protocol
        strangers = self.is_udp & ~(is_ours & self.is_node[source])
        spoken = messages.is_apart & ~self.is_node[messages.source]
        lines = [
            Line(OTHERS, what, int(mask.sum()), int(sizes[mask].sum()))
            for what, mask, sizes in (
                ("datagrams of others", strangers, payload),
                (
                    "longer messages of others",
                    spoken,
                    messages.payload_bytes,
                ),
            )
        ]
        is_known = self.is_udp | self.is_tcp | self.is_piece
        for code, name in enumerate(self.reading.protocols.names):
            mask = ~is_known & (self.reading.protocols.codes == code)
            lines.append(self._whole(OTHERS, name, mask))
        return lines

    def _whole(self, group: str, what: str, mask: Mask) -> Line:
        wire = self.reading.records.wire
        return Line(group, what, int(mask.sum()), int(wire[mask].sum()))


def _nodes(messages: Messages, note: Note | None) -> Mask:
    """Return which endpoints are nodes that were asked: all, where nobody knows.

    Who opens a stream comes from a port of its own, so there the host decides.
    """
    ends = messages.reading.endpoints
    if note is None or not note.names:
        return np.ones(max(len(ends.texts), 1), np.bool_)
    listening = {note.names[name] for name in _asked(note)}
    hosts = {host_of(text) for text in listening}
    streams = {end for one in messages.streams for end in one.ends}
    found = [
        text in listening or (code in streams and address[0] in hosts)
        for code, (text, address) in enumerate(
            zip(ends.texts, ends.addresses, strict=True)
        )
    ]
    return np.array(found or [False])


def _asked(note: Note) -> list[str]:
    """Return the nodes whose counters are known."""
    unasked = set(note.balance.unasked)
    return [name for name in note.names if name not in unasked]


def counted_between(note: Note | None) -> Counters | None:
    """Return what nodes counted while the capture went on; None if nobody did."""
    if note is None or not note.after:
        return None
    return total(
        _since(note.before.get(name), note.after[name])
        for name in _asked(note)
        if name in note.after
    )


def started_anew(note: Note | None) -> list[str]:
    """Return the nodes whose counters began again at 0 meanwhile."""
    if note is None:
        return []
    pairs = ((name, note.before.get(name), after) for name, after in note.after.items())
    return [
        name
        for name, before, after in pairs
        if before is not None and _is_anew(before, after)
    ]


def _is_anew(before: Counters, after: Counters) -> bool:
    return any(
        after.sent.get(kind, Tally()).messages < tally.messages
        for kind, tally in before.sent.items()
    )


def _since(before: Counters | None, after: Counters) -> Counters:
    if before is None or _is_anew(before, after):
        return after
    return Counters(
        _tallies_since(before.sent, after.sent),
        _tallies_since(before.received, after.received),
        _counts_since(before.rejected, after.rejected),
        _counts_since(before.dropped, after.dropped),
        after.events - before.events,
    )


def _tallies_since(
    before: Mapping[str, Tally], after: Mapping[str, Tally]
) -> dict[str, Tally]:
    found = {}
    for kind, tally in after.items():
        old = before.get(kind, Tally())
        count = tally.messages - old.messages
        size = tally.payload_bytes - old.payload_bytes
        if count or size:
            found[kind] = Tally(count, size)
    return found


def _counts_since(
    before: Mapping[str, int], after: Mapping[str, int]
) -> dict[str, int]:
    since = {reason: number - before.get(reason, 0) for reason, number in after.items()}
    return {reason: number for reason, number in since.items() if number}


def _sum(tallies: Iterable[Tally]) -> Tally:
    whole = Tally()
    for one in tallies:
        whole.messages += one.messages
        whole.payload_bytes += one.payload_bytes
    return whole
