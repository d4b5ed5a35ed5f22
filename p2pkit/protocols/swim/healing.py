"""Healing: the dead are probed slowly, so that two halves of a cluster find together.

What it shows: after a partition each half holds the other for dead, and whoever is
dead is probed no more: left alone, that would stay so for ever. So now and then one of
the dead is told that it is. If it lives it objects, at a higher incarnation, and the
two compare tables; from there gossip does the rest.
Source: serf's reconnecting; SWIM has nothing of the kind.
Read next: ``sync.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from p2pkit.core import Timer
from p2pkit.protocols.swim.members import Member, State
from p2pkit.protocols.swim.messages import Dead

if TYPE_CHECKING:
    from p2pkit.protocols.swim.node import SwimNode


class Healing:
    """Looks after the dead of one node."""

    def __init__(self, node: SwimNode) -> None:
        self.node = node
        self.timer: Timer | None = None

    def start(self) -> None:
        """Begin, at a time that chance picks."""
        self._again(self.node.ctx.rng.uniform(0.0, self.node.config.dead_probe_s))

    def stop(self) -> None:
        """Look after nobody any more."""
        if self.timer is not None:
            self.timer.cancel()

    def check(self) -> None:
        """Tell one of the dead that it is dead; if it answers, compare tables."""
        for member in self.node.members.some(1, lambda one: one.state is State.DEAD):
            self._tell(member)

    def _tell(self, member: Member) -> None:
        node, address = self.node, member.address

        def on_ack() -> None:
            node.sync.exchange(address, lambda _: None)

        def on_silence() -> None:
            node.pings.forget(seq)

        seq = node.pings.expect([address], on_ack)
        dead = Dead(member.incarnation, member.name, node.name)
        node.gossip.send(address, node.pings.ping(seq, member.name), dead)
        node.ctx.after(node.config.answer_s, on_silence)

    def _on_period(self) -> None:
        node, config = self.node, self.node.config
        node.members.forget_before(node.ctx.now() - config.forget_s)
        self.check()
        self._again(config.dead_probe_s)

    def _again(self, delay_s: float) -> None:
        self.timer = self.node.ctx.after(delay_s, self._on_period)
