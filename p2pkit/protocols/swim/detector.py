"""The failure detector: one probe a period, helpers before any suspicion.

What it shows: each node probes one other in each period, whatever the size of the
cluster, so its load is constant; and a member that died is found by somebody after
e / (e - 1) = 1.58 periods on average, whatever the size of the cluster.
Source: SWIM, sections 3.1 and 4.3; Lifeguard, sections IV.A and IV.C.
Read first: ``pings.py``, ``health.py``. Read next: ``healing.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from p2pkit.core import Message, Timer
from p2pkit.protocols.swim.members import Member, State
from p2pkit.protocols.swim.messages import IndirectPing, ProbeFailed, Suspect

if TYPE_CHECKING:
    from p2pkit.protocols.swim.node import SwimNode


class Probe:
    """The probe of one period."""

    def __init__(self, member: Member, began_s: float) -> None:
        self.member, self.began_s = member, began_s
        self.seq = 0
        self.is_answered = False
        self.helpers = self.nacks = 0


class Detector:
    """Probes members, one a period."""

    def __init__(self, node: SwimNode) -> None:
        self.node = node
        self.probe: Probe | None = None
        self.turn = 0  # whose in the order of members
        self.timers: dict[str, Timer] = {}

    def start(self) -> None:
        """Begin, at a time that chance picks, so that nodes are not in step."""
        rng, config = self.node.ctx.rng, self.node.config
        self._after("period", rng.uniform(0.0, config.probe_s), self._on_period)

    def stop(self) -> None:
        """Probe nobody any more."""
        for timer in self.timers.values():
            timer.cancel()

    def next_member(self) -> Member | None:
        """Return whose turn it is; None if nobody is up."""
        order, rng = self.node.members.order, self.node.ctx.rng
        if not self.node.members.up:
            return None
        while True:
            if not self.node.config.round_robin:
                member = rng.choice(order)
            else:
                if self.turn >= len(order):
                    rng.shuffle(order)
                    self.turn = 0
                member = order[self.turn]
                self.turn += 1
            if member.is_up:
                return member

    def _on_period(self) -> None:
        """End the probe of the last period, and begin another."""
        node, config = self.node, self.node.config
        if self.probe is not None:
            self._conclude(self.probe)
        member = self.next_member()
        self.probe = None if member is None else self._begin(member)
        self._after("period", node.health.scale(config.probe_s), self._on_period)

    def _begin(self, member: Member) -> Probe:
        node, config = self.node, self.node.config
        probe = Probe(member, node.ctx.now())

        def on_ack() -> None:
            probe.is_answered = True

        def on_nack() -> None:
            probe.nacks += 1

        probe.seq = node.pings.expect([member.address], on_ack, on_nack)
        messages: list[Message] = [node.pings.ping(probe.seq, member.name)]
        if config.buddy and member.state is State.SUSPECT:
            messages.append(Suspect(member.incarnation, member.name, node.name))
        node.gossip.send(member.address, *messages)
        timeout_s = node.health.scale(config.answer_s)
        self._after("timeout", timeout_s, lambda: self._ask_helpers(probe))
        return probe

    def _ask_helpers(self, probe: Probe) -> None:
        node, target = self.node, probe.member
        if probe.is_answered:
            return
        helpers = node.members.some(
            node.config.helpers,
            lambda one: one.state is State.ALIVE and one is not target,
        )
        probe.helpers = len(helpers)
        sources = node.pings.waiting[probe.seq].sources
        me, address = node.ctx.me.address, target.address
        for helper in helpers:
            sources.add(helper.address)
            asked = IndirectPing(probe.seq, target.name, address, True, me, node.name)
            node.gossip.send(helper.address, asked)

    def _conclude(self, probe: Probe) -> None:
        """Suspect whom no answer came from, and learn about our own health."""
        node, member = self.node, probe.member
        node.pings.forget(probe.seq)
        if probe.is_answered:
            node.health.note(-1)
            return
        # A helper that says it had no answer either shows that we hear well.
        missed = probe.helpers - probe.nacks
        node.health.note(missed if probe.helpers else +1)
        if member.is_up:
            node.ctx.emit(ProbeFailed(member.contact.id, probe.began_s))
            node.beliefs.suspect(member)

    def _after(self, name: str, delay_s: float, call: Callable[[], None]) -> None:
        self.timers[name] = self.node.ctx.after(delay_s, call)
