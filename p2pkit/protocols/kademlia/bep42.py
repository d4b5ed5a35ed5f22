"""Ids made of addresses: why an attacker cannot choose where in the id space it sits.

The first 21 bits of an id must come from a hash of the node's address, so one address
has few places to be. Addresses of local networks are exempt.
Source: BEP 42. Its prose speaks of eight bytes under the hash; the published ids fit
only the CRC32C of the *four* masked bytes, so that is what counts.
"""

from __future__ import annotations

from functools import lru_cache
from ipaddress import ip_address

from p2pkit.core import Rng

_MASK4 = bytes.fromhex("030f3fff")
_MASK6 = bytes.fromhex("0103070f1f3f7fff")
_FIRST_BITS = 21


def _crc32c_table() -> list[int]:
    table = []
    for byte in range(256):
        crc = byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
        table.append(crc)
    return table


_TABLE = _crc32c_table()


def crc32c(data: bytes) -> int:
    """Return the Castagnoli CRC of `data`.

    Examples
    --------
    >>> hex(crc32c(b"123456789"))
    '0xe3069283'
    """
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ _TABLE[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


def id_prefix(host: str, r: int) -> int:
    """Return the 32 bits of which an id at `host` must repeat the first 21.

    Parameters
    ----------
    host : str
        A numeric IPv4 or IPv6 address.
    r : int
        The last byte of the id, of which 3 bits enter the hash.
    """
    return _prefix(host, r & 7)


@lru_cache(maxsize=1 << 15)
def _prefix(host: str, r: int) -> int:
    packed = ip_address(host).packed
    mask = _MASK4 if len(packed) == 4 else _MASK6
    masked = bytearray(a & b for a, b in zip(packed, mask, strict=False))
    masked[0] |= r << 5
    return crc32c(bytes(masked))


def make_id(host: str, rng: Rng) -> int:
    """Return a random id that fits `host`."""
    node_id = rng.getrandbits(160)
    free_bits = 160 - _FIRST_BITS
    first = id_prefix(host, node_id & 0xFF) >> (32 - _FIRST_BITS)
    return first << free_bits | node_id & ((1 << free_bits) - 1)


def is_local(host: str) -> bool:
    """Tell whether a host is exempt: its network is private, or this machine."""
    address = ip_address(host)
    return address.is_private or address.is_loopback or address.is_link_local


def fits(node_id: int, host: str, *, exempt: bool = True) -> bool:
    """Tell whether a node at `host` may have this id.

    Parameters
    ----------
    node_id : int
        The id.
    host : str
        A numeric IPv4 or IPv6 address.
    exempt : bool
        Whether local hosts may have any id, as the standard has it.
    """
    if exempt and is_local(host):
        return True
    first = id_prefix(host, node_id & 0xFF) >> (32 - _FIRST_BITS)
    return node_id >> (160 - _FIRST_BITS) == first
