# SPDX-License-Identifier: GPL-2.0-only
# scapy.contrib.description = KRPC, the messages of BitTorrent's Mainline DHT
# scapy.contrib.status = loads
"""KRPC: bencoded dictionaries in datagrams, for scapy.

Fields are called as in the specifications: `t`, `y`, `q`, `a`, `r` and `e` in BEP 5,
`v` and `ip` in BEP 5 and 42, `ro` in BEP 43, and within `a` and `r` those of BEP 5, 32,
33, 44 and 51. Bencoding is strict here, as it is in the kit: what is not exactly one
dictionary in canonical form stays `Raw`.

>>> KRPC(y="q", q="ping", t="aa", a={"id": 7}).build()[:12]
b'd1:ad2:id20:'
"""

from __future__ import annotations

from typing import Any

from scapy.fields import IP6Field, IPField, ShortField, XStrFixedLenField
from scapy.packet import Packet, Raw

from p2pkit.core.bencode import bdecode, bencode
from p2pkit.observe.capture.layers.keyed import (
    HexField,
    KeyedField,
    KeyedPacket,
    TextField,
    keyed,
)


class CompactNode(Packet):
    """A contact: 20 bytes of id, host, port (BEP 5, "Contact Encoding")."""

    name = "compact node"
    fields_desc = [
        XStrFixedLenField("id", bytes(20), 20),
        IPField("ip", "0.0.0.0"),
        ShortField("port", 0),
    ]


class CompactNode6(Packet):
    """A contact on IPv6 (BEP 32)."""

    name = "compact node 6"
    fields_desc = [
        XStrFixedLenField("id", bytes(20), 20),
        IP6Field("ip", "::"),
        ShortField("port", 0),
    ]


class CompactPeer(Packet):
    """A peer of a torrent: host and port."""

    name = "compact peer"
    fields_desc = [IPField("ip", "0.0.0.0"), ShortField("port", 0)]


class CompactPeer6(Packet):
    """A peer of a torrent on IPv6."""

    name = "compact peer 6"
    fields_desc = [IP6Field("ip", "::"), ShortField("port", 0)]


class ContactsField(KeyedField):
    """Contacts in one string; what is left of a cut-off one is `Raw`."""

    __slots__ = ["kind", "size"]
    holds_packets = 1

    def __init__(self, name: str, kind: type[Packet], size: int) -> None:
        self.kind, self.size = kind, size
        super().__init__(name)

    def from_wire(self, value: Any) -> list[Packet]:
        """Return the contacts in a string."""
        whole = len(bytes(value)) // self.size * self.size
        starts = range(0, whole, self.size)
        found: list[Packet] = [
            self.kind(value[at : at + self.size], _internal=1) for at in starts
        ]
        return found + ([Raw(value[whole:])] if value[whole:] else [])

    def to_wire(self, value: list[Packet]) -> bytes:
        """Return contacts as one string."""
        return b"".join(map(bytes, value))


class PeersField(KeyedField):
    """Peers in a list of strings; one of an odd length is `Raw`."""

    holds_packets = 1

    def from_wire(self, value: Any) -> list[Packet]:
        """Return the peers in a list."""
        kinds = {6: CompactPeer, 18: CompactPeer6}
        return [kinds.get(len(one), Raw)(one) for one in value]

    def to_wire(self, value: list[Packet]) -> list[bytes]:
        """Return peers as strings."""
        return [bytes(one) for one in value]


class DictionaryField(KeyedField):
    """A dictionary inside a dictionary; a Python one is taken for it."""

    __slots__ = ["kind"]
    islist, holds_packets = 0, 1

    def __init__(self, name: str, kind: type[Packet]) -> None:
        self.kind = kind
        super().__init__(name)

    def any2i(self, pkt: Packet | None, x: Any) -> Any:
        """Take a Python dictionary for the packet it describes."""
        return self.kind(**x) if isinstance(x, dict) else x

    def from_wire(self, value: Any) -> Packet:
        """Return the packet of a dictionary."""
        return self.kind(bencode(value), _internal=1)

    def to_wire(self, value: Packet) -> Any:
        """Return the dictionary of a packet."""
        return bdecode(bytes(value))


class Dictionary(KeyedPacket):
    """Base of packets that are one bencoded dictionary."""

    @classmethod
    def unpack(cls, data: bytes) -> tuple[dict[str, Any], bytes]:
        """Return the dictionary that `data` is; keys as Latin-1, which loses nothing.

        Raises
        ------
        RemoteProtocolError, ValueError
            If it is anything else.
        """
        found = bdecode(data)
        if not isinstance(found, dict):
            sentence = "a bencoded value that is no dictionary is no KRPC message"
            raise ValueError(sentence)  # noqa: TRY004  # no caller's mistake: a peer's
        return {key.decode("latin-1"): value for key, value in found.items()}, b""

    @classmethod
    def pack(cls, values: dict[str, Any]) -> bytes:
        """Return the dictionary in bencoding, its keys sorted."""
        return bencode({key.encode("latin-1"): one for key, one in values.items()})


class KRPCArguments(Dictionary):
    """What a query says: the dictionary under `a`."""

    name = "KRPC arguments"
    fields_desc = keyed(
        HexField("id"),
        HexField("target"),
        HexField("info_hash"),
        KeyedField("want"),
        KeyedField("implied_port"),
        KeyedField("port"),
        HexField("token"),
        KeyedField("scrape"),
        KeyedField("noseed"),
        KeyedField("v"),
        HexField("k"),
        HexField("sig"),
        KeyedField("seq"),
        KeyedField("cas"),
        TextField("salt"),
    )


class KRPCReturn(Dictionary):
    """What an answer says: the dictionary under `r`."""

    name = "KRPC return values"
    fields_desc = keyed(
        HexField("id"),
        ContactsField("nodes", CompactNode, 26),
        ContactsField("nodes6", CompactNode6, 38),
        PeersField("values"),
        HexField("token"),
        KeyedField("v"),
        HexField("k"),
        HexField("sig"),
        KeyedField("seq"),
        KeyedField("interval"),
        KeyedField("num"),
        HexField("samples"),
        HexField("BFsd"),
        HexField("BFpe"),
    )


class KRPC(Dictionary):
    """One message of the DHT, which is one datagram."""

    name = "KRPC"
    fields_desc = keyed(
        TextField("t", b"aa"),
        TextField("y", b"q"),
        TextField("q"),
        DictionaryField("a", KRPCArguments),
        DictionaryField("r", KRPCReturn),
        KeyedField("e"),
        KeyedField("ro"),
        HexField("ip"),
        TextField("v"),
    )

    def hashret(self) -> bytes:
        """Return the transaction id, which an answer repeats."""
        return bytes(self.t or b"")

    def answers(self, other: Packet) -> int:
        """Say whether this is the answer to, or the error for, a query."""
        is_answer = isinstance(other, KRPC) and other.y == b"q" and self.y != b"q"
        return int(is_answer and self.t == other.t)

    def mysummary(self) -> str:
        """Say which message it is, and how much is in it."""
        if self.y == b"q":
            about = getattr(self.a, "target", None) or getattr(self.a, "info_hash", b"")
            words = ["KRPC query", _text(self.q), (about or b"").hex()[:8]]
            return " ".join(filter(None, [*words, f"t={_text(self.t)}"]))
        if self.y == b"e":
            return f"KRPC error {self.e} t={_text(self.t)}"
        held = [
            f"{len(values)} {what}"
            for what in ("nodes", "nodes6", "values")
            if (values := getattr(self.r, what, None)) is not None
        ]
        return f"KRPC reply {', '.join(held)} t={_text(self.t)}".replace("  ", " ")


def _text(value: bytes | None) -> str:
    shown = value or b""
    return shown.decode() if shown.isascii() else shown.hex()
