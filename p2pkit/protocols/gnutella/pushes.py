"""Pushes: a servent that cannot be called is asked to call.

Who is behind a firewall opens links and takes none, so a file of its cannot be fetched
directly. A `Push` finds it the way its hit came, and it opens a stream itself.
Source: RFC-Gnutella 0.6, section 2.2.8. Read first: ``uploads.py``, ``downloads.py``.
"""

from __future__ import annotations

from p2pkit.core import Address, BothContext, RemoteProtocolError
from p2pkit.protocols.gnutella.guid import new_guid, servent_guid
from p2pkit.protocols.gnutella.hit import Hit
from p2pkit.protocols.gnutella.link import Link
from p2pkit.protocols.gnutella.links import Links
from p2pkit.protocols.gnutella.messages import Push
from p2pkit.protocols.gnutella.router import Router
from p2pkit.protocols.gnutella.streams import Streams
from p2pkit.protocols.gnutella.text import Http, Text
from p2pkit.protocols.gnutella.travel import travelled
from p2pkit.protocols.gnutella.uploads import Uploads

MAX_CALLS = 8
"""Streams that others may have us open at a time: they name the address."""


class Pushes:
    """Sends pushes, passes them on, and answers those for us.

    Parameters
    ----------
    ctx, streams, links, router, uploads
        The servent's parts.
    """

    def __init__(
        self,
        ctx: BothContext,
        streams: Streams,
        links: Links,
        router: Router,
        uploads: Uploads,
    ) -> None:
        self.ctx, self.streams, self.links = ctx, streams, links
        self.router, self.uploads = router, uploads
        self.servent = servent_guid(ctx.me.address)
        self._calls: dict[Address, str] = {}  # whom we call, and our first line

    def push(self, hit: Hit) -> bool:
        """Ask a hit's servent to call us; return whether there is a way to it."""
        direct = (one.stream for one in self.links.to(hit.address) if one.is_open)
        way = next(direct, self.router.servents.get(hit.servent))
        if way is None or way not in self.links.by_stream:
            return False
        push = Push(
            guid=new_guid(self.ctx.rng), ttl=self.router.config.max_ttl,
            servent=hit.servent, index=hit.number, address=self.ctx.me.address,
        )  # fmt: skip
        self.streams.send(way, push)
        return True

    def on_push(self, link: Link, push: Push) -> None:
        """Call whoever wants a file of ours, or pass the push on.

        Raises
        ------
        RemoteProtocolError
            If it is for nobody we know, or we call too many already.
        """
        if push.servent == self.servent:
            self._call(push)
            return
        way = self.router.servents.get(push.servent)
        if way is None:
            raise RemoteProtocolError("push for nobody")  # noqa: EM101, TRY003
        if push.ttl > 1:
            self.streams.send(way, travelled(push))

    def on_open(self, stream: Address, ours: bool) -> None:
        """Say who we are, and wait to be asked."""
        self.streams.send(stream, Http(self._calls.pop(stream)))
        self.uploads.take(stream)

    def on_close(self, stream: Address) -> None:
        """Hear that whom we call does not answer."""
        self._calls.pop(stream, None)

    def on_text(self, stream: Address, text: Text) -> None:
        """Never called: a stream that is open belongs to the uploads."""

    def _call(self, push: Push) -> None:
        shared = self.uploads.library.files.get(push.index)
        name = "" if shared is None else shared.name
        if len(self._calls) >= MAX_CALLS:
            raise RemoteProtocolError("too many pushes")  # noqa: EM101, TRY003
        if self.streams.dial(push.address, self):
            line = f"GIV {push.index}:{self.servent.hex().upper()}/{name}"
            self._calls[push.address] = line
