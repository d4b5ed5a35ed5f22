"""Host cache: where else there are servents, as peers have said.

Addresses come from ``X-Try`` headers, from Pongs and from whoever links to us. Any of
them may be a lie. So the cache is small and forgets the oldest, one host has few places
in it, what none can be is passed over, and others are only told of servents that have
been linked to us: a lie spreads one link far.
Source: RFC-Gnutella 0.6, section 1.3.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from ipaddress import IPv4Address

from p2pkit.core import Address, Recent, Rng, format_address

MAX_HOSTS = 200
MAX_TRY = 10
"""Addresses in an ``X-Try`` header."""

DEFAULT_PORT = 6346
"""Where a servent listens that is named without a port."""


class HostCache:
    """The addresses that a servent might try, the newest last.

    Parameters
    ----------
    me : Address
        Our own, which is never kept.
    max_per_host : int
        Addresses of one host at most.
    limit : int
        Addresses heard of, and addresses confirmed, at most.
    """

    def __init__(
        self, me: Address, max_per_host: int = MAX_HOSTS, limit: int = MAX_HOSTS
    ) -> None:
        self.me, self.max_per_host = me, max_per_host
        self._heard: Recent[Address, None] = Recent(limit)
        self._confirmed: Recent[Address, None] = Recent(limit)

    def add(self, address: Address) -> None:
        """Keep an address that somebody has named."""
        if address == self.me or not is_possible(address):
            return
        if address in self._heard:
            del self._heard[address]
        elif sum(one[0] == address[0] for one in self._heard) >= self.max_per_host:
            return
        self._heard.put(address, None)

    def confirm(self, address: Address) -> None:
        """Note that a servent is there: it has been linked to us."""
        self.add(address)
        self._confirmed.pop(address, None)
        self._confirmed.put(address, None)

    def forget(self, address: Address) -> None:
        """Let an address go that did not answer."""
        self._heard.pop(address, None)
        self._confirmed.pop(address, None)

    def pick(self, rng: Rng, count: int, but: Collection[Address]) -> list[Address]:
        """Return up to `count` addresses at random, none of those in `but`."""
        able = [one for one in self._heard if one not in but]
        return rng.sample(able, min(count, len(able)))

    def newest(self, count: int = MAX_TRY) -> list[Address]:
        """Return the addresses confirmed last, for others to try."""
        return list(self._confirmed)[: -count - 1 : -1]

    def known(self) -> list[Address]:
        """Return every address, the newest first."""
        return list(self._heard)[::-1]

    def __len__(self) -> int:
        return len(self._heard)


def is_possible(address: Address) -> bool:
    """Whether a servent can listen there: a host of its own, and a port.

    Examples
    --------
    >>> is_possible(("127.0.0.9", 6346)), is_possible(("224.0.0.1", 6346))
    (True, False)
    """
    first = int(address[0].partition(".")[0])
    return 0 < first < 224 and 0 < address[1] < 65_536


def write_hosts(addresses: Iterable[Address]) -> str:
    """Return the value of a header that names servents."""
    return ",".join(format_address(address) for address in addresses)


def read_hosts(text: str, most: int = MAX_TRY) -> list[Address]:
    """Return the addresses of a header; what cannot be read is left out.

    Examples
    --------
    >>> read_hosts("127.0.0.2:6347 2003-05-21T20:00Z, nonsense,127.0.0.3:99999")
    [('127.0.0.2', 6347)]
    """
    found = (read_host(part) for part in text.split(",", most)[:most])
    return [address for address in found if address is not None]


def read_host(text: str) -> Address | None:
    """Return an address written as ``HOST:PORT`` or ``HOST``, or None."""
    host, colon, port = text.strip().partition(" ")[0].partition(":")
    port = port if colon else str(DEFAULT_PORT)
    if not (port.isascii() and port.isdigit() and 0 < int(port[:6]) <= 65_535):
        return None
    try:
        return str(IPv4Address(host)), int(port)
    except ValueError:
        return None
