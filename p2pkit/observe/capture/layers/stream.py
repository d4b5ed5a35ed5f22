# SPDX-License-Identifier: GPL-2.0-only
"""Messages on a stream: what scapy asks a layer to cut it by.

Scapy's `StreamSocket` wants one message at a time. Its `TCPSession` stacks all that a
segment completes, and loses its place (2.8.0) if these are more than two and a part of
another follows; so it gets them stacked already, with nothing left but that part.
"""

from __future__ import annotations

from typing import Any

from scapy.packet import Packet, Padding

MAX_STACKED = 200
"""Messages stacked in one packet at most: scapy goes through them by recursion."""


class StreamLayer(Packet):
    """Base of layers whose messages follow each other on a stream."""

    @classmethod
    def message_bytes(cls, data: bytes) -> int:
        """Return how long the message is that `data` begins with; 0 if it does not say.

        What is returned may be more than is there yet.
        """
        raise NotImplementedError

    @classmethod
    def tcp_reassemble(
        cls, data: bytes, metadata: dict[str, Any], session: dict[str, Any]
    ) -> Packet | None:
        """Return the first message of a stream, once all of it is there."""
        whole = cls.message_bytes(data)
        if not 0 < whole <= len(data):
            if whole:
                metadata["tcp_min_len"] = whole
            return None
        packet, rest = cls(data[:whole]), data[whole:]
        if "ident" in metadata:  # a `TCPSession` asks
            rest = cls._stack(packet, rest)
        if rest:
            packet.add_payload(Padding(rest))
        return packet

    @classmethod
    def _stack(cls, packet: Packet, rest: bytes) -> bytes:
        for _ in range(MAX_STACKED):
            whole = cls.message_bytes(rest)
            if not 0 < whole <= len(rest):
                break
            packet.add_payload(cls(rest[:whole]))
            rest = rest[whole:]
        return rest
