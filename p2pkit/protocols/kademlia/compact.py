"""Compact form: contacts and addresses as 26, 38, 6 and 18 bytes.

A contact is its 20-byte id, its host and its port in network order; the same few
contacts come by in every reply, so both directions remember what they made last.
Source: BEP 5 "Contact Encoding"; BEP 32 for IPv6.
"""

from __future__ import annotations

import struct
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address

from p2pkit.core import Address, Contact

NODE_BYTES, NODE6_BYTES = 26, 38
_PORT = struct.Struct("!H")


def id_bytes(node_id: int) -> bytes:
    """Return the 20 bytes of an id."""
    return node_id.to_bytes(20, "big")


@lru_cache(maxsize=1 << 14)
def pack_address(address: Address) -> bytes:
    """Return 6 bytes for an IPv4 address, 18 for IPv6."""
    return ip_address(address[0]).packed + _PORT.pack(address[1])


@lru_cache(maxsize=1 << 14)
def unpack_address(raw: bytes) -> Address:
    """Return the address in 6 or 18 bytes."""
    make = IPv4Address if len(raw) == 6 else IPv6Address
    return str(make(raw[:-2])), _PORT.unpack(raw[-2:])[0]


@lru_cache(maxsize=1 << 14)
def pack_node(contact: Contact) -> bytes:
    """Return 26 bytes for a contact on IPv4, 38 on IPv6."""
    return id_bytes(contact.id) + pack_address(contact.address)


@lru_cache(maxsize=1 << 14)
def unpack_node(raw: bytes) -> Contact:
    """Return the contact in 26 or 38 bytes."""
    return Contact(int.from_bytes(raw[:20], "big"), unpack_address(raw[20:]))


def pieces(raw: bytes, size: int) -> list[bytes]:
    """Cut `raw` into pieces of `size` bytes; a rest that is shorter is left out."""
    return [raw[at : at + size] for at in range(0, len(raw) - size + 1, size)]
