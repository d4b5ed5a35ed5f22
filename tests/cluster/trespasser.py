"""A protocol that goes wherever it is told, and an attacker that tells it."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from p2pkit.core import (
    Address,
    BothContext,
    Edge,
    Joined,
    Message,
    MsgpackCodec,
    Operation,
    Settings,
)


class Go(Message, frozen=True):
    """Send a datagram to a host and a port, and open a stream to it."""

    host: str
    port: int


class Errand:
    """An honest node, and far too obliging."""

    codec: ClassVar[MsgpackCodec] = MsgpackCodec(Go)
    carrier: ClassVar[str] = "both"
    Config = Settings

    def __init__(self, ctx: BothContext, config: Settings) -> None:
        self.ctx, self.config = ctx, config
        self.heard: list[str] = []
        self.closed: list[Address] = []

    @staticmethod
    def choose_id(rng: random.Random, address: Address, config: Settings) -> int:
        return rng.getrandbits(160)

    def receive(self, sender: Address, message: Go) -> None:
        self.heard.append(sender[0])
        if message.port:
            self.go((message.host, message.port))

    receive_stream = receive

    def go(self, to: Address) -> None:
        """Try a datagram and a stream."""
        self.ctx.send(to, Go("", 0))
        self.ctx.connect(to)

    def send_away(self, whom: Address, where: Address) -> None:
        """Tell another node to try the same."""
        self.ctx.send(whom, Go(*where))

    def heard_from(self, host: str) -> int:
        """Return how many messages came from a host, both ways together."""
        return self.heard.count(host)

    def closed_streams(self) -> list[Address]:
        """Return which streams are gone, or never came to be."""
        return self.closed

    def on_connected(self, peer: Address) -> None:
        self.ctx.send_stream(peer, Go("", 0))

    def on_closed(self, peer: Address) -> None:
        self.closed.append(peer)

    def bootstrap(self, contacts: Sequence[Address]) -> Operation[None]:
        for one in contacts:
            self.ctx.send(one, Go("", 0))
        operation = Operation[None]("bootstrap")
        self.ctx.emit(Joined(len(contacts)))
        operation.finish(None)
        return operation

    maintain = bootstrap

    def neighbors(self) -> Iterable[Edge]:
        return ()

    def inspect(self) -> dict[str, Any]:
        return {}

    def save(self) -> bytes:
        return b""

    def restore(self, saved: bytes) -> None:
        pass

    def stop(self) -> None:
        pass


class Trespasser(Errand):
    """The same, and says that it attacks."""

    is_attacker: ClassVar[bool] = True
