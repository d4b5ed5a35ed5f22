"""One SWIM member with the test as everybody it meets; all of it over the wire."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from p2pkit.core import Address, RemoteProtocolError
from p2pkit.protocols.swim import Swim, SwimConfig
from p2pkit.protocols.swim import messages as m
from p2pkit.protocols.swim.members import State
from tests.recorder import Recorder

CODEC = Swim.codec
HERE: Address = ("127.9.0.1", 7946)
STRANGER: Address = ("127.66.6.6", 6666)


def at(number: int) -> Address:
    """Return the address of member `number`."""
    return (f"127.9.1.{number}", 7946)


class StreamRecorder(Recorder):
    """A recorder that has streams as well."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.connected: list[Address] = []
        self.closed: list[Address] = []
        self.on_streams: list[tuple[Address, Any]] = []

    def connect(self, to: Address) -> None:
        self.connected.append(to)

    def close(self, to: Address) -> None:
        self.closed.append(to)

    def send_stream(self, to: Address, message: Any) -> None:
        self.on_streams.append((to, CODEC.decode(CODEC.encode(message))))


class OneMember:
    """A member named by its id, `ctx` as its driver, and what peers may do to it."""

    def __init__(self, **settings: Any) -> None:
        self.ctx = StreamRecorder(1 << 159, HERE, codec=CODEC)
        self.node = Swim(self.ctx, SwimConfig.of(**settings))
        self.rejected: list[str] = []

    def know(self, *names: str) -> None:
        """Have somebody show a table with members m1, m2, ... in it."""
        told = [self.alive(name) for name in names]
        entries = [m.Entry(one.node, one.address, b"", 1, 0, one.vsn) for one in told]
        self.node.sync.merge(m.PushPull(False, tuple(entries)))
        assert all(self.state(name) == State.ALIVE for name in names)

    def alive(self, name: str, incarnation: int = 1) -> m.Alive:
        return m.Alive(incarnation, name, at(int(name[1:])), b"", bytes(6))

    def hear(self, sender: Address, *messages: Any) -> None:
        """Receive one datagram as it comes off the wire; count what is refused."""
        whole = messages[0] if len(messages) == 1 else m.Compound(messages)
        try:
            self.node.receive(sender, CODEC.decode(CODEC.encode(whole)))
        except RemoteProtocolError as error:
            self.rejected.append(error.reason)

    def hear_bytes(self, sender: Address, data: bytes) -> None:
        try:
            self.node.receive(sender, CODEC.decode(data))
        except RemoteProtocolError as error:
            self.rejected.append(error.reason)

    def state(self, name: str) -> str | None:
        member = self.node.members.by_name.get(name)
        return member and str(member.state)

    def incarnation(self, name: str) -> int:
        return self.node.members.by_name[name].incarnation

    def said(self, kind: type[Any]) -> list[tuple[Address, Any]]:
        """Take everything of a kind that it sent, out of compounds too."""
        found = []
        for to, whole in self.ctx.take_all():
            parts = whole.parts if isinstance(whole, m.Compound) else (whole,)
            found += [(to, part) for part in parts if isinstance(part, kind)]
        return found

    def until(self, fits: Callable[[], bool], limit_s: float = 60.0) -> float:
        """Let time pass until something holds; return how long it took."""
        began_s = self.ctx.now()
        while not fits():
            assert self.ctx.now() - began_s < limit_s, "it never came to hold"
            self.ctx.advance(0.05)
        return self.ctx.now() - began_s
