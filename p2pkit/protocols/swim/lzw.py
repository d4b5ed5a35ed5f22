"""LZW as Go's compress/lzw writes it: low bits first, bytes as symbols.

What it shows: a compressed message may stand for one a thousand times as long, so
whoever expands it names a bound first. Each entry of the table is a stretch of what
has been written already, one byte longer than the one before it: so the table holds
places, not copies, and takes no more than the bound either.
Source: T. Welch, "A Technique for High-Performance Data Compression", IEEE Computer
1984; the variant is that of GIF and of Go, with codes of 9 to 12 bits.
"""

from __future__ import annotations

from typing import NoReturn

from p2pkit.core import RemoteProtocolError

CLEAR, END = 256, 257
"""Codes that are no data: forget the table; nothing follows."""
FIRST_ENTRY = 258
FIRST_WIDTH, LAST_WIDTH = 9, 12
"""Bits of a code while the table is new, and when it is full."""


def expand(data: bytes, most_bytes: int) -> bytes:
    r"""Return what `data` stands for.

    Parameters
    ----------
    data : bytes
        LZW codes, low bits first.
    most_bytes : int
        Length of the result at most.

    Raises
    ------
    RemoteProtocolError
        If it stands for more, or is no LZW.

    Examples
    --------
    >>> expand(bytes.fromhex("00c3081c1810"), 100)
    b'aaaaaa'
    """
    out = bytearray()
    table = _Table(out)
    bits = held = at = 0
    while True:
        while bits < table.width:
            if at == len(data):
                _refuse("compressed message ends early")
            held |= data[at] << bits
            bits, at = bits + 8, at + 1
        code = held & (1 << table.width) - 1
        held, bits = held >> table.width, bits - table.width
        if code == END:
            return bytes(out)
        if code == CLEAR:
            table.clear()
            continue
        table.write(code)
        if len(out) > most_bytes:
            _refuse("compressed message too large")


class _Table:
    """What codes from 258 on stand for: stretches of `out`, as start and end."""

    def __init__(self, out: bytearray) -> None:
        self.out = out
        self.clear()

    def clear(self) -> None:
        """Forget every entry."""
        self.entries: list[tuple[int, int]] = []
        self.width = FIRST_WIDTH
        self.previous: tuple[int, int] | None = None  # where the last code was written

    def write(self, code: int) -> None:
        """Write what a code stands for, and enter the code before plus one byte."""
        out, previous, start = self.out, self.previous, len(self.out)
        if code < CLEAR:
            out.append(code)
        elif code - FIRST_ENTRY < len(self.entries):
            first, last = self.entries[code - FIRST_ENTRY]
            out += out[first:last]
        elif code - FIRST_ENTRY == len(self.entries) and previous is not None:
            first, last = previous  # the entry that this very code completes
            out += out[first:last]
            out.append(out[first])
        else:
            _refuse("compressed message is malformed")
        size = FIRST_ENTRY + len(self.entries)
        if previous is not None and size < 1 << LAST_WIDTH:
            self.entries.append((previous[0], previous[1] + 1))
            size += 1
        if size >= 1 << self.width and self.width < LAST_WIDTH:
            self.width += 1
        self.previous = (start, len(out))


def _refuse(reason: str) -> NoReturn:
    raise RemoteProtocolError(reason)
