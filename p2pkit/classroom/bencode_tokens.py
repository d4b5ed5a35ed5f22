"""Bencode by eye: where each string, number, list and dictionary begins and ends.

What it shows: the notation needs no library, only patience. A string is its length, a
colon and as many bytes; a number stands between ``i`` and ``e``; ``l`` begins a list
and ``d`` a dictionary, and ``e`` ends either.
Source: BEP 3, "bencoding". The kit itself reads with `core.bencode`, which is strict;
this reads as a person does, and only notices what it cannot read at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from p2pkit.core import LabError

SHOWN = 16
"""Letters of a token that fit into the column."""


class Token(NamedTuple):
    """The smallest part of a bencoded value that means something.

    Attributes
    ----------
    at : int
        Where it begins.
    raw : bytes
        Its bytes.
    depth : int
        How many lists and dictionaries it stands in.
    means : str
        What it is, in a few words.
    """

    at: int
    raw: bytes
    depth: int
    means: str


def bencode_tokens(data: bytes) -> Iterator[Token]:
    """Yield the tokens of bencoded bytes, in order; together they are all of them.

    Raises
    ------
    LabError
        Where there is none; the sentence says at which byte.

    Examples
    --------
    >>> for token in bencode_tokens(b"d1:y1:qe"):
    ...     print(token.at, token.raw, token.means)
    0 b'd' dictionary begins
    1 b'1:y' key y
    4 b'1:q' 'q'
    7 b'e' dictionary ends
    """
    at, is_key = 0, False
    open_ones: list[str] = []
    while at < len(data):
        first = data[at : at + 1]
        if first == b"e" and open_ones:
            kind = open_ones.pop()
            yield Token(at, first, len(open_ones), f"{kind} ends")
            at += 1
        elif first in (b"d", b"l"):
            kind = "dictionary" if first == b"d" else "list"
            yield Token(at, first, len(open_ones), f"{kind} begins")
            open_ones.append(kind)
            at += 1
            is_key = kind == "dictionary"
            continue
        else:
            raw, means = _scalar(data, at)
            names = is_key and open_ones[-1] == "dictionary"
            shown = f"key {means.strip(chr(39))}" if names else means
            yield Token(at, raw, len(open_ones), shown)
            at += len(raw)
            is_key = not names
            continue
        is_key = True  # what has just ended was a value


def bencode_outline(data: bytes) -> str:
    """Return a line for each token: where it is, what can be read of it, what it means.

    Examples
    --------
    >>> print(bencode_outline(b"d1:t2:aae"))
      0 d               dictionary begins
      1 1:t                 key t
      4 2:aa                'aa'
      8 e               dictionary ends
    """
    return "\n".join(
        f"{one.at:3} {_readable(one.raw):16}{'    ' * one.depth}{one.means}"
        for one in bencode_tokens(data)
    )


def _readable(raw: bytes) -> str:
    text = raw.decode("latin-1")
    is_text = raw.isascii() and text.isprintable() and len(text) < SHOWN
    return text if is_text else text.partition(":")[0] + ":..."


def _scalar(data: bytes, at: int) -> tuple[bytes, str]:
    """Return the string or number that begins at a place, and what it says."""
    try:
        if data[at : at + 1] == b"i":
            end = data.index(b"e", at)
            return data[at : end + 1], f"number {int(data[at + 1 : end])}"
        colon = data.index(b":", at)
        start, length = colon + 1, int(data[at:colon])
        text = data[start : start + length]
        if 0 <= length == len(text):
            return data[at : start + length], _shown(text)
    except ValueError:
        pass
    reason = (
        f"byte {at} begins no bencoded value: expected a length, i, l, d or e, and "
        f"there is {data[at : at + 1]!r}"
    )
    raise LabError(reason)


def _shown(text: bytes) -> str:
    if text and text.isascii() and text.decode().isprintable():
        return repr(text.decode())
    return f"{len(text)} bytes {text.hex()[:8]}"
