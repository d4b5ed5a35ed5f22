"""GGEP: named extensions inside messages, which who does not know them passes on.

A block is a magic byte and then, for each extension, flags, a name, a length and data.
Data may be packed twice over: deflated, and with zeros taken out (COBS), for a zero
ends texts. What others send is read as far as it can be; a bomb is refused.
Source: J. Thomas, "Gnutella Generic Extension Protocol (GGEP)", 2002.
Read next: ``huge.py``.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping

from p2pkit.core import LocalProtocolError, RemoteProtocolError
from p2pkit.protocols.gnutella.cobs import pack_cobs, unpack_cobs

MAGIC = 0xC3
MAX_EXTENSIONS = 64
"""Extensions read of one block; real servents send less than ten."""

MAX_INFLATED_BYTES = 65_536
"""What all deflated extensions of one block may come to."""

MAX_DATA_BYTES = (1 << 18) - 1
_LAST, _COBS, _DEFLATE, _NAME = 0x80, 0x40, 0x20, 0x0F
_END, _MORE, _SIX = 0x40, 0x80, 0x3F


def write_ggep(extensions: Mapping[str, bytes]) -> bytes:
    """Return a block of extensions without a zero in it; nothing if there are none.

    Raises
    ------
    LocalProtocolError
        If a name has not 1 to 15 ASCII characters, or data are too long.

    Examples
    --------
    >>> write_ggep({"VC": b"P2PK5"}).hex(" ")
    'c3 82 56 43 45 50 32 50 4b 35'
    """
    block = bytearray([MAGIC])
    for number, (name, data) in enumerate(extensions.items(), 1):
        is_packed = 0 in data
        packed = pack_cobs(data) if is_packed else data
        flags = _LAST * (number == len(extensions)) | _COBS * is_packed | len(name)
        if not (name.isascii() and 1 <= len(name) <= _NAME and "\0" not in name):
            reason = f"{name!r} names no extension: give 1 to 15 ASCII characters"
            raise LocalProtocolError(reason)
        block += bytes([flags]) + name.encode() + _length(len(packed)) + packed
    return bytes(block) if extensions else b""


def read_ggep(data: bytes) -> tuple[dict[str, bytes], bytes]:
    """Return the extensions of the block that `data` begins with, and what follows it.

    A block that breaks off, or lies about a length, gives what came before that.

    Raises
    ------
    RemoteProtocolError
        If it has too many extensions, or they inflate to too much.
    """
    found: dict[str, bytes] = {}
    if not data or data[0] != MAGIC:
        return found, data
    at, room_bytes, flags = 1, MAX_INFLATED_BYTES, 0
    try:
        while not flags & _LAST:
            if len(found) >= MAX_EXTENSIONS:
                raise RemoteProtocolError("ggep bomb")  # noqa: EM101, TRY003
            flags = data[at]
            name_end = at + 1 + (flags & _NAME)
            name = data[at + 1 : name_end].decode("ascii")
            start, length = _read_length(data, name_end)
            at = start + length
            if at > len(data):
                return found, b""
            value = data[start:at]
            if flags & _COBS:
                value = unpack_cobs(value)
            if flags & _DEFLATE:
                value = _inflate(value, room_bytes)
                room_bytes -= len(value)
            found[name] = value
    except (IndexError, ValueError, zlib.error):
        return found, b""
    return found, data[at:]


def _inflate(data: bytes, most_bytes: int) -> bytes:
    inflater = zlib.decompressobj()
    inflated = inflater.decompress(data, most_bytes + 1)
    if len(inflated) > most_bytes:
        raise RemoteProtocolError("ggep bomb")  # noqa: EM101, TRY003
    return inflated


def _length(length: int) -> bytes:
    if length > MAX_DATA_BYTES:
        reason = f"an extension has at most {MAX_DATA_BYTES:,} bytes, not {length:,}"
        raise LocalProtocolError(reason)
    sixes = [length & _SIX | _END]
    while length := length >> 6:
        sixes.insert(0, length & _SIX | _MORE)
    return bytes(sixes)


def _read_length(data: bytes, at: int) -> tuple[int, int]:
    length = 0
    for end in range(at, at + 3):
        length = length << 6 | data[end] & _SIX
        if data[end] & _END:
            return end + 1, length
    message = "no end of a length"
    raise ValueError(message)
