# SPDX-License-Identifier: GPL-2.0-only
# scapy.contrib.description = p2pkit's own messages: msgpack, and frames of them
# scapy.contrib.status = loads
"""The kit's own messages for scapy: tagged msgpack, each field by its own name.

A protocol without a wire of its own speaks frozen structs in msgpack, so its packets
are made from these: the class `Tell` of a rumor becomes a packet `Tell` with its own
fields. On a stream each message follows its length, which is a `Frame`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, ClassVar

import msgspec
from scapy.fields import IntField
from scapy.packet import Packet

from p2pkit.core import Message
from p2pkit.observe.capture.layers.keyed import KeyedField, KeyedPacket, keyed
from p2pkit.observe.capture.layers.stream import StreamLayer

TAG = "type"
LENGTH_BYTES = 4
MAX_FRAME_BYTES = 1 << 24
"""Longest frame waited for: none of the kit's protocols comes near it."""


class KitMessage(KeyedPacket):
    """One message of the kit, of a class that is not known here."""

    name = "p2pkit message"
    fields_desc = keyed(KeyedField(TAG))
    kinds: ClassVar[dict[str, type[KitMessage]]] = {}

    @classmethod
    def dispatch_hook(cls, _pkt: bytes = b"", *args: Any, **kargs: Any) -> type[Packet]:
        """Return the packet class of the message in some bytes."""
        return cls.kinds.get(cls.unpack(_pkt)[0].get(TAG, ""), cls) if _pkt else cls

    @classmethod
    def unpack(cls, data: bytes) -> tuple[dict[str, Any], bytes]:
        """Return the map that `data` is.

        Raises
        ------
        ValueError, msgspec.MsgspecError
            If it is no msgpack, or no map from text.
        """
        return msgspec.msgpack.decode(data, type=dict[str, Any]), b""

    @classmethod
    def pack(cls, values: dict[str, Any]) -> bytes:
        """Return a map in msgpack, the tag first as the kit writes it."""
        return msgspec.msgpack.encode(values)

    def mysummary(self) -> str:
        """Say which message of which protocol it is."""
        return f"{self.name} {self.type}" if type(self) is KitMessage else self.name


class Frame(StreamLayer):
    """A message on a stream, after its length in four bytes."""

    name = "p2pkit frame"
    fields_desc = [IntField("length", None)]
    show_summary = False  # what it holds says it all
    message: ClassVar[type[Packet]] = KitMessage

    def default_payload_class(self, payload: bytes) -> type[Packet]:
        """Return what the frame holds."""
        return self.message

    def extract_padding(self, s: bytes) -> tuple[bytes, bytes | None]:
        """Say where the frame ends."""
        return s[: self.length], s[self.length :] or None

    def post_build(self, pkt: bytes, pay: bytes) -> bytes:
        """Write the length, if none was given."""
        length = pkt if self.length is not None else len(pay).to_bytes(4, "big")
        return length + pay

    @classmethod
    def message_bytes(cls, data: bytes) -> int:
        """Return the length and what it counts.

        Raises
        ------
        ValueError
            If it is more than any message has.
        """
        if len(data) < LENGTH_BYTES:
            return 0
        whole = LENGTH_BYTES + int.from_bytes(data[:LENGTH_BYTES], "big")
        if whole > MAX_FRAME_BYTES:
            sentence = f"no protocol of the kit sends a frame of {whole:,} bytes"
            raise ValueError(sentence)
        return whole


@lru_cache(maxsize=64)
def layers_for(protocol_name: str, *types: type[Message]) -> type[KitMessage]:
    """Return the layer of a protocol's messages, made once.

    Parameters
    ----------
    protocol_name : str
        What summaries call it.
    *types : type
        Its message classes; each becomes a packet class of the same name.
    """
    kinds = {one.__name__: _layer(protocol_name, one) for one in types}
    body: dict[str, Any] = {"kinds": kinds, "name": protocol_name}
    body |= {"__module__": __name__, "__doc__": f"A message of {protocol_name}."}
    # Scapy calls the hook of the very class, and none that is inherited.
    body["dispatch_hook"] = KitMessage.__dict__["dispatch_hook"]
    return type(f"{protocol_name}Message", (KitMessage,), body)


@lru_cache(maxsize=64)
def frame_of(message: type[KitMessage]) -> type[Frame]:
    """Return the layer of frames that hold one protocol's messages."""
    body: dict[str, Any] = {"message": message, "__module__": __name__}
    body["__doc__"] = f"A frame of {message.__name__}."
    return type(f"{message.__name__}Frame", (Frame,), body)


def _layer(protocol_name: str, kind: type[Message]) -> type[KitMessage]:
    fields = [
        KeyedField(_free(one.encode_name), key=one.encode_name)
        for one in msgspec.structs.fields(kind)
    ]
    body: dict[str, Any] = {
        "name": f"{protocol_name} {kind.__name__}",
        "fields_desc": keyed(KeyedField(TAG, kind.__name__), *fields),
        "__doc__": kind.__doc__,
        "__module__": __name__,
    }
    return type(kind.__name__, (KitMessage,), body)


def _free(name: str) -> str:
    """Return a name that scapy's packets do not use themselves, such as `payload_`."""
    return f"{name}_" if hasattr(Packet, name) else name
