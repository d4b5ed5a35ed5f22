"""Gnutella: a servent, server and client in one, which knows no files but its own.

What it shows: search without any index. Neighbors are whoever there was; a question
goes to all of them, and its answers find back by the way it came.
Source: RFC-Gnutella 0.6 (Klingberg and Manfredi, 2002).
Read first: ``messages.py``, ``handshake.py``. Read next: ``flooding.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, ClassVar

from p2pkit.core import (
    Address,
    Contact,
    Edge,
    Operation,
    RemoteProtocolError,
    Rng,
    StreamContext,
    format_address,
)
from p2pkit.protocols.gnutella import messages as m
from p2pkit.protocols.gnutella.answers import Answers
from p2pkit.protocols.gnutella.config import GnutellaConfig
from p2pkit.protocols.gnutella.flooding import Flooding
from p2pkit.protocols.gnutella.framing import GnutellaFraming
from p2pkit.protocols.gnutella.growth import Growth
from p2pkit.protocols.gnutella.guid import new_guid, servent_guid
from p2pkit.protocols.gnutella.host_cache import HostCache
from p2pkit.protocols.gnutella.library import Library
from p2pkit.protocols.gnutella.link import Link
from p2pkit.protocols.gnutella.links import Links
from p2pkit.protocols.gnutella.pongs import Pongs
from p2pkit.protocols.gnutella.search import Hit, Searches
from p2pkit.protocols.gnutella.speech import Speech
from p2pkit.protocols.gnutella.text import Greeting
from p2pkit.protocols.gnutella.wire import GnutellaCodec


class Gnutella:
    """One servent: its parts, and which of them hears what."""

    codec: ClassVar[GnutellaCodec] = GnutellaCodec()
    framing: ClassVar[GnutellaFraming] = GnutellaFraming()
    carrier: ClassVar[str] = "stream"
    Config: ClassVar[type[GnutellaConfig]] = GnutellaConfig
    id_bits: ClassVar[int] = 128

    def __init__(
        self, ctx: StreamContext, config: GnutellaConfig | None = None
    ) -> None:
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
        self.flooding = Flooding(
            ctx, self.streams, self.answers.to, self.config.max_routes
        )
        self.searches = Searches(ctx, self.config, self.flooding)
        self.on_connected = self.links.on_connected
        self.on_closed = self.links.on_closed
        self._handlers: dict[type, Callable[[Link, Any], None]] = {
            m.Ping: self.pongs.on_ping,
            m.Pong: self.pongs.on_pong,
            m.Bye: lambda link, bye: self.links.close(link),
            m.Query: self.flooding.on_query,
            m.QueryHit: self.searches.on_hit,
        }

    @staticmethod
    def choose_id(rng: Rng, address: Address, config: GnutellaConfig) -> int:
        """Return the servent's id, made of its address."""
        return int.from_bytes(servent_guid(address), "big")

    def receive(self, stream: Address, message: Any) -> None:
        """Handle one message; calls never overlap."""
        link = self.links.by_stream.get(stream)
        if link is None:
            return  # it was on its way when we closed
        if isinstance(message, Greeting):
            self.links.on_greeting(link, message)
        elif not link.is_open:
            raise RemoteProtocolError("message before the handshake")  # noqa: EM101, TRY003
        elif (handler := self._handlers.get(type(message))) is not None:
            handler(link, m.within(message, self.config.max_ttl))

    def bootstrap(self, contacts: Sequence[Address]) -> Operation[int]:
        """Link to these; ends with the number of links, when all are decided."""
        return self.growth.join(contacts)

    def search(
        self, text: str, ttl: int | None = None, want: int = 1_000_000
    ) -> Operation[list[Hit]]:
        """Ask for files whose names have all these words; ends with those found."""
        return self.searches.begin(text, ttl or self.config.ttl, want)

    def share(self, name: str, data: bytes = b"") -> int:
        """Share a file; return its number."""
        return self.library.add(name, data).number

    def streams(self) -> Iterator[Address]:
        """Yield the streams that messages may cross."""
        return (link.stream for link in self.links.by_stream.values() if link.is_open)

    def maintain(self) -> Operation[int]:
        """Open links where some are missing; ends with those there are now."""
        operation: Operation[int] = Operation("maintain", began_s=self.ctx.now())
        self.growth.grow()
        operation.finish(len(self.links.open()))
        return operation

    def neighbors(self) -> Iterator[Edge]:
        """Yield the peers of open links."""
        for link in self.links.open():
            number = self.choose_id(self.ctx.rng, link.peer, self.config)
            yield Edge("stream", Contact(number, link.peer))

    def inspect(self) -> dict[str, Any]:
        """Return what it shares, whom it knows, and how many questions came twice."""
        return {
            "role": "peer",
            "files": [one.name for one in self.library.files.values()],
            "links": [format_address(link.peer) for link in self.links.open()],
            "hosts": [format_address(one) for one in self.hosts.newest()],
            "duplicates": self.flooding.duplicates,
        }

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
            self.ctx.send(link.stream, bye)
            self.links.close(link)
