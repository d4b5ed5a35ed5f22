"""A ping protocol for measuring drivers: a few bytes out, the same bytes back."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from typing import Any

from p2pkit.core import (
    Address,
    Context,
    Edge,
    Message,
    MsgpackCodec,
    Operation,
    RemoteProtocolError,
    Settings,
)
from p2pkit.core.bencode import bdecode, bencode


class Ping(Message, frozen=True, gc=False):
    """A question."""

    tid: bytes
    sender: bytes


class Pong(Message, frozen=True, gc=False):
    """Its answer."""

    tid: bytes
    sender: bytes


class KrpcCodec:
    """Pings in the notation of the Mainline DHT (BEP 5), 56 and 47 bytes long."""

    max_bytes = 1500

    def encode(self, message: Ping | Pong) -> bytes:
        """Return the bencoded dictionary."""
        body = {b"id": message.sender}
        if message.__class__ is Ping:
            return bencode({b"a": body, b"q": b"ping", b"t": message.tid, b"y": b"q"})
        return bencode({b"r": body, b"t": message.tid, b"y": b"r"})

    def decode(self, data: bytes) -> Ping | Pong:
        """Return the message in `data`."""
        fields = bdecode(data)
        try:
            if fields[b"y"] == b"q":
                return Ping(fields[b"t"], fields[b"a"][b"id"])
            return Pong(fields[b"t"], fields[b"r"][b"id"])
        except (KeyError, TypeError) as error:
            raise RemoteProtocolError("not KRPC") from error  # noqa: EM101, TRY003


class Echo:
    """Answers each ping, and asks again as soon as an answer comes."""

    codec: Any = KrpcCodec()
    carrier = "datagram"
    Config = Settings

    def __init__(self, ctx: Context, config: Settings) -> None:
        self.ctx, self.config = ctx, config
        self.sender = ctx.me.id.to_bytes(20, "big")
        self.answers = 0

    @staticmethod
    def choose_id(rng: random.Random, address: Address, config: Settings) -> int:
        """Return any id."""
        return rng.getrandbits(160)

    def ask(self, to: Address) -> None:
        """Send one ping."""
        self.ctx.send(to, Ping(b"aaaa", self.sender))

    def receive(self, sender: Address, message: Ping | Pong) -> None:
        """Answer, or ask again."""
        if message.__class__ is Ping:
            self.ctx.send(sender, Pong(message.tid, self.sender))
        else:
            self.answers += 1
            self.ctx.send(sender, Ping(message.tid, self.sender))

    def bootstrap(self, contacts: Sequence[Address]) -> Operation[None]:
        """Do nothing: everyone is asked directly."""
        operation: Operation[None] = Operation("bootstrap")
        operation.finish(None)
        return operation

    def maintain(self) -> Operation[None]:
        """Do nothing."""
        return self.bootstrap(())

    def neighbors(self) -> Iterable[Edge]:
        """Know nobody."""
        return ()

    def inspect(self) -> dict[str, Any]:
        """Return the number of answers."""
        return {"answers": self.answers}

    def save(self) -> bytes:
        """Keep nothing."""
        return b""

    def restore(self, saved: bytes) -> None:
        """Take nothing up."""

    def stop(self) -> None:
        """Say nothing."""


class TypedEcho(Echo):
    """The same with msgpack messages, the codec of protocols without a wire."""

    codec = MsgpackCodec(Ping, Pong)
