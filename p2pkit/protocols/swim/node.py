"""A member of a SWIM cluster: it finds out who is there, and tells the others.

What it shows: membership is three small things that know little of each other. A
detector that probes one member a period; claims that ride on its probes until
everybody has heard them; and a comparison of whole tables for whoever missed one.
Source: A. Das, I. Gupta, A. Motivala, "SWIM: Scalable Weakly-consistent Infection-style
Process Group Membership Protocol", DSN 2002; Lifeguard, DSN-W 2018. On the wire it is
memberlist, so a serf agent is a member like any other.
Simplified: no encryption, so whoever can forge a member's address can speak for it.
Read first: ``messages.py``, ``members.py``, ``detector.py``, ``dissemination.py``.
Read next: ``swim.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from p2pkit.core import (
    Address,
    Message,
    Operation,
    RemoteProtocolError,
    Rng,
)
from p2pkit.core.context import BothContext
from p2pkit.protocols.swim import messages as m
from p2pkit.protocols.swim.beliefs import Beliefs
from p2pkit.protocols.swim.config import SwimConfig
from p2pkit.protocols.swim.detector import Detector
from p2pkit.protocols.swim.dissemination import Gossip
from p2pkit.protocols.swim.door import Door
from p2pkit.protocols.swim.fields import id_of
from p2pkit.protocols.swim.framing import MemberlistFraming
from p2pkit.protocols.swim.healing import Healing
from p2pkit.protocols.swim.health import Health
from p2pkit.protocols.swim.joining import Joining
from p2pkit.protocols.swim.members import Members
from p2pkit.protocols.swim.own import Own
from p2pkit.protocols.swim.pings import Pings
from p2pkit.protocols.swim.sync import Sync
from p2pkit.protocols.swim.wire import MemberlistCodec

GOODBYES = 32
"""Members that are told directly when we leave; gossip and probes tell the others."""


class SwimNode:
    """One member: its parts, and what it hears."""

    codec: ClassVar[MemberlistCodec] = MemberlistCodec()
    framing: ClassVar[MemberlistFraming] = MemberlistFraming()
    carrier: ClassVar[str] = "both"
    id_bits: ClassVar[int] = 160
    Config = SwimConfig

    def __init__(self, ctx: BothContext, config: SwimConfig | None = None) -> None:
        self.ctx, self.config = ctx, SwimConfig.of(config)
        self.name = self.config.name or f"{ctx.me.id:040x}"
        self.is_leaving = False
        self.members = Members(ctx.rng, self.config.max_members)
        self.health = Health(self.config.health_max, is_on=self.config.local_health)
        self.own, self.gossip, self.pings = Own(self), Gossip(self), Pings(self)
        self.beliefs, self.detector = Beliefs(self), Detector(self)
        self.door = Door(self)
        self.sync, self.healing, self.joining = Sync(self), Healing(self), Joining(self)

    @staticmethod
    def choose_id(rng: Rng, address: Address, config: SwimConfig | None = None) -> int:
        """Return a random id, or that of the name in `config`."""
        if config is not None and config.name:
            return id_of(config.name)
        return rng.getrandbits(SwimNode.id_bits)

    @property
    def size(self) -> int:
        """How many are up as far as we know, ourselves among them."""
        return self.members.up + 1

    def receive(self, sender: Address, message: Message) -> None:
        """Handle one datagram; whether a member sent it is settled before its parts."""
        parts = message.parts if isinstance(message, m.Compound) else (message,)
        is_member, refused = sender in self.members.at, None
        for part in parts:
            try:
                self._hear(sender, part, is_member)
            except RemoteProtocolError as error:
                refused = error
        if refused is not None:
            raise refused

    def receive_stream(self, peer: Address, message: Any) -> None:
        """Handle what came on a stream."""
        self.sync.receive(peer, message)

    def on_connected(self, peer: Address) -> None:
        """Hear of a new stream."""
        self.sync.on_connected(peer)

    def on_closed(self, peer: Address) -> None:
        """Hear of the end of a stream."""
        self.sync.on_closed(peer)

    def _hear(self, sender: Address, part: Message, is_member: bool) -> None:
        match part:
            case m.Ping():
                self.pings.on_ping(sender, part, is_member=is_member)
            case m.Ack():
                self.pings.on_ack(sender, part)
            case m.Nack():
                self.pings.on_nack(sender, part)
            case m.Unreadable():
                raise RemoteProtocolError(part.reason)
            case m.PushPull() | m.Failure():
                reason = "belongs on a stream"
                raise RemoteProtocolError(reason)
            case _ if not is_member:
                self.sync.meet(sender)  # perhaps it is one that we have yet to know
                reason = "claim of a stranger"
                raise RemoteProtocolError(reason)
            case m.IndirectPing():
                self.pings.on_indirect(sender, part)
            case m.Alive() | m.Suspect() | m.Dead():
                self.beliefs.hear(part)

    def bootstrap(self, contacts: Sequence[Address]) -> Operation[int]:
        """Join through any of these addresses; none for the first node.

        Ends with the number of members that are up, ourselves among them.
        """
        operation: Operation[int] = Operation("bootstrap", began_s=self.ctx.now())
        operation.then(lambda ended: self.ctx.emit(ended.event()))
        for part in (self.detector, self.gossip, self.sync, self.healing):
            part.start()
        self.joining.join(contacts, operation)
        return operation

    def stop(self) -> None:
        """Say goodbye to some members, and cancel the timers."""
        self.is_leaving = True
        goodbye = m.Dead(self.own.incarnation, self.name, self.name)
        for member in self.members.some(GOODBYES, lambda one: one.is_up):
            self.ctx.send(member.address, goodbye)
        for part in (self.detector, self.gossip, self.sync, self.healing, self.joining):
            part.stop()
        self.beliefs.stop()
