"""Offices: which half of a node hears what. Read first: ``index.py``, ``node.py``.

A node has streams of three kinds: the one to its index, those to peers it fetches from,
and those that others have opened, which an index reads as peers of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from p2pkit.core import (
    Address,
    RemoteProtocolError,
    StreamContext,
    Timer,
    format_address,
    parse_address,
)
from p2pkit.protocols.central_index import messages as m
from p2pkit.protocols.central_index.config import CentralIndexConfig
from p2pkit.protocols.central_index.downloads import Downloads
from p2pkit.protocols.central_index.index import Index
from p2pkit.protocols.central_index.membership import Membership
from p2pkit.protocols.central_index.searching import Searching
from p2pkit.protocols.central_index.shelf import Shelf


class Offices:
    """What drivers call, and who in the node does it."""

    ctx: StreamContext
    config: CentralIndexConfig
    shelf: Shelf
    index: Index | None
    searching: Searching
    downloads: Downloads
    membership: Membership
    guests: dict[Address, Timer]  # streams of others at a peer, and when they end

    def on_connected(self, stream: Address) -> None:
        """Hear of a stream that one of us opened."""
        if stream in self.downloads.by_peer:
            self.downloads.on_connected(self.downloads.by_peer[stream])
        elif stream == self.membership.trying:
            self.membership.on_connected(stream)
        elif self.index is not None:
            self.index.on_connected(stream)
        else:  # whoever wants a file, or a way to the index, is soon done
            limit_s = 2 * self.config.search_s
            close = partial(self.ctx.close, stream)
            self.guests[stream] = self.ctx.after(limit_s, close)

    def on_closed(self, stream: Address) -> None:
        """Hear that a stream is gone, or never came to be."""
        if stream in self.guests:
            self.guests.pop(stream).cancel()
        elif stream in self.downloads.by_peer:
            self.downloads.on_lost(self.downloads.by_peer[stream])
        elif stream in (self.membership.trying, self.membership.index):
            self.membership.on_closed()
        elif self.index is not None:
            self.index.on_closed(stream)

    def receive(self, stream: Address, message: Any) -> None:
        """Handle one message; calls never overlap.

        Raises
        ------
        RemoteProtocolError
            If the peer may not say that here.
        """
        if self.index is not None:
            self.index.hear(stream)
        match message:
            case m.Piece() if stream in self.downloads.by_peer:
                self.downloads.on_piece(self.downloads.by_peer[stream], message)
            case m.Get():
                self.shelf.on_get(self.ctx, stream, message)
            case _ if stream in (self.membership.trying, self.membership.index):
                self._hear_index(stream, message)
            case _ if self.index is not None:
                self.index.receive(stream, message)
            case m.Login():
                self._send_on(stream)
            case _:
                raise RemoteProtocolError("out of turn")  # noqa: EM101, TRY003

    def _streams(self) -> Iterator[tuple[str, Address]]:
        """Yield the role and the address of everybody that is linked to this node."""
        if self.membership.index is not None:
            yield "index", self.membership.index
        if self.index is not None:
            for entry in self.index.catalog.peers.values():
                yield "peer", entry.address

    def stop(self) -> None:
        """Cancel the timers; streams close with the node, and that says it all."""
        self.membership.stop()
        for timer in self.guests.values():
            timer.cancel()
        if self.index is not None:
            self.index.stop()

    def save(self) -> bytes:
        """Return the role and whom we know, for a restart."""
        role = "peer" if self.index is None else "index"
        known = map(format_address, self.membership.known)
        return "\n".join([role, *known]).encode()

    def restore(self, saved: bytes) -> None:
        """Take up what `save` returned; an index begins with an empty list."""
        role, *known = saved.decode().split("\n")
        if role == "index":
            self.index = Index(self.ctx, self.config)
        self.membership.known |= dict.fromkeys(map(parse_address, known))

    def _hear_index(self, stream: Address, message: Any) -> None:
        match message:
            case m.Ping():
                self.ctx.send(stream, message)
            case m.Welcome() if stream == self.membership.trying:
                self.membership.on_welcome()
            case m.Redirect() if stream == self.membership.trying:
                self.membership.on_redirect(message)
            case m.Refusal() if stream == self.membership.trying:
                self.membership.on_refusal(message)
            case m.Found():
                self.searching.on_found(message)
            case m.FoundAll():
                self.searching.on_found_all()
            case _:
                raise RemoteProtocolError("out of turn")  # noqa: EM101, TRY003

    def _send_on(self, stream: Address) -> None:
        """Tell who took us for an index where there is one."""
        index = self.membership.index
        no = m.Refusal("This is a peer, and its index is gone.")
        self.ctx.send(stream, no if index is None else m.Redirect(index))
