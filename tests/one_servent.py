"""One servent with the test as everybody it meets; all of it over the wire."""

from __future__ import annotations

from typing import Any

from p2pkit.core import Address, RemoteProtocolError
from p2pkit.protocols.gnutella import Gnutella, GnutellaConfig
from p2pkit.protocols.gnutella import messages as m
from p2pkit.protocols.gnutella.text import Greeting, Text
from tests.recorder import Recorder

CODEC = Gnutella.codec
HERE: Address = ("127.9.0.5", 6346)


HOME: Address = ("127.9.3.1", 6346)


def guid(number: int) -> bytes:
    return number.to_bytes(16, "big")


def query(number: int = 1, **fields: object) -> m.Query:
    return m.Query(guid=guid(number), **({"ttl": 7, "text": "small world"} | fields))


def hit(number: int = 1, **fields: object) -> m.QueryHit:
    found = {"address": HOME, "results": (m.Result(1, 3, "x"),), "servent": guid(99)}
    return m.QueryHit(guid=guid(number), **({"ttl": 3} | found | fields))


def stream(number: int, host: int = 0) -> Address:
    """Return where stream `number` comes from: a host of its own, unless told."""
    return (f"127.9.1.{host or number}", 40_000 + number)


class StreamsRecorder(Recorder):
    """A recorder with streams: what is sent on each waits to be taken."""

    def __init__(self) -> None:
        super().__init__(1, HERE, codec=CODEC)
        self.dialed: list[Address] = []
        self.closed: list[Address] = []
        self.said: list[tuple[Address, Any]] = []

    def connect(self, to: Address) -> None:
        self.dialed.append(to)

    def close(self, to: Address) -> None:
        self.closed.append(to)

    def send_stream(self, to: Address, message: Any) -> None:
        self.said.append((to, CODEC.decode(CODEC.encode(message))))


class OneServent:
    """A servent, `ctx` as its driver, and what others may do to it."""

    def __init__(self, **settings: Any) -> None:
        self.ctx = StreamsRecorder()
        self.node = Gnutella(self.ctx, GnutellaConfig.of(**settings))
        self.rejected: list[str] = []

    def guard(self, call: Any, *arguments: Any) -> None:
        """Call into the node as a driver does: what is refused is counted."""
        try:
            call(*arguments)
        except RemoteProtocolError as error:
            self.rejected.append(error.reason)

    def open(self, where: Address) -> None:
        """Have a stream come up."""
        self.guard(self.node.on_connected, where)

    def gone(self, where: Address) -> None:
        """Have a stream end."""
        self.guard(self.node.on_closed, where)

    def hear(self, where: Address, message: Any) -> None:
        """Receive a message on a stream as it comes off the wire."""
        data = message if isinstance(message, bytes) else CODEC.encode(message)
        try:
            decoded = CODEC.decode(data)
        except RemoteProtocolError as error:
            self.rejected.append(error.reason)
            return
        self.guard(self.node.receive_stream, where, decoded)

    def greet(self, where: Address, line: str, **headers: str) -> None:
        """Say a step of a handshake."""
        named = tuple((key.replace("_", "-"), text) for key, text in headers.items())
        self.hear(where, Greeting(line, named))

    def link(self, number: int, host: int = 0, **headers: str) -> Address:
        """Link a peer that dials us; return its stream."""
        where = stream(number, host)
        self.open(where)
        self.greet(where, "GNUTELLA CONNECT/0.6", **headers)
        assert self.taken(where)[0].line == "GNUTELLA/0.6 200 OK"
        self.greet(where, "GNUTELLA/0.6 200 OK")
        return where

    def taken(self, where: Address, kind: type = object) -> list[Any]:
        """Take what was sent on a stream, oldest first."""
        said = self.ctx.said
        mine = [one for to, one in said if to == where and isinstance(one, kind)]
        self.ctx.said = [
            (to, one) for to, one in said if to != where or one not in mine
        ]
        return mine

    def lines(self, where: Address) -> list[str]:
        """Take the first lines of the texts that were sent on a stream."""
        return [one.line for one in self.taken(where, Text)]

    @property
    def links(self) -> list[Address]:
        """Where the open links lead."""
        return [edge.to.address for edge in self.node.neighbors()]
