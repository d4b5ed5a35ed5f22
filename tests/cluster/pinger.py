"""A tiny protocol for these tests: greet whom you are told of, and remember it."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from p2pkit.core import (
    Address,
    Contact,
    Context,
    Edge,
    Event,
    Joined,
    Message,
    MsgpackCodec,
    Operation,
    PeerUnreachable,
    Settings,
    Timer,
)


class Ping(Message, frozen=True):
    number: int
    sender: bytes


class Pong(Message, frozen=True):
    number: int
    sender: bytes


class Noted(Event, frozen=True):
    text: str


class PingerConfig(Settings, frozen=True):
    wait_s: float = 0.3


class Pinger:
    codec: ClassVar[MsgpackCodec] = MsgpackCodec(Ping, Pong)
    carrier: ClassVar[str] = "datagram"
    Config = PingerConfig

    @staticmethod
    def choose_id(rng: random.Random, address: Address, config: PingerConfig) -> int:
        return rng.getrandbits(160)

    def __init__(self, ctx: Context, config: PingerConfig) -> None:
        self.ctx, self.config = ctx, config
        self.known: dict[Address, int] = {}
        self.notes: list[str] = []
        self._asked: dict[int, tuple[Operation[float], Timer]] = {}
        self._count = 0

    def receive(self, sender: Address, message: Ping | Pong) -> None:
        self.known[sender] = int.from_bytes(message.sender, "big")
        if isinstance(message, Ping):
            self.ctx.send(sender, Pong(message.number, self._my_id()))
        elif message.number in self._asked:
            operation, timer = self._asked.pop(message.number)
            timer.cancel()
            operation.finish(self.ctx.now())

    def ping(self, address: Address) -> Operation[float]:
        """Greet a peer; ends with the time of its answer."""
        self._count += 1
        number, operation = self._count, Operation[float]("ping")

        def failed() -> None:
            del self._asked[number]
            operation.fail(PeerUnreachable(f"{address} does not answer"))

        timer = self.ctx.after(self.config.wait_s, failed)
        self._asked[number] = operation, timer
        self.ctx.send(address, Ping(number, self._my_id()))
        return operation

    def bootstrap(self, contacts: Sequence[Address]) -> Operation[None]:
        operation = Operation[None]("bootstrap")
        self.ctx.emit(Joined(len(contacts)))
        if not contacts:
            operation.finish(None)
            return operation

        def answered(ping: Operation[float]) -> None:
            if ping.error is None:
                operation.finish(None)
            else:
                operation.fail(ping.error)

        self.ping(contacts[0]).then(answered)
        return operation

    def maintain(self) -> Operation[None]:
        operation = Operation[None]("maintain")
        operation.finish(None)
        return operation

    def neighbors(self) -> Iterable[Edge]:
        for address, number in self.known.items():
            yield Edge("greeted", Contact(number, address))

    def inspect(self) -> dict[str, Any]:
        return {"notes": list(self.notes)}

    def save(self) -> bytes:
        return "\n".join(self.notes).encode()

    def restore(self, saved: bytes) -> None:
        self.notes = saved.decode().split("\n") if saved else []

    def stop(self) -> None:
        self.notes.append("stopped")

    def note(self, text: str) -> int:
        """Keep a text, and say so; returns how many there are."""
        self.notes.append(text)
        self.ctx.emit(Noted(text))
        return len(self.notes)

    def read(self) -> list[str]:
        return self.notes

    def never(self) -> Operation[None]:
        return Operation[None]("never")

    def hang(self) -> None:
        while True:
            pass

    def bug(self) -> None:
        raise ZeroDivisionError("of this test")

    def loaded(self) -> list[str]:
        return sorted(sys.modules)

    def _my_id(self) -> bytes:
        return self.ctx.me.id.to_bytes(20, "big")
