"""Speech: what a servent says of itself in a handshake, and the lines it says."""

from __future__ import annotations

from p2pkit.core import BothContext, format_address
from p2pkit.protocols.gnutella.config import GnutellaConfig
from p2pkit.protocols.gnutella.host_cache import HostCache, write_hosts
from p2pkit.protocols.gnutella.link import Headers, Link, Stage
from p2pkit.protocols.gnutella.messages import MAX_TTL
from p2pkit.protocols.gnutella.text import Greeting

CONNECT, CONNECT_04 = "GNUTELLA CONNECT/0.6", "GNUTELLA CONNECT/0.4"
OK, OK_04 = "GNUTELLA/0.6 200 OK", "GNUTELLA OK"
BUSY, TWICE = "GNUTELLA/0.6 503 Busy", "GNUTELLA/0.6 503 Already connected"


class Speech:
    """Says the lines of a handshake, with the headers that belong to each."""

    def __init__(
        self, ctx: BothContext, config: GnutellaConfig, hosts: HostCache
    ) -> None:
        self.ctx, self.config, self.hosts = ctx, config, hosts

    def about(self, link: Link) -> Headers:
        """Return what this servent can do, for a peer that is to decide."""
        hops = str(min(self.config.ttl, MAX_TTL))
        said = ("user-agent", "p2pkit"), ("ggep", "0.5"), ("pong-caching", "0.1")
        return *said, ("x-max-ttl", hops), ("x-degree", str(self.config.degree))

    def say(self, link: Link, line: str) -> None:
        """Send one step of a handshake."""
        self.ctx.send_stream(link.stream, Greeting(line, self._headers(link, line)))

    def _headers(self, link: Link, line: str) -> Headers:
        if line == OK_04:
            return ()
        me = format_address(self.ctx.me.address)
        where = ("listen-ip", me), ("remote-ip", link.stream[0])
        if line == CONNECT:
            return *self.about(link), *where
        if link.stage is Stage.OFFERED:  # the third step need not repeat the first
            return where
        others = [one for one in self.hosts.newest() if one != link.peer]
        return *self.about(link), *where, ("x-try", write_hosts(others))
