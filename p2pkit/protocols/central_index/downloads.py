"""Downloads: files come straight from the peers that the index has named.

So whoever has found a file gets it without the index. Read first: ``searching.py``.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from p2pkit.core import (
    Address,
    LocalProtocolError,
    Operation,
    PeerUnreachable,
    RemoteProtocolError,
    RequestTimeout,
    StreamContext,
    format_address,
)
from p2pkit.protocols.central_index.config import CentralIndexConfig
from p2pkit.protocols.central_index.messages import Get, Piece
from p2pkit.protocols.central_index.wire import PIECE_BYTES


class Source(NamedTuple):
    """A copy of a file: its name and length, and who has it."""

    name: str
    size_bytes: int
    nick: str
    address: Address


class Download(Operation[bytes]):
    """One file on its way."""

    def __init__(self, source: Source, number: int, began_s: float) -> None:
        super().__init__("fetch", number=number, began_s=began_s)
        self.source, self.data = source, bytearray()


class Downloads:
    """The files that are on their way to one peer, one from each other peer."""

    def __init__(self, ctx: StreamContext, config: CentralIndexConfig) -> None:
        self.ctx, self.config = ctx, config
        self.by_peer: dict[Address, Download] = {}
        self._begun = 0

    def fetch(self, source: Source) -> Download:
        """Get a file from the peer that has it.

        Raises
        ------
        LocalProtocolError
            If another file is coming from there, or "there" is here.
        """
        if source.address in self.by_peer or source.address == self.ctx.me.address:
            reason = (
                f"a file is coming from {format_address(source.address)} already, or "
                "that is this node itself: wait, or ask another source"
            )
            raise LocalProtocolError(reason)
        self._begun += 1
        download = Download(source, self._begun, self.ctx.now())
        self.by_peer[source.address] = download
        limit(self.ctx, download, self.config.search_s)
        download.then(lambda _: self._on_end(download))
        self.ctx.connect(source.address)
        return download

    def on_connected(self, download: Download) -> None:
        """Ask for the file."""
        self.ctx.send(download.source.address, Get(download.source.name))

    def on_piece(self, download: Download, piece: Piece) -> None:
        """Take a part of a file.

        Raises
        ------
        RemoteProtocolError
            If it is more than the index has said.
        """
        download.data += piece.data
        if len(download.data) > download.source.size_bytes:
            self.on_lost(download)
            raise RemoteProtocolError("longer than its file")  # noqa: EM101, TRY003
        if len(piece.data) < PIECE_BYTES:
            download.finish(bytes(download.data))

    def on_lost(self, download: Download) -> None:
        """Hear that the peer with the file is gone, or has it no more."""
        where = format_address(download.source.address)
        download.fail(PeerUnreachable(f"{where} does not send the file: ask another"))

    def _on_end(self, download: Download) -> None:
        del self.by_peer[download.source.address]
        self.ctx.close(download.source.address)
        self.ctx.emit(download.event())


def limit(ctx: StreamContext, operation: Operation[Any], limit_s: float) -> None:
    """Let an operation fail that has not ended in time."""
    late = RequestTimeout(f"no answer within {limit_s:g} s: try again")
    timer = ctx.after(limit_s, lambda: operation.fail(late))
    operation.then(lambda _: timer.cancel())
