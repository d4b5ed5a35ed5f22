"""Node: the parts of a servent, and which of them hears what.

Read first: ``messages.py``, ``handshake.py``. Read next: ``servent.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from p2pkit.core import Address, BothContext, RemoteProtocolError, Rng
from p2pkit.protocols.gnutella import messages as m
from p2pkit.protocols.gnutella.answers import Answers
from p2pkit.protocols.gnutella.config import GnutellaConfig
from p2pkit.protocols.gnutella.crawling import Crawling
from p2pkit.protocols.gnutella.downloads import Downloads
from p2pkit.protocols.gnutella.flooding import Coin, Everybody
from p2pkit.protocols.gnutella.framing import GnutellaFraming
from p2pkit.protocols.gnutella.growth import Growth
from p2pkit.protocols.gnutella.guid import servent_guid
from p2pkit.protocols.gnutella.host_cache import HostCache
from p2pkit.protocols.gnutella.library import Library
from p2pkit.protocols.gnutella.link import Link
from p2pkit.protocols.gnutella.links import Links
from p2pkit.protocols.gnutella.neighborhood import Neighborhood
from p2pkit.protocols.gnutella.pongs import Pongs
from p2pkit.protocols.gnutella.pushes import Pushes
from p2pkit.protocols.gnutella.random_walk import Walker
from p2pkit.protocols.gnutella.router import Router
from p2pkit.protocols.gnutella.rules import Courses
from p2pkit.protocols.gnutella.search import Searches
from p2pkit.protocols.gnutella.speech import Speech
from p2pkit.protocols.gnutella.streams import Streams
from p2pkit.protocols.gnutella.text import Text
from p2pkit.protocols.gnutella.travel import within
from p2pkit.protocols.gnutella.upkeep import Upkeep
from p2pkit.protocols.gnutella.uploads import Uploads
from p2pkit.protocols.gnutella.wire import GnutellaCodec


class GnutellaNode:
    """One servent: its parts, and which of them hears what."""

    codec: ClassVar[GnutellaCodec] = GnutellaCodec()
    framing: ClassVar[GnutellaFraming] = GnutellaFraming()
    carrier: ClassVar[str] = "both"
    courses: ClassVar[Courses] = Courses(Everybody(), Coin, Walker)
    speech_class: ClassVar[type[Speech]] = Speech
    growth_class: ClassVar[type[Growth]] = Growth
    router_class: ClassVar[type[Router]] = Router
    Config: ClassVar[type[GnutellaConfig]] = GnutellaConfig
    id_bits: ClassVar[int] = 128

    def __init__(self, ctx: BothContext, config: GnutellaConfig | None = None) -> None:
        self.ctx, self.config = ctx, self.Config.of(config)
        config = self.config
        self.library = Library()
        self.hosts = HostCache(ctx.me.address, config.max_per_host)
        self.streams = Streams(ctx, config.max_per_host)
        self.speech = self.speech_class(
            ctx, config, self.hosts, lambda: self.links.open()
        )
        self.links = Links(ctx, config, self.streams, self.speech)
        self.growth = self.growth_class(ctx, config, self.hosts, self.links)
        self.pongs = Pongs(ctx, self.hosts, self.library)
        self.upkeep = Upkeep(ctx, config, self.links, self.growth, self.pongs)
        self.neighborhood = Neighborhood(ctx, config, self.links, self.library)
        me = ctx.me.address
        self.answers = Answers(me, config, self.library, self.neighborhood)
        self.router = self.router_class(
            ctx, config, self.links.open, self.answers.to, self.courses
        )
        self.searches = Searches(ctx, config, self.router)
        self.uploads = Uploads(ctx, config, self.streams, self.library)
        self.pushes = Pushes(ctx, self.streams, self.links, self.router, self.uploads)
        self.downloads = Downloads(ctx, config, self.streams, self.pushes.push)
        self.crawling = Crawling(ctx, config, self.streams)
        self.streams.newcomers = self.links
        self.links.on_up, self.links.on_down = self.on_up, self.on_down
        self.links.on_http = self.on_http
        self.on_connected = self.streams.on_connected
        self.on_closed = self.streams.on_closed
        self.handlers: dict[type, Callable[[Link, Any], None]] = {
            m.Ping: self.pongs.on_ping,
            m.Pong: self.pongs.on_pong,
            m.Bye: lambda link, bye: self.links.close(link),
            m.Push: self.pushes.on_push,
            m.Query: self.router.on_query,
            m.QueryHit: self.router.on_hit,
            m.Vendor: self.neighborhood.on_vendor,
        }

    @staticmethod
    def choose_id(rng: Rng, address: Address, config: GnutellaConfig) -> int:
        """Return the servent's id, made of its address."""
        return int.from_bytes(servent_guid(address), "big")

    def receive(self, sender: Address, message: Any) -> None:
        """Handle one datagram: walkers ask whether they are still wanted."""
        if isinstance(message, m.Vendor):
            self.router.checks.on_vendor(sender, message)

    def receive_stream(self, stream: Address, message: Any) -> None:
        """Handle one message of a stream; calls never overlap."""
        link = self.links.in_use.get(stream)
        if link is None:
            if isinstance(message, Text):
                self.streams.on_text(stream, message)
            return  # else it was on its way when we closed
        link.quiet_rounds = 0
        handler = self.handlers.get(type(message))
        if handler is None:
            return
        try:
            handler(link, within(message, self.config.max_ttl))
        except RemoteProtocolError:
            link.offenses += 1
            if link.offenses >= self.config.max_offenses:
                self.links.close(link, 400, "Too many offenses")
            raise

    def on_up(self, link: Link) -> None:
        """Hear of a link that is open."""
        self.neighborhood.on_up(link)
        self.growth.on_up(link)

    def on_down(self, link: Link) -> None:
        """Hear of a link that is gone, or never came to be."""
        self.neighborhood.on_down(link)
        self.growth.on_down(link)

    def on_http(self, stream: Address, text: Text) -> None:
        """Hear the first line of a stream that is no link."""
        if not text.line.startswith("GIV "):
            self.uploads.take(stream)
            self.uploads.on_text(stream, text)
        elif not self.downloads.on_giv(stream, text):
            self.streams.close(stream)
            raise RemoteProtocolError("giv for no push")  # noqa: EM101, TRY003

    def stop(self) -> None:
        """Say Bye on every link, close every stream, and cancel the timers."""
        parts = (self.upkeep, self.neighborhood, self.router.checks, self.searches)
        for part in (*parts, self.uploads, self.downloads, self.links, self.streams):
            part.stop()
