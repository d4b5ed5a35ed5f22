"""Beliefs: what a claim changes at whoever hears it.

What it shows: nobody is buried on hearsay. That a member is dead counts as one more
suspicion until it has had a period to object, so one forged datagram kills nobody. Nor
does a forged goodbye: who has left does not object, and has left a little later.
memberlist does so for the tables of others, and here it holds for every claim.
Source: SWIM, section 4.2; memberlist's state.go as seen on the wire.
Read first: ``members.py``, ``suspicion.py``. Read next: ``door.py``, ``own.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from p2pkit.core import Contact, RemoteProtocolError
from p2pkit.protocols.swim.fields import id_of
from p2pkit.protocols.swim.members import Member, State, outweighs
from p2pkit.protocols.swim.messages import Alive, Claim, Dead, Suspect, ViewChanged
from p2pkit.protocols.swim.own import limit_jump
from p2pkit.protocols.swim.suspicion import Suspicion

if TYPE_CHECKING:
    from p2pkit.protocols.swim.node import SwimNode


class Beliefs:
    """What one node makes of claims about others."""

    def __init__(self, node: SwimNode) -> None:
        self.node, self.members = node, node.members
        self.suspicions: dict[str, Suspicion] = {}

    def hear(self, claim: Claim, *, asked: bool = False) -> None:
        """Weigh a claim; `asked` is whether we asked for the table it is a line of."""
        if claim.node == self.node.name:
            self.node.own.hear(claim)
            return
        member = self.members.by_name.get(claim.node)
        if member is None:
            if isinstance(claim, Alive):
                self._admit(claim, asked=asked)
            return  # bad news of somebody unknown is none
        limit_jump(claim, member.incarnation, self.node.config.max_jump)
        match claim:
            case Alive():
                self._on_alive(member, claim)
            case Suspect():
                self._on_suspect(member, claim)
            case Dead():
                self._on_dead(member, claim)

    def suspect(self, member: Member) -> None:
        """Say that a probe of ours found nobody."""
        kind = Suspect if self.node.config.suspicion else Dead
        self.hear(kind(member.incarnation, member.name, self.node.name))

    def stop(self) -> None:
        """Let every suspicion come to nothing."""
        for suspicion in self.suspicions.values():
            suspicion.stop()
        self.suspicions.clear()

    def _admit(self, claim: Alive, *, asked: bool) -> None:
        self.node.door.require_room(claim, asked=asked)
        limit_jump(claim, 0, self.node.config.max_jump)
        contact, now = Contact(id_of(claim.node), claim.address), self.node.ctx.now()
        member = Member(claim.node, contact, 0, State.DEAD, now)
        self.members.add(member)
        self._on_alive(member, claim, is_new=True)

    def _on_alive(self, member: Member, claim: Alive, is_new: bool = False) -> None:
        if claim.address != member.address and member.is_up:
            reason = "name of a member elsewhere"
            raise RemoteProtocolError(reason)
        if not (is_new or outweighs(claim, member)):
            return
        if claim.address != member.address:
            self.members.move(member, claim.address)
        member.meta, member.vsn = claim.meta, claim.vsn
        self._end_suspicion(member)
        self._believe(member, State.ALIVE, claim)

    def _on_suspect(
        self, member: Member, claim: Suspect, *, brief: bool = False
    ) -> None:
        if member.state is State.SUSPECT and claim.incarnation == member.incarnation:
            known = claim.by in self.members.by_name or claim.by == self.node.name
            if known and self.suspicions[member.name].confirm(claim.by):
                self.node.gossip.queue.put(claim)
        elif outweighs(claim, member):
            self._end_suspicion(member)
            node = self.node
            self.suspicions[member.name] = Suspicion(
                node.ctx,
                node.config,
                node.size,
                claim.by,
                lambda: self._on_time_over(member),
                brief=brief,
            )
            self._believe(member, State.SUSPECT, claim)

    def _on_dead(self, member: Member, claim: Dead) -> None:
        if not outweighs(claim, member):
            return
        if self._had_time(member):
            self._bury(member, claim)
        else:  # a goodbye too: anybody may write its address on a datagram
            heard = Suspect(claim.incarnation, claim.node, claim.by)
            self._on_suspect(member, heard, brief=True)

    def _had_time(self, member: Member) -> bool:
        """Tell whether a member could have objected by now, if it were alive."""
        if self.node.config.hearsay or not self.node.config.suspicion:
            return True
        suspicion, now = self.suspicions.get(member.name), self.node.ctx.now()
        if suspicion is None:
            return False
        return now - suspicion.began_s >= self.node.config.probe_s

    def _on_time_over(self, member: Member) -> None:
        left = member.name in self.suspicions[member.name].accusers
        by = member.name if left else self.node.name
        self._bury(member, Dead(member.incarnation, member.name, by))

    def _bury(self, member: Member, claim: Dead) -> None:
        self._end_suspicion(member)
        state = State.LEFT if claim.by == claim.node else State.DEAD
        self._believe(member, state, claim)

    def _end_suspicion(self, member: Member) -> None:
        suspicion = self.suspicions.pop(member.name, None)
        if suspicion is not None:
            suspicion.stop()

    def _believe(self, member: Member, state: State, claim: Claim) -> None:
        now, number = self.node.ctx.now(), claim.incarnation
        self.members.change(member, state, number, now)
        self.node.gossip.queue.put(claim)
        report = ViewChanged(member.contact.id, member.name, str(state), number)
        self.node.ctx.emit(report)
