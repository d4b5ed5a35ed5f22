"""Speech: what a servent says of itself in a handshake, and the lines it says."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from p2pkit.core import BothContext, format_address
from p2pkit.protocols.gnutella.config import GnutellaConfig
from p2pkit.protocols.gnutella.host_cache import HostCache, write_hosts
from p2pkit.protocols.gnutella.link import Headers, Link, Stage
from p2pkit.protocols.gnutella.messages import MAX_TTL
from p2pkit.protocols.gnutella.text import Greeting

CONNECT, CONNECT_04 = "GNUTELLA CONNECT/0.6", "GNUTELLA CONNECT/0.4"
OK, OK_04 = "GNUTELLA/0.6 200 OK", "GNUTELLA OK"
BUSY, TWICE = "GNUTELLA/0.6 503 Busy", "GNUTELLA/0.6 503 Already connected"
AGENT = "p2pkit"


class Speech:
    """Says the lines of a handshake, with the headers that belong to each.

    Parameters
    ----------
    ctx, config, hosts
        The node's driver, its settings, and whom it has heard of.
    links : callable
        Returns the open links, for crawlers.
    """

    def __init__(
        self,
        ctx: BothContext,
        config: GnutellaConfig,
        hosts: HostCache,
        links: Callable[[], Iterable[Link]],
    ) -> None:
        self.ctx, self.config, self.hosts, self.links = ctx, config, hosts, links

    def about(self, link: Link) -> Headers:
        """Return what this servent can do, for a peer that is to decide."""
        hops = str(min(self.config.ttl, MAX_TTL))
        return (
            ("user-agent", AGENT), ("ggep", "0.5"), ("vendor-message", "0.1"),
            ("pong-caching", "0.1"), ("bye-packet", "0.1"), ("x-max-ttl", hops),
            ("x-degree", str(self.config.degree)),
        )  # fmt: skip

    def objection(self, link: Link, streams: int) -> str:
        """Return the line that turns an offer down; empty to take it.

        Parameters
        ----------
        link : Link
            Who offers; what it said is in `link.greeting`.
        streams : int
            Links there are, open or about to be, with this one.
        """
        return BUSY if streams > self.config.max_links else ""

    def second_thoughts(self, link: Link) -> str:
        """Return the line that turns an answer to our offer down; empty to take it."""
        return ""

    def conclusion(self, link: Link) -> Headers:
        """Return what is to be said in the third step, after all."""
        return ()

    def tries(self, link: Link) -> Headers:
        """Return whom else a peer may try."""
        others = [one for one in self.hosts.newest() if one != link.peer]
        return (("x-try", write_hosts(others)),)

    def crawled(self) -> Headers:
        """Return who our peers are, for a crawler."""
        return (("peers", write_hosts(link.peer for link in self.links())),)

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
            return *self.conclusion(link), *where
        if link.greeting.header("crawler"):
            return ("user-agent", AGENT), *where, *self.crawled()
        return *self.about(link), *where, *self.tries(link)
