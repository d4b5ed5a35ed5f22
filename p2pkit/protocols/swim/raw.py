"""Old msgpack: byte strings as Go's first codec wrote them, and where a value ends.

What it shows: memberlist was built before msgpack had a type for bytes and one for
short texts, so it knows neither 0xc4 (bin) nor 0xd9 (str 8): a name of 32 bytes or
more must be sent as 0xda (raw 16), and bytes look like text that is no UTF-8.
Source: the msgpack specification of 2011, "raw bytes".
Read next: ``bodies.py``.
"""

from __future__ import annotations

from typing import Final, NoReturn

from msgspec import Raw

from p2pkit.core import RemoteProtocolError

MAX_TABLES: Final = 4
"""Maps and arrays of one value at most; memberlist has one."""

INCOMPLETE: Final = -1
_SIZES: Final = {
    0xCA: 4, 0xCB: 8, 0xCC: 1, 0xCD: 2, 0xCE: 4, 0xCF: 8, 0xD0: 1, 0xD1: 2, 0xD2: 4,
    0xD3: 8, 0xC0: 0, 0xC2: 0, 0xC3: 0,
}  # fmt: skip
_LENGTHS: Final = {0xD9: 1, 0xDA: 2, 0xDB: 4, 0xC4: 1, 0xC5: 2, 0xC6: 4}


def give(data: bytes) -> Raw:
    r"""Return bytes as a value of old msgpack.

    Examples
    --------
    >>> bytes(give(b"n1")), bytes(give(b"n" * 32))[:3]
    (b'\xa2n1', b'\xda\x00 ')
    """
    length = len(data)
    if length < 32:
        return Raw(bytes((0xA0 | length,)) + data)
    return Raw(b"\xda" + length.to_bytes(2, "big") + data)


def take(raw: Raw, most_bytes: int) -> bytes:
    r"""Return the bytes in a value, be it old raw, new text, new bytes or nil.

    Examples
    --------
    >>> take(Raw(b"\xa2n1"), 10), take(Raw(b"\xc0"), 10)
    (b'n1', b'')
    """
    data = bytes(raw)
    first = data[0] if data else 0xC0
    if first == 0xC0:
        return b""
    head = 1 + _LENGTHS.get(first, 0)
    if head == 1 and not 0xA0 <= first < 0xC0:
        _refuse("field of the wrong type")
    if len(data) - head > most_bytes:
        _refuse("field too long")
    return data[head:]


def text(raw: Raw, most_bytes: int) -> str:
    """Return the text in a value."""
    try:
        return take(raw, most_bytes).decode()
    except UnicodeDecodeError:
        _refuse("name is no text")


def end_of(data: bytes | bytearray, at: int = 0) -> int:
    r"""Return where the value that begins at `at` ends, or `INCOMPLETE`.

    Raises
    ------
    RemoteProtocolError
        If it has more maps inside than anything memberlist sends.

    Examples
    --------
    >>> end_of(b"\x81\xa1x\x05\xff"), end_of(b"\x81\xa1x")
    (4, -1)
    """
    values, tables, size = 1, 0, len(data)  # values that are still to be passed
    while values:
        if at >= size:
            return INCOMPLETE
        first = data[at]
        values, at = values - 1, at + 1
        if 0xA0 <= first < 0xC0:
            at += first & 0x1F
        elif first < 0x80 or first >= 0xE0:
            pass
        elif first < 0xA0:
            tables += 1
            values += (first & 0x0F) * (2 if first < 0x90 else 1)
        elif first in _LENGTHS:
            start = at + _LENGTHS[first]
            at = start + int.from_bytes(data[at:start], "big")
        elif first in _SIZES:
            at += _SIZES[first]
        else:
            _refuse("table of the wrong shape")
        if tables > MAX_TABLES:
            _refuse("table of the wrong shape")
    return at if at <= size else INCOMPLETE


def _refuse(reason: str) -> NoReturn:
    raise RemoteProtocolError(reason)
