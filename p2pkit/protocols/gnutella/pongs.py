"""Pongs: who asks for servents is told of us, and of some that were linked to us.

In version 0.4 every Ping was flooded and every servent answered it: half of all
traffic. Since then a servent answers for others out of its host cache. Pongs that
nobody asked for are refused, for they are how a cache is filled with lies.
Source: RFC-Gnutella 0.6, section 2.2.1; C. Rohrs and V. Falco, "Pong caching" (2001).
"""

from __future__ import annotations

from p2pkit.core import (
    Address,
    BothContext,
    Operation,
    RemoteProtocolError,
    RequestTimeout,
)
from p2pkit.protocols.gnutella.guid import new_guid
from p2pkit.protocols.gnutella.host_cache import MAX_TRY, HostCache
from p2pkit.protocols.gnutella.library import Library
from p2pkit.protocols.gnutella.link import Link
from p2pkit.protocols.gnutella.messages import Ping, Pong


class Pongs:
    """Answers Pings, sends some, and learns from Pongs.

    Parameters
    ----------
    ctx, hosts, library
        The node's driver, whom it has heard of, and what it shares.
    """

    def __init__(self, ctx: BothContext, hosts: HostCache, library: Library) -> None:
        self.ctx, self.hosts, self.library = ctx, hosts, library
        self._asked: dict[bytes, Operation[float]] = {}

    def ping(self, link: Link, ttl: int) -> bytes:
        """Ask a peer who is there: itself, and with a TTL of 2 whom it knows."""
        guid = new_guid(self.ctx.rng)
        link.pongs_due = min(link.pongs_due, MAX_TRY) + 1 + MAX_TRY * (ttl > 1)
        self.ctx.send_stream(link.stream, Ping(guid=guid, ttl=ttl))
        return guid

    def time(self, link: Link, limit_s: float) -> Operation[float]:
        """Ping a peer; ends with the seconds that its answer took."""
        operation: Operation[float] = Operation("ping", began_s=self.ctx.now())
        guid = self.ping(link, ttl=1)
        self._asked[guid] = operation
        error = RequestTimeout(f"no Pong in {limit_s:g} s: the peer may be gone")
        timer = self.ctx.after(limit_s, lambda: operation.fail(error))

        def ended(_: Operation[float]) -> None:
            timer.cancel()
            del self._asked[guid]

        operation.then(ended)
        return operation

    def on_ping(self, link: Link, ping: Ping) -> None:
        """Answer for ourselves; a Ping that may go on, for some others as well."""
        files, kbytes = len(self.library), self.library.size_bytes // 1000
        me = self.ctx.me.address
        self.ctx.send_stream(link.stream, _pong(ping, me, 0, files, kbytes))
        if ping.ttl > 1:
            for address in self.hosts.newest():
                if address != link.peer:
                    self.ctx.send_stream(link.stream, _pong(ping, address, 1, 0, 0))

    def on_pong(self, link: Link, pong: Pong) -> None:
        """Remember a servent.

        Raises
        ------
        RemoteProtocolError
            If more have come than were asked for.
        """
        if not link.pongs_due:
            raise RemoteProtocolError("pong for no ping")  # noqa: EM101, TRY003
        link.pongs_due -= 1
        operation = self._asked.get(pong.guid)
        if operation is not None:
            operation.finish(self.ctx.now() - operation.began_s)
        self.hosts.add(pong.address)


def _pong(ping: Ping, address: Address, hops: int, files: int, kbytes: int) -> Pong:
    return Pong(
        guid=ping.guid, ttl=ping.hops + 1, hops=hops, address=address, files=files,
        kbytes=kbytes,
    )  # fmt: skip
