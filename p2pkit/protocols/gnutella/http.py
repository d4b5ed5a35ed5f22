"""HTTP: how one servent asks another for a file, or for a part of it.

A file is asked for by the number it has at its servent, ``GET /get/7/name``, or by its
content, ``GET /uri-res/N2R?urn:sha1:...``; a ``Range`` asks for some of its bytes. Of
HTTP there is what servents use, no more.
Source: RFC-Gnutella 0.6, section 3; RFC 2616, sections 10 and 14.35.
Read next: ``uploads.py``, ``downloads.py``.
"""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import quote, unquote

from p2pkit.core import RemoteProtocolError
from p2pkit.protocols.gnutella.huge import read_urn
from p2pkit.protocols.gnutella.text import Http, Text

_LINE = re.compile(r"(GET|HEAD) (\S.*) HTTP/1\.([01])")
_GET = re.compile(r"/get/(\d{1,9})/(.+)")
_BY_CONTENT = "/uri-res/n2r?"
_RANGE = re.compile(r"bytes\s*[= ]\s*(\d{0,15})-(\d{0,15})", re.IGNORECASE)
_STATUS = re.compile(r"HTTP/1\.[01] (\d{3})(?: |$)")

REASONS = {
    200: "OK",
    206: "Partial Content",
    400: "Bad Request",
    404: "Not Found",
    416: "Requested Range Not Satisfiable",
    503: "Service Unavailable",
}


class Request(NamedTuple):
    """What is asked for: a file by number and name, or by its SHA-1.

    Parameters
    ----------
    wants_body : bool
        Whether it is a GET, no HEAD.
    number, name
        The file's, or 0 and nothing.
    sha1 : bytes
        Its content's, or nothing.
    stays : bool
        Whether the stream is to be used for more.
    """

    wants_body: bool
    number: int
    name: str
    sha1: bytes
    stays: bool


def read_request(text: Text) -> Request:
    """Return what a block of text asks for.

    Raises
    ------
    RemoteProtocolError
        If it is no request that servents make.
    """
    line = _LINE.fullmatch(text.line)
    if line is None:
        raise RemoteProtocolError("no request")  # noqa: EM101, TRY003
    method, path, minor = line.groups()
    said = text.header("connection", "close" if minor == "0" else "keep-alive")
    stays = said.lower() != "close"
    if path.lower().startswith(_BY_CONTENT):
        sha1 = read_urn(unquote(path[len(_BY_CONTENT) :]).encode()) or b""
        return Request(method == "GET", 0, "", sha1, stays)
    found = _GET.fullmatch(path)
    if found is None:
        return Request(method == "GET", 0, "", b"", stays)
    # Servents of version 0.4 end the path in a slash.
    number, name = int(found[1]), unquote(found[2].removesuffix("/"))
    return Request(method == "GET", number, name, b"", stays)


def read_range(text: str, size: int) -> tuple[int, int] | None:
    """Return where the wanted bytes begin and end; None if there are no such bytes.

    What cannot be understood asks for all of them, as HTTP has it.

    Examples
    --------
    >>> read_range("bytes=2-4", 10), read_range("bytes=-3", 10), read_range("", 10)
    ((2, 5), (7, 10), (0, 10))
    >>> read_range("bytes=10-", 10) is None
    True
    """
    found = _RANGE.fullmatch(text.strip())
    if found is None or found.groups() == ("", ""):
        return 0, size
    first, last = found.groups()
    if not first:
        count = min(int(last), size)
        return (size - count, size) if count else None
    start, end = int(first), min(int(last or size) + 1, size)
    if last and int(last) < start:
        return 0, size
    return (start, end) if start < size else None


def read_status(text: Text) -> int:
    """Return the number of an answer.

    Raises
    ------
    RemoteProtocolError
        If it is none.
    """
    found = _STATUS.match(text.line)
    if found is None:
        raise RemoteProtocolError("no answer")  # noqa: EM101, TRY003
    return int(found[1])


def path_of(number: int, name: str) -> str:
    """Return what a file is asked for by.

    Examples
    --------
    >>> path_of(7, "small world.pdf")
    '/get/7/small%20world.pdf'
    """
    return f"/get/{number}/{quote(name)}"


def answer(status: int, *headers: tuple[str, str], body: bytes = b"") -> Http:
    """Return an answer, with the length of its body unless it says another."""
    if all(name != "content-length" for name, _ in headers):
        headers = (*headers, ("content-length", str(len(body))))
    line = f"HTTP/1.1 {status} {REASONS[status]}"
    return Http(line, (("server", "p2pkit"), *headers), body)
