# SPDX-License-Identifier: GPL-2.0-only
# scapy.contrib.description = Gnutella 0.4 and 0.6, with query routing
# scapy.contrib.status = loads
r"""Gnutella for scapy: blocks of text first, then messages behind a header of 23 bytes.

Fields are called as in RFC-Gnutella 0.6. Numbers are little-endian, addresses in
network order. Which of the two a stream is at shows in the bytes: a length below 2**24
ends in a zero, and text has none. An answer to HTTP's HEAD announces a body that does
not come; the kit does not ask that way, and a stream that does waits for it here.

>>> (Gnutella(MessageID=bytes(16), TTL=1) / GnutellaPing()).build().hex()
'0000000000000000000000000000000000010000000000'
"""

from __future__ import annotations

from typing import Any, ClassVar

from scapy.config import conf
from scapy.fields import (
    ByteEnumField,
    ByteField,
    Field,
    FieldLenField,
    IPField,
    LEIntField,
    LenField,
    LEShortField,
    PacketListField,
    StrField,
    StrFixedLenField,
    StrLenField,
    StrNullField,
    XStrField,
    XStrFixedLenField,
)
from scapy.packet import Packet, bind_layers

from p2pkit.observe.capture.layers.stream import StreamLayer
from p2pkit.protocols.gnutella.text import BARE, OPENERS, end_of_head

HEADER_BYTES = 23
MAX_PAYLOAD_BYTES = 65_536
TYPES = {
    0x00: "Ping", 0x01: "Pong", 0x02: "Bye", 0x30: "QRP", 0x31: "Vendor",
    0x32: "StandardVendor", 0x40: "Push", 0x80: "Query", 0x81: "QueryHit",
}  # fmt: skip


class Gnutella(StreamLayer):
    """The header of a message; of bytes that are text, `GnutellaText`."""

    name = "Gnutella"
    fields_desc = [
        XStrFixedLenField("MessageID", bytes(16), 16),
        ByteEnumField("PayloadType", 0, TYPES),
        ByteField("TTL", 7),
        ByteField("Hops", 0),
        LenField("PayloadLength", None, fmt="<I"),
    ]

    @classmethod
    def dispatch_hook(cls, _pkt: bytes = b"", *args: Any, **kargs: Any) -> type[Packet]:
        """Return the class for some bytes: text, message, or neither."""
        if not _pkt or _pkt[HEADER_BYTES - 1 : HEADER_BYTES] == b"\0":
            return cls
        return GnutellaText if _pkt.startswith(OPENERS) else conf.raw_layer

    @classmethod
    def message_bytes(cls, data: bytes) -> int:
        """Return the length of the block of text, or of header and payload.

        Raises
        ------
        ValueError
            If it is longer than anything that servents send.
        """
        if data.startswith(OPENERS) and data[HEADER_BYTES - 1 : HEADER_BYTES] != b"\0":
            head = end_of_head(data)
            return 0 if head < 0 else head + body_bytes(GnutellaText(data[:head]))
        if len(data) < HEADER_BYTES:
            return 0
        length = int.from_bytes(data[HEADER_BYTES - 4 : HEADER_BYTES], "little")
        if length > MAX_PAYLOAD_BYTES:
            sentence = f"no servent sends a payload of {length:,} bytes"
            raise ValueError(sentence)
        return HEADER_BYTES + length

    def extract_padding(self, s: bytes) -> tuple[bytes, bytes | None]:
        """Say where the message ends."""
        return s[: self.PayloadLength], s[self.PayloadLength :] or None

    def hashret(self) -> bytes:
        """Return the id of a question, which its answers carry too."""
        return bytes(self.MessageID)

    def answers(self, other: Packet) -> int:
        """Say whether this is a pong for a ping, or a hit for a query."""
        pairs = {(0x00, 0x01), (0x80, 0x81)}
        is_pair = (
            isinstance(other, Gnutella)
            and (other.PayloadType, self.PayloadType) in pairs
        )
        return int(is_pair and self.MessageID == other.MessageID)

    def mysummary(self) -> str:
        """Say which message it is, and how far it has come."""
        kind = TYPES.get(self.PayloadType, hex(self.PayloadType))
        return f"Gnutella {kind} ttl={self.TTL} hops={self.Hops}"


class Payload(Packet):
    """Base of what follows the header."""

    show_summary = False  # the header's line says it all

    def extract_padding(self, s: bytes) -> tuple[bytes, bytes | None]:
        """Say that nothing that belongs to it follows."""
        return b"", s


class GnutellaPing(Payload):
    """Somebody asks who is there."""

    name = "Gnutella Ping"
    fields_desc = [XStrField("GGEP", b"")]


class GnutellaPong(Payload):
    """Somebody is, and shares this much."""

    name = "Gnutella Pong"
    fields_desc = [
        LEShortField("Port", 0),
        IPField("IPAddress", "0.0.0.0"),
        LEIntField("SharedFiles", 0),
        LEIntField("SharedKilobytes", 0),
        XStrField("GGEP", b""),
    ]


class GnutellaBye(Payload):
    """Somebody leaves, and says why."""

    name = "Gnutella Bye"
    fields_desc = [LEShortField("Code", 200), StrNullField("Description", b"")]


class GnutellaPush(Payload):
    """Somebody asks to be connected to, for it cannot connect itself."""

    name = "Gnutella Push"
    fields_desc = [
        XStrFixedLenField("ServentID", bytes(16), 16),
        LEIntField("FileIndex", 0),
        IPField("IPAddress", "0.0.0.0"),
        LEShortField("Port", 0),
        XStrField("GGEP", b""),
    ]


class GnutellaQuery(Payload):
    """Somebody asks for files with these words in their names."""

    name = "Gnutella Query"
    fields_desc = [
        LEShortField("MinimumSpeed", 0x8000),
        StrNullField("SearchCriteria", b""),
        StrField("Extensions", b""),
    ]


class GnutellaResult(Packet):
    """One file of a hit."""

    name = "Gnutella result"
    fields_desc = [
        LEIntField("FileIndex", 0),
        LEIntField("FileSize", 0),
        StrNullField("SharedFileName", b""),
        StrNullField("Extensions", b""),
    ]

    def extract_padding(self, s: bytes) -> tuple[bytes, bytes | None]:
        """Say that the next file follows."""
        return b"", s


class Trailer(XStrField):
    """What stands between the files of a hit and the servent's id."""

    def getfield(self, pkt: Any, s: bytes) -> tuple[bytes, bytes]:
        """Take all but the last sixteen bytes."""
        return s[-16:], s[:-16]


class GnutellaQueryHit(Payload):
    """Somebody has such files."""

    name = "Gnutella QueryHit"
    fields_desc = [
        FieldLenField("NumberOfHits", None, count_of="ResultSet", fmt="B"),
        LEShortField("Port", 0),
        IPField("IPAddress", "0.0.0.0"),
        LEIntField("Speed", 0),
        PacketListField(
            "ResultSet", [], GnutellaResult, count_from=lambda one: one.NumberOfHits
        ),
        Trailer("Trailer", b""),
        XStrFixedLenField("ServentID", bytes(16), 16),
    ]


class GnutellaRouteTable(Payload):
    """Query routing: the first byte tells a reset from a patch."""

    name = "Gnutella route table"
    fields_desc = [ByteField("Variant", 0)]

    @classmethod
    def dispatch_hook(cls, _pkt: bytes = b"", *args: Any, **kargs: Any) -> type[Packet]:
        """Return the class for the first byte."""
        kinds = {0: GnutellaRouteReset, 1: GnutellaRoutePatch}
        return kinds.get(_pkt[0], cls) if _pkt else cls


class GnutellaRouteReset(Payload):
    """A new table follows."""

    name = "Gnutella RESET"
    fields_desc = [
        ByteField("Variant", 0),
        LEIntField("TableLength", 65_536),
        ByteField("Infinity", 7),
    ]


class GnutellaRoutePatch(Payload):
    """One piece of a table."""

    name = "Gnutella PATCH"
    fields_desc = [
        ByteField("Variant", 1),
        ByteField("SeqNo", 1),
        ByteField("SeqSize", 1),
        ByteEnumField("Compressor", 1, {0: "none", 1: "deflate"}),
        ByteField("EntryBits", 4),
        XStrField("Data", b""),
    ]


class GnutellaVendor(Payload):
    """What one vendor's servents, or by agreement all, tell each other."""

    name = "Gnutella vendor message"
    fields_desc = [
        StrFixedLenField("VendorID", b"P2PK", 4),
        LEShortField("Selector", 0),
        LEShortField("Version", 1),
        XStrField("Data", b""),
    ]


class LineField(StrField):
    """A line, its end aside."""

    def getfield(self, pkt: Any, s: bytes) -> tuple[bytes, bytes]:
        """Take the line off."""
        line, _, rest = s.partition(b"\n")
        return rest, line.rstrip(b"\r")

    def addfield(self, pkt: Any, s: bytes, val: Any) -> bytes:
        """Append the line and its end."""
        return s + self.i2m(pkt, val) + _end_of_line(pkt)


class HeadersField(Field[Any, Any]):
    """The lines up to the empty one: pairs of name and value."""

    islist = 1

    def __init__(self, name: str) -> None:
        super().__init__(name, [], "s")

    def getfield(self, pkt: Any, s: bytes) -> tuple[bytes, list[tuple[bytes, bytes]]]:
        """Take the lines off."""
        pairs: list[tuple[bytes, bytes]] = []
        while s:
            line, _, s = s.partition(b"\n")
            if not line.strip():
                break
            name, _, value = line.rstrip(b"\r").partition(b": ")
            pairs.append((name, value))
        return s, pairs

    def addfield(self, pkt: Any, s: bytes, val: Any) -> bytes:
        """Append the lines and the empty one."""
        end = _end_of_line(pkt)
        lines = [b"%b: %b%b" % (*map(_bytes, pair), end) for pair in val or ()]
        return b"".join((s, *lines, end))


def _bytes(value: bytes | str) -> bytes:
    return value.encode() if isinstance(value, str) else value


def _end_of_line(pkt: Any) -> bytes:
    return b"\n" if pkt.StartLine.startswith(_BARE) else b"\r\n"


_BARE = tuple(line.encode() for line in BARE)


def body_bytes(text: Any) -> int:
    """Return how many bytes follow a block of text: only answers of HTTP have some."""
    if not text.StartLine.startswith(b"HTTP/"):
        return 0
    named = {_bytes(name).lower(): _bytes(value) for name, value in text.Headers}
    length = named.get(b"content-length", b"0").strip()
    return int(length) if length.isdigit() else 0


class GnutellaText(Packet):
    """A step of the handshake, or of fetching a file by HTTP."""

    name = "Gnutella text"
    fields_desc = [
        LineField("StartLine", b"GNUTELLA CONNECT/0.6"),
        HeadersField("Headers"),
        StrLenField("Body", b"", length_from=body_bytes),
    ]
    tcp_reassemble: ClassVar[Any] = Gnutella.tcp_reassemble  # a stream begins with it

    def extract_padding(self, s: bytes) -> tuple[bytes, bytes | None]:
        """Say that the next message follows."""
        return b"", s

    def hashret(self) -> bytes:
        """Return nothing: text on a stream answers what was said before it."""
        return b""

    def answers(self, other: Packet) -> int:
        """Say whether this follows on a block of text."""
        return int(isinstance(other, GnutellaText))

    def mysummary(self) -> str:
        """Say the first line."""
        return str(self.StartLine.decode(errors="replace"))


for _type, _class in (
    (0x00, GnutellaPing), (0x01, GnutellaPong), (0x02, GnutellaBye),
    (0x30, GnutellaRouteTable), (0x30, GnutellaRouteReset), (0x30, GnutellaRoutePatch),
    (0x32, GnutellaVendor), (0x31, GnutellaVendor), (0x40, GnutellaPush),
    (0x80, GnutellaQuery), (0x81, GnutellaQueryHit),
):  # fmt: skip
    bind_layers(Gnutella, _class, PayloadType=_type)
