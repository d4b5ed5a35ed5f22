"""Hardened table and lookup: few places for one network, however many ids it has.

What it shows: ids cost an attacker nothing, addresses in many networks do. So a table
keeps at most `max_per_net` contacts of one /24, and so do the k nearest of a lookup:
a machine with a whole /24 and a thousand ids takes one place of k instead of all.
Differs from ``table.py``: a contact too many of its /24 is refused; whoever came first
stays, as in a bucket. Differs from ``lookup.py``: candidates too many of their /24 are
passed over while those before them have not failed, and soon forgotten.
Where it breaks: an attacker with k networks fills the k nearest all the same.
Source: libtorrent's ``restrict_routing_ips`` and ``restrict_search_ips``; aMule takes
2 of a /24 in a bin, 10 in all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from ipaddress import ip_address

from p2pkit.core import Contact
from p2pkit.protocols.kademlia.bucket import Place
from p2pkit.protocols.kademlia.config import KademliaConfig
from p2pkit.protocols.kademlia.lookup import Candidate, Lookup, State
from p2pkit.protocols.kademlia.table import RoutingTable

SPARES = 2  # candidates of one /24 kept beside those that count, if these fail


@lru_cache(maxsize=1 << 14)
def net_of(host: str) -> bytes:
    """Return what names the network of a host: 3 bytes of IPv4, 8 of IPv6.

    Examples
    --------
    >>> net_of("127.9.1.7") == net_of("127.9.1.8") != net_of("127.9.2.8")
    True
    """
    packed = ip_address(host).packed
    return packed[:3] if len(packed) == 4 else packed[:8]


class HardenedTable(RoutingTable):
    """A table with at most `max_per_net` contacts of one /24, waiting ones too."""

    def __init__(self, own: int, k: int, max_misses: int, max_per_net: int) -> None:
        super().__init__(own, k, max_misses)
        self.max_per_net = max_per_net

    def would_take(self, contact: Contact) -> bool:
        """Tell whether a peer would come in: its bucket, and its net, have room."""
        return super().would_take(contact) and self._net_has_room(contact)

    def heard(self, contact: Contact, now: float) -> Place:
        """Take note that a peer answered; refuse one too many of its net."""
        bucket = self.bucket(contact.id)
        known = contact.id in bucket.entries or contact.id in bucket.replacements
        if not known and not self._net_has_room(contact):
            return Place.REFUSED
        return super().heard(contact, now)

    def _net_has_room(self, contact: Contact) -> bool:
        net, found = net_of(contact.address[0]), 0
        for bucket in self.buckets:
            for entries in (bucket.entries, bucket.replacements):
                for entry in entries.values():
                    found += net_of(entry.contact.address[0]) == net
        return found < self.max_per_net


def thinned(candidates: Iterable[Candidate], max_per_net: int) -> list[Candidate]:
    """Return candidates in their order, but those too many of their net; 0 is all."""
    taken: Counter[bytes] = Counter()
    kept = []
    for candidate in candidates:
        net = net_of(candidate.contact.address[0]) if max_per_net else b""
        if not max_per_net or taken[net] < max_per_net:
            taken[net] += 1
            kept.append(candidate)
    return kept


class HardenedLookup(Lookup):
    """A walk that asks at most `max_per_net` of one /24 for each place in the end."""

    max_per_net = 1

    def _top(self) -> list[Candidate]:
        near = (self.candidates[gap] for gap in self.order)
        sound = (one for one in near if one.state is not State.FAILED)
        return thinned(sound, self.max_per_net)[: self.k]

    def _forget_farthest(self) -> None:
        kept: Counter[bytes] = Counter()
        for gap in list(self.order):
            candidate = self.candidates[gap]
            net = net_of(candidate.contact.address[0])
            kept[net] += candidate.state is not State.FAILED
            too_many = kept[net] > self.max_per_net + SPARES
            if too_many and candidate.state is State.HEARD:
                del self.candidates[gap]
                self.order.remove(gap)
        super()._forget_farthest()


def make_table(own: int, config: KademliaConfig) -> RoutingTable:
    """Return the table that the settings ask for."""
    k, max_misses = config.k, config.max_misses
    if config.max_per_net:
        return HardenedTable(own, k, max_misses, config.max_per_net)
    return RoutingTable(own, k, max_misses)


def make_path(
    target: int, own: Contact, k: int, alpha: int, config: KademliaConfig
) -> Lookup:
    """Return the lookup, along one path, that the settings ask for."""
    if not config.max_per_net:
        return Lookup(target, own, k, alpha)
    lookup = HardenedLookup(target, own, k, alpha)
    lookup.max_per_net = config.max_per_net
    return lookup
