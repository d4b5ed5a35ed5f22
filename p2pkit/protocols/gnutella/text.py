"""Text: blocks of lines, as the handshake and HTTP have them, read leniently.

Names of headers are folded to lower case, lines may end in LF alone, and a line that
begins with a blank goes on with the one before. Source: RFC-Gnutella 0.6, section 1,
which takes its form from HTTP (RFC 2616, section 4.2).
"""

from __future__ import annotations

import re

from p2pkit.core import Message, RemoteProtocolError
from p2pkit.protocols.gnutella.results import read_name

BARE = "GNUTELLA CONNECT/0.4", "GNUTELLA OK", "GIV "
"""Lines that stand alone, and end as on a Unix system."""

MAX_HEADERS = 64
"""Lines of a block at most; real servents send about twenty."""

_EMPTY_LINE = re.compile(rb"\n\r?\n")

CONTENT_LENGTH = "content-length"

OPENERS = (b"GNUTELLA", b"GET ", b"HEAD ", b"HTTP/", b"GIV ")
"""How a block may begin."""

SPELLED = {
    "ggep": "GGEP",
    "remote-ip": "Remote-IP",
    "listen-ip": "Listen-IP",
    "x-max-ttl": "X-Max-TTL",
}
"""Headers whose customary spelling is not one capital a word."""


class Text(Message, frozen=True, gc=False):
    """One block of text.

    Parameters
    ----------
    line : str
        The first line, such as ``GNUTELLA CONNECT/0.6``.
    headers : tuple of (str, str)
        Names in lower case and values, in order.
    body : bytes
        What follows an answer of HTTP.
    """

    line: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    def header(self, name: str, default: str = "") -> str:
        """Return the first value of a header, by its name in lower case."""
        return next((value for key, value in self.headers if key == name), default)


class Greeting(Text, frozen=True, gc=False):
    """A step of the handshake."""


class Http(Text, frozen=True, gc=False):
    """A request for a file, its answer, or the offer to be asked for one."""


def read_text(data: bytes) -> Text:
    """Return the block of text in `data`, with what follows its empty line.

    Raises
    ------
    RemoteProtocolError
        If it has too many lines, or one that is no header.
    """
    head, _, body = _parted(data)
    first, *lines = [line.rstrip("\r") for line in read_name(head).split("\n")]
    if len(lines) > MAX_HEADERS:
        raise RemoteProtocolError("too many headers")  # noqa: EM101, TRY003
    headers: list[tuple[str, str]] = []
    for line in lines:
        name, colon, value = line.partition(":")
        if line[:1] in (" ", "\t") and headers:
            before, text = headers.pop()
            headers.append((before, f"{text} {line.strip()}"))
        elif colon and name.strip():
            headers.append((name.strip().lower(), value.strip()))
        else:
            raise RemoteProtocolError("no header")  # noqa: EM101, TRY003
    kind = Greeting if data.startswith(b"GNUTELLA") else Http
    return kind(first.strip(), tuple(headers), bytes(body))


def write_text(message: Text) -> bytes:
    """Return the bytes of a block."""
    if message.line.startswith(BARE):
        return f"{message.line}\n\n".encode()
    lines = [message.line, *(f"{_spell(k)}: {v}" for k, v in message.headers), "", ""]
    return "\r\n".join(lines).encode() + message.body


def end_of_head(buffer: bytes | bytearray) -> int:
    """Return where the first empty line of a buffer ends; -1 if it has none yet."""
    found = _EMPTY_LINE.search(buffer)
    return -1 if found is None else found.end()


def _parted(data: bytes) -> tuple[bytes, bytes, bytes]:
    end = end_of_head(data)
    return (data, b"", b"") if end < 0 else (data[:end].rstrip(), b"", data[end:])


def _spell(name: str) -> str:
    return SPELLED.get(name) or "-".join(part.capitalize() for part in name.split("-"))
