"""Pongs: who asks for servents is told of us, and of some that we have heard of.

In version 0.4 every Ping was flooded and every servent answered it: half of all
traffic. Since then a servent answers for others out of its host cache.
Source: RFC-Gnutella 0.6, section 2.2.1; C. Rohrs and V. Falco, "Pong caching" (2001).
"""

from __future__ import annotations

from p2pkit.core import Address, BothContext
from p2pkit.protocols.gnutella.host_cache import HostCache
from p2pkit.protocols.gnutella.library import Library
from p2pkit.protocols.gnutella.link import Link
from p2pkit.protocols.gnutella.messages import Ping, Pong


class Pongs:
    """Answers Pings, and learns from Pongs.

    Parameters
    ----------
    ctx, hosts, library
        The node's driver, whom it has heard of, and what it shares.
    """

    def __init__(self, ctx: BothContext, hosts: HostCache, library: Library) -> None:
        self.ctx, self.hosts, self.library = ctx, hosts, library

    def on_ping(self, link: Link, ping: Ping) -> None:
        """Answer for ourselves; a Ping that may go on, for some others as well."""
        files, kbytes = len(self.library), self.library.size_bytes // 1000
        me = self.ctx.me.address
        self.ctx.send_stream(link.stream, _pong(ping, me, 0, files, kbytes))
        if ping.ttl > 1:
            for address in self.hosts.newest():
                self.ctx.send_stream(link.stream, _pong(ping, address, 1, 0, 0))

    def on_pong(self, link: Link, pong: Pong) -> None:
        """Remember a servent."""
        self.hosts.add(pong.address)


def _pong(ping: Ping, address: Address, hops: int, files: int, kbytes: int) -> Pong:
    return Pong(
        guid=ping.guid, ttl=ping.hops + 1, hops=hops, address=address, files=files,
        kbytes=kbytes,
    )  # fmt: skip
