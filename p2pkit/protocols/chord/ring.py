"""The ring: ids in a circle, intervals on it, and who may stand where.

What it shows: everything in Chord is a question about the clockwise way from one id
to another, so the wrap-around at zero is written once, here, and nowhere else.
Source: I. Stoica et al., "Chord", IEEE/ACM Transactions on Networking 2003, 4.2.
Read next: ``fingers.py``, ``successors.py``, ``lookup.py``, ``node.py``.
"""

from __future__ import annotations

import hashlib
import ipaddress
from functools import lru_cache

from p2pkit.core import Address, Contact, LocalProtocolError, RemoteProtocolError, Rng
from p2pkit.protocols.chord.config import ChordConfig


class Ring:
    """A circle of ``2 ** id_bits`` ids, counted clockwise.

    Examples
    --------
    >>> ring = Ring(4)
    >>> ring.gap(14, 1)
    3
    >>> ring.within(0, after=14, upto=1), ring.within(14, after=14, upto=1)
    (True, False)
    >>> ring.within(5, after=3, upto=3)  # once around, back to where it began
    True
    """

    __slots__ = ("id_bits", "mask", "size_bytes")

    def __init__(self, id_bits: int) -> None:
        self.id_bits = id_bits
        self.mask = (1 << id_bits) - 1
        self.size_bytes = (id_bits + 7) // 8

    def gap(self, start: int, end: int) -> int:
        """Return how far it is clockwise from `start` to `end`; 0 if they are one."""
        return (end - start) & self.mask

    def within(self, place: int, after: int, upto: int) -> bool:
        """Return whether `place` is in ``(after, upto]``; if those are one, all is."""
        mask = self.mask
        whole = (upto - after) & mask
        return not whole or 0 < (place - after) & mask <= whole

    def between(self, place: int, after: int, before: int) -> bool:
        """Return whether `place` is in ``(after, before)``, the ends left out."""
        return place != before and place != after and self.within(place, after, before)

    def key_of(self, key: int) -> int:
        """Return `key` if it is one.

        Raises
        ------
        LocalProtocolError
            If it is no number of this id space.
        """
        if not 0 <= key <= self.mask:
            reason = f"a key is a number from 0 to 2**{self.id_bits} - 1, not {key!r}"
            raise LocalProtocolError(reason)
        return int(key)

    def key_for(self, value: bytes) -> int:
        """Return the key a value has by itself: the first bits of its SHA-1."""
        return _first_bits(value, self.id_bits)

    def pack(self, number: int) -> bytes:
        """Return an id as it crosses the wire."""
        return int.to_bytes(number, self.size_bytes, "big")

    def unpack(self, raw: bytes) -> int:
        """Return the id in `raw`, or raise `RemoteProtocolError` if it is none."""
        number = int.from_bytes(raw, "big")
        if len(raw) != self.size_bytes or number > self.mask:
            reason = "id of the wrong size"
            raise RemoteProtocolError(reason)
        return number


@lru_cache(maxsize=1 << 16)
def positions_at(address: Address, count: int, id_bits: int) -> tuple[int, ...]:
    """Return the ids that belong to an address: hashes of it, and of its copies.

    The first is the SHA-1 of ``HOST:PORT``, the others of ``HOST:PORT/1``, ``/2`` ...,
    cut to their first `id_bits`. Whoever knows an address can check its ids, so a peer
    cannot choose where on the ring it stands without choosing its address. That does
    not stop those who have many addresses, or try many ports.

    Examples
    --------
    >>> [f"{one:02x}" for one in positions_at(("127.0.0.1", 6881), 2, 8)]
    ['f3', '0f']
    """
    name = f"{address[0]}:{address[1]}"
    names = [name, *(f"{name}/{number}" for number in range(1, count))]
    return tuple(_first_bits(one.encode(), id_bits) for one in names)


@lru_cache(maxsize=1 << 16)
def pack_host(host: str) -> bytes:
    """Return the 4 or 16 bytes of a numeric host."""
    return ipaddress.ip_address(host).packed


@lru_cache(maxsize=1 << 16)
def unpack_host(raw: bytes) -> str:
    """Return the host that 4 or 16 bytes stand for, or raise `RemoteProtocolError`."""
    if len(raw) not in (4, 16):
        reason = "contact whose host is no address"
        raise RemoteProtocolError(reason)
    return str(ipaddress.ip_address(raw))


def _first_bits(data: bytes, id_bits: int) -> int:
    digest = hashlib.sha1(data, usedforsecurity=False).digest()
    return int.from_bytes(digest, "big") >> (160 - id_bits)


def own_ids(me: Contact, rng: Rng, config: ChordConfig) -> list[int]:
    """Return the ids of a node's positions, its own id first.

    Raises
    ------
    LocalProtocolError
        If ids are hashed and its own does not belong to its address.
    """
    count, bits = config.virtual_nodes, config.id_bits
    if not config.hashed_ids:
        drawn = (rng.getrandbits(bits) for _ in range(1, count))
        return list(dict.fromkeys([me.id, *drawn]))
    found = positions_at(me.address, count, bits)
    if me.id != found[0]:
        reason = (
            f"the id of {me} is not the hash of its address, so no peer would take it: "
            "let Chord.choose_id make it, or set hashed_ids=False in the whole ring"
        )
        raise LocalProtocolError(reason)
    return list(dict.fromkeys(found))
