"""Wire: length and kind, two bytes each, and a line of text, as Napster had it.

Both numbers are little-endian. In a line texts stand in quotes and numbers do not; the
address of a host is the number that its four bytes make, the first one lowest.
Read first: ``messages.py``. Read next: ``framing.py``.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from ipaddress import IPv4Address
from typing import Any

from p2pkit.core import Address, Message, RemoteProtocolError
from p2pkit.protocols.central_index import messages as m

PIECE_BYTES = 32_768
"""Bytes of a file in one message."""

MAX_BODY_BYTES = 0xFFFF
_FIELD = re.compile(r'"([^"]*)"|(\S+)')


class NapsterCodec:
    """Turns messages into kind and body, and back."""

    max_bytes = 2 + MAX_BODY_BYTES

    def encode(self, message: Any) -> bytes:
        """Return kind and body."""
        kind, write = WRITERS[type(message)]
        return struct.pack("<H", kind) + write(message)

    def decode(self, data: bytes) -> Message:
        """Return the message in `data`.

        Raises
        ------
        RemoteProtocolError
            If its kind is unknown, or its fields are too few or of another type.
        """
        kind = int.from_bytes(data[:2], "little")
        if len(data) < 2 or kind not in READERS:
            raise RemoteProtocolError("unknown kind")  # noqa: EM101, TRY003
        try:
            return READERS[kind](data[2:])
        except (ValueError, IndexError, UnicodeDecodeError) as error:
            raise RemoteProtocolError("malformed fields") from error  # noqa: EM101, TRY003


def fields(body: bytes) -> list[str]:
    """Return the fields of a line, without their quotes.

    Examples
    --------
    >>> fields(b'"two words" 7 one')
    ['two words', '7', 'one']
    """
    return [quoted or plain for quoted, plain in _FIELD.findall(body.decode())]


def line(*values: str | int) -> bytes:
    """Return the line of some fields; texts are quoted, quotes in them are dropped."""
    shown = (
        f'"{one.replace(chr(34), "")}"' if isinstance(one, str) else str(one)
        for one in values
    )
    return " ".join(shown).encode()


def _host(number: str) -> str:
    return str(IPv4Address(int(number).to_bytes(4, "little")))


def _number(host: str) -> int:
    return int.from_bytes(IPv4Address(host).packed, "little")


def _whole(text: str, most: int = 0xFFFF_FFFF) -> int:
    if not (text.isascii() and text.isdigit() and int(text[:12]) <= most):
        message = "no number"
        raise ValueError(message)
    return int(text)


def _read_login(body: bytes) -> m.Login:
    nick, _, port, _, link = fields(body)[:5]
    return m.Login(nick, _whole(port, 0xFFFF), _whole(link))


def _write_login(one: m.Login) -> bytes:
    return line(one.nick, "", one.port, "p2pkit", one.link_kbit)


def _read_find(body: bytes) -> m.Find:
    found = fields(body)
    if found[:2] != ["FILENAME", "CONTAINS"] or found[3] != "MAX_RESULTS":
        message = "another question"
        raise ValueError(message)
    return m.Find(found[2], _whole(found[4]))


def _write_find(one: m.Find) -> bytes:
    return b"FILENAME CONTAINS %b MAX_RESULTS %d" % (line(one.text), one.most)


def _read_found(body: bytes) -> m.Found:
    name, size, nick, host, port, link = fields(body)[:6]
    address: Address = _host(host), _whole(port, 0xFFFF)
    return m.Found(name, _whole(size), nick, address, _whole(link))


def _write_found(one: m.Found) -> bytes:
    host, port = _number(one.address[0]), one.address[1]
    return line(one.name, one.size_bytes, one.nick, host, port, one.link_kbit)


def _read_redirect(body: bytes) -> m.Redirect:
    host, port = fields(body)[:2]
    return m.Redirect((_host(host), _whole(port, 0xFFFF)))


Kind = tuple[type, int, Callable[[Any], bytes], Callable[[bytes], Message]]
KINDS: tuple[Kind, ...] = (
    (m.Refusal, 0, lambda o: line(o.reason), lambda b: m.Refusal(fields(b)[0])),
    (m.Login, 2, _write_login, _read_login),
    (m.Welcome, 3, lambda o: b"", lambda b: m.Welcome()),
    (m.Offer, 100, lambda o: line(o.name, o.size_bytes),
     lambda b: m.Offer(fields(b)[0], _whole(fields(b)[1]))),
    (m.Withdraw, 102, lambda o: line(o.name), lambda b: m.Withdraw(fields(b)[0])),
    (m.Find, 200, _write_find, _read_find),
    (m.Found, 201, _write_found, _read_found),
    (m.FoundAll, 202, lambda o: b"", lambda b: m.FoundAll()),
    (m.Ping, 750, lambda o: b"", lambda b: m.Ping()),
    (m.Redirect, 20_001, lambda o: line(_number(o.address[0]), o.address[1]),
     _read_redirect),
    (m.Get, 20_002, lambda o: line(o.name), lambda b: m.Get(fields(b)[0])),
    (m.Piece, 20_003, lambda o: o.data, m.Piece),
)  # fmt: skip
"""Class, number, writer and reader of each message."""

WRITERS = {kind: (number, write) for kind, number, write, _ in KINDS}
READERS = {number: read for _, number, _, read in KINDS}
