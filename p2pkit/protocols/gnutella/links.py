"""Links: the links of one servent, from the first line to the last message.

A stream is a link once its handshake has ended well. Until then it costs little, and
may not last long. Read next: ``handshake.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from p2pkit.core import Address, BothContext, RemoteProtocolError
from p2pkit.protocols.gnutella.config import GnutellaConfig
from p2pkit.protocols.gnutella.guid import new_guid
from p2pkit.protocols.gnutella.handshake import Handshake
from p2pkit.protocols.gnutella.link import Link, Stage
from p2pkit.protocols.gnutella.messages import Bye
from p2pkit.protocols.gnutella.speech import Speech
from p2pkit.protocols.gnutella.streams import Streams
from p2pkit.protocols.gnutella.text import Greeting, Text

MAX_HALF_OPEN = 64
"""Handshakes of others that may be under way."""


class Links:
    """The links of one servent, and those that are about to be."""

    def __init__(
        self,
        ctx: BothContext,
        config: GnutellaConfig,
        streams: Streams,
        speech: Speech,
    ) -> None:
        self.ctx, self.config, self.streams = ctx, config, streams
        self.hosts = speech.hosts
        self.handshake = Handshake(self, speech)
        self.on_up: Callable[[Link], None]  # set by the node, as the three below
        self.on_down: Callable[[Link], None]
        self.on_http: Callable[[Address, Text], None]
        self.by_stream: dict[Address, Link] = {}
        self.dialing: dict[Address, None] = {}
        self.in_use: dict[Address, Link] = {}  # the open ones, by stream

    def open(self) -> Collection[Link]:
        """Return the links that messages may cross, the oldest first."""
        return self.in_use.values()

    def to(self, peer: Address) -> list[Link]:
        """Return the links to a peer, open or about to be."""
        return [link for link in self.by_stream.values() if link.peer == peer]

    def count_with(self, link: Link) -> int:
        """Return how many links there are or are agreed on, `link` among them.

        Who has not said anything yet takes nobody's place.
        """
        others = (one for one in self.by_stream.values() if one is not link)
        return 1 + sum(one.stage is not Stage.OPENED for one in others)

    def peers(self) -> set[Address]:
        """Return who is linked, or about to be by our own wish."""
        return {link.peer for link in self.by_stream.values()} | set(self.dialing)

    def dial(self, peer: Address) -> None:
        """Open a link; `on_up` or `on_down` follows."""
        if peer not in self.peers() and self.streams.dial(peer, self):
            self.dialing[peer] = None

    def close(self, link: Link, code: int = 0, reason: str = "") -> None:
        """Close a link, with a word for its peer if it is open, and say so here."""
        if self.by_stream.pop(link.stream, None) is None:
            return
        if link.is_open and reason:
            bye = Bye(guid=new_guid(self.ctx.rng), code=code, reason=reason)
            self.streams.send(link.stream, bye)
        self.streams.close(link.stream)
        self._ended(link)

    def refuse(self, link: Link, reason: str) -> None:
        """Close a link whose peer broke a rule.

        Raises
        ------
        RemoteProtocolError
            Always, with the reason.
        """
        self.close(link, 400, reason)
        raise RemoteProtocolError(reason)

    def opened(self, link: Link) -> None:
        """Take a link into use, whose handshake has ended well."""
        link.stage = Stage.OPEN
        link.set_deadline(None)
        self.in_use[link.stream] = link
        for other in self.to(link.peer):
            if other is not link:
                self.close(other)
        self.hosts.confirm(link.peer)
        self.on_up(link)

    def on_open(self, stream: Address, ours: bool) -> None:
        """Begin a handshake."""
        link = self.by_stream[stream] = Link(stream, ours)
        self.dialing.pop(stream, None)
        wait_s = self.config.handshake_s
        link.set_deadline(self.ctx.after(wait_s, lambda: self._on_late(link)))
        if ours:
            self.handshake.offer(link)
            return
        halves = (one for one in self.by_stream.values() if not one.is_open)
        if sum(not one.ours for one in halves) > MAX_HALF_OPEN:
            self.refuse(link, "too many handshakes at once")

    def on_close(self, stream: Address) -> None:
        """Hear that a stream is gone, or never came to be."""
        link = self.by_stream.pop(stream, None)
        if link is None:
            self.dialing.pop(stream, None)
            self.hosts.forget(stream)
            link = Link(stream, ours=True)
        self._ended(link)

    def on_text(self, stream: Address, text: Text) -> None:
        """Take the next step of a handshake, or see that this is none."""
        link = self.by_stream[stream]
        if isinstance(text, Greeting):
            self.handshake.on_greeting(link, text)
        elif link.stage is not Stage.OPENED:
            self.refuse(link, "out of turn")
        else:
            del self.by_stream[stream]
            link.set_deadline(None)
            self.on_http(stream, text)

    def stop(self) -> None:
        """Say Bye on every link, and close."""
        for link in list(self.by_stream.values()):
            self.close(link, 200, "Leaving")

    def _ended(self, link: Link) -> None:
        link.set_deadline(None)
        self.in_use.pop(link.stream, None)
        self.on_down(link)

    def _on_late(self, link: Link) -> None:
        if self.by_stream.get(link.stream) is link and not link.is_open:
            self.refuse(link, "handshake too slow")
