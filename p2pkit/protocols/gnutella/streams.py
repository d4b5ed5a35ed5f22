"""Streams: which part of a servent each stream belongs to, from dial to close.

There is one port for everything: a stream of another is a link, a request for a file
or an offer of one, which its first line tells. Until then it belongs to the links. One
host may have few streams here at a time, and whoever comes more often is turned away.
"""

from __future__ import annotations

from typing import Any, Protocol

from p2pkit.core import Address, BothContext, RemoteProtocolError
from p2pkit.protocols.gnutella.text import Text


class User(Protocol):
    """A part of the servent that has streams."""

    def on_open(self, stream: Address, ours: bool) -> None:
        """Hear that a stream is there; `ours` if this part has dialed it."""
        ...

    def on_close(self, stream: Address) -> None:
        """Hear that the other end has closed, or that a dial came to nothing."""
        ...

    def on_text(self, stream: Address, text: Text) -> None:
        """Hear a block of text."""
        ...


class Streams:
    """All streams of one servent.

    Parameters
    ----------
    ctx : BothContext
        The node's driver.
    max_per_host : int
        Streams that one other host may have opened.
    """

    def __init__(self, ctx: BothContext, max_per_host: int) -> None:
        self.ctx, self.max_per_host = ctx, max_per_host
        self.newcomers: User  # set by the node: who has the streams of others at first
        self._users: dict[Address, User] = {}
        self._dialing: dict[Address, User] = {}
        self._closing: set[Address] = set()  # dialed by us, and not yet gone
        self._guests: set[Address] = set()  # opened by others
        self._by_host: dict[str, int] = {}  # how many of those

    def __contains__(self, to: Address) -> bool:
        """Whether we have, or are to have, a stream to an address."""
        return to in self._users or to in self._dialing

    def dial(self, to: Address, user: User) -> bool:
        """Open a stream; return whether that may be, for there can only be one."""
        if to in self or to == self.ctx.me.address:
            return False
        self._dialing[to] = user
        if to not in self._closing:  # else as soon as that one is gone
            self.ctx.connect(to)
        return True

    def give(self, stream: Address, user: User) -> None:
        """Have a stream belong to another part from now on."""
        self._users[stream] = user

    def send(self, stream: Address, message: Any) -> None:
        """Send one message."""
        self.ctx.send_stream(stream, message)

    def close(self, stream: Address) -> None:
        """Close when what was sent has gone; nobody here is told."""
        if self._users.pop(stream, None) is not None:
            if not self._forget_guest(stream):
                self._closing.add(stream)
            self.ctx.close(stream)

    def on_connected(self, stream: Address) -> None:
        """Give a new stream to whom it belongs.

        Raises
        ------
        RemoteProtocolError
            If its host has too many already.
        """
        user = self._dialing.pop(stream, None)
        self._users[stream] = user or self.newcomers
        if user is not None:
            user.on_open(stream, True)
            return
        self._guests.add(stream)
        self._by_host[stream[0]] = self._by_host.get(stream[0], 0) + 1
        if self._by_host[stream[0]] > self.max_per_host:
            self.close(stream)
            raise RemoteProtocolError("too many streams from one host")  # noqa: EM101, TRY003
        self.newcomers.on_open(stream, False)

    def on_closed(self, stream: Address) -> None:
        """Tell whom a stream belonged to that it is gone."""
        if stream in self._closing:
            self._closing.remove(stream)
            if stream in self._dialing:
                self.ctx.connect(stream)
            return
        self._forget_guest(stream)
        user = self._users.pop(stream, None) or self._dialing.pop(stream, None)
        if user is not None:
            user.on_close(stream)

    def on_text(self, stream: Address, text: Text) -> None:
        """Hand on a block of text."""
        user = self._users.get(stream)
        if user is not None:  # else it was on its way when we closed
            user.on_text(stream, text)

    def stop(self) -> None:
        """Close them all."""
        for stream in list(self._users):
            self.close(stream)

    def _forget_guest(self, stream: Address) -> bool:
        if stream not in self._guests:
            return False
        self._guests.remove(stream)
        self._by_host[stream[0]] -= 1
        if not self._by_host[stream[0]]:
            del self._by_host[stream[0]]
        return True
