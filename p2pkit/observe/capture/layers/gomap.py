# SPDX-License-Identifier: GPL-2.0-only
"""The maps of memberlist: the msgpack of 2011, before it knew bytes from text.

Keys are the fields of Go structs. A value is kept packed until a field takes it, for
only the field knows whether bytes are a name, an address or neither.
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any

import msgspec
from msgspec import Raw as Msgpack

from p2pkit.observe.capture.layers.keyed import KeyedField, KeyedPacket, TextField
from p2pkit.protocols.swim.raw import INCOMPLETE, end_of, give, take


class Incomplete(ValueError):
    """The message goes on in bytes that are not there (yet)."""


class Value(KeyedField):
    """A number, a truth or a byte string, in the msgpack of 2011."""

    def from_wire(self, value: Msgpack) -> Any:
        """Return the value; nil is None, and so not there."""
        data = bytes(value)
        is_string = 0xA0 <= data[0] < 0xC0 or data[0] in b"\xc4\xc5\xc6\xd9\xda\xdb"
        return take(value, len(data)) if is_string else msgspec.msgpack.decode(data)

    def to_wire(self, value: Any) -> Msgpack:
        """Return the value in msgpack."""
        if isinstance(value, bytes):
            return give(value)
        return Msgpack(msgspec.msgpack.encode(value))


class Text(Value, TextField):
    """A byte string that is mostly readable, such as a member's name."""


class Host(Value):
    """An address of four or sixteen bytes, shown as people write it."""

    def from_wire(self, value: Msgpack) -> Any:
        """Return the address as text; bytes of another length as they are."""
        data = super().from_wire(value)
        return str(ip_address(data)) if data and len(data) in (4, 16) else data

    def to_wire(self, value: Any) -> Msgpack:
        """Return the address as four or sixteen bytes."""
        packed = ip_address(value).packed if isinstance(value, str) else value
        return super().to_wire(packed)


class GoMap(KeyedPacket):
    """Base of packets that hold one map."""

    @classmethod
    def unpack(cls, data: bytes) -> tuple[dict[str, Any], bytes]:
        """Return the map that `data` begins with, its values still packed.

        Raises
        ------
        Incomplete
            If it does not end there.
        RemoteProtocolError, msgspec.MsgspecError
            If it is no map of memberlist's.
        """
        end = end_of(data)
        if end == INCOMPLETE:
            sentence = "the map does not end here"
            raise Incomplete(sentence)
        found = msgspec.msgpack.decode(data[:end], type=dict[str, Msgpack])
        return found, data[end:]

    @classmethod
    def pack(cls, values: dict[str, Any]) -> bytes:
        """Return the map, its keys in the order of the fields."""
        return msgspec.msgpack.encode(values)
