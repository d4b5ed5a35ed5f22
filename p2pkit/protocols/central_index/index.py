"""Index: the server's half. It lists who is there and what they have, and answers.

What it shows: every question takes two messages and finds all there is; and the index
pays for all of it, sees all of it, and takes all of it along when it dies.
Read first: ``catalog.py``. Read next: ``membership.py``.
"""

from __future__ import annotations

from typing import Any

from p2pkit.core import Address, RemoteProtocolError, StreamContext, Timer
from p2pkit.protocols.central_index import messages as m
from p2pkit.protocols.central_index.catalog import Catalog, Entry
from p2pkit.protocols.central_index.config import CentralIndexConfig
from p2pkit.protocols.central_index.reports import Expired, Registered

SILENT, LEFT = "silent", "left"


class Index:
    """What one node does for its peers while it is the index."""

    def __init__(self, ctx: StreamContext, config: CentralIndexConfig) -> None:
        self.ctx, self.config = ctx, config
        self.catalog = Catalog(config.max_peers, config.max_files)
        self.expired = 0
        self._heard_s: dict[Address, float] = {}  # of each stream, when it last spoke
        self._timer: Timer | None = None

    def start(self) -> None:
        """Begin to look after the streams."""
        if self._timer is None:
            self._timer = self.ctx.after(self.config.keep_alive_s, self._on_look)

    def stop(self) -> None:
        """End."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def on_connected(self, stream: Address) -> None:
        """Note a stream; who says nothing on it is let go as who logged in is."""
        self._heard_s[stream] = self.ctx.now()

    def on_closed(self, stream: Address) -> None:
        """Take off the list who is gone."""
        self._drop(stream, LEFT)

    def hear(self, stream: Address) -> None:
        """Note a sign of life."""
        if stream in self._heard_s:
            self._heard_s[stream] = self.ctx.now()

    def receive(self, stream: Address, message: Any) -> None:
        """Handle one message of a peer.

        Raises
        ------
        RemoteProtocolError
            If a peer may not say that.
        """
        match message:
            case m.Login():
                self.on_login(stream, message)
            case m.Offer():
                self.catalog.list_file(stream, message.name, message.size_bytes)
            case m.Withdraw():
                self.catalog.drop_file(stream, message.name)
            case m.Find():
                self.on_find(stream, message)
            case m.Ping():
                pass  # it was heard, and that is all it says
            case _:
                raise RemoteProtocolError("out of turn")  # noqa: EM101, TRY003

    def on_login(self, stream: Address, login: m.Login) -> None:
        """List a peer; its host is the stream's, whatever it says."""
        address = stream[0], login.port
        for other, entry in list(self.catalog.peers.items()):
            if entry.address == address and other != stream:
                self._close(other, LEFT)  # it has started again
        if self.catalog.is_full and stream not in self.catalog.peers:
            self.ctx.send(stream, m.Refusal("The index is full: try another."))
            self._close(stream, LEFT)
            return
        self.catalog.drop_peer(stream)
        entry = Entry(login.nick[:64], address, login.link_kbit)
        self.catalog.peers[stream] = entry
        self.ctx.emit(Registered(address, len(self.catalog.peers)))
        self.ctx.send(stream, m.Welcome())

    def on_find(self, stream: Address, find: m.Find) -> None:
        """Answer a question.

        Raises
        ------
        RemoteProtocolError
            If the peer is not listed.
        """
        if stream not in self.catalog.peers:
            raise RemoteProtocolError("not logged in")  # noqa: EM101, TRY003
        for found in self.catalog.find(find.text, min(find.most, self.config.max_hits)):
            self.ctx.send(stream, found)
        self.ctx.send(stream, m.FoundAll())

    def _on_look(self) -> None:
        """Ask who was silent for a sign of life, and let go who was for longer."""
        wait_s = self.config.keep_alive_s
        self._timer = self.ctx.after(wait_s, self._on_look)
        for stream, heard_s in list(self._heard_s.items()):
            silent_s = self.ctx.now() - heard_s
            if silent_s > 2 * wait_s:
                self.expired += 1
                self._close(stream, SILENT)
            elif silent_s > wait_s / 2:
                self.ctx.send(stream, m.Ping())

    def _close(self, stream: Address, reason: str) -> None:
        self._drop(stream, reason)
        self.ctx.close(stream)

    def _drop(self, stream: Address, reason: str) -> None:
        self._heard_s.pop(stream, None)
        entry = self.catalog.drop_peer(stream)
        if entry is not None:
            self.ctx.emit(Expired(entry.address, len(entry.files), reason))
