"""Links: the streams of one node, by the address at which each peer listens.

Whoever opens a stream comes from a port that the system chose, so a peer that accepts
it knows the host and not where to call back. The first message on a stream says so:
`Hello` carries the port alone. The host is the stream's own, so nobody can speak in
the name of another host.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from typing import Annotated, Any

from msgspec import Meta

from p2pkit.core.address import Address
from p2pkit.core.context import StreamContext
from p2pkit.core.errors import RemoteProtocolError
from p2pkit.core.message import Message

MAX_STRANGERS = 32
"""Streams that have not said hello yet; one more, and the oldest is closed."""

MAX_WAITING = 16
"""Messages that wait for one link to open; what comes after is let go."""


class Hello(Message, frozen=True):
    """First on a stream: the port at which whoever opened it listens."""

    port: Annotated[int, Meta(ge=1, le=65_535)]


class Links:
    """The links of one node: it hands them its streams' news and is told of peers.

    Parameters
    ----------
    ctx : StreamContext
        The node's driver.
    on_down : callable
        Called with a peer's address when it cannot be reached, has closed, or died.
        Not called for what we close ourselves.
    limit : int
        Peers linked at most through streams of theirs; further ones are turned away.
    on_up : callable
        Called with a peer's address when it can be sent to.
    """

    def __init__(
        self,
        ctx: StreamContext,
        on_down: Callable[[Address], None],
        limit: int = 64,
        on_up: Callable[[Address], None] = lambda _: None,
    ) -> None:
        self.ctx, self.limit = ctx, limit
        self._on_up, self._on_down = on_up, on_down
        self._streams: dict[Address, list[Address]] = {}  # by peer; at most two
        self._peers: dict[Address, Address] = {}  # by stream
        self._strangers: dict[Address, None] = {}
        self._waiting: dict[Address, list[Any]] = {}  # by peer whose link is to open
        self._dialing: set[Address] = set()  # streams of ours that are not yet there
        self._closing: set[Address] = set()  # streams of ours that are not yet gone
        self._seen_idle: set[Address] = set()

    def __contains__(self, peer: Address) -> bool:
        return peer in self._streams

    def __len__(self) -> int:
        return len(self._streams)

    def __iter__(self) -> Iterator[Address]:
        return iter(list(self._streams))

    def open(self, peer: Address) -> None:
        """Open a link, unless there is one; `on_up` or `on_down` follows."""
        if peer in self._streams or peer in self._waiting:
            return
        self._waiting[peer] = []
        if peer not in self._closing:
            self._dial(peer)

    def send(self, peer: Address, message: Any) -> None:
        """Send one message, opening a link first where there is none."""
        if peer in self._streams:
            self.ctx.send(self._streams[peer][0], message)
            return
        self.open(peer)
        if len(self._waiting[peer]) < MAX_WAITING:
            self._waiting[peer].append(message)

    def close(self, peer: Address) -> None:
        """Close a link when what was sent has gone; nobody here is told."""
        self._waiting.pop(peer, None)
        for stream in self._streams.pop(peer, ()):
            del self._peers[stream]
            if stream == peer:
                self._closing.add(stream)
            self.ctx.close(stream)

    def close_idle(self, keep: Container[Address]) -> None:
        """Close the links not in `keep` that the last call saw already."""
        idle = [peer for peer in self if peer not in keep]
        for peer in idle:
            if peer in self._seen_idle:
                self.close(peer)
        self._seen_idle = {peer for peer in idle if peer in self._streams}

    def stop(self) -> None:
        """Close every link."""
        for peer in self:
            self.close(peer)
        self._waiting.clear()

    def on_connected(self, stream: Address) -> None:
        """Take a stream up: ours, or one that has yet to say whose it is."""
        if stream not in self._dialing:
            self._strangers[stream] = None
            if len(self._strangers) > MAX_STRANGERS:
                self._turn_away(next(iter(self._strangers)), "no hello")
            return
        self._dialing.remove(stream)
        if stream in self._waiting or stream in self._streams:
            self.ctx.send(stream, Hello(self.ctx.me.address[1]))
            self._add(stream, stream)
        else:  # we closed the link before it was there
            self._closing.add(stream)
            self.ctx.close(stream)

    def on_closed(self, stream: Address) -> None:
        """Hear that a stream is gone, or never came to be."""
        self._strangers.pop(stream, None)
        peer = self._peers.pop(stream, None)
        if peer is not None:
            self._on_lost(peer, stream)
        elif stream in self._closing:
            self._closing.remove(stream)
            if stream in self._waiting:
                self._dial(stream)
        elif stream in self._dialing:
            self._dialing.remove(stream)
            if self._waiting.pop(stream, None) is not None:
                self._on_down(stream)

    def sender(self, stream: Address, message: Any) -> Address | None:
        """Return which peer a message is from; None for a hello, which ends here.

        Raises
        ------
        RemoteProtocolError
            If the stream has not said hello, says it twice, or is one too many.
        """
        peer = self._peers.get(stream)
        if not isinstance(message, Hello):
            if peer is None and stream in self._strangers:
                self._turn_away(stream, "no hello")
            return peer  # None as well for what arrives while a stream closes
        if peer is not None:
            raise RemoteProtocolError("hello twice")  # noqa: EM101, TRY003
        if stream in self._strangers:
            self._welcome(stream, (stream[0], message.port))
        return None

    def _welcome(self, stream: Address, peer: Address) -> None:
        if peer == self.ctx.me.address:
            self._turn_away(stream, "claims to be us")
        if peer not in self._streams and len(self._streams) >= self.limit:
            self._turn_away(stream, "too many links")
        del self._strangers[stream]
        for older in [one for one in self._streams.get(peer, ()) if one != peer]:
            # A peer has one stream of its own: it started again, or means mischief.
            self._streams[peer].remove(older)
            del self._peers[older]
            self.ctx.close(older)
        self._add(peer, stream)

    def _on_lost(self, peer: Address, stream: Address) -> None:
        self._streams[peer].remove(stream)
        if not self._streams[peer]:
            del self._streams[peer]
            self._on_down(peer)

    def _dial(self, peer: Address) -> None:
        if peer not in self._dialing:
            self._dialing.add(peer)
            self.ctx.connect(peer)

    def _add(self, peer: Address, stream: Address) -> None:
        is_new = not self._streams.get(peer)
        self._streams.setdefault(peer, []).append(stream)
        self._peers[stream] = peer
        waiting = self._waiting.pop(peer, [])
        if is_new:
            self._on_up(peer)
        for message in waiting:
            self.send(peer, message)

    def _turn_away(self, stream: Address, reason: str) -> None:
        del self._strangers[stream]
        self.ctx.close(stream)
        raise RemoteProtocolError(reason)
