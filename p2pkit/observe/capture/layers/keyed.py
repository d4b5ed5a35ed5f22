# SPDX-License-Identifier: GPL-2.0-only
"""Packets that are maps: what is said under a name, and what is not there is None.

Bencoded dictionaries, memberlist's msgpack and the kit's own messages are all maps, and
scapy's fields stand one after another. Here the first field of a map reads and writes
the whole of it, and the others take what is theirs; so everything that scapy does with
fields (`show`, `copy`, comparing, changing one and building again) goes on as usual.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any, ClassVar

from scapy.fields import ConditionalField, Field
from scapy.packet import Packet
from scapy.volatile import RandBin, RandNum

EXTRA = "extra"
"""The field that takes what stands under no known name: a dictionary."""


class KeyedField(Field[Any, Any]):
    """One value of a map, as it is; None where the map does not have it.

    Parameters
    ----------
    name : str
        Of the field, and of the value in the map unless `key` says otherwise.
    default : object
        What a packet that is built has there.
    key : str, optional
        The name in the map.
    auto : callable, optional
        Works a value out of the packet when it is built and none was given.
    """

    __slots__ = ["auto", "key"]
    islist = 1  # a list is one value, and not one packet for each of its items

    def __init__(
        self,
        name: str,
        default: Any = None,
        key: str | None = None,
        auto: Callable[[Any], Any] | None = None,
    ) -> None:
        self.key = name if key is None else key
        self.auto = auto
        super().__init__(name, default, "s")

    def from_wire(self, value: Any) -> Any:
        """Return what the packet holds for a value of the map."""
        return value

    def to_wire(self, value: Any) -> Any:
        """Return the value that the map gets."""
        return value

    def i2repr(self, pkt: Packet | None, x: Any) -> str:
        """Return the value as Python writes it."""
        return repr(x)

    def do_copy(self, x: Any) -> Any:
        """Copy all of a value: a list may hold lists."""
        return copy.deepcopy(x)

    def randval(self) -> Any:
        """Return bytes of chance, for `fuzz`."""
        return RandBin(RandNum(0, 24))


class TextField(KeyedField):
    """A byte string that is mostly readable; text is taken as UTF-8."""

    def any2i(self, pkt: Packet | None, x: Any) -> Any:
        """Take text for its bytes."""
        return x.encode() if isinstance(x, str) else x


class HexField(TextField):
    """A byte string shown in hex; a number is taken for an id of 160 bits."""

    def any2i(self, pkt: Packet | None, x: Any) -> Any:
        """Take a number for its 20 bytes."""
        if isinstance(x, int):
            return x.to_bytes(20, "big")
        return super().any2i(pkt, x)

    def i2repr(self, pkt: Packet | None, x: Any) -> str:
        """Return the bytes in hex."""
        return x.hex() if isinstance(x, bytes) else repr(x)


class Keyed(ConditionalField):
    """The place of a keyed field among the fields of a packet."""

    fld: KeyedField

    def getfield(self, pkt: Any, s: bytes) -> tuple[bytes, Any]:
        """Take this field's value out of the map; the first one reads the map."""
        field = self.fld
        if pkt.keyed[0] is self:
            pkt.unread, s = pkt.unpack(s)
        if field.name == EXTRA:
            return s, pkt.unread or None
        if field.key not in pkt.unread:
            return s, None
        return s, field.from_wire(pkt.unread.pop(field.key))

    def addfield(self, pkt: Any, s: bytes, val: Any) -> bytes:
        """Append the whole map if this is its first field."""
        return s + pkt.pack(pkt.values_by_key()) if pkt.keyed[0] is self else s


def keyed(*fields: KeyedField) -> list[Any]:
    """Return fields of a map, and one for the rest, as `fields_desc` has them."""
    every = (*fields, KeyedField(EXTRA))
    return [Keyed(field, _holds(field.name)) for field in every]


def _holds(name: str) -> Callable[[Packet], bool]:
    return lambda packet: packet.getfieldval(name) is not None


class KeyedPacket(Packet):
    """A packet whose fields, or some of them, are a map.

    Attributes
    ----------
    keyed : list of Keyed
        Its keyed fields in order.
    unread : dict
        While it is dissected, the part of the map that no field has taken yet.
    """

    __slots__ = ["unread"]
    keyed: ClassVar[list[Keyed]] = []

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls.keyed = [field for field in cls.fields_desc if isinstance(field, Keyed)]

    @classmethod
    def unpack(cls, data: bytes) -> tuple[dict[str, Any], bytes]:
        """Return the map that `data` begins with, and what follows it."""
        raise NotImplementedError

    @classmethod
    def pack(cls, values: dict[str, Any]) -> bytes:
        """Return the bytes of a map."""
        raise NotImplementedError

    def values_by_key(self) -> dict[str, Any]:
        """Return the map as it goes on the wire."""
        values: dict[str, Any] = {}
        for field in self.keyed[:-1]:
            value = self.getfieldval(field.name)
            if value is None and field.auto is not None:
                value = field.auto(self)
            if value is not None:
                values[field.key] = field.to_wire(value)
        return values | (self.getfieldval(EXTRA) or {})

    def extract_padding(self, s: bytes) -> tuple[bytes, bytes | None]:
        """Say that what follows a map belongs to the next packet."""
        return b"", s

    # Scapy notices a change one level down; a contact in a list in an answer is
    # three. What a packet inside builds to tells of any change.
    def _raw_packet_cache_field_value(
        self, fld: Any, val: Any, copy: bool = False
    ) -> Any:
        if fld.holds_packets:
            return [bytes(one) for one in val] if fld.islist else bytes(val)
        if fld.islist or fld.ismutable:
            return fld.do_copy(val) if copy else val
        return None
