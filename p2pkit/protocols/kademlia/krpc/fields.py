"""Fields of KRPC dictionaries: one reader for each kind of value.

Each checks type, length and range, and raises `Refused` with a few fixed words.
Source: BEP 5 "Contact Encoding", BEP 44 for items, BEP 51 for samples.
"""

from __future__ import annotations

from typing import Any

from p2pkit.core import Address, Contact, RemoteProtocolError
from p2pkit.core.bencode import bencode
from p2pkit.protocols.kademlia import messages as m
from p2pkit.protocols.kademlia.compact import pieces, unpack_address, unpack_node
from p2pkit.protocols.kademlia.items import MAX_SALT_BYTES, MAX_VALUE_BYTES, Item

Fields = dict[bytes, Any]


class Refused(RemoteProtocolError):
    """A field breaks a rule; `code` is the error its sender gets."""

    def __init__(self, reason: str, code: int = m.PROTOCOL) -> None:
        super().__init__(reason)
        self.code = code


def read_contacts(r: Fields, key: bytes, size: int) -> tuple[Contact, ...]:
    """Return the contacts in a string of `size` bytes each."""
    raw = read_bytes(r, key, b"")
    if len(raw) % size:
        raise Refused("cut-off contact")
    return tuple([unpack_node(one) for one in pieces(raw, size)])


def read_peers(r: Fields) -> tuple[Address, ...]:
    """Return the peers in a list of strings; those of odd lengths are left out."""
    values = r[b"values"]
    if type(values) is not list:
        raise Refused("peers are no list")
    sized = (raw for raw in values if type(raw) is bytes and len(raw) in (6, 18))
    return tuple(unpack_address(raw) for raw in sized)


def read_sample(r: Fields) -> m.Sample:
    """Return the sample in a reply."""
    raw = read_bytes(r, b"samples")
    if len(raw) % 20:
        raise Refused("cut-off infohash")
    infohashes = tuple(int.from_bytes(one, "big") for one in pieces(raw, 20))
    return m.Sample(
        read_number(r, b"interval", 0), read_number(r, b"num", 0), infohashes
    )


def read_item(fields: Fields) -> Item:
    """Return the item in a put or in a reply; its signature is not checked here."""
    encoded = bencode(fields[b"v"])
    if len(encoded) > MAX_VALUE_BYTES:
        raise Refused("value too big", m.TOO_BIG)
    if b"k" not in fields:
        return Item(encoded)
    public, signature = read_bytes(fields, b"k"), read_bytes(fields, b"sig")
    salt = read_bytes(fields, b"salt", b"")
    if len(public) != 32 or len(signature) != 64:
        raise Refused("key or signature of wrong length")
    if len(salt) > MAX_SALT_BYTES:
        raise Refused("salt too big", m.SALT_TOO_BIG)
    return Item(encoded, public, signature, salt, read_number(fields, b"seq"))


def read_dictionary(whole: Fields, key: bytes) -> Fields:
    """Return the dictionary under `key`."""
    fields = whole.get(key)
    if type(fields) is not dict:
        raise Refused("no arguments")
    return fields


def read_id(fields: Fields, key: bytes) -> int:
    """Return the id of 20 bytes under `key`."""
    raw = fields.get(key)
    if type(raw) is not bytes or len(raw) != 20:
        raise Refused("no id of 20 bytes")
    return int.from_bytes(raw, "big")


def read_bytes(fields: Fields, key: bytes, default: bytes | None = None) -> bytes:
    """Return the string under `key`."""
    raw = fields.get(key, default)
    if type(raw) is not bytes:
        raise Refused("a field is missing or no string")
    return raw


def read_number(fields: Fields, key: bytes, default: int | None = None) -> int:
    """Return the number under `key`, which must fit 64 bits with sign."""
    number = fields.get(key, default)
    if type(number) is not int or not -(1 << 63) <= number < 1 << 63:
        raise Refused("a field is missing or no number")
    return number


def read_want(a: Fields) -> tuple[bytes, ...]:
    """Return which address families are wanted (BEP 32)."""
    want = a.get(b"want")
    if type(want) is not list:
        return ()
    return tuple([one for one in want[:4] if one in (b"n4", b"n6")])
