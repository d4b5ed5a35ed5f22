"""Node: the parts of a servent, and which of them hears what.

Read first: ``messages.py``, ``handshake.py``. Read next: ``servent.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from p2pkit.core import (
    Address,
    BothContext,
    RemoteProtocolError,
    Rng,
)
from p2pkit.protocols.gnutella import messages as m
from p2pkit.protocols.gnutella.answers import Answers
from p2pkit.protocols.gnutella.config import GnutellaConfig
from p2pkit.protocols.gnutella.flooding import Coin, Everybody
from p2pkit.protocols.gnutella.framing import GnutellaFraming
from p2pkit.protocols.gnutella.growth import Growth
from p2pkit.protocols.gnutella.guid import new_guid, servent_guid
from p2pkit.protocols.gnutella.host_cache import HostCache
from p2pkit.protocols.gnutella.library import Library
from p2pkit.protocols.gnutella.link import Link
from p2pkit.protocols.gnutella.links import Links
from p2pkit.protocols.gnutella.pongs import Pongs
from p2pkit.protocols.gnutella.random_walk import Walker
from p2pkit.protocols.gnutella.router import Router
from p2pkit.protocols.gnutella.rules import Courses
from p2pkit.protocols.gnutella.search import Searches
from p2pkit.protocols.gnutella.speech import Speech
from p2pkit.protocols.gnutella.text import Greeting
from p2pkit.protocols.gnutella.travel import within
from p2pkit.protocols.gnutella.wire import GnutellaCodec


class GnutellaNode:
    """One servent: its parts, and which of them hears what."""

    codec: ClassVar[GnutellaCodec] = GnutellaCodec()
    framing: ClassVar[GnutellaFraming] = GnutellaFraming()
    carrier: ClassVar[str] = "both"
    courses: ClassVar[Courses] = Courses(Everybody(), Coin, Walker)
    Config: ClassVar[type[GnutellaConfig]] = GnutellaConfig
    id_bits: ClassVar[int] = 128

    def __init__(self, ctx: BothContext, config: GnutellaConfig | None = None) -> None:
        self.ctx, self.config = ctx, self.Config.of(config)
        self.library = Library()
        self.hosts = HostCache(ctx.me.address)
        self.growth = Growth(ctx, self.config, self.hosts)
        up, down = self.growth.on_up, self.growth.on_down
        self.speech = Speech(ctx, self.config, self.hosts)
        self.links = Links(ctx, self.config, self.speech, up, down)
        self.growth.links = self.links
        self.answers = Answers(ctx.me.address, self.config, self.library)
        self.pongs = Pongs(ctx, self.hosts, self.library)
        self.router = Router(
            ctx, self.config, self.links.open, self.answers.to, self.courses
        )
        self.searches = Searches(ctx, self.config, self.router)
        self.on_connected = self.links.on_connected
        self.on_closed = self.links.on_closed
        self._handlers: dict[type, Callable[[Link, Any], None]] = {
            m.Ping: self.pongs.on_ping,
            m.Pong: self.pongs.on_pong,
            m.Bye: lambda link, bye: self.links.close(link),
            m.Query: self.router.on_query,
            m.QueryHit: self.router.on_hit,
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
        link = self.links.by_stream.get(stream)
        if link is None:
            return  # it was on its way when we closed
        if isinstance(message, Greeting):
            self.links.on_greeting(link, message)
        elif not link.is_open:
            raise RemoteProtocolError("message before the handshake")  # noqa: EM101, TRY003
        elif (handler := self._handlers.get(type(message))) is not None:
            handler(link, within(message, self.config.max_ttl))

    def save(self) -> bytes:
        """Return the addresses of other servents, for a restart."""
        return self.growth.save()

    def restore(self, saved: bytes) -> None:
        """Take up what `save` returned."""
        self.growth.restore(saved)

    def stop(self) -> None:
        """Say Bye on every link, and close."""
        for link in self.links.open():
            bye = m.Bye(guid=new_guid(self.ctx.rng), reason="Leaving")
            self.ctx.send_stream(link.stream, bye)
            self.links.close(link)
