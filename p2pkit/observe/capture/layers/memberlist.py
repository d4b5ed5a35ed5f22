# SPDX-License-Identifier: GPL-2.0-only
# scapy.contrib.description = memberlist, the SWIM of HashiCorp's serf and Consul
# scapy.contrib.status = loads
r"""memberlist for scapy: a type byte, then a map whose keys are Go's field names.

Datagrams may be wrapped: a label, then a checksum, then a compression, then a compound
of several messages. On a stream a push/pull is a header, one map for each member, and
bytes of the application. Encrypted messages are named and not opened.

>>> MemberlistPing(SeqNo=1, Node="n07").build()
b'\x00\x82\xa5SeqNo\x01\xa4Node\xa3n07'
>>> Memberlist(_).Node
b'n07'
"""

from __future__ import annotations

import zlib
from typing import Any, ClassVar

from scapy.fields import (
    ByteEnumField,
    FieldLenField,
    FieldListField,
    PacketListField,
    ShortField,
    StrLenField,
    XIntField,
)
from scapy.packet import Packet, Padding, Raw

from p2pkit.observe.capture.layers.gomap import GoMap, Host, Incomplete, Text, Value
from p2pkit.observe.capture.layers.keyed import KeyedField, keyed
from p2pkit.observe.capture.layers.stream import StreamLayer
from p2pkit.protocols.swim.lzw import expand

TYPES = {
    0: "ping", 1: "indirectPing", 2: "ackResp", 3: "suspect", 4: "alive", 5: "dead",
    6: "pushPull", 7: "compound", 8: "user", 9: "compress", 10: "encrypt",
    11: "nackResp", 12: "hasCrc", 13: "err", 244: "hasLabel",
}  # fmt: skip
STATES = {0: "alive", 1: "suspect", 2: "dead", 3: "left"}
MAX_EXPANDED_BYTES = 2 << 20
"""What a compressed message may come to, as in the kit's own codec."""


class Memberlist(StreamLayer):
    """Any message; given bytes, it becomes the class that their first one names."""

    name = "memberlist"
    fields_desc = [ByteEnumField("MessageType", 0, TYPES)]
    kinds: ClassVar[dict[int, type[Packet]]] = {}

    @classmethod
    def dispatch_hook(cls, _pkt: bytes = b"", *args: Any, **kargs: Any) -> type[Packet]:
        """Return the class for the first byte."""
        return cls.kinds.get(_pkt[0], cls) if _pkt else cls

    def mysummary(self) -> str:
        """Say which message it is."""
        return f"memberlist {TYPES.get(self.MessageType, self.MessageType)}"

    @classmethod
    def message_bytes(cls, data: bytes) -> int:
        """Read the message, which has an end but no length."""
        try:
            found = cls(data) if data else None
        except Incomplete:
            return 0
        rest = found.getlayer(Padding) if found else None
        return len(data) - (len(rest.load) if rest else 0)


class Message(GoMap):
    """Base of messages that are a type byte and a map."""

    number: ClassVar[int]

    def mysummary(self) -> str:
        """Say which message it is, and about whom."""
        name = (getattr(self, "Node", None) or b"").decode(errors="replace")
        return f"memberlist {TYPES[self.number]} {name}".strip()

    def hashret(self) -> bytes:
        """Return the number of a probe, which its ack repeats."""
        return str(getattr(self, "SeqNo", "")).encode()

    def answers(self, other: Packet) -> int:
        """Say whether this is the ack or nack of a probe, or a table for a table."""
        if isinstance(self, MemberlistPushPull):
            return int(isinstance(other, MemberlistPushPull))
        is_probe = isinstance(other, MemberlistPing | MemberlistIndirectPing)
        is_answer = isinstance(self, MemberlistAckResp | MemberlistNackResp)
        return int(is_probe and is_answer and self.SeqNo == other.SeqNo)


def _message(number: int, *fields: KeyedField) -> list[Any]:
    return [ByteEnumField("MessageType", number, TYPES), *keyed(*fields)]


SOURCE = Host("SourceAddr"), Value("SourcePort"), Text("SourceNode")


class MemberlistPing(Message):
    """A probe; the source is told since memberlist 0.2.4."""

    name, number = "memberlist ping", 0
    fields_desc = _message(0, Value("SeqNo", 0), Text("Node"), *SOURCE)


class MemberlistIndirectPing(Message):
    """Ask somebody else for me."""

    name, number = "memberlist indirectPing", 1
    fields_desc = _message(
        1, Value("SeqNo", 0), Host("Target"), Value("Port"), Text("Node"),
        Value("Nack"), *SOURCE,
    )  # fmt: skip


class MemberlistAckResp(Message):
    """I am there."""

    name, number = "memberlist ackResp", 2
    fields_desc = _message(2, Value("SeqNo", 0), Value("Payload"))


class MemberlistSuspect(Message):
    """It did not answer me."""

    name, number = "memberlist suspect", 3
    fields_desc = _message(3, Value("Incarnation", 0), Text("Node"), Text("From"))


class MemberlistAlive(Message):
    """It is there, and this is where."""

    name, number = "memberlist alive", 4
    fields_desc = _message(
        4, Value("Incarnation", 0), Text("Node"), Host("Addr"), Value("Port"),
        Value("Meta"), Value("Vsn"),
    )  # fmt: skip


class MemberlistDead(Message):
    """It is gone, or says goodbye."""

    name, number = "memberlist dead", 5
    fields_desc = _message(5, Value("Incarnation", 0), Text("Node"), Text("From"))


class MemberlistNackResp(Message):
    """I am there, and whom you asked me to probe is silent."""

    name, number = "memberlist nackResp", 11
    fields_desc = _message(11, Value("SeqNo", 0))


class MemberlistErrResp(Message):
    """Why a stream was not taken."""

    name, number = "memberlist err", 13
    fields_desc = _message(13, Text("Error"))


class MemberlistCompress(Message):
    """A whole message in LZW; `expanded` opens it."""

    name, number = "memberlist compress", 9
    fields_desc = _message(9, Value("Algo", 0), Value("Buf"))

    def expanded(self) -> Packet:
        """Return the message inside.

        Raises
        ------
        RemoteProtocolError
            If it is no LZW, or stands for more than 2 MiB.
        """
        return Memberlist(expand(self.Buf, MAX_EXPANDED_BYTES))


class MemberlistUser(Memberlist):
    """What the application above says to its like."""

    name = "memberlist user"
    fields_desc = [ByteEnumField("MessageType", 8, TYPES)]


class MemberlistEncrypt(Memberlist):
    """A message that only who has the key can read."""

    name = "memberlist encrypt"
    fields_desc = [ByteEnumField("MessageType", 10, TYPES)]


class Wrapper(Packet):
    """Base of what stands around a message."""

    def default_payload_class(self, payload: bytes) -> type[Packet]:
        """Return what is inside: a message."""
        return Memberlist

    def answers(self, other: Packet) -> int:
        """Say whether what is inside answers `other`, whatever is around that."""
        inside = other.payload if isinstance(other, Wrapper) else other
        return self.payload.answers(inside)


class MemberlistCrc(Wrapper):
    """A checksum before the message: CRC-32 of all that follows."""

    name = "memberlist hasCrc"
    fields_desc = [ByteEnumField("MessageType", 12, TYPES), XIntField("Crc", None)]

    def post_build(self, pkt: bytes, pay: bytes) -> bytes:
        """Write the checksum, if none was given."""
        if self.Crc is None:
            pkt = pkt[:1] + zlib.crc32(pay).to_bytes(4, "big")
        return pkt + pay


class MemberlistLabel(Wrapper):
    """The name of a cluster before the message, so that two do not mix."""

    name = "memberlist hasLabel"
    fields_desc = [
        ByteEnumField("MessageType", 244, TYPES),
        FieldLenField("LabelLen", None, length_of="Label", fmt="B"),
        StrLenField("Label", b"", length_from=lambda packet: packet.LabelLen),
    ]


class Parts(PacketListField):
    """The messages of a compound, each as long as `Lengths` says."""

    def getfield(self, pkt: Any, s: bytes) -> tuple[bytes, list[Any]]:
        """Cut the messages off; one that does not decode is `Raw`."""
        parts: list[Packet] = []
        for length in pkt.Lengths:
            part, s = s[:length], s[length:]
            try:
                parts.append(Memberlist(part, _internal=1) if part else Raw())
            except Exception:  # noqa: BLE001  # scapy's own rule: what fails is Raw
                parts.append(Raw(part))
        return s, parts


class Lengths(FieldListField):
    """How long each message of a compound is; counted where nobody said."""

    def addfield(self, pkt: Any, s: bytes, val: Any) -> bytes:
        """Append two bytes for each."""
        return super().addfield(pkt, s, val or [len(one) for one in pkt.Messages])


class MemberlistCompound(Packet):
    """Several messages in one datagram: claims ride on probes."""

    name = "memberlist compound"
    fields_desc = [
        ByteEnumField("MessageType", 7, TYPES),
        FieldLenField("Num", None, count_of="Messages", fmt="B"),
        Lengths("Lengths", [], ShortField("", 0), count_from=lambda packet: packet.Num),
        Parts("Messages", [], Memberlist),
    ]

    def extract_padding(self, s: bytes) -> tuple[bytes, bytes | None]:
        """Say that nothing that belongs to it follows."""
        return b"", s

    def mysummary(self) -> str:
        """Say what is in it."""
        inside = [one.mysummary() for one in self.Messages]
        return f"memberlist compound of {len(inside)}: " + ", ".join(map(str, inside))


class PushNodeState(GoMap):
    """One member in a push/pull."""

    name = "memberlist pushNodeState"
    fields_desc = keyed(
        Text("Name"), Host("Addr"), Value("Port"), Value("Meta"),
        Value("Incarnation"), Value("State"), Value("Vsn"),
    )  # fmt: skip


class NodeStates(PacketListField):
    """The members of a push/pull, as many as its header says."""

    def getfield(self, pkt: Any, s: bytes) -> tuple[bytes, list[Any]]:
        """Read one after the other.

        Raises
        ------
        Incomplete
            If the last ones are not there.
        """
        states: list[Packet] = []
        for _ in range(pkt.Nodes or 0):
            one = PushNodeState(s, _internal=1)
            s = bytes(one.payload)
            one.remove_payload()
            states.append(one)
        return s, states


class UserState(StrLenField):
    """What the application adds to a push/pull."""

    def getfield(self, pkt: Any, s: bytes) -> tuple[bytes, bytes]:
        """Take as many bytes as the header says."""
        if len(s) < (pkt.UserStateLen or 0):
            sentence = "the state of the application does not end here"
            raise Incomplete(sentence)
        rest, value = super().getfield(pkt, s)
        return rest, value


class MemberlistPushPull(Message):
    """All that one member believes; answered with the same."""

    name, number = "memberlist pushPull", 6
    fields_desc = [
        *_message(
            6,
            Value("Nodes", auto=lambda packet: len(packet.States)),
            Value("UserStateLen", auto=lambda packet: len(packet.UserState)),
            Value("Join"),
        ),
        NodeStates("States", [], PushNodeState),
        UserState("UserState", b"", length_from=lambda one: one.UserStateLen or 0),
    ]

    def mysummary(self) -> str:
        """Say how many members are in it."""
        return f"memberlist pushPull of {len(self.States)} members"


Memberlist.kinds = {
    0: MemberlistPing,
    1: MemberlistIndirectPing,
    2: MemberlistAckResp,
    3: MemberlistSuspect,
    4: MemberlistAlive,
    5: MemberlistDead,
    6: MemberlistPushPull,
    7: MemberlistCompound,
    8: MemberlistUser,
    9: MemberlistCompress,
    10: MemberlistEncrypt,
    11: MemberlistNackResp,
    12: MemberlistCrc,
    13: MemberlistErrResp,
    244: MemberlistLabel,
}
