"""Wire: the bytes of every message, as Wireshark and real servents read them.

Each begins with 23 bytes: id, type, TTL, hops and the length of its payload. Lengths,
ports and counts are little-endian, addresses in network order; texts end in a zero.
Source: RFC-Gnutella 0.6, section 2. Read next: ``payloads.py``.
"""

from __future__ import annotations

import struct
from typing import Any

from p2pkit.core import Message, RemoteProtocolError
from p2pkit.protocols.gnutella import messages as m
from p2pkit.protocols.gnutella import payloads, qrp_messages
from p2pkit.protocols.gnutella.framing import (
    HEADER_BYTES,
    MAX_BODY_BYTES,
    MAX_HEAD_BYTES,
    MAX_PAYLOAD_BYTES,
)
from p2pkit.protocols.gnutella.text import OPENERS, Text, read_text, write_text

HEADER = struct.Struct("<16sBBBI")
READERS = payloads.READERS | qrp_messages.READERS
WRITERS = payloads.WRITERS | qrp_messages.WRITERS


class GnutellaCodec:
    """Turns messages of Gnutella into bytes and back."""

    def __init__(self) -> None:
        # A flood sends one message to many; messages never change.
        self._last: Any = None
        self._bytes = b""

    max_bytes = max(HEADER_BYTES + MAX_PAYLOAD_BYTES, MAX_HEAD_BYTES + MAX_BODY_BYTES)

    def encode(self, message: Any) -> bytes:
        """Return the bytes of `message`."""
        if message is self._last:
            return self._bytes
        if isinstance(message, Text):
            return write_text(message)
        kind, write = WRITERS[type(message)]
        payload = write(message)
        if kind is None:
            kind = _kind(message)
        header = HEADER.pack(
            message.guid, kind, message.ttl, message.hops, len(payload)
        )
        self._last, self._bytes = message, header + payload
        return self._bytes

    def decode(self, data: bytes) -> Message:
        """Return the message in `data`.

        Raises
        ------
        RemoteProtocolError
            If the bytes are none of the messages.
        """
        # The length of a message is below 2 ** 24, so its last byte is a zero, and a
        # text has none: an id that begins like a text is no trap.
        if data[HEADER_BYTES - 1 : HEADER_BYTES] != b"\0":
            if data.startswith(OPENERS):
                return read_text(data)
            raise RemoteProtocolError("neither message nor text")  # noqa: EM101, TRY003
        guid, kind, ttl, hops, length = HEADER.unpack_from(data)
        if len(data) != HEADER_BYTES + length:
            raise RemoteProtocolError("wrong length")  # noqa: EM101, TRY003
        header = {"guid": guid, "ttl": ttl, "hops": hops}
        read = READERS.get(kind)
        if read is None:
            return m.Other(**header, kind=kind, payload=data[HEADER_BYTES:])
        try:
            message: Message = read(data[HEADER_BYTES:], header)
        except (struct.error, IndexError, ValueError) as error:
            raise RemoteProtocolError("malformed payload") from error  # noqa: EM101, TRY003
        return message


def _kind(message: m.Vendor | m.Other) -> int:
    if isinstance(message, m.Other):
        return message.kind
    return 0x32 if message.is_standard else 0x31
