"""A small protocol for tests of the harness, right and wrong in many ways."""

from __future__ import annotations

from typing import Any

from p2pkit.core import Event, Message, MsgpackCodec, Settings
from p2pkit.harness import ProtocolSpec


class Ping(Message, frozen=True):
    number: int


class Pong(Message, frozen=True):
    number: int


class Heard(Event, frozen=True):
    number: int


class EchoConfig(Settings, frozen=True, kw_only=True):
    every_s: float = 1.0


class Echo:
    """Answers each Ping with a Pong; `poke` pings everybody."""

    def __init__(self, ctx: Any, config: EchoConfig) -> None:
        self.ctx, self.config = ctx, config
        self.view: tuple[Any, ...] = ()
        self.pongs = 0

    def bootstrap(self, contacts: Any) -> None:
        self.view = tuple(contacts)

    def receive(self, sender: Any, message: Ping | Pong) -> None:
        if isinstance(message, Ping):
            self.ctx.emit(Heard(message.number))
            self.ctx.send(sender, Pong(message.number))
        else:
            self.pongs += 1

    def poke(self, number: int) -> None:
        for peer in self.view:
            self.ctx.send(peer, Ping(number))

    def count(self) -> int:
        return self.pongs


SPEC = ProtocolSpec(
    codec=MsgpackCodec(Ping, Pong),
    config=EchoConfig,
    verbs=("poke", "count"),
    events=(Heard,),
    messages=(Ping, Pong),
)
