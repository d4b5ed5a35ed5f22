"""Host cache: where else there are servents, as peers have said.

Addresses come from ``X-Try`` headers, from Pongs and from whoever links to us. Any of
them may be a lie, so the cache is small, forgets the oldest, and is only ever asked for
somebody to try. Source: RFC-Gnutella 0.6, section 1.3.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from ipaddress import IPv4Address

from p2pkit.core import Address, Recent, Rng, format_address

MAX_HOSTS = 200
MAX_TRY = 10
"""Addresses in an ``X-Try`` header."""


class HostCache:
    """The addresses that a servent might try, the newest last."""

    def __init__(self, me: Address, limit: int = MAX_HOSTS) -> None:
        self.me = me
        self._hosts: Recent[Address, None] = Recent(limit)

    def add(self, address: Address) -> None:
        """Keep an address; our own, and what none can be, is passed over."""
        if address != self.me and address[1] > 0:
            self._hosts.pop(address, None)
            self._hosts.put(address, None)

    def forget(self, address: Address) -> None:
        """Let an address go that did not answer."""
        self._hosts.pop(address, None)

    def pick(self, rng: Rng, count: int, but: Collection[Address]) -> list[Address]:
        """Return up to `count` addresses at random, none of those in `but`."""
        able = [one for one in self._hosts if one not in but]
        return rng.sample(able, min(count, len(able)))

    def newest(self, count: int = MAX_TRY) -> list[Address]:
        """Return the addresses heard of last."""
        return list(self._hosts)[: -count - 1 : -1]

    def __len__(self) -> int:
        return len(self._hosts)


def write_hosts(addresses: Iterable[Address]) -> str:
    """Return the value of a header that names servents."""
    return ",".join(format_address(address) for address in addresses)


def read_hosts(text: str) -> list[Address]:
    """Return the addresses of a header; what cannot be read is left out.

    Examples
    --------
    >>> read_hosts("127.0.0.2:6346, nonsense,127.0.0.3:99999")
    [('127.0.0.2', 6346)]
    """
    found = (read_host(part) for part in text.split(",")[:MAX_TRY])
    return [address for address in found if address is not None]


def read_host(text: str) -> Address | None:
    """Return an address written as ``HOST:PORT``, or None."""
    host, _, port = text.strip().partition(":")
    if not (port.isascii() and port.isdigit() and 0 < int(port[:6]) <= 65_535):
        return None
    try:
        return str(IPv4Address(host)), int(port)
    except ValueError:
        return None
