"""The memberlist wire: envelopes around messages.

What it shows: a datagram is at most a checksum around a compression around a compound
around messages, in that order and each once; anything else is refused before it costs
something. What is compressed is expanded up to a bound.
Source: memberlist's net.go as seen on the wire, protocol versions 1 to 5.
Read first: ``reading.py``, ``writing.py``, ``lzw.py``. Read next: ``framing.py``.
"""

from __future__ import annotations

import zlib
from typing import Any, Final, NoReturn

from p2pkit.core import Message, RemoteProtocolError
from p2pkit.core.driver import MAX_DATAGRAM_BYTES
from p2pkit.protocols.swim import reading as kind
from p2pkit.protocols.swim.lzw import expand
from p2pkit.protocols.swim.messages import Compound, Unreadable
from p2pkit.protocols.swim.raw import take
from p2pkit.protocols.swim.writing import write

MAX_STREAM_BYTES: Final = 2 << 20
"""Longest message on a stream: a table of some 12,000 members."""


class MemberlistCodec:
    """Codec of datagrams, and of the messages that a stream is cut into."""

    max_bytes = MAX_STREAM_BYTES

    def encode(self, message: Message) -> bytes:
        """Return the bytes of `message`, as old members understand them too."""
        return write(message)

    def decode(self, data: bytes) -> Any:
        """Return the message in `data`, or a `Compound` of several.

        Raises
        ------
        RemoteProtocolError
            If it is none of ours; one bad part of a compound is an `Unreadable`.
        """
        if data[:1] == b"\x0c":
            data = _checked(data)
        if data[:1] == b"\x09":
            data = uncompressed(data[1:], MAX_DATAGRAM_BYTES)
        if data[:1] == b"\x07":
            return Compound(tuple(_part(part) for part in _parts(data)))
        return _message(data)


def uncompressed(body: bytes, most_bytes: int) -> bytes:
    """Return the message in the body of a compression."""
    found = kind.compressed(body)
    if found.algo != 0:
        _refuse("unknown compression")
    return expand(take(found.buf, len(body)), most_bytes)


def _checked(data: bytes) -> bytes:
    if zlib.crc32(data[5:]) != int.from_bytes(data[1:5], "big") or len(data) < 6:
        _refuse("checksum wrong")
    return data[5:]


def _parts(data: bytes) -> list[bytes]:
    count = data[1] if len(data) > 1 else 0
    at = 2 + 2 * count
    lengths = [int.from_bytes(data[2 * i + 2 : 2 * i + 4], "big") for i in range(count)]
    if not count or at + sum(lengths) > len(data):
        _refuse("compound ends early")
    parts = []
    for length in lengths:
        parts.append(data[at : at + length])
        at += length
    return parts


def _part(data: bytes) -> Any:
    try:
        return _message(data)
    except RemoteProtocolError as error:
        return Unreadable(error.reason)


def _message(data: bytes) -> Any:
    if not data:
        _refuse("empty message")
    if data[0] == kind.ENCRYPT:
        _refuse("encrypted")
    reader = kind.READERS.get(data[0])
    if reader is None:
        _refuse("unknown type of message")
    return reader(data[1:])


def _refuse(reason: str) -> NoReturn:
    raise RemoteProtocolError(reason)
