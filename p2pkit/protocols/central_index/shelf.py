"""Shelf: the files that one peer shares."""

from __future__ import annotations

from p2pkit.core import Address, LocalProtocolError, StreamContext
from p2pkit.protocols.central_index.catalog import MAX_NAME_BYTES, words
from p2pkit.protocols.central_index.messages import Get, Piece
from p2pkit.protocols.central_index.wire import PIECE_BYTES

MAX_FILE_BYTES = 1 << 20


class Shelf:
    """Files by name."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def add(self, name: str, data: bytes, max_files: int) -> None:
        """Keep a file.

        Raises
        ------
        LocalProtocolError
            If the name has no word or is too long, or the file is, or there are too
            many.
        """
        if not words(name) or len(name.encode()) > MAX_NAME_BYTES or '"' in name:
            reason = (
                f"{name!r} is no name: give 1 to {MAX_NAME_BYTES} bytes with a word in "
                "them, and without quotes"
            )
            raise LocalProtocolError(reason)
        is_new = name not in self.files
        if len(data) > MAX_FILE_BYTES or (is_new and len(self.files) >= max_files):
            reason = (
                f"a peer shares up to {max_files:,} files of up to {MAX_FILE_BYTES:,} "
                f"bytes: {name!r} has no room"
            )
            raise LocalProtocolError(reason)
        self.files[name] = bytes(data)

    def on_get(self, ctx: StreamContext, stream: Address, get: Get) -> None:
        """Send a file, or close the stream of whoever asks for one that we lack."""
        data = self.files.get(get.name)
        if data is None:
            ctx.close(stream)
            return
        for at in range(0, len(data) + 1, PIECE_BYTES):
            ctx.send(stream, Piece(data[at : at + PIECE_BYTES]))
