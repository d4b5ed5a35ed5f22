"""Heartbeats, the naive twin of SWIM: everybody tells everybody, every period.

What it shows: it finds every crash, and each node sends n - 1 messages a period; and
one lost run of heartbeats, on one path, is a death.
Source: SWIM, section 1, on heartbeating and its faults.
Read next: ``detector.py``, which asks one member a period instead.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any, ClassVar

from msgspec import Meta

from p2pkit.core import (
    Address,
    Contact,
    Context,
    Edge,
    Joined,
    Message,
    MsgpackCodec,
    Operation,
    RemoteProtocolError,
    Rng,
    Settings,
    Timer,
    format_address,
)
from p2pkit.protocols.swim.messages import ViewChanged


class Heartbeat(Message, frozen=True):
    """I am alive, and know of these; a newcomer names nobody."""

    sender_id: bytes
    known: tuple[Address, ...] = ()


class HeartbeatConfig(Settings, frozen=True, kw_only=True):
    """What can be set.

    Parameters
    ----------
    period_s, silence_s : float
        Seconds between heartbeats, and of silence after which a member is dead.
    max_members : int
        How many are known at most.
    """

    period_s: Annotated[float, Meta(gt=0.0)] = 1.0
    silence_s: Annotated[float, Meta(gt=0.0)] = 5.0
    max_members: Annotated[int, Meta(ge=1)] = 1024


class Heartbeats:
    """One member; `heard` is when each other was heard last."""

    codec: ClassVar[MsgpackCodec] = MsgpackCodec(Heartbeat, max_bytes=65_000)
    carrier: ClassVar[str] = "datagram"
    Config = HeartbeatConfig

    def __init__(self, ctx: Context, config: HeartbeatConfig | None = None) -> None:
        self.ctx, self.config = ctx, HeartbeatConfig.of(config)
        self.heard: dict[Address, float] = {}
        self.ids: dict[Address, int] = {}
        self.timer: Timer | None = None

    @staticmethod
    def choose_id(rng: Rng, address: Address, config: Any) -> int:
        """Return a random id."""
        return rng.getrandbits(160)

    def receive(self, sender: Address, message: Heartbeat) -> None:
        """Note who is alive; tell a newcomer whom we know."""
        self._learn(message.known)
        is_new = sender not in self.ids
        self.heard[sender] = self.ctx.now()
        if is_new:
            self.ids[sender] = int.from_bytes(message.sender_id[:20], "big")
            self._report(sender, "alive")
            self._beat(sender, tuple(self.heard))

    def bootstrap(self, contacts: Sequence[Address]) -> Operation[int]:
        """Join through these addresses; ends at once."""
        for address in contacts:
            self._beat(address)
        first_s = self.ctx.rng.uniform(0.0, self.config.period_s)
        self.timer = self.ctx.after(first_s, self._on_period)
        self.ctx.emit(Joined(len(contacts)))
        return _done("bootstrap", len(contacts))

    def maintain(self) -> Operation[int]:
        """Tell everybody whom we know."""
        for address in self.heard:
            self._beat(address, (*self.heard,))
        return _done("maintain", len(self.heard))

    def neighbors(self) -> Iterator[Edge]:
        """Yield the members that we hear."""
        return (Edge("member", Contact(i, at)) for at, i in self.ids.items())

    def inspect(self) -> dict[str, Any]:
        """Return when each member was heard last, in seconds of the run."""
        return {"heard": {format_address(at): s for at, s in self.heard.items()}}

    def save(self) -> bytes:
        """Keep nothing: who restarts joins anew."""
        return b""

    def restore(self, saved: bytes) -> None:
        """Take nothing up."""

    def stop(self) -> None:
        """Fall silent."""
        if self.timer is not None:
            self.timer.cancel()

    def _on_period(self) -> None:
        """Give up whom we have not heard for too long, and tell the others we live."""
        oldest_s = self.ctx.now() - self.config.silence_s
        for address in [one for one, at in self.heard.items() if at < oldest_s]:
            self._report(address, "dead")
            del self.heard[address]
            self.ids.pop(address, None)
        for address in self.heard:
            self._beat(address)
        self.timer = self.ctx.after(self.config.period_s, self._on_period)

    def _learn(self, known: tuple[Address, ...]) -> None:
        new = [one for one in known if one not in {self.ctx.me.address, *self.heard}]
        if len(self.heard) + len(new) >= self.config.max_members:
            raise RemoteProtocolError("too many members")  # noqa: EM101, TRY003
        for address in new:
            self.heard[address] = self.ctx.now()
            self._beat(address)

    def _beat(self, to: Address, known: tuple[Address, ...] = ()) -> None:
        self.ctx.send(to, Heartbeat(self.ctx.me.id.to_bytes(20, "big"), known))

    def _report(self, address: Address, state: str) -> None:
        peer, name = self.ids.get(address, 0), format_address(address)
        self.ctx.emit(ViewChanged(peer, name, state, 0))


def _done(verb: str, result: int) -> Operation[int]:
    operation: Operation[int] = Operation(verb)
    operation.finish(result)
    return operation
