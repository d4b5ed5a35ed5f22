"""Packs bytes as Go's compress/lzw does; the kit itself only unpacks."""

from __future__ import annotations

CLEAR, END, LAST = 256, 257, 4095


def pack(data: bytes) -> bytes:
    """Return the codes of `data`, low bits first, 9 to 12 bits each."""
    out, held, bits, width = bytearray(), 0, 0, 9

    def put(code: int) -> None:
        nonlocal held, bits
        held |= code << bits
        bits += width
        while bits >= 8:
            out.append(held & 0xFF)
            held, bits = held >> 8, bits - 8

    put(CLEAR)
    table: dict[bytes, int] = {}
    newest, word = END, b""
    for number in data:
        longer = word + bytes((number,))
        if len(longer) == 1 or longer in table:
            word = longer
            continue
        put(table[word] if len(word) > 1 else word[0])
        newest += 1
        if newest == 1 << width:
            width += 1
        if newest == LAST:
            put(CLEAR)
            table, newest, width = {}, END, 9
        else:
            table[longer] = newest
        word = bytes((number,))
    if word:
        put(table[word] if len(word) > 1 else word[0])
        newest += 1
        if newest == 1 << width and width < 12:
            width += 1
    put(END)
    if bits:
        out.append(held & 0xFF)
    return bytes(out)
