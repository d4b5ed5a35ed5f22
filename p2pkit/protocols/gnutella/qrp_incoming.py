"""Incoming tables: what a peer's resets and patches come to.

Whatever a peer sends, a table takes no more than `MAX_BITS` allow, and the pieces of a
patch no more than the patch itself may have. Read first: ``qrp_messages.py``.
"""

from __future__ import annotations

import zlib

from p2pkit.core import RemoteProtocolError
from p2pkit.protocols.gnutella.qrp_messages import (
    DEFLATED,
    PLAIN,
    RoutePatch,
    RouteReset,
)
from p2pkit.protocols.gnutella.query_table import MAX_BITS, MIN_BITS, QueryTable


class IncomingTable:
    """The table of one peer, as its messages make it."""

    def __init__(self) -> None:
        self.table: QueryTable | None = None  # until it has said how large it is
        self._pieces: list[bytes] = []
        self._shape: tuple[int, int, int] | None = None

    def on_reset(self, message: RouteReset) -> None:
        """Begin anew.

        Raises
        ------
        RemoteProtocolError
            If the table is no power of two, or larger than those that are taken.
        """
        self._pieces.clear()
        bits = message.entries.bit_length() - 1
        if not MIN_BITS <= bits <= MAX_BITS or message.entries != 1 << bits:
            raise RemoteProtocolError("table of another size")  # noqa: EM101, TRY003
        self.table = QueryTable(bits)

    def on_patch(self, message: RoutePatch) -> bool:
        """Keep a piece; return whether it was the last, and the table has changed.

        Raises
        ------
        RemoteProtocolError
            If a piece is missing or too long, or all of them make no patch.
        """
        table, shape = self.table, (message.pieces, message.packing, message.entry_bits)
        if message.number == 1:
            self._pieces, self._shape = [], shape
        if table is None or message.number != len(self._pieces) + 1:
            raise RemoteProtocolError("patch out of order")  # noqa: EM101, TRY003
        most_bytes = 1 << table.bits  # 8 bits for each slot, and deflate adds little
        if shape != self._shape or sum(map(len, self._pieces)) > most_bytes:
            self._forget("patch of several kinds")
        self._pieces.append(message.data)
        if message.number < message.pieces:
            return False
        patch, self._pieces = b"".join(self._pieces), []
        if message.packing == DEFLATED:
            patch = _inflate(patch, most_bytes)
        elif message.packing != PLAIN:
            self._forget("unknown packing")
        table.apply(patch, message.entry_bits)
        return True

    def _forget(self, reason: str) -> None:
        self._pieces = []
        raise RemoteProtocolError(reason)


def _inflate(data: bytes, most_bytes: int) -> bytes:
    inflater = zlib.decompressobj()
    try:
        inflated = inflater.decompress(data, most_bytes + 1)
    except zlib.error as error:
        raise RemoteProtocolError("unreadable patch") from error  # noqa: EM101, TRY003
    if len(inflated) > most_bytes or not inflater.eof:
        raise RemoteProtocolError("patch beyond its table")  # noqa: EM101, TRY003
    return inflated
