"""Links: the streams of one servent, from the first byte to the last.

A stream is a link once its handshake has ended well. Until then it costs little, may
not last long, and one host has only a few. Read next: ``handshake.py``.
"""

from __future__ import annotations

from collections.abc import Callable

from p2pkit.core import Address, BothContext, RemoteProtocolError
from p2pkit.protocols.gnutella.config import GnutellaConfig
from p2pkit.protocols.gnutella.handshake import Handshake
from p2pkit.protocols.gnutella.link import Link
from p2pkit.protocols.gnutella.speech import Speech
from p2pkit.protocols.gnutella.text import Greeting

MAX_HALF_OPEN = 64
"""Handshakes of others that may be under way."""


class Links:
    """The links of one servent, and those that are about to be.

    Parameters
    ----------
    ctx, config, speech
        The node's driver, its settings, and what it says.
    on_up, on_down : callable
        Called with a link that is open, and with one that is gone or never came.
    """

    def __init__(
        self,
        ctx: BothContext,
        config: GnutellaConfig,
        speech: Speech,
        on_up: Callable[[Link], None],
        on_down: Callable[[Link], None],
    ) -> None:
        self.ctx, self.config, self.hosts = ctx, config, speech.hosts
        self.on_up, self._on_down = on_up, on_down
        self.handshake = Handshake(self, speech)
        self.by_stream: dict[Address, Link] = {}
        self.dialing: set[Address] = set()

    def open(self) -> list[Link]:
        """Return the links that messages may cross, the oldest first."""
        return [link for link in self.by_stream.values() if link.is_open]

    def peers(self) -> set[Address]:
        """Return who is linked, or about to be by our own wish."""
        return {link.peer for link in self.by_stream.values()} | self.dialing

    def pending(self) -> bool:
        """Whether a link that we opened is not decided yet."""
        ours = (one for one in self.by_stream.values() if one.ours and not one.is_open)
        return bool(self.dialing) or any(ours)

    def dial(self, peer: Address) -> None:
        """Open a link; `on_up` or `on_down` follows."""
        if peer not in self.peers() and peer != self.ctx.me.address:
            self.dialing.add(peer)
            self.ctx.connect(peer)

    def close(self, link: Link) -> None:
        """Close a link, and say so here."""
        if self.by_stream.pop(link.stream, None) is not None:
            self.ctx.close(link.stream)
            self._on_down(link)

    def refuse(self, link: Link, reason: str) -> None:
        """Close a link whose peer broke a rule.

        Raises
        ------
        RemoteProtocolError
            Always, with the reason.
        """
        self.close(link)
        raise RemoteProtocolError(reason)

    def on_connected(self, stream: Address) -> None:
        """Take a stream up, if its host has not too many of them."""
        link = Link(stream, ours=stream in self.dialing)
        self.by_stream[stream] = link
        self.dialing.discard(stream)
        self.ctx.after(self.config.handshake_s, lambda: self._on_late(link))
        if link.ours:
            self.handshake.offer(link)
            return
        others = [one for one in self.by_stream.values() if not one.ours]
        if sum(one.stream[0] == stream[0] for one in others) > self.config.max_per_host:
            self.refuse(link, "too many streams from one host")
        if sum(not one.is_open for one in others) > MAX_HALF_OPEN:
            self.refuse(link, "too many handshakes at once")

    def on_closed(self, stream: Address) -> None:
        """Hear that a stream is gone, or never came to be."""
        link = self.by_stream.pop(stream, None)
        if link is None and stream in self.dialing:
            self.dialing.remove(stream)
            self.hosts.forget(stream)
            link = Link(stream, ours=True)
        if link is not None:
            self._on_down(link)

    def on_greeting(self, link: Link, greeting: Greeting) -> None:
        """Take the next step of a handshake."""
        self.handshake.on_greeting(link, greeting)

    def _on_late(self, link: Link) -> None:
        if self.by_stream.get(link.stream) is link and not link.is_open:
            self.refuse(link, "handshake too slow")
