"""HUGE: what a file is, beside what it is called.

A file's SHA-1 names its content whatever its name is, as ``urn:sha1:`` and 32 letters
of base 32. It stands in the extensions of a hit or a question, which are parted by
bytes of 1c; one of them may be a GGEP block, with bytes of 1c of its own.
Source: G. Mohr, "Hash/URN Gnutella Extensions (HUGE) v0.93", 2002.
Read first: ``ggep.py``.
"""

from __future__ import annotations

from base64 import b32decode, b32encode
from binascii import Error

from p2pkit.protocols.gnutella.ggep import MAGIC, read_ggep

PREFIX = b"urn:sha1:"
SHA1_BYTES = 20
MAX_PARTS = 32
"""Extensions read of one field."""


def write_urn(sha1: bytes) -> bytes:
    """Return the name of a content.

    Examples
    --------
    >>> write_urn(bytes(20))
    b'urn:sha1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'
    """
    return PREFIX + b32encode(sha1)


def read_urn(text: bytes) -> bytes | None:
    """Return the SHA-1 in a name, in letters of any case; None if it has none."""
    if text[: len(PREFIX)].lower() != PREFIX:
        return None
    try:
        sha1 = b32decode(text[len(PREFIX) : len(PREFIX) + 32].upper())
    except (Error, ValueError):
        return None
    return sha1 if len(sha1) == SHA1_BYTES else None


def read_parts(field: bytes) -> tuple[list[bytes], dict[str, bytes]]:
    """Return the extensions of a field: those that are text, and those of GGEP.

    Raises
    ------
    RemoteProtocolError
        If one is a bomb.
    """
    texts: list[bytes] = []
    named: dict[str, bytes] = {}
    for _ in range(MAX_PARTS):
        field = field.lstrip(b"\x1c")
        if not field or field[0] == 0:
            break
        if field[0] == MAGIC:
            found, field = read_ggep(field)
            named |= found
        else:
            text, _, field = field.partition(b"\x1c")
            texts.append(text)
    return texts, named


def sha1_of(field: bytes) -> bytes:
    """Return the SHA-1 that a field names; empty if it names none."""
    if b"urn:" not in field.lower():
        return b""
    found = (read_urn(text) for text in read_parts(field)[0])
    return next((sha1 for sha1 in found if sha1 is not None), b"")
